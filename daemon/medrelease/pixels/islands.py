"""Codes that stand out as islands: a busy rectangle with a plain quiet zone around all of it.

Every symbology asks for such a zone (ISO/IEC 18004, 16022, 24778, 15438, 15417), and hardly
anything else in a picture has one: hair, folds and gauze go on, writing is not filled, and a coil
or a chart is not of two levels that change at every module. No code has to decode to be seen so.
"""

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from medrelease.pixels.places import Box, Place, Seen, box_around, frame_of, upright
from medrelease.pixels.textures import EVENLY, levels, likeness
from medrelease.pixels.views import Grey

CLOSED = (2, 4)
"""By how many pixels what is busy is grown, so that modules and bars become one island."""
EDGE, FAINTEST, WINDOW = 0.25, 8, 31
"""Share of the steepest slope within so many pixels, and levels, from which there is an edge."""
THINNEST, SHORTEST, LONGEST = 10.0, 20.0, 0.98
"""Sides of an island in pixels as looked at, and its largest share of both sides of the frame."""
FILLED = 0.75
SHOWN = 0.45
"""Share of its quiet zone that the frame must show: two sides of a code in a corner."""
CROWDED = 0.93
"""Share of an island in which black and white lie within a quarter of its shorter side."""


class _Look(NamedTuple):
    """What an island is like; shares of 1 where not said otherwise.

    `shown`, `plain` and `even` are of its quiet zone: the shares that the frame shows and that
    have no edges, and the spread of its levels in contrasts of the island. `patchy` is the spread
    of the share of dark over the island. `crossings` are changes between dark and light on an
    average row and column, `steps` how evenly these come along either axis, `repeats` how like the
    mean of all rows or columns is to itself a period on, `blank` the rows or columns that change
    nowhere.
    """

    filled: float
    shown: float
    plain: float
    even: float
    contrast: float
    parted: float
    dark: float
    patchy: float
    crowded: float
    crossings: tuple[float, float]
    steps: tuple[float, float]
    repeats: float
    blank: float
    straight: float
    one_way: float


def islands(seen: Seen) -> Iterator[Place]:
    """The islands of one look that are codes."""
    busy = _edges(seen.grey)
    for grown in CLOSED:
        square = np.ones((2 * grown + 1, 2 * grown + 1), np.uint8)
        contours, _ = cv2.findContours(
            cv2.dilate(busy, square), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE
        )
        for contour in contours:
            box = _core(contour, seen, grown)
            if box is None:
                continue
            (width, height) = box[1]
            filled = cv2.contourArea(contour) / ((width + 2 * grown) * (height + 2 * grown))
            if filled < FILLED:
                continue
            look = _look(seen, busy, box, grown + 1, filled)
            if look is not None and (_are_bars(look) or _are_modules(look)):
                yield Place(seen.grey, seen.scale, box, _are_bars(look))


def _edges(grey: Grey) -> Grey:
    """Where levels change by enough for what is around; nothing at the very rim of the frame."""
    square = np.ones((3, 3), np.uint8)
    soft = cv2.GaussianBlur(grey, (0, 0), 1.0)
    change = cv2.subtract(cv2.dilate(soft, square), cv2.erode(soft, square))
    around = cv2.dilate(change, np.ones((WINDOW, WINDOW), np.uint8))
    busy = (change > np.maximum(around * EDGE, FAINTEST)).astype(np.uint8)
    return np.asarray(busy, np.uint8)


def _core(contour: cv2.typing.MatLike, seen: Seen, grown: int) -> Box | None:
    """The box of what was grown to a contour, None where that is no possible code."""
    _, _, across, down = cv2.boundingRect(contour)
    least = 2 * grown + THINNEST
    if min(across, down) < least or max(across, down) < 2 * grown + SHORTEST:
        return None
    _, narrowest, _ = cv2.minAreaRect(contour)
    if cv2.contourArea(contour) < FILLED * narrowest[0] * narrowest[1]:
        return None
    middle, (width, height), angle = box_around(contour, seen.slopes, 4)
    width, height = width - 2 * grown, height - 2 * grown
    if min(width, height) < THINNEST or max(width, height) < SHORTEST:
        return None
    rows, columns = seen.grey.shape
    if width > LONGEST * columns and height > LONGEST * rows:
        return None
    return middle, (width, height), angle


def _look(seen: Seen, busy: Grey, box: Box, zone: int, filled: float) -> _Look | None:
    part = upright(seen.grey, box).astype(np.float32)
    level, dark, contrast, parted = levels(part)
    if contrast < 12:
        return None
    ring, edges = _ring(seen.grey, box, zone), _ring(busy, box, zone)
    side = max(3, min(part.shape) // 4) | 1
    shade = cv2.blur((part > level).astype(np.float32), (side, side), borderType=cv2.BORDER_REFLECT)
    square = np.ones((side, side), np.uint8)
    local = cv2.dilate(part, square) - cv2.erode(part, square)
    light = part > level
    across = _crossings(light, 1) >= _crossings(light, 0)
    slope = cv2.Sobel(part, cv2.CV_32F, 1, 0) + 1j * cv2.Sobel(part, cv2.CV_32F, 0, 1)
    steep = np.abs(slope)
    power = max(float((steep**2).sum()), 1.0)
    return _Look(
        filled=filled,
        shown=ring.size / max(1, _around(box, zone)),
        plain=1 - float((edges > 0).mean()) if edges.size else 1.0,
        even=float(ring.std()) / contrast if ring.size else 0.0,
        contrast=contrast,
        parted=parted,
        dark=dark,
        patchy=float(shade.std()),
        crowded=float((local > 0.6 * contrast).mean()),
        crossings=(_crossings(light, 1), _crossings(light, 0)),
        steps=(_steps(part, 1), _steps(part, 0)),
        repeats=likeness(part.mean(axis=0 if across else 1), fair=True),
        blank=max(_blank(part, contrast, 1), _blank(part, contrast, 0)),
        straight=abs(complex((slope**4 / np.maximum(steep, 1.0) ** 2).sum())) / power,
        one_way=abs(complex((slope**2).sum())) / power,
    )


def _ring(plane: Grey, box: Box, zone: int) -> NDArray[np.uint8]:
    """The pixels of a zone around a box, but for those that lie outside of the frame."""
    (x, y), (width, height), angle = box
    larger = ((x, y), (width + 4, height + 4), angle)
    chosen = upright(frame_of(plane), larger, more=zone) > 0
    chosen[zone:-zone, zone:-zone] = False
    return np.asarray(upright(plane, larger, more=zone)[chosen], np.uint8)


def _around(box: Box, zone: int) -> int:
    """How many pixels the zone around a box has."""
    width, height = round(box[1][0]) + 4, round(box[1][1]) + 4
    return (width + 2 * zone) * (height + 2 * zone) - width * height


def _crossings(light: NDArray[np.bool_], axis: int) -> float:
    return int(np.count_nonzero(np.diff(light, axis=axis))) / int(light.shape[1 - axis])


def _steps(part: NDArray[np.float32], axis: int) -> float:
    edges = np.abs(np.diff(part, axis=axis)).mean(axis=1 - axis)
    return likeness(edges) if len(edges) >= 20 else -1.0


def _blank(part: NDArray[np.float32], contrast: float, axis: int) -> float:
    """The share of lines along an axis, but for those near the rim, that are of one level."""
    spread = part.std(axis=axis)
    inner = spread[len(spread) // 8 : len(spread) - len(spread) // 8]
    return float((inner < 0.15 * contrast).mean()) if inner.size else 0.0


def _are_bars(look: _Look) -> bool:
    """Whether nearly all edges run one way, straight, and many of them."""
    quiet = look.shown >= SHOWN and look.plain >= 0.75 and look.even <= 0.5
    two = look.contrast >= 20 and look.parted >= 0.62 and 0.28 <= look.dark <= 0.68
    many = max(look.crossings) >= 9 and look.crowded >= CROWDED
    straight = look.one_way >= 0.65 and look.straight >= 0.62 and look.repeats < EVENLY
    return quiet and two and many and straight


def _are_modules(look: _Look) -> bool:
    """Whether it is as dark as light everywhere, and changes at every few pixels both ways."""
    quiet = look.filled >= 0.76 and look.shown >= SHOWN
    quiet &= look.plain >= 0.85 and look.even <= 0.25
    two = look.contrast >= 25 and look.parted >= 0.68 and 0.36 <= look.dark <= 0.64
    if not (quiet and two and look.crowded >= 0.95 and look.blank <= 0.05):
        return False
    fewest = min(look.crossings)
    blurred = fewest >= 3.6 and look.straight < 0.6  # then patches are no single modules
    if fewest < 2.9 or look.patchy > (0.3 if blurred else 0.25):
        return False
    if fewest < 4 and not 0.4 <= look.dark <= 0.6:  # a few lines of writing
        return False
    if look.straight < (0.1 if max(look.steps) <= 0.8 else 0.4):  # teeth and beads are round
        return False
    return max(look.steps) <= 0.55 or min(look.steps) >= 0.1  # a coil has steps one way only
