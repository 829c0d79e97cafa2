"""Native pixels of a DICOM object, compared sample by sample.

They count in little endian, to the last pixel and without the bits beside a sample's own. Source:
PS3.3 C.7.6.3, PS3.5 section 8.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medrelease.verify.coded import same_bytes
from medrelease.verify.dicom_walk import Leaf
from medrelease.verify.mapped import forget
from medrelease.verify.refusal import malformed

_CHUNK = 1 << 22
_FLOATS = {0x7FE00008: 32, 0x7FE00009: 64}


@dataclass(slots=True)
class Picture:
    """The Image Pixel attributes of the root and the pixel data, gathered on the walk."""

    numbers: dict[int, int]
    photometric: str
    frames: int
    native: Leaf | None
    fragments: list[memoryview]
    extended: dict[int, bytes] = field(default_factory=dict)
    """The Extended Offset Table (0001) and its lengths (0002), by the element's number."""
    wanted: bool = True
    """Whether an object of this SOP Class has pixels at all."""

    def number(self, tag: int, default: int = 0) -> int:
        """A number of group 0028."""
        return self.numbers.get(0x00280000 | tag, default)

    @property
    def bits(self) -> int:
        """Bits allocated to a sample."""
        found = _FLOATS.get(self.native.tag) if self.native else None
        return found or self.number(0x100)

    @property
    def length(self) -> int:
        """Bytes of the native pixels, before padding."""
        samples = self.number(0x10) * self.number(0x11) * self.number(0x02, 1) * self.frames
        if "422" in self.photometric and self.number(0x02, 1) == 3:
            samples = samples * 2 // 3
        return -(-samples * self.bits // 8)

    def shape(self) -> str:
        """What decides how the bytes are read as pixels."""
        stored = self.number(0x101, self.bits)
        fixed = (self.bits, stored, self.number(0x102, stored - 1), self.number(0x103))
        plane = self.number(0x06) if self.number(0x02, 1) > 1 else 0
        size = (self.number(0x10), self.number(0x11), self.number(0x02, 1), self.frames)
        return f"{size} {fixed} {plane} {self.photometric}"


class Samples:
    """Native pixels of one object: equal to another's where the shape and every sample are.

    Compared piece by piece, since both files lie mapped: a digest of each costs more. Pieces that
    are the same as they stand are not looked at bit by bit.
    """

    __slots__ = ("_leaf", "_mask", "_picture", "shape")

    def __init__(self, picture: Picture, leaf: Leaf) -> None:
        self._picture, self._leaf, self.shape = picture, leaf, picture.shape()
        self._mask = _used_bits(picture, leaf)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Samples) or self.shape != other.shape:
            return False
        return all(
            self._same(other, start, min(start + _CHUNK, self._picture.length))
            for start in range(0, self._picture.length, _CHUNK)
        )

    __hash__ = None  # type: ignore[assignment]

    def _same(self, other: "Samples", start: int, stop: int) -> bool:
        raw = self._leaf.order == other._leaf.order == "little" and self._mask == other._mask
        said = (
            raw and same_bytes(self._cells(start, stop), other._cells(start, stop))
        ) or same_bytes(self.span(start, stop, strict=False), other.span(start, stop, strict=False))
        for each in (self, other):
            forget(each._cells(start, stop))
        return said

    def _cells(self, start: int, stop: int) -> memoryview:
        """The bytes as they stand."""
        return memoryview(self._leaf.value)[start:stop]

    def prove(self) -> None:
        """Raises Refusal(malformed) where bits beside the samples' own are set."""
        length = self._picture.length
        for start in range(0, length if self._mask is not None else 0, _CHUNK):
            stop = min(start + _CHUNK, length)
            self.span(start, stop, strict=True)
            forget(self._cells(start, stop))

    def span(self, start: int, stop: int, *, strict: bool) -> memoryview:
        """The bytes [start, stop), which begin and end with a sample, in little endian.

        What stands beside the samples' own bits is blank. Raises Refusal(malformed) where
        something does and `strict` forbids it.
        """
        picture, leaf = self._picture, self._leaf
        width = picture.bits // 8
        chunk = self._cells(start, stop)
        if leaf.order == "big" and (picture.bits > 8 or leaf.vr == "OW"):
            size = max(2, width)
            first = start - start % size
            words = self._cells(first, stop + -stop % size)
            swapped = np.frombuffer(words, f"u{size}").byteswap().tobytes()
            chunk = memoryview(swapped)[start - first : stop - first]
        if self._mask is None:
            return chunk
        cells = np.frombuffer(chunk, f"<u{width}")
        return _without_unused(cells, self._mask, picture, strict=strict)


def _used_bits(picture: Picture, leaf: Leaf) -> int | None:
    """The bits of a sample's cell that the pixel fills; None where they are all of them."""
    bits = picture.bits
    stored = picture.number(0x101, bits)
    if leaf.tag != 0x7FE00010 or not 0 < stored < bits or bits == 1:
        return None
    return ((1 << stored) - 1) << max(0, picture.number(0x102, stored - 1) + 1 - stored)


def _without_unused(
    cells: NDArray[np.unsignedinteger[Any]], mask: int, picture: Picture, *, strict: bool
) -> memoryview:
    """Samples without the bits beside their own, where overlays used to hide.

    In a finished object nothing stands there, unless it is the sign of a negative sample.
    """
    unused = ~mask & ((1 << picture.bits) - 1)
    if not int(np.bitwise_or.reduce(cells)) & unused:
        return cells.data.cast("B")
    if strict:
        beside = cells & cells.dtype.type(unused)
        stored = mask.bit_length()
        signed = cells.view(cells.dtype.str.replace("u", "i"))
        limit = 1 << (stored - 1)
        sign = picture.number(0x103) == 1 and mask & 1
        if not sign or bool(((beside != 0) & ((signed >= 0) | (signed < -limit))).any()):
            malformed("bits beside the samples of a finished object are set")
    return (cells & cells.dtype.type(mask)).data.cast("B")
