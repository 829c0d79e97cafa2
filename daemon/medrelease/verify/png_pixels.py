"""The decoded pixels of a PNG, for the case that its coded bytes were made anew.

Filters are undone along anti-diagonals: every pixel of one depends on the two before it alone, so
that each is a single step over all rows (PNG third edition, section 9). Colour under zero alpha
counts as zero.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medrelease.verify.masks import Cover, Masks, prove_within, rectangles
from medrelease.verify.png_chunks import Header, inflated
from medrelease.verify.refusal import incomplete, malformed

Bytes = NDArray[np.uint8]
Wide = np.int16
Waves = NDArray[np.int16]


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
        for columns, down, rows in self._images():
            spelled = cover.rectangles or head.depth < 8  # what fills a row up is no pixel
            pixels = self._pixels(rows, len(columns)) if spelled else rows
            if head.colour == 3:
                pixels = self._table(hidden=False)[self._indices(rows, len(columns))]
            elif head.colour in (4, 6):
                pixels = _visible(head, rows, len(columns))
            cover.feed(digest, pixels, columns, down)
        return digest.hexdigest()

    def prove_whole(self) -> None:
        """Refuse picture data that ends before the declared rows or behind them."""
        needed = self.head.coded_bytes()
        length, exact = 0, False
        for piece, ends in inflated(self.stream):
            length, exact = length + len(piece), ends
            if length > needed:
                break
        if length < needed:
            incomplete("PNG picture data cut")
        if length > needed or not exact:
            malformed("PNG picture data beyond the declared rows")

    def _plain(self) -> bytes:
        """Return the picture as it inflates, up to its declared rows."""
        needed, plain = self.head.coded_bytes(), bytearray()
        for piece, _ in inflated(self.stream):
            plain += piece
            if len(plain) >= needed:
                return bytes(memoryview(plain)[:needed])
        return incomplete("PNG picture data cut")

    def prove_nothing_hidden(self) -> None:
        """Refuse colour under zero alpha, palette entries that no pixel names, and bits that fill
        up a row.

        Only pictures that can hide something are decoded. Raises Refusal(malformed).
        """
        if self.head.depth < 8:
            for columns, _, rows in self._images():
                bits = len(columns) * self.head.depth % 8
                if bits and (rows[:, -1] & (0xFF >> bits)).any():
                    malformed("PNG row with bits behind its last pixel")
        if self.head.colour in (4, 6):
            for columns, _, rows in self._images():
                wide = len(columns)
                if (_visible(self.head, rows, wide) != rows.reshape(len(rows), wide, -1)).any():
                    malformed("PNG colour under zero alpha")
        if self.head.colour == 3:
            used = np.zeros(256, dtype=np.bool_)
            for columns, _, rows in self._images():
                used[self._indices(rows, len(columns))] = True
            table = self._table(hidden=True)
            if (table[~used | (table[:, 3] == 0), :3]).any():
                malformed("PNG palette with colours that no pixel shows")

    def _images(self) -> Iterator[tuple[range, range, Bytes]]:
        """Yield the columns and rows of each reduced image, and its rows of bytes."""
        at, plain = 0, memoryview(self._plain())
        for columns, rows in self.head.passes():
            size = len(rows) * (1 + self.head.row_bytes(len(columns)))
            step = max(1, self.head.samples * self.head.depth // 8)
            yield columns, rows, unfiltered(plain[at : at + size], len(rows), step)
            at += size

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


def unfiltered(plain: bytes | memoryview, high: int, step: int) -> Bytes:
    """Return the rows of one reduced image, shape (rows, bytes), `step` bytes a pixel."""
    coded = np.frombuffer(plain, dtype=np.uint8).reshape(high, -1)
    kinds = coded[:, 0]
    if kinds.max(initial=0) > 4:
        malformed("PNG filter that is not defined")
    if not kinds.any():
        return coded[:, 1:]
    wide = (coded.shape[1] - 1) // step
    flat = coded[:, 1:].copy().reshape(-1, step)
    chosen = [np.repeat((kinds == kind)[:, None], step, axis=1).astype(Wide) for kind in range(5)]
    # one value a row for each of three diagonals; the row before the first is always zero
    now, last, before = (np.zeros((high + 1, step), dtype=Wide) for _ in range(3))
    for diagonal in range(wide + high - 1):
        top, end = max(0, diagonal - wide + 1), min(high, diagonal + 1)
        left, up, corner = last[top + 1 : end + 1], last[top:end], before[top:end]
        guess = _guess(left, up, corner, [rows[top:end] for rows in chosen])
        places = slice(top * (wide - 1) + diagonal, (end - 1) * (wide - 1) + diagonal + 1)
        hop = max(1, wide - 1)
        cells = flat[places][::hop] if wide > 1 else flat[diagonal : diagonal + 1]
        np.bitwise_and(cells + guess, 255, out=now[top + 1 : end + 1])
        cells[:] = now[top + 1 : end + 1]
        now, last, before = before, now, last
    return flat.reshape(high, wide * step)


def _guess(left: Waves, up: Waves, corner: Waves, chosen: list[Waves]) -> Waves:
    """Return what the filter of each row predicts (section 9.2; Paeth is 9.4)."""
    across, down = up - corner, left - corner
    near_left, near_up, near_corner = np.abs(across), np.abs(down), np.abs(across + down)
    closest = np.where(near_up <= near_corner, up, corner)
    paeth = np.where((near_left <= near_up) & (near_left <= near_corner), left, closest)
    guess: Waves = chosen[4] * paeth
    guess += chosen[1] * left
    guess += chosen[2] * up
    guess += chosen[3] * ((left + up) >> 1)
    return guess


def _visible(head: Header, rows: Bytes, wide: int) -> Bytes:
    """Return rows with alpha, shape (rows, pixels, bytes), every invisible colour zeroed."""
    samples = rows.reshape(len(rows), wide, head.samples, head.depth // 8).copy()
    samples[~samples[:, :, -1].any(axis=-1)] = 0
    return samples.reshape(len(rows), wide, -1)
