"""Run-length coded BMP pictures: walked to their end code, with nothing that no pixel shows.

Pairs of count and value; count 0 escapes: 0 ends the row, 1 the picture, 2 moves on without
pixels, 3 and more begin pixels one by one, padded to two bytes. Source: the Windows GDI
reference, "Bitmap Compression".
"""

from collections import Counter

import numpy as np

from medrelease.sanitise.bmp_header import RLE4, Header
from medrelease.sanitise.bmp_raster import Bytes
from medrelease.sanitise.refusal import incomplete, malformed


def walk(header: Header, coded: memoryview, actions: Counter[str]) -> tuple[bytearray, Bytes]:
    """The codes of a picture up to its end code, padding zeroed, and its indices.

    The indices have shape (height, width), stored order, 0 where no code puts a pixel. Counts
    `run-padding` and `surplus-bytes`. Raises incomplete and malformed refusals.
    """
    walker = _Walker(header, bytes(coded))
    length = walker.run()
    actions["run-padding"] += walker.padding
    actions["surplus-bytes"] += len(coded) - length
    finished = walker.codes[:length]
    if walker.endless:
        finished += b"\0\1"
    return finished, walker.plane.reshape(header.height, header.width)


class _Walker:
    """Where a walk over the codes stands, and what it found."""

    def __init__(self, header: Header, coded: bytes) -> None:
        self.codes = bytearray(coded)
        self.plane = np.zeros(header.height * header.width, np.uint8)
        self.padding = 0
        self.endless = False
        self._wide, self._high = header.width, header.height
        self._nibbles = header.compression == RLE4

    def run(self) -> int:
        """Walk to the end code; returns the length of the codes in bytes."""
        codes, at, x, y = self.codes, 0, 0, 0
        while True:
            if at + 2 > len(codes):
                if y < self._high and not (y == self._high - 1 and x == self._wide):
                    raise incomplete("the BMP picture")
                self.endless = True
                return at
            count, value = codes[at], codes[at + 1]
            at += 2
            if count:
                self._put(x, y, count, self._run(at, count, value))
                x += count
            elif value == 0:
                x, y = 0, y + 1
            elif value == 1:
                return at
            elif value == 2:
                x, y, at = self._move(x, y, at)
            else:
                at = self._literal(x, y, value, at)
                x += value

    def _run(self, at: int, count: int, value: int) -> Bytes | int:
        if not self._nibbles:
            return value
        if count == 1 and value & 15:
            self.codes[at - 1] = value & 0xF0
            self.padding += 1
        return np.resize(np.array((value >> 4, value & 15), np.uint8), count)

    def _move(self, x: int, y: int, at: int) -> tuple[int, int, int]:
        if at + 2 > len(self.codes):
            raise incomplete("the BMP picture")
        x, y = x + self.codes[at], y + self.codes[at + 1]
        if x > self._wide or y > self._high:
            raise malformed("A run of the BMP picture leaves the picture.")
        return x, y, at + 2

    def _literal(self, x: int, y: int, count: int, at: int) -> int:
        length = (count + 1) // 2 if self._nibbles else count
        end = at + length + (length & 1)
        if end > len(self.codes):
            raise incomplete("the BMP picture")
        raw = np.frombuffer(bytes(self.codes[at : at + length]), np.uint8)
        if self._nibbles:
            raw = np.stack((raw >> 4, raw & 15), axis=-1).reshape(-1)
            if count & 1 and raw[-1]:
                self.codes[at + length - 1] &= 0xF0
                self.padding += 1
        self._put(x, y, count, raw[:count])
        if length & 1 and self.codes[end - 1]:
            self.codes[end - 1] = 0
            self.padding += 1
        return end

    def _put(self, x: int, y: int, count: int, values: Bytes | int) -> None:
        if y >= self._high or x + count > self._wide:
            raise malformed("A run of the BMP picture leaves the picture.")
        start = y * self._wide + x
        self.plane[start : start + count] = values


def encode(header: Header, plane: Bytes) -> bytes:
    """Indices (height, width) as runs of one value, each row closed, then the end code."""
    coded = bytearray()
    for row in plane:
        edges = np.flatnonzero(np.diff(row.astype(np.int16))) + 1
        starts = np.concatenate(([0], edges))
        for start, stop in zip(starts.tolist(), [*edges.tolist(), len(row)], strict=True):
            value = int(row[start])
            pair = value * 17 if header.compression == RLE4 else value
            for first in range(start, stop, 255):
                count = min(255, stop - first)
                lone = count == 1 and header.compression == RLE4
                coded += bytes((count, pair & 0xF0 if lone else pair))
        coded += b"\0\0"
    return bytes(coded[:-2] + b"\0\1")
