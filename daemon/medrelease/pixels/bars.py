"""Places in a picture that may be a bar over eyes: even rectangles, pairs of them, mosaics.

Nothing here knows what a face is. A label, a ruler and a bar look alike; `behind` and the net
decide which of these places a face lies under.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from medrelease.pixels.seeing import Picture

LARGEST, SMALLEST = 1024, 160
"""Longest sides between which a picture is looked at; larger ones are shrunk, smaller enlarged."""
MOST = 8
"""Places that are told; the largest of each kind come first."""
EVEN, RANGE = 6, 10
"""Levels by which neighbours, and all pixels of one even place, may differ: what JPEG leaves."""
SMOOTHED, SMOOTH, SMOOTH_RANGE = (9, 15), 8, 24
"""Widths over which texture is smoothed, and then the same levels as of even places."""
WIDE = 13
"""Width over which texture is compared with its surroundings."""
ROUGH, ROUGHER = 2.0, (2.5, 5.0)
"""Least of what counts as the usual detail, and from how many times that a place is rough."""
FILLED, TILED = 0.84, 0.75
"""Shares of its narrowest rectangle that an even place and a mosaic fill."""
WIDEST, LOWEST = 12.0, 4
"""Width of a bar as a multiple of its height, and its least height in pixels as looked at."""
_LOOKED_AT, _LEAST, _LARGEST_SHARE = 60, 0.0008, 0.4
_TILES = 5


class Bar(NamedTuple):
    """A place that may hide eyes, in pixels of the picture as (columns, rows).

    `angle` is that of its longer side in degrees; `spans` are the distances of the eyes, as
    shares of `length`, that it may have been drawn for.
    """

    middle: NDArray[np.float64]
    length: float
    height: float
    angle: float
    spans: tuple[float, ...]


class _Even(NamedTuple):
    """The narrowest rectangle around an even place, the share it fills, and the colour."""

    middle: NDArray[np.float64]
    length: float
    height: float
    angle: float
    filled: float
    colour: NDArray[np.float64]


SPANS = (0.5, 0.67, 0.37)


def bars(picture: Picture) -> tuple[Bar, ...]:
    """At most `MOST` places that may be a bar, likelier kinds first."""
    longest = max(picture.shape[:2])
    scale = min(1.0, LARGEST / longest) if longest >= SMALLEST else float(-(-SMALLEST // longest))
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST
    seen = np.asarray(cv2.resize(picture, size, interpolation=how), np.uint8)
    even = list(_even(seen))
    places = _oblong(even, 0)[: MOST // 2] + list(islice(_pairs(even), MOST // 2))
    places += islice(_mosaics(seen), MOST // 2)
    places += _textured(seen, places)
    return tuple(
        Bar((bar.middle + 0.5) / scale - 0.5, bar.length / scale, bar.height / scale, *bar[3:])
        for bar in places[:MOST]
    )


def _oblong(even: Sequence[_Even], lost: int) -> list[Bar]:
    """Even places of the shape of a bar, with what smoothing has `lost` of them on each side."""
    found = []
    for one in even:
        length, height = one.length + 2 * lost, one.height + 2 * lost
        if height >= LOWEST and 1.3 <= length / height <= WIDEST:
            found.append(Bar(one.middle, length, height, one.angle, SPANS))
    return found


def _textured(picture: Picture, known: Sequence[Bar]) -> list[Bar]:
    """Bars rougher than all around: even once their stripes are smoothed away, or of noise."""
    level = np.asarray(cv2.blur(picture, (WIDE, WIDE)), np.uint8)
    apart = cv2.absdiff(picture, level).max(axis=2).astype(np.float32)
    detail = np.asarray(cv2.blur(apart, (7, 7)), np.float32)
    usual = max(ROUGH, float(np.median(detail)))
    rough = detail > ROUGHER[0] * usual
    places: list[Bar] = []
    for wide in SMOOTHED:
        smooth = np.asarray(cv2.blur(cv2.blur(picture, (wide, wide)), (5, 5)), np.uint8)
        even = _oblong(list(_even(smooth, SMOOTH, SMOOTH_RANGE)), wide // 2)
        places += [bar for bar in even if _is_rough(bar, rough)][:2]
    found: list[Bar] = []
    places += [bar for times in ROUGHER for bar in islice(_rough(detail > times * usual), 2)]
    for bar in places:
        if all(_apart(bar, other) for other in (*known, *found)):
            found.append(bar)
    return found


def _is_rough(bar: Bar, rough: NDArray[np.bool_]) -> bool:
    """Whether most of what lies around the middle of a bar is rough."""
    column, row = (int(place) for place in bar.middle)
    half = max(2, int(bar.height / 4))
    part = rough[max(0, row - half) : row + half, max(0, column - half) : column + half]
    return float(part.mean()) > 0.5


def _rough(rough: NDArray[np.bool_]) -> Iterator[Bar]:
    """Rectangles of noise, the largest first."""
    opened = cv2.morphologyEx(rough.astype(np.uint8), cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    least = max(200.0, 0.002 * labels.size)
    for label in np.argsort(-boxes[1:, cv2.CC_STAT_AREA])[:MOST] + 1:
        left, top, width, height, area = (int(part) for part in boxes[label])
        if least <= area <= _LARGEST_SHARE * labels.size:
            inside = labels[top : top + height, left : left + width] == label
            place = _rectangle(inside, (left, top), np.zeros(3))
            if place.filled >= TILED:
                yield from _oblong([place], -WIDE // 2)  # the steps at its edges are rough too


def _apart(one: Bar, other: Bar) -> bool:
    return float(np.hypot(*(one.middle - other.middle))) > 0.3 * max(one.height, other.height)


def _labelled(picture: Picture, levels: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Connected places whose neighbours differ by at most `levels`, and their statistics."""
    square = np.ones((3, 3), np.uint8)
    spread = cv2.subtract(cv2.dilate(picture, square), cv2.erode(picture, square)).max(axis=2)
    alike = (spread <= levels).astype(np.uint8)
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(alike, connectivity=4)
    return np.asarray(labels, np.int32), np.asarray(boxes, np.int32)


def _even(picture: Picture, levels: int = EVEN, most: float = RANGE) -> Iterator[_Even]:
    """Even rectangles of one colour, or of one that changes evenly, the largest first.

    Neighbours differ by at most `levels`, and all but a few pixels by `most` from even change.
    """
    labels, boxes = _labelled(picture, levels)
    rows, columns = picture.shape[:2]
    least = max(30.0, _LEAST * rows * columns)
    for label in np.argsort(-boxes[1:, cv2.CC_STAT_AREA])[:_LOOKED_AT] + 1:
        left, top, width, height, area = (int(part) for part in boxes[label])
        if area < least:
            return
        if area > _LARGEST_SHARE * rows * columns:
            continue
        part = np.s_[top : top + height, left : left + width]
        inside = labels[part] == label
        values = picture[part][inside]
        low, high = np.percentile(values - _slope(inside, values), (2, 98), axis=0)
        if float((high - low).max()) > most:
            continue
        place = _rectangle(inside, (left, top), np.asarray(values.mean(axis=0), np.float64))
        if place.filled >= FILLED and place.height >= LOWEST:
            yield place


def _slope(inside: NDArray[np.bool_], values: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The plane that fits the values of a place best, at each of its pixels."""
    rows, columns = np.nonzero(inside)
    terms = np.column_stack((rows, columns, np.ones(len(rows)))).astype(np.float64)
    step = max(1, len(rows) // 500)
    fit, *_ = np.linalg.lstsq(terms[::step], values[::step].astype(np.float64), rcond=None)
    return np.asarray(terms @ fit, np.float64)


def _rectangle(
    inside: NDArray[np.bool_], corner: tuple[int, int], colour: NDArray[np.float64]
) -> _Even:
    outlines, _ = cv2.findContours(
        inside.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    (x, y), (width, height), angle = cv2.minAreaRect(np.concatenate(list(outlines)))
    filled = float(inside.sum()) / ((width + 1) * (height + 1))
    if width < height:
        width, height, angle = height, width, angle + 90
    # The outermost pixels of a place differ from their neighbours, and are not in it.
    middle = np.array((x, y), np.float64) + corner
    return _Even(middle, width + 3, height + 3, _half_turn(angle), filled, colour)


def _half_turn(degrees: float) -> float:
    return (degrees + 90) % 180 - 90


def _pairs(even: Sequence[_Even]) -> Iterator[Bar]:
    """Two patches of one colour and size beside each other, as one bar from eye to eye."""
    patches = [place for place in even if place.length / place.height <= 2.2]
    for number, one in enumerate(patches):
        for other in patches[number + 1 :]:
            longer = max(one.length, other.length) / min(one.length, other.length)
            higher = max(one.height, other.height) / min(one.height, other.height)
            differ = float(np.abs(one.colour - other.colour).max())
            if differ > RANGE or max(longer, higher) > 1.4:
                continue
            along = other.middle - one.middle
            apart = float(np.hypot(*along))
            area = (one.length * one.height + other.length * other.height) / 2
            angle = _half_turn(float(np.degrees(np.arctan2(along[1], along[0]))))
            askew = (one.angle - angle) % 90
            if min(askew, 90 - askew) > 12 or not 1.02 < apart / area**0.5 < 4:
                continue
            tall = max(area / (0.75 * apart), 4.0)
            yield Bar((one.middle + other.middle) / 2, 2 * apart, tall, angle, (0.5,))


def _mosaics(picture: Picture) -> Iterator[Bar]:
    """Rectangles of several even tiles, the largest first: what coarse pixels look like."""
    labels, boxes = _labelled(picture, 3)
    rows, columns = picture.shape[:2]
    area = boxes[:, cv2.CC_STAT_AREA]
    square = boxes[:, cv2.CC_STAT_WIDTH] * boxes[:, cv2.CC_STAT_HEIGHT]
    tiles = (area >= 9) & (area <= 0.1 * rows * columns) & (area >= 0.55 * square)
    tiles[0] = False
    for label in np.flatnonzero(tiles):
        left, top, width, height, _ = (int(part) for part in boxes[label])
        part = np.s_[top : top + height, left : left + width]
        values = picture[part][labels[part] == label]
        tiles[label] = int(np.ptp(values, axis=0).max()) <= 5
    joined = cv2.morphologyEx(
        tiles[labels].astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)
    )
    joined = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    _, places, extents, _ = cv2.connectedComponentsWithStats(joined, connectivity=4)
    least = max(200.0, 0.002 * rows * columns)
    for place in np.argsort(-extents[1:, cv2.CC_STAT_AREA])[:MOST] + 1:
        left, top, width, height, size = (int(part) for part in extents[place])
        part = np.s_[top : top + height, left : left + width]
        inside = places[part] == place
        few = np.unique(labels[part][inside]).size < _TILES
        if few or not least <= size <= _LARGEST_SHARE * rows * columns:
            continue
        found = _rectangle(inside, (left, top), np.zeros(3))
        if found.filled >= TILED and 1.3 <= found.length / found.height <= WIDEST:
            yield Bar(found.middle, found.length, found.height, found.angle, SPANS)
