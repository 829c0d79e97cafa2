"""Whether a place has the texture of a code, for codes that no decoder here reads.

Too blurred, too small or too torn for the decoder, but not for whoever has a better one. Bars are
alike from line to line, of two levels and never evenly spaced, as the teeth of a comb and the
threads of gauze are; modules are of two levels, on a white quiet zone, with edges at even steps.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from medrelease.pixels.places import Box, Place, contrast, upright
from medrelease.pixels.turning import directions

SHEARS = (0.0, -0.03, 0.03, -0.06, 0.06, -0.09, 0.09, -0.12, 0.12)
FINER = (0.0, -0.01, 0.01, -0.02, 0.02)
"""Leans at which lines of bars are compared: seen aslant they are not square to the code."""
LINES_ALIKE, CROSSINGS = 0.8, 10
"""Share of the variance that lies across the bars, and how often they cross their mean."""
ROWS_ALIKE, APART, FEWEST_ROWS, LOWEST = 0.6, 6, 12, 0.1
"""How like the row `APART` rows on a row of bars is, how many rows bars have at least, and which
share of the width of their place."""
EVENLY = 0.75
"""Likeness of a profile to itself, moved by a period, from which bars are evenly spaced."""
MODULES_ACROSS = 12
"""Half of the pixels that a place must have along an axis for distances to be told."""
LIKE_NOTHING, ALIKE = 0.1, 0.25
BLACK_AND_WHITE, DENSE = 40, 0.85
"""Levels above and below the middle of every few pixels, and the share of a place where so."""
WHITE = 0.72
"""Share of the quiet zone around modules that has to be white."""


def coded(place: Place) -> Box | None:
    """Where in a place there is a code's texture, None where there is none."""
    part = upright(place.seen, place.box).astype(np.float32)
    band = _bars(part)
    if band is not None:
        return _part_of(place.box, 0, *band, len(part))
    band = _bars(np.ascontiguousarray(part.T))
    if band is not None:
        return _part_of(place.box, 1, *band, part.shape[1])
    return place.box if _are_modules(place, part) else None


def _part_of(box: Box, axis: int, first: int, last: int, whole: int) -> Box:
    """A box cut across (axis 0) or along (axis 1) its angle, from `first` to `last` of `whole`."""
    (x, y), (width, height), angle = box
    along, across = directions(angle)
    way = along if axis else across
    x, y = np.array((x, y)) + way * ((first + last) / 2 - whole / 2)
    size = (float(last - first), height) if axis else (width, float(last - first))
    return (float(x), float(y)), size, angle


def _are_modules(place: Place, part: NDArray[np.float32]) -> bool:
    rows, columns = part.shape
    inner = part[rows // 8 : rows - rows // 8, columns // 8 : columns - columns // 8]
    level, dark, apart, parted = _levels(inner)
    if apart < 90 or parted < 0.75 or not 0.3 <= dark <= 0.7:
        return False
    return _is_dense(part) and _on_white(place, level + 0.2 * apart) and _repeats(inner)


def is_black_and_white(place: Place, *, sure: bool = False) -> bool:
    """Whether a place is of two levels at all; `sure` asks for as much as of modules."""
    _, dark, apart, parted = _levels(upright(place.seen, place.box).astype(np.float32))
    least = (45, 0.7, 0.25) if sure else (25, 0.5, 0.1)
    return apart >= least[0] and parted >= least[1] and least[2] <= dark <= 1 - least[2]


def _levels(inner: NDArray[np.float32]) -> tuple[float, float, float, float]:
    """Otsu's level, the dark share, how far the two levels are apart, and how well they part."""
    eight = inner.astype(np.uint8)
    level, _ = cv2.threshold(eight, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    dark = eight <= level
    share = float(dark.mean())
    if not 0 < share < 1:
        return level, share, 0.0, 0.0
    apart = float(inner[~dark].mean() - inner[dark].mean())
    return level, share, apart, share * (1 - share) * apart**2 / max(float(inner.var()), 1e-3)


def _is_dense(part: NDArray[np.float32]) -> bool:
    """Whether black and white lie within every few pixels of a place, as nuclei do not."""
    return float((contrast(part.astype(np.uint8)) > BLACK_AND_WHITE).mean()) >= DENSE


def _bars(part: NDArray[np.float32]) -> tuple[int, int] | None:
    """The rows between which all lines are alike, cross many edges and repeat nothing.

    Above and below there may be print, or the number that the bars stand for.
    """
    rows, columns = part.shape
    if rows <= 2 * APART or _longest_run(part, 2)[1] == 0:
        return None
    leant = max((_leant(part, shear) for shear in SHEARS), key=_across)
    first, last = _longest_run(leant, APART)
    if last - first < max(FEWEST_ROWS, LOWEST * columns):
        return None
    best = max((_leant(leant[first:last], shear) for shear in FINER), key=_across)
    inner = best[:, columns // 10 : columns - columns // 10]
    _, dark, apart, parted = _levels(inner)
    if apart < 22 or parted < 0.5 or not 0.15 <= dark <= 0.85:
        return None
    profile = inner.mean(axis=0)
    crossings = int(np.count_nonzero(np.diff(profile > profile.mean())))
    if float(profile.var()) < LINES_ALIKE * float(inner.var()) or crossings < CROSSINGS:
        return None
    return (first, last) if _likeness(profile, fair=True) < EVENLY else None


def _leant(part: NDArray[np.float32], shear: float) -> NDArray[np.float32]:
    rows, columns = part.shape
    turn = np.array(((1, shear, -shear * rows / 2), (0, 1, 0)), np.float32)
    moved = cv2.warpAffine(part, turn, (columns, rows), borderMode=cv2.BORDER_REFLECT)
    return np.asarray(moved, np.float32)


def _across(part: NDArray[np.float32]) -> float:
    return float(part.mean(axis=0).var())


def _longest_run(part: NDArray[np.float32], apart: int) -> tuple[int, int]:
    """The first of the most rows that follow each other and are like the one `apart` on, and
    the row behind the last of them; twice 0 where there are none."""
    spread = part.std(axis=1, keepdims=True)
    lines = (part - part.mean(axis=1, keepdims=True)) / np.maximum(spread, 1.0)
    alike = (lines[:-apart] * lines[apart:]).mean(axis=1) > ROWS_ALIKE
    edges = np.flatnonzero(np.diff(np.concatenate(([False], alike, [False]))))
    runs = [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]
    first, last = max(runs, key=lambda run: run[1] - run[0], default=(0, 0))
    return (first, last + apart) if last > first else (0, 0)


def _repeats(inner: NDArray[np.float32]) -> bool:
    """Whether edges come at even distances along one axis, as modules have them: hair has none.

    Of codes the likeness is 0.28 and more, of hair, folds and sutures hardly ever above 0.13.
    """
    for axis in (0, 1):
        edges = np.abs(np.diff(inner, axis=1 - axis)).mean(axis=axis)
        if len(edges) // 2 >= MODULES_ACROSS and _likeness(edges) >= ALIKE:
            return True
    return False


def _likeness(line: NDArray[np.floating], *, fair: bool = False) -> float:
    """The autocorrelation of a line behind its first trough, at its highest, 0 where it has none.

    `fair` gives long distances, at which less of the line overlaps, the weight of short ones.
    """
    line = line - line.mean()
    half, power = len(line) // 2, float(line @ line)
    if half < 6 or power < 1:
        return 0.0
    likeness = np.correlate(line, line, "full")[len(line) - 1 :][:half] / power
    if fair:
        likeness = likeness * len(line) / (len(line) - np.arange(half))
    trough = int(np.argmax(likeness < LIKE_NOTHING))
    return float(likeness[trough:].max()) if trough else 0.0


def _on_white(place: Place, white: float) -> bool:
    """Whether a quiet zone of 5 pixels is white around a place, but for a quarter of it."""
    rows, columns = place.seen.shape
    (width, height) = place.box[1]
    if width > 0.95 * columns and height > 0.95 * rows:  # noise from edge to edge of a small frame
        return False
    around = upright(place.seen, place.box, more=10)
    ring = np.ones(around.shape, np.bool_)
    ring[5:-5, 5:-5] = False
    return float((around[ring] > white).mean()) > WHITE
