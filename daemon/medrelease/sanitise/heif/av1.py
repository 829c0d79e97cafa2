"""AV1 items (AV1 specification section 5; AV1 image file format 1.2): one shown frame.

Kept are the sequence header and the frame; dropped are metadata, padding, delimiters, tile lists
and reserved units. Each unit's header is written anew, its content carried over.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from medrelease.sanitise.heif.bits import Bits
from medrelease.sanitise.heif.coded import Coded
from medrelease.sanitise.refusal import incomplete, malformed, unsupported

_SEQUENCE, _HEADER, _TILES, _FRAME = 1, 3, 4, 6
_LAYOUT = 0x7C
"""The bits of a configuration record's third byte that say depth, colour and subsampling."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """One open bitstream unit: its type, the bytes of its layer (or none), its content."""

    kind: int
    layer: bytes
    data: memoryview


def clean_av1(configuration: memoryview, data: memoryview, actions: Counter[str]) -> Coded:
    """The picture of an `av01` item. Raises refusals."""
    if len(configuration) < 4 or configuration[0] != 0x81:
        raise malformed("The AVIF picture's configuration is of an unknown version.")
    pieces: list[bytes | memoryview] = []
    kinds, size, record = [], (0, 0), b""
    for unit in _units(data):
        if unit.kind not in (_SEQUENCE, _HEADER, _TILES, _FRAME):
            actions["coded-message"] += 1
            continue
        if unit.layer.strip(b"\0"):
            raise unsupported("AVIF pictures in several layers are not supported.")
        if unit.kind == _SEQUENCE:
            size, record = read_sequence(bytes(unit.data))
            told = (configuration[1] >> 5, configuration[2] & _LAYOUT)
            if told != (record[1] >> 5, record[2] & _LAYOUT):
                raise malformed("The AVIF picture's configuration contradicts its header.")
        kinds.append(unit.kind)
        pieces += [bytes((unit.kind << 3 | 2,)) + _length(len(unit.data)), unit.data]
    if kinds[:1] != [_SEQUENCE] or not _one_frame(kinds[1:]):
        raise unsupported("AVIF pictures of more than one frame are not supported.")
    return Coded(pieces, record, size)


def _one_frame(kinds: list[int]) -> bool:
    """Whether units make up one frame: whole, or a header and its tiles."""
    if kinds[:1] == [_FRAME]:
        return not set(kinds[1:]) - {_TILES}
    return kinds[:1] == [_HEADER] and set(kinds[1:]) == {_TILES}


def _units(data: memoryview) -> Iterator[_Unit]:
    """The units of a temporal unit (5.3)."""
    at = 0
    while at < len(data):
        head = data[at]
        if head & 0x80:
            raise malformed("A unit of the AVIF picture has an invalid header.")
        begin = at + 1 + (head >> 2 & 1)
        layer = bytes(data[at + 1 : begin])
        size = len(data) - begin
        if head & 2:
            size, begin = _read_length(data, begin)
        if size < 0 or begin + size > len(data):
            raise incomplete("an AVIF item")
        yield _Unit(head >> 3 & 15, layer, data[begin : begin + size])
        at = begin + size


def _read_length(data: memoryview, at: int) -> tuple[int, int]:
    """leb128() of 4.10.5, and where it ends."""
    value = 0
    for index in range(8):
        if at + index >= len(data):
            break
        value |= (data[at + index] & 0x7F) << 7 * index
        if not data[at + index] & 0x80:
            return value, at + index + 1
    raise incomplete("an AVIF item")


def _length(value: int) -> bytes:
    """A number as the shortest leb128()."""
    coded = bytearray()
    while value > 0x7F:
        coded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*coded, value))


def read_sequence(data: bytes) -> tuple[tuple[int, int], bytes]:
    """Largest frame size of a sequence header (5.5), and the configuration record that fits it."""
    bits = Bits(data)
    profile, reduced = bits.take(3), bits.take(2) & 1
    level, tier = (bits.take(5), 0) if reduced else _operating_point(bits)
    across, down = bits.take(4) + 1, bits.take(4) + 1
    size = bits.take(across) + 1, bits.take(down) + 1
    if not reduced and bits.flag():
        bits.take(4 + 3)
    bits.take(3)
    if not reduced:
        _tools(bits)
    bits.take(3)
    colour = _colour(bits, profile)
    bits.take(1)
    bits.end()
    return size, bytes((0x81, profile << 5 | level, tier << 7 | colour, 0))


def _operating_point(bits: Bits) -> tuple[int, int]:
    """Level and tier of the first operating point; timing and decoder models are refused."""
    if bits.flag():
        raise unsupported("AVIF pictures with timing are not supported.")
    delays, found = bits.flag(), []
    for _ in range(bits.take(5) + 1):
        bits.take(12)
        level = bits.take(5)
        found.append((level, bits.take(1) if level > 7 else 0))
        if delays and bits.flag():
            bits.take(4)
    return found[0]


def _tools(bits: Bits) -> None:
    """The inter tools of 5.5.1, which a full header lists even for a still picture."""
    bits.take(4)
    ordered = bits.flag()
    bits.take(2 if ordered else 0)
    forced = True if bits.flag() else bits.flag()
    if forced and not bits.flag():
        bits.take(1)
    bits.take(3 if ordered else 0)


def _colour(bits: Bits, profile: int) -> int:
    """color_config of 5.5.2, as the low seven bits of the configuration record's third byte."""
    high = bits.flag()
    twelve = bits.flag() if profile == 2 and high else False
    mono = bits.flag() if profile != 1 else False
    described = bits.take(24) if bits.flag() else 0x020202
    across = down = True
    position = 0
    if mono:
        bits.take(1)
        return high << 6 | twelve << 5 | 1 << 4 | 0b1100
    if described == 0x010D00:
        across = down = False
    else:
        bits.take(1)
        if profile == 1:
            across = down = False
        elif profile == 2:
            across = bits.flag() if twelve else True
            down = bits.flag() if twelve and across else False
        position = bits.take(2) if across and down else 0
    bits.take(1)
    return high << 6 | twelve << 5 | across << 3 | down << 2 | position
