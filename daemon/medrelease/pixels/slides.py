"""Whole slides: every level, in bounded memory.

A scanner writes nothing into the tissue; what it wrote on label and macro picture is removed. A
level is looked at whole where it is small enough, else at the scale at which it is; its tiles are
decoded one at a time. Numbers are those of the file's directories, as masks have them.
"""

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from medrelease.pixels import samples
from medrelease.pixels.foreign import decoding
from medrelease.pixels.page import MOST_LOOKED_AT, Page, singles

_OTHER_PICTURES = ("label", "macro", "thumbnail", "overview")


def levels(file: Any) -> list[tuple[int, Any]]:
    """The levels of the slide that a file holds, with their numbers; none where it holds none.

    Every tiled page counts that is not named as another picture: one too many costs a look.
    """
    first = file.pages[0]
    if not first.is_tiled:
        return []
    found = [
        (number, page)
        for number, page in enumerate(file.pages)
        if page.is_tiled and not _is_other(page)
    ]
    smaller = any(page.imagewidth < first.imagewidth for _, page in found)
    return found if smaller or first.description.startswith("Aperio") else []


def pages(levels: list[tuple[int, Any]]) -> Iterator[Page]:
    """The levels as pages. Raises CannotDecode."""
    for number, level in levels:
        stored = (int(level.imagelength), int(level.imagewidth))
        yield from singles(number, samples.frames(_scaled(level)), stored=stored)


def _is_other(page: Any) -> bool:
    text = page.description.lower()
    return any(name in text for name in _OTHER_PICTURES)


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
