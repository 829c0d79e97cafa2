"""Whole slides: every level, in bounded memory.

A scanner writes nothing into the tissue; what it wrote on label and macro picture is removed. A
level is looked at whole where it is small enough, else at the scale at which it is; its tiles are
decoded one at a time. Nothing in a slide can be blanked.
"""

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from medrelease.pixels import samples
from medrelease.pixels.foreign import decoding
from medrelease.pixels.page import MOST_LOOKED_AT, Page, singles


def levels(file: Any) -> list[Any]:
    """The levels of the slide that a file holds, the largest first; none where it holds none."""
    first = file.pages[0]
    if not first.is_tiled:
        return []
    found = [
        page
        for page in [*file.pages, *(first.pages or ())]
        if page is first or (page.is_tiled and _smaller(first, page))
    ]
    return found if len(found) > 1 else []


def pages(levels: list[Any]) -> Iterator[Page]:
    """The levels as pages in which nothing can be blanked. Raises CannotDecode."""
    for number, level in enumerate(levels):
        yield from singles(number, samples.frames(_scaled(level)), maskable=False)


def _smaller(first: Any, page: Any) -> bool:
    across = first.imagewidth / max(1, page.imagewidth)
    down = first.imagelength / max(1, page.imagelength)
    return bool(across > 1.5 and abs(across - down) < 0.1 * across)


def _scaled(level: Any) -> NDArray[Any]:
    """A level at no more than the pixels that are looked at, put together from its tiles."""
    with decoding():
        rows, columns = int(level.imagelength), int(level.imagewidth)
        scale = min(1.0, (MOST_LOOKED_AT / (rows * columns)) ** 0.5)
        height, width = max(1, int(rows * scale)), max(1, int(columns * scale))
        count = int(level.samplesperpixel)
        whole = np.zeros((height, width, count), level.dtype)
        for tile, place, shape in level.segments(maxworkers=1):
            if tile is None:
                continue
            top, left = int(place[-3]), int(place[-2])
            inside = (min(shape[-3], rows - top), min(shape[-2], columns - left))
            part = tile.reshape(tile.shape[-3:])[: inside[0], : inside[1]]
            _put(whole, part, top, left, scale)
    return whole


def _put(whole: NDArray[Any], part: NDArray[Any], top: int, left: int, scale: float) -> None:
    """Place a tile, made smaller, where it belongs."""
    first, last = int(top * scale), min(whole.shape[0], int((top + part.shape[0]) * scale))
    start, end = int(left * scale), min(whole.shape[1], int((left + part.shape[1]) * scale))
    if first >= last or start >= end:
        return
    size = (end - start, last - first)
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA) if scale < 1 else part
    whole[first:last, start:end] = np.asarray(small).reshape(last - first, end - start, -1)
