"""What JPEG and JPEG 2000 tiles of a TIFF show beyond the page must be filling.

Filling is one colour, or the page's last row and column going on. A block of a JPEG tile that the
page's edge runs through belongs to the page, and its halved colour is drawn into the next one.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medrelease.verify import codecs
from medrelease.verify import jpeg_walk as walk
from medrelease.verify import tiff_page as tags
from medrelease.verify.jpeg_frame import Frame
from medrelease.verify.jpeg_piece import behind
from medrelease.verify.refusal import malformed, unsupported

_NOISE, _BLEED = 32, 2


def inside(page: tags.Page, index: int) -> tuple[int, int] | None:
    """Return how wide and high a tile's part of the page is, None where that is all of it."""
    left, top, wide, high = page.extent(index)
    found = page.one(tags.WIDTH) - left, page.one(tags.HEIGHT) - top
    return found if page.tiled and (found[0] < wide or found[1] < high) else None


def prove(view: memoryview, page: tags.Page) -> None:
    """Refuse a finished page with a picture beyond its edge.

    Raises Refusal(malformed | format-not-supported | decoder-missing).
    """
    coding = page.one(tags.COMPRESSION)
    for index, part in _edge(page):
        data = tags.piece(view, page.pieces()[index])
        if coding == tags.JPEG:
            tables = page.tables or None
            shown = codecs.decode("jpeg8_decode", bytes(data), tables=tables)
            left, top = (edge + _BLEED for edge in _blocks(data, part))
        else:
            shown = codecs.decode("jpeg2k_decode", bytes(data))
            left, top = (edge + _BLEED for edge in part)
        beside, below = np.asarray(shown)[:, left:], np.asarray(shown)[top:, : left - _BLEED]
        if not (_goes_on(beside, 1) and _goes_on(below, 0)):
            if coding == tags.JPEG:
                malformed("TIFF tile with a picture beyond the page")
            unsupported("TIFF tile in JPEG 2000 with a picture beyond the page")


def _edge(page: tags.Page) -> Iterator[tuple[int, tuple[int, int]]]:
    if page.one(tags.COMPRESSION) in (tags.JPEG, *tags.JPEG_2000):
        for index in range(page.number()):
            part = inside(page, index)
            if part is not None:
                yield index, part


def _blocks(data: memoryview, part: tuple[int, int]) -> tuple[int, int]:
    """Return the column and row behind the last blocks of a stream that the page touches."""
    frame, unread = Frame(), hashlib.sha256()
    for segment in walk.segments(data, strict=False):
        if not frame.components and segment.marker in walk.FRAMES:
            frame.feed(segment, unread)
    return behind(frame, part)


def _goes_on(part: NDArray[Any], axis: int) -> bool:
    """Whether samples stay as they are in the direction that leads off the page."""
    return not part.size or int(np.ptp(part, axis=axis).max()) <= _NOISE
