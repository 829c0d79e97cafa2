"""One view of a frame through the detector: a probability of writing for every pixel.

Each look has a canary: a black strip with known text above the view, black padding on its other
sides. With it the net floods textless pictures a thousand times less than without, and it is a
self-test: where the net does not see the known text, nothing else it says is believed. What
does not fit a look is looked at in tiles that overlap by more than a line.
"""

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from medrelease.pixels.faults import SelfTestFailed
from medrelease.pixels.models import TextModels

Picture = NDArray[np.uint8]
"""(rows, columns, 3): one 8-bit view of a frame."""

Likelihood = NDArray[np.float32]
"""(rows, columns): how likely a pixel is the core of a line of writing, 0 to 1."""

TILE = 960
OVERLAP = 96
STRIP, PADDING, NARROWEST = 64, 48, 160
SMALL = 256
SEEN = 0.5
"""Below this the known text was not seen; measured: it is never below 0.98 in a sound net."""

_MEAN = np.array((0.485, 0.456, 0.406), np.float32) * 255
_SCALE = 1 / (np.array((0.229, 0.224, 0.225), np.float32) * 255)


class Look(NamedTuple):
    """What was seen, and at which scale of the frame: pixels of the view to one of the frame."""

    likelihood: Likelihood
    scale: float


def look(models: TextModels, view: Picture, scale: float = 1.0) -> Look:
    """The likelihood over a view at `scale` of its size.

    Raises SelfTestFailed where the net does not see the canary of any one tile.
    """
    rows, columns = view.shape[:2]
    if scale != 1.0:
        size = (max(8, round(columns * scale)), max(8, round(rows * scale)))
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        view = np.asarray(cv2.resize(view, size, interpolation=how), np.uint8)
    height, width = view.shape[:2]
    whole = np.zeros((height, width), np.float32)
    for top, bottom in cuts(height, TILE, OVERLAP):
        for left, right in cuts(width, TILE, OVERLAP):
            seen = _tile(models, view[top:bottom, left:right])
            part = whole[top:bottom, left:right]
            np.maximum(part, seen, out=part)
    return Look(whole, width / columns)


def cuts(length: int, tile: int, overlap: int) -> Iterator[tuple[int, int]]:
    """Cuts of a length of about `tile` that overlap; a single one where it fits."""
    if length <= tile + overlap:
        yield 0, length
        return
    count = -(-(length - overlap) // (tile - overlap))
    step = (length - overlap) / count
    for number in range(count):
        yield round(number * step), min(length, round((number + 1) * step) + overlap)


def _tile(models: TextModels, picture: Picture) -> Likelihood:
    rows, columns = picture.shape[:2]
    height = -(-(rows + STRIP + PADDING) // 32) * 32
    width = -(-max(columns + 2 * PADDING, NARROWEST) // 32) * 32
    canvas = np.zeros((height, width, 3), np.uint8)
    written = _write_canary(canvas)
    if max(rows, columns) <= SMALL:
        # A small picture that lies on black is itself taken for a word; mirrored it is not.
        edges = (0, height - STRIP - rows, PADDING, width - PADDING - columns)
        canvas[STRIP:] = cv2.copyMakeBorder(picture, *edges, cv2.BORDER_REFLECT)
    canvas[STRIP : STRIP + rows, PADDING : PADDING + columns] = picture
    batch = ((canvas.astype(np.float32) - _MEAN) * _SCALE).transpose(2, 0, 1)[None]
    seen = models.detector(np.ascontiguousarray(batch))[0, 0]
    if seen.shape != (height, width) or any(seen[12:52, x:y].max() < SEEN for x, y in written):
        raise SelfTestFailed("the detector did not see the known text")
    return np.asarray(seen[STRIP : STRIP + rows, PADDING : PADDING + columns], np.float32)


def _write_canary(canvas: Picture) -> list[tuple[int, int]]:
    """Write the known text along the strip; where each copy of it stands."""
    width = canvas.shape[1]
    text, length = ("CHECK 0123456789", 240) if width >= 272 else ("CHECK", 96)
    places = list(range(16, width - length - 15, max(320, width // 3)))
    for x in places:
        cv2.putText(
            canvas, text, (x, 42), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (255,) * 3, 2, cv2.LINE_AA
        )
    return [(x, x + length) for x in places]
