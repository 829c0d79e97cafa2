"""Whether a place has the texture of a code, for codes that no decoder here reads.

Too blurred, too small or too torn for the decoder, but not for whoever has a better one. Bars are
alike from line to line, of two levels and never evenly spaced, as the teeth of a comb and the
threads of gauze are; modules are of two levels, on a white quiet zone, with edges at even steps.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from medrelease.pixels.places import Place, contrast, frame_of, upright
from medrelease.pixels.turning import directions

SHEARS = (0.0, -0.04, 0.04, -0.08, 0.08, -0.12, 0.12)
FINER = (0.0, -0.01, 0.01, -0.02, 0.02)
"""Leans at which lines of bars are compared: seen aslant they are not square to the code."""
LINES_ALIKE, CROSSINGS = 0.8, 10
"""Share of the variance that lies across the bars, and how often they cross their mean."""
LESS_ALIKE, MANY = 0.15, (16, 36)
"""By how much less is enough where they cross it that often, from none of it to all: nothing else
has so many straight edges; hair has, over a small part of its place (`TALL`)."""
FAINTEST, FAINT, MORE_ALIKE, TALL = 13, 22, 0.08, 0.25
"""Levels that bars are apart at least, and below which more is asked for, and how much; and the
share of its place that bars take."""
ROWS_ALIKE, APART, FEWEST_ROWS, LOW_ROWS, LOWEST = 0.6, 6, 12, 8, 0.1
"""How like the row `APART` rows on a row of bars is, how many rows bars have at least, how many
where there are many bars, and which share of the width of their place."""
SURE, FEW = 0.9, 14
"""How alike lines are where half of that share is enough, bars take less of their place, or cross
their mean fewer times than `FEW`."""
EVENLY, LESS_EVENLY = 0.75, 0.6
"""Likeness of a profile to itself, moved by a period, from which bars are evenly spaced; the
second where they are less alike."""
MODULES_ACROSS = 12
"""Half of the pixels that a place must have along an axis for distances to be told."""
LIKE_NOTHING, ALIKE = 0.1, 0.25
BLACK_AND_WHITE, DENSE = 40, 0.85
"""Levels above and below the middle of every few pixels, and the share of a place where so."""
WHITE = 0.72
"""Share of the quiet zone around modules that has to be white."""


def coded(place: Place) -> Place | None:
    """Where in a place there is a code's texture, its bars across its angle; None where none is."""
    part = upright(place.seen, place.box).astype(np.float32)
    beyond = upright(frame_of(place.seen), place.box) == 0
    part[beyond] = part.mean()  # the rim goes on there as if it were bars
    band = _bars(part)
    if band is not None:
        return _band(place, *band, len(part))
    if place.bars:
        return None
    band = _bars(np.ascontiguousarray(part.T))
    if band is not None:
        middle, (width, height), angle = place.box
        # Turned so, its rows are the columns from left to right, as they were looked at.
        turned = place._replace(box=(middle, (height, width), angle - 90))
        return _band(turned, *band, part.shape[1])
    return place._replace(bars=False) if _are_modules(place, part) else None


def _band(place: Place, first: int, last: int, rows: int) -> Place:
    """A place cut across its angle, from `first` to `last` of `rows`."""
    (x, y), (width, _), angle = place.box
    _, across = directions(angle)
    x, y = np.array((x, y)) + across * ((first + last) / 2 - rows / 2)
    return place._replace(
        box=((float(x), float(y)), (width, float(last - first)), angle), bars=True
    )


def _are_modules(place: Place, part: NDArray[np.float32]) -> bool:
    rows, columns = part.shape
    inner = part[rows // 8 : rows - rows // 8, columns // 8 : columns - columns // 8]
    level, dark, apart, parted = levels(inner)
    if apart < 90 or parted < 0.75 or not 0.3 <= dark <= 0.7:
        return False
    return _is_dense(part) and _on_white(place, level + 0.2 * apart) and _repeats(inner)


def is_black_and_white(place: Place, *, sure: bool = False) -> bool:
    """Whether a place is of two levels at all; `sure` asks for as much as of modules."""
    _, dark, apart, parted = levels(upright(place.seen, place.box).astype(np.float32))
    least = (45, 0.7, 0.25) if sure else (14 if place.bars else 25, 0.5, 0.1)
    return apart >= least[0] and parted >= least[1] and least[2] <= dark <= 1 - least[2]


def levels(inner: NDArray[np.float32]) -> tuple[float, float, float, float]:
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
    if rows < LOW_ROWS or _longest_run(part, 2)[1] == 0:
        return None
    leant, first, last = _band_of(part)
    if last - first < max(LOW_ROWS, LOWEST * columns / 2):
        return None
    best = max((_leant(leant[first:last], shear) for shear in FINER), key=_across)
    inner = best[:, columns // 10 : columns - columns // 10]
    return (first, last) if _are_bars(inner, rows, columns) else None


def _are_bars(inner: NDArray[np.float32], rows: int, columns: int) -> bool:
    """Whether lines, of a place of so many rows and columns, are of bars."""
    _, dark, apart, parted = levels(inner)
    if apart < FAINTEST or parted < 0.5 or not 0.15 <= dark <= 0.85:
        return False
    profile = inner.mean(axis=0)
    crossings = int(np.count_nonzero(np.diff(profile > profile.mean())))
    high = len(inner)
    if crossings < (CROSSINGS if high >= FEWEST_ROWS else MANY[0]):
        return False
    many = min(1.0, max(0.0, (crossings - MANY[0]) / (MANY[1] - MANY[0])))
    least = LINES_ALIKE + (MORE_ALIKE if apart < FAINT else 0.0)
    if high < LOWEST * columns or high < TALL * rows or crossings < FEW:
        least = max(least, SURE)
    else:
        least -= LESS_ALIKE * many
    alike = float(profile.var()) / max(float(inner.var()), 1e-3)
    evenly = EVENLY if alike >= LINES_ALIKE else LESS_EVENLY
    return alike >= least and likeness(profile, fair=True) < evenly


def _leant(part: NDArray[np.float32], shear: float) -> NDArray[np.float32]:
    rows, columns = part.shape
    turn = np.array(((1, shear, -shear * rows / 2), (0, 1, 0)), np.float32)
    moved = cv2.warpAffine(part, turn, (columns, rows), borderMode=cv2.BORDER_REFLECT)
    return np.asarray(moved, np.float32)


def _across(part: NDArray[np.float32]) -> float:
    return float(part.mean(axis=0).var())


def _band_of(part: NDArray[np.float32]) -> tuple[NDArray[np.float32], int, int]:
    """The part with its bars upright, the first row of them and the one behind the last.

    Bars are where the mean of a few rows has the steepest edges; print and the rim of a label have
    another lean.
    """
    high = min(LOW_ROWS, len(part))
    best, most, middle = part, -1.0, 0
    for shear in SHEARS:
        leant = _leant(part, shear)
        total = np.cumsum(np.diff(leant, axis=1), axis=0)
        total[high:] = total[high:] - total[:-high]
        power = np.square(total[high - 1 :]).sum(axis=1)
        if float(power.max()) > most:
            best, most, middle = leant, float(power.max()), int(power.argmax())
    pattern = _normal(best[middle : middle + high].mean(axis=0, keepdims=True))
    unlike = _normal(best) @ pattern[0] / part.shape[1] <= ROWS_ALIKE
    before = np.flatnonzero(unlike[: middle + high // 2])
    behind = np.flatnonzero(unlike[middle + high // 2 :])
    first = int(before[-1]) + 1 if len(before) else 0
    last = middle + high // 2 + int(behind[0]) if len(behind) else len(part)
    return best, first, last


def _normal(lines: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lines (axis 0) of mean 0 and spread 1."""
    spread = np.maximum(lines.std(axis=1, keepdims=True), 1.0)
    return np.asarray((lines - lines.mean(axis=1, keepdims=True)) / spread, np.float32)


def _longest_run(part: NDArray[np.float32], apart: int) -> tuple[int, int]:
    """The first of the most rows that follow each other and are like the one `apart` on, and
    the row behind the last of them; twice 0 where there are none."""
    lines = _normal(part)
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
        if len(edges) // 2 >= MODULES_ACROSS and likeness(edges) >= ALIKE:
            return True
    return False


def likeness(line: NDArray[np.floating], *, fair: bool = False) -> float:
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
