"""What the strips and tiles of a TIFF page hold beside the pixels that show, cleared.

That is colour under zero alpha, the rest of a tile beyond the page's edge, bits that fill up a
row, and colours of a palette that no pixel names. A piece in which there is none of it stays as
it is coded.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from medrelease.sanitise.blanking import Box, Bytes, Size
from medrelease.sanitise.tiff_blank import PageBlank, corner
from medrelease.sanitise.tiff_codec import GROUP_4, LZW, NONE, decode, encode
from medrelease.sanitise.tiff_foreign import FOREIGN
from medrelease.sanitise.tiff_page import (
    BITS,
    COLOUR_MAP,
    COMPRESSION,
    EXTRA,
    JPEG,
    JPEG_2000,
    PHOTOMETRIC,
    PLANAR,
    SAMPLES,
    TILE_HEIGHT,
    TILE_WIDTH,
    Page,
)

_PALETTE = 3
_LOOKED_INTO = frozenset({GROUP_4, JPEG, *JPEG_2000})
"""Codings whose pieces are decoded only for what they show beyond the page."""


class Raster:
    """Clears the pieces of one page that is no JPEG; `pieces` are all of them as they came."""

    def __init__(self, page: Page, pieces: Sequence[memoryview], blank: PageBlank | None) -> None:
        self._page, self._pieces, self._blank = page, pieces, blank
        self._order = next(iter(page.entries.values())).order
        self._anew = page.one(COMPRESSION, NONE) in FOREIGN
        self._alpha = _alpha(page)
        self._named: NDArray[np.bool_] | None = None
        if page.one(PHOTOMETRIC, 0) == _PALETTE and COLOUR_MAP in page.whole:
            self._named = np.zeros(1 << page.whole.get(BITS, (1,))[0], np.bool_)

    def written(
        self, index: int, kept: memoryview, shape: Size, found: list[Box], actions: Counter[str]
    ) -> memoryview | bytes:
        """What is written of a piece of `shape` (width, height) whose clean coding is `kept`.

        `found` are the boxes in it that are to be blanked. Raises refusals.
        """
        if not (found or self._anew or _looked_at(self._page, index, shape)):
            return kept
        rows = decode(self._page, kept, shape, self._order)
        hidden = self._clear_hidden(rows, index, shape)
        if self._blank and found:
            self._blank.fill(rows, index, found)
        filled = _clear_filling(self._page, rows, index, shape)
        self._name(rows, shape)
        if not (hidden or filled or found or self._anew):
            return kept
        actions["hidden-colour"] += hidden
        actions["pieces-recoded"] += 1
        return encode(self._page, rows, shape[0], self._order)

    def colours(self) -> tuple[int, ...] | None:
        """The palette with the colours cleared that no pixel names; None where there is none."""
        if self._named is None:
            return None
        table = np.array(self._page.whole[COLOUR_MAP]).reshape(3, -1)
        return tuple((table * self._named).reshape(-1).tolist())

    def _clear_hidden(self, rows: Bytes, index: int, shape: Size) -> int:
        """Zero what is colour where alpha is zero; how many pixels had some."""
        if self._alpha is None:
            return 0
        page, (width, height) = self._page, shape
        kind = f"{self._order}u{page.whole[BITS][0] // 8}"
        cells = rows.view(kind).reshape(height, width, -1)
        if page.one(PLANAR, 1) == 2:
            each = len(self._pieces) // page.one(SAMPLES, 1)
            if index // each == self._alpha:
                return 0
            beside = self._pieces[self._alpha * each + index % each]
            alpha = decode(page, beside, shape, self._order).view(kind).reshape(height, width)
        else:
            alpha = cells[..., self._alpha]
        clear = (alpha == 0) & cells.any(axis=2)
        cells[clear] = 0
        return int(np.count_nonzero(clear))

    def _name(self, rows: Bytes, shape: Size) -> None:
        """Remember which entries of the palette the pixels of a piece name."""
        if self._named is None:
            return
        page, depth = self._page, self._page.whole.get(BITS, (1,))[0]
        if depth == 16:
            indices = rows.view(f"{self._order}u2")
        elif depth == 8:
            indices = rows
        else:
            bits = np.unpackbits(rows, axis=1)[:, : shape[0] * page.depth]
            cells = bits.reshape(len(rows), -1, depth)
            indices = (cells << np.arange(depth - 1, -1, -1, dtype=np.uint8)).sum(axis=2)
        step = 1 if page.one(PLANAR, 1) == 2 else page.one(SAMPLES, 1)
        self._named[indices[:, ::step]] = True


def needs_decoder(page: Page) -> bool:
    """Whether a page can only be cleaned with a native decoder."""
    coding = page.one(COMPRESSION, NONE)
    across, down = page.one(TILE_WIDTH, 1) or 1, page.one(TILE_HEIGHT, 1) or 1
    beyond = page.tiled and (page.size[0] % across > 0 or page.size[1] % down > 0)
    if coding in _LOOKED_INTO:
        return beyond
    width = across if page.tiled else page.size[0]
    return coding in FOREIGN or (coding == LZW and (beyond or _every(page, width)))


def _looked_at(page: Page, index: int, shape: Size) -> bool:
    """Whether a piece may hold something beside its pixels that a decoder would not show."""
    coding = page.one(COMPRESSION, NONE)
    beyond = page.tiled and any(
        at + size > whole
        for at, size, whole in zip(corner(page, index), shape, page.size, strict=True)
    )
    return beyond or (coding != GROUP_4 and _every(page, shape[0]))


def _every(page: Page, width: int) -> bool:
    """Whether any piece of a page, `width` pixels wide, may do so."""
    filled = width * page.depth % 8 > 0
    return filled or page.one(PHOTOMETRIC, 0) == _PALETTE or _alpha(page) is not None


def _alpha(page: Page) -> int | None:
    """Which sample of a pixel is its alpha, where there is one among samples of whole bytes."""
    extra, samples = page.whole.get(EXTRA, ()), page.one(SAMPLES, 1)
    depths = set(page.whole.get(BITS, (1,)))
    places = [samples - len(extra) + at for at, kind in enumerate(extra) if kind in (1, 2)]
    return places[0] if places and depths in ({8}, {16}, {32}, {64}) else None


def _clear_filling(page: Page, rows: Bytes, index: int, shape: Size) -> bool:
    """Zero the bits that fill up a row, and what of a tile lies beyond the page; was there any?"""
    width, height = shape
    if page.tiled:
        left, top = corner(page, index)
        width, height = min(width, page.size[0] - left), min(height, page.size[1] - top)
    used = width * page.depth
    parts = [rows[height:], rows[:height, -(-used // 8) :]]
    dirty = any(part.any() for part in parts)
    for part in parts:
        part[:] = 0
    if used % 8:
        last = rows[:height, used // 8]
        dirty |= bool((last & (0xFF >> used % 8)).any())
        last &= 0xFF << (8 - used % 8) & 0xFF
    return dirty
