"""Where the packets of a JPEG 2000 tile end (ISO/IEC 15444-1 Annex B.9 and B.10).

Reads the packet headers only: which code-blocks a packet adds to, in how many passes, in how many
bytes. What follows the last packet of a tile is no part of the picture.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from medrelease.sanitise.jp2.geometry import Coding, Precinct
from medrelease.sanitise.refusal import incomplete, malformed

_LAZY, _TERMINATE_ALL = 0x01, 0x04
_FULL = 1 << 20
_ZERO_PLANES = 80


@dataclass(slots=True)
class _Block:
    """What earlier packets said of a code-block: Lblock, and the passes of its last segment."""

    lblock: int = 3
    passes: int = 0
    most: int = 0
    seen: bool = False


@dataclass(slots=True)
class _Band:
    """The code-blocks of one subband in one precinct, with their two tag trees."""

    blocks: list[_Block]
    inclusion: "_TagTree"
    planes: "_TagTree"


@dataclass(slots=True)
class Walk:
    """A tile's data walked packet by packet; `at` is where the next packet begins."""

    data: memoryview
    at: int = 0
    count: int = 0
    _bands: dict[tuple[int, int, int], list[_Band]] = field(default_factory=dict)

    def go(
        self, packets: Iterable[tuple[Precinct, int]], codings: tuple[Coding, ...], *, marked: bool
    ) -> None:
        """Walk over packets in their order; `marked`: each header ends with an EPH marker.

        Raises refusals: incomplete where they end early, malformed for what no coder writes.
        """
        for precinct, layer in packets:
            self._packet(precinct, layer, codings[precinct.component].style, marked=marked)
            self.count += 1

    def _packet(self, precinct: Precinct, layer: int, style: int, *, marked: bool) -> None:
        data = self.data
        if bytes(data[self.at : self.at + 4]) == b"\xff\x91\0\4":
            if int.from_bytes(data[self.at + 4 : self.at + 6]) != self.count & 0xFFFF:
                raise malformed("A JPEG 2000 packet is numbered out of order.")
            self.at += 6
        if self.at >= len(data):
            raise incomplete("the packets of a JPEG 2000 tile")
        bits = _Bits(data, self.at)
        length = self._header(bits, precinct, layer, style) if bits.bit() else 0
        self.at = bits.end()
        if marked:
            if bytes(data[self.at : self.at + 2]) != b"\xff\x92":
                raise malformed("The header of a JPEG 2000 packet has no end.")
            self.at += 2
        self.at += length
        if self.at > len(data):
            raise incomplete("the packets of a JPEG 2000 tile")

    def _header(self, bits: "_Bits", precinct: Precinct, layer: int, style: int) -> int:
        """The bytes of a packet's body, from its header (B.10)."""
        key = (precinct.component, precinct.resolution, precinct.number)
        if key not in self._bands:
            self._bands[key] = [_band(*grid) for grid in precinct.grids]
        length = 0
        for band in self._bands[key]:
            for number, block in enumerate(band.blocks):
                if not block.seen:
                    if not band.inclusion.below(bits, number, layer + 1):
                        continue
                    _read_planes(band.planes, bits, number)
                    block.seen = True
                elif not bits.bit():
                    continue
                length += _segments(bits, block, style)
        return length


def _band(columns: int, rows: int) -> _Band:
    blocks = [_Block() for _ in range(columns * rows)]
    return _Band(blocks, _TagTree(columns, rows), _TagTree(columns, rows))


def _read_planes(planes: "_TagTree", bits: "_Bits", number: int) -> None:
    """Read past the number of empty bit-planes (B.10.5)."""
    for threshold in range(1, _ZERO_PLANES):
        if planes.below(bits, number, threshold):
            return
    raise malformed("A JPEG 2000 code-block has more bit-planes than there are.")


def _segments(bits: "_Bits", block: _Block, style: int) -> int:
    """The bytes that a packet adds to a code-block: its codeword segments (B.10.6, B.10.7)."""
    left = _passes(bits)
    while bits.bit():
        block.lblock += 1
    if block.lblock > 40:
        raise malformed("A JPEG 2000 code-block has a length of too many bits.")
    length = 0
    while left:
        if block.passes == block.most:
            block.most, block.passes = _most_passes(block.most, style), 0
        here = min(left, block.most - block.passes)
        length += bits.number(block.lblock + here.bit_length() - 1)
        block.passes += here
        left -= here
    return length


def _most_passes(before: int, style: int) -> int:
    """How many passes the segment behind one of `before` passes can have (Table D.9)."""
    if style & _TERMINATE_ALL:
        return 1
    if style & _LAZY:
        return 10 if not before else 2 if before in (1, 10) else 1
    return _FULL


def _passes(bits: "_Bits") -> int:
    """The number of coding passes (Table B.4)."""
    if not bits.bit():
        return 1
    if not bits.bit():
        return 2
    if (few := bits.number(2)) < 3:
        return 3 + few
    if (more := bits.number(5)) < 31:
        return 6 + more
    return 37 + bits.number(7)


class _Bits:
    """The bits of a packet header: behind a byte of 0xFF the next one has seven (B.10.1)."""

    __slots__ = ("_at", "_byte", "_data", "_left")

    def __init__(self, data: memoryview, at: int) -> None:
        self._data, self._at, self._byte, self._left = data, at, 0, 0

    def bit(self) -> int:
        """The next bit."""
        if not self._left:
            if self._at >= len(self._data):
                raise incomplete("the packets of a JPEG 2000 tile")
            self._left = 7 if self._byte == 0xFF else 8
            self._byte = self._data[self._at]
            self._at += 1
            if self._left == 7 and self._byte & 0x80:
                raise malformed("The header of a JPEG 2000 packet is not coded as it must be.")
        self._left -= 1
        return self._byte >> self._left & 1

    def number(self, width: int) -> int:
        """An unsigned number, most significant bit first."""
        value = 0
        for _ in range(width):
            value = value << 1 | self.bit()
        return value

    def end(self) -> int:
        """Where the header ends: at a whole byte, and not with 0xFF. Spare bits must be zero."""
        if self._byte & (1 << self._left) - 1:
            raise malformed("The header of a JPEG 2000 packet has bits that mean nothing.")
        if self._byte == 0xFF:
            if self._at >= len(self._data) or self._data[self._at]:
                raise malformed("The header of a JPEG 2000 packet is not coded as it must be.")
            return self._at + 1
        return self._at


class _TagTree:
    """A tag tree (B.10.2): of each node the lower bound that is known, and whether it is exact."""

    __slots__ = ("_exact", "_lows", "_parents")

    def __init__(self, columns: int, rows: int) -> None:
        self._parents: list[int] = []
        start = 0
        while columns * rows > 1:
            above, wide = start + columns * rows, -(-columns // 2)
            self._parents += [
                above + (row // 2) * wide + column // 2
                for row in range(rows)
                for column in range(columns)
            ]
            start, columns, rows = above, wide, -(-rows // 2)
        self._parents.append(-1)
        self._lows = [0] * len(self._parents)
        self._exact = bytearray(len(self._parents))

    def below(self, bits: _Bits, leaf: int, threshold: int) -> bool:
        """Whether the value of a leaf is less than `threshold`."""
        path = [leaf]
        while (parent := self._parents[path[-1]]) >= 0:
            path.append(parent)
        low = 0
        for node in reversed(path):
            low = max(low, self._lows[node])
            while low < threshold and not self._exact[node]:
                if bits.bit():
                    self._exact[node] = 1
                else:
                    low += 1
            self._lows[node] = low
        return bool(self._exact[leaf]) and low < threshold
