"""The pixels of a PNG, inflated and read some rows at a time: nothing grows with the picture.

They are read where a colour can hide in them, and where the coded bytes were made anew. Colour
under zero alpha counts as zero. Source: PNG third edition, sections 8 and 9.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medrelease.verify import jpeg_entropy as entropy
from medrelease.verify.masks import Cover, Masks, prove_within, rectangles
from medrelease.verify.png_chunks import Header, inflated
from medrelease.verify.refusal import incomplete, malformed

Bytes = NDArray[np.uint8]

_AT_ONCE = 1 << 20


class _Plain:
    """A zlib stream as it inflates, read in exact amounts."""

    def __init__(self, stream: list[memoryview]) -> None:
        self._pieces = inflated(stream)
        self._waiting = bytearray()
        self._exact = False

    def read(self, count: int) -> bytes:
        """Return the next `count` bytes. Raises Refusal(incomplete | malformed)."""
        while len(self._waiting) < count:
            self._waiting += self._more()
        found = bytes(memoryview(self._waiting)[:count])
        del self._waiting[:count]
        return found

    def skip(self, count: int) -> None:
        """Pass over `count` bytes that nobody looks at. Raises as `read` does."""
        left, piece = count - len(self._waiting), bytes(self._waiting)
        while left > 0:
            piece = self._more()
            left -= len(piece)
        self._waiting[:] = piece[len(piece) + left :]

    def _more(self) -> bytes:
        piece, self._exact = next(self._pieces, (None, False))
        if piece is None:
            incomplete("PNG picture data cut")
        return piece

    def prove_end(self) -> None:
        """Refuse more rows, and bytes behind the stream."""
        for piece, exact in self._pieces:
            self._waiting += piece
            self._exact = exact
            if self._waiting:
                break
        if self._waiting or not self._exact:
            malformed("PNG picture data beyond the declared rows")


@dataclass(frozen=True, slots=True)
class Raster:
    """A PNG's IDAT in pieces, inflated when it is looked at; its PLTE and tRNS, empty if absent."""

    head: Header
    stream: list[memoryview]
    palette: bytes = b""
    alpha: bytes = b""

    def digest(self, masks: Masks = (), *, strict: bool = False) -> str:
        """Return a SHA-256 over size and pixels, with every invisible colour zeroed.

        What lies under `masks` is left out, and must be of one colour if `strict`. Raises
        Refusal(malformed) for a filter that is not defined, or an index beyond the palette.
        """
        head = self.head
        prove_within(masks, [(head.width, head.height)])
        cover = Cover(rectangles(masks, 0, head.width, head.height), strict=strict)
        kind = "rgba" if head.colour == 3 else f"{head.colour} {head.depth} {self.alpha.hex()}"
        digest = hashlib.sha256(f"{head.width} {head.height} {head.interlaced} {kind}".encode())
        for columns, down, rows in self._bands(_Plain(self.stream)):
            spelled = cover.rectangles or head.depth < 8  # what fills a row up is no pixel
            pixels = self._pixels(rows, len(columns)) if spelled else rows
            if head.colour == 3:
                pixels = self._table(hidden=False)[self._indices(rows, len(columns))]
            elif head.colour in (4, 6):
                pixels = _visible(head, rows, len(columns))
            cover.feed(digest, pixels, columns, down)
        return digest.hexdigest()

    def prove(self) -> None:
        """Refuse picture data that ends before the declared rows or behind them; colour under
        zero alpha; palette entries that no pixel names; and bits that fill up a row.

        Only pictures that can hide something are decoded. Raises Refusal(incomplete | malformed).
        """
        plain, used = _Plain(self.stream), np.zeros(256, dtype=np.bool_)
        if self.head.depth >= 8 and self.head.colour in (0, 2):
            plain.skip(self.head.coded_bytes())
            plain.prove_end()
            return
        for columns, _, rows in self._bands(plain):
            bits = len(columns) * self.head.depth % 8
            if self.head.depth < 8 and bits and (rows[:, -1] & (0xFF >> bits)).any():
                malformed("PNG row with bits behind its last pixel")
            if self.head.colour in (4, 6):
                pixels = rows.reshape(len(rows), len(columns), -1)
                if (_visible(self.head, rows, len(columns)) != pixels).any():
                    malformed("PNG colour under zero alpha")
            elif self.head.colour == 3:
                used[self._indices(rows, len(columns))] = True
        plain.prove_end()
        table = self._table(hidden=True)
        if self.head.colour == 3 and (table[~used | (table[:, 3] == 0), :3]).any():
            malformed("PNG palette with colours that no pixel shows")

    def _bands(self, plain: _Plain) -> Iterator[tuple[range, range, Bytes]]:
        """Yield the columns of each reduced image, and some of its rows: where, and their bytes."""
        step = max(1, self.head.samples * self.head.depth // 8)
        for columns, rows in self.head.passes():
            wide = self.head.row_bytes(len(columns))
            above = np.zeros(wide, dtype=np.uint8)
            most = max(1, _AT_ONCE // (1 + wide))
            for first in range(0, len(rows), most):
                some = rows[first : first + most]
                band = unfiltered(plain.read(len(some) * (1 + wide)), above, step)
                yield columns, some, band
                above = band[-1]

    def _pixels(self, rows: Bytes, wide: int) -> Bytes:
        """Return rows as pixels of one value or of several bytes, shape (rows, pixels, values)."""
        if self.head.depth < 8:
            return _spelled(rows, self.head.depth)[:, :wide, None]
        return rows.reshape(len(rows), wide, -1)

    def _table(self, *, hidden: bool) -> Bytes:
        """Return the palette as RGBA, shape (256, 4), its invisible colours kept if `hidden`."""
        table = np.zeros((256, 4), dtype=np.uint8)
        table[:, 3] = 255
        colours = np.frombuffer(self.palette, dtype=np.uint8).reshape(-1, 3)
        table[: len(colours), :3] = colours
        table[: len(self.alpha), 3] = np.frombuffer(self.alpha, dtype=np.uint8)
        if not hidden:
            table[table[:, 3] == 0] = 0
        return table

    def _indices(self, rows: Bytes, wide: int) -> Bytes:
        """Return the palette index of each pixel, shape (rows, pixels)."""
        indices = rows if self.head.depth == 8 else _spelled(rows, self.head.depth)
        indices = indices[:, :wide]
        if indices.max(initial=0) >= len(self.palette) // 3:
            malformed("PNG pixel beyond the palette")
        return indices


def _spelled(rows: Bytes, depth: int) -> Bytes:
    """Return values of less than eight bits as one byte each."""
    bits = np.unpackbits(rows, axis=1).reshape(len(rows), -1, depth)
    weights = 1 << np.arange(depth - 1, -1, -1, dtype=np.uint8)
    return (bits @ weights).astype(np.uint8)


def unfiltered(coded: bytes, above: Bytes, step: int) -> Bytes:
    """Return rows of a reduced image, shape (rows, bytes), `step` bytes a pixel.

    `above` is the row before them. Raises Refusal(malformed | decoder-missing).
    """
    entropy.require("the module that reads PNG rows is missing")
    plain = entropy.native.unfiltered(coded, above, step)
    if plain is None:
        malformed("PNG filter that is not defined")
    return np.frombuffer(plain, dtype=np.uint8).reshape(-1, len(above))


def _visible(head: Header, rows: Bytes, wide: int) -> Bytes:
    """Return rows with alpha, shape (rows, pixels, bytes), every invisible colour zeroed."""
    octets = head.samples * head.depth // 8
    alpha = (1 << head.depth) - 1 << 8 * octets - head.depth  # the last bytes are the highest
    pixels = rows.view(f"<u{octets}")
    shown = np.where(pixels & pixels.dtype.type(alpha), pixels, pixels.dtype.type(0))
    return shown.view(np.uint8).reshape(len(rows), wide, octets)
