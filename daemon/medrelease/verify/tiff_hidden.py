"""What a strip or tile of a TIFF page shows, and that a finished page holds nothing beside it.

No part of the picture: colour under zero alpha, the rest of a tile beyond the page, the bits that
fill a row up, and palette entries that no pixel names.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medrelease.verify import tiff_edge
from medrelease.verify import tiff_page as tags
from medrelease.verify.refusal import malformed
from medrelease.verify.tiff_codings import FOREIGN
from medrelease.verify.tiff_rows import Pixels, cells, rows_of

_COLOUR_MAP, _EXTRA, _PALETTE = 320, 338, 3
_FAX = 4
_UNDECODED = (tags.JPEG, *tags.JPEG_2000)


class Looking:
    """Looks at the pieces of one page; `order` is its file's, "<" or ">"."""

    def __init__(self, view: memoryview, page: tags.Page, order: str) -> None:
        self._view, self._page, self._order = view, page, order
        self._alpha = _alpha(page)
        self._used = np.zeros(0, np.bool_)
        if _named(page):
            self._used = np.zeros(1 << page.one(tags.BITS), np.bool_)

    def needed(self, index: int) -> bool:
        """Return whether a piece could hold something that it does not show."""
        page = self._page
        coding = page.one(tags.COMPRESSION)
        if coding in _UNDECODED:
            return False
        left, top, wide, high = page.extent(index)
        beyond = page.tiled and (
            left + wide > page.one(tags.WIDTH) or top + high > page.one(tags.HEIGHT)
        )
        if coding == _FAX or beyond:
            return beyond
        uneven = wide * page.depth() % 8 > 0
        return bool(uneven or coding in FOREIGN or len(self._used) or self._alpha is not None)

    def shown(self, index: int, *, strict: bool = False) -> Pixels:
        """Return a piece's pixels within the page, hidden colour zeroed.

        Raises Refusal(malformed) where, if `strict`, there is anything beside them.
        """
        page = self._page
        left, top, wide, high = page.extent(index)
        rows = self._rows(index)
        inside = min(wide, page.one(tags.WIDTH) - left), min(high, page.one(tags.HEIGHT) - top)
        whole = cells(page, rows, wide)
        kept = whole[: inside[1], : inside[0]].copy()
        if strict:
            outside = whole[inside[1] :].any() or whole[:, inside[0] :].any()
            if outside or _has_filling(rows, wide * page.depth()):
                malformed("TIFF strip or tile with something beside its pixels")
        self._clear(index, kept, strict=strict)
        if len(self._used):
            self._used[self._indices(kept)] = True
        return kept

    def painted(self, kept: Pixels) -> Pixels:
        """Return pixels with the colours of the palette in place of their names."""
        if not len(self._used):
            return kept
        table = np.array(self._page.whole[_COLOUR_MAP], np.uint16).reshape(3, -1)
        size = max(1, self._page.one(tags.BITS) // 8)
        colours = np.moveaxis(table[:, self._indices(kept)], 0, -1)
        return np.concatenate((colours, kept[..., size:]), axis=-1, dtype=np.uint16)

    def prove_colours(self) -> None:
        """Refuse a palette with anything in entries that no pixel named so far."""
        if len(self._used):
            table = np.array(self._page.whole[_COLOUR_MAP], np.int64).reshape(3, -1)
            if table[:, ~self._used].any():
                malformed("TIFF palette with colours that no pixel has")

    def _rows(self, index: int) -> Pixels:
        _, _, wide, high = self._page.extent(index)
        data = tags.piece(self._view, self._page.pieces()[index])
        return rows_of(self._page, data, (wide, high), self._order)

    def _clear(self, index: int, kept: Pixels, *, strict: bool) -> None:
        """Zero the colour of pixels whose alpha is zero."""
        if self._alpha is None:
            return
        page, size = self._page, self._page.one(tags.BITS) // 8
        if page.one(tags.PLANAR) == 2:
            each = page.number() // page.one(tags.SAMPLES)
            if index // each == self._alpha:
                return
            _, _, wide, _ = page.extent(index)
            beside = cells(page, self._rows(self._alpha * each + index % each), wide)
            alpha = beside[: kept.shape[0], : kept.shape[1]]
        else:
            alpha = kept[..., self._alpha * size : (self._alpha + 1) * size]
        clear = ~alpha.any(axis=2)
        if strict and kept[clear].any():
            malformed("TIFF colour under zero alpha")
        kept[clear] = 0

    def _indices(self, kept: Pixels) -> NDArray[Any]:
        """Return the palette entries that pixels name, the first sample of each."""
        depth = self._page.one(tags.BITS)
        if depth % 8:
            places = 1 << np.arange(depth - 1, -1, -1, dtype=np.int64)
            return np.asarray(kept[..., :depth] @ places)
        if depth == 8:
            return kept[..., 0]
        high, low = (0, 1) if self._order == ">" else (1, 0)
        return np.asarray(kept[..., high].astype(np.int64) << 8 | kept[..., low])


def prove_nothing_hidden(view: memoryview, found: Iterable[tags.Page], order: str) -> None:
    """Refuse finished pages with anything beside their pixels. Raises Refusal(malformed)."""
    for page in found:
        looking = Looking(view, page, order)
        for index in range(page.number()):
            if looking.needed(index):
                looking.shown(index, strict=True)
        looking.prove_colours()
        tiff_edge.prove(view, page)


def _named(page: tags.Page) -> bool:
    """Return whether a page's pixels are names of colours."""
    return page.one(tags.PHOTOMETRIC) == _PALETTE and bool(page.whole.get(_COLOUR_MAP))


def _alpha(page: tags.Page) -> int | None:
    """Return the first sample that is alpha, of samples that are whole numbers of bytes."""
    extra = page.whole.get(_EXTRA, ())
    first = page.one(tags.SAMPLES) - len(extra)
    found = [first + place for place, kind in enumerate(extra) if kind in (1, 2)]
    even = set(page.whole.get(tags.BITS, (1,))) in ({8}, {16}, {32}, {64})
    return found[0] if found and even else None


def _has_filling(rows: Pixels, used: int) -> bool:
    """Return whether the bits behind the `used` ones of a row are not all zero."""
    return bool(used % 8 and (rows[:, used // 8] & (0xFF >> used % 8)).any())
