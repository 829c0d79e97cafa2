"""One coded picture of a WebP file: VP8 (RFC 6386) with its alpha, or VP8L (RFC 9649 section 3).

A picture is a list of streams that a decoder reads to their ends: the partitions of VP8, the
stream of VP8L, that of a compressed alpha plane. The headers between them are written anew.
"""

from collections import Counter
from dataclasses import dataclass, replace
from struct import pack

from medrelease.sanitise.refusal import incomplete, malformed

_VP8L = b"VP8L"
_START = b"\x9d\x01\x2a"
_RAW_ALPHA, _CODED_ALPHA = 0, 1


@dataclass(frozen=True, slots=True)
class Coded:
    """`streams` are the partitions of VP8, or the one of VP8L; `alpha` follows its header byte.

    `head` is the frame tag of VP8 without a length, `alpha_head` the header byte of ALPH, which
    is kept with it; both are empty where there is none. Sizes are in pixels.
    """

    width: int
    height: int
    streams: tuple[bytes, ...]
    lossless: bool
    head: bytes = b""
    alpha_head: bytes = b""
    alpha: bytes = b""

    @property
    def translucent(self) -> bool:
        """Whether the picture has an alpha plane: VP8L says so in its header's last bits."""
        return bool(self.alpha) or (self.lossless and bool(self.streams[0][4] & 0x10))

    @property
    def coded_alpha(self) -> bool:
        """Whether the alpha plane is a stream of its own, not plain bytes."""
        return bool(self.alpha) and self.alpha_head[0] & 3 == _CODED_ALPHA

    def parts(self) -> tuple[bytes, ...]:
        """Every stream that ends where a decoder stops reading."""
        return (*self.streams, self.alpha) if self.coded_alpha else self.streams

    def with_part(self, number: int, content: bytes) -> "Coded":
        """The same picture with another content of one of its `parts`."""
        if number == len(self.streams):
            return replace(self, alpha=content)
        streams = list(self.streams)
        streams[number] = content
        return replace(self, streams=tuple(streams))

    def chunks(self) -> bytes:
        """The chunks of the picture as they stand in a file."""
        if self.lossless:
            return chunk(_VP8L, self.streams[0])
        first, *others = self.streams
        tag = int.from_bytes(self.head[:3], "little") | len(first) << 5
        table = b"".join(len(stream).to_bytes(3, "little") for stream in others[:-1])
        content = b"".join((tag.to_bytes(3, "little"), self.head[3:], first, table, *others))
        above = chunk(b"ALPH", self.alpha_head + self.alpha) if self.alpha else b""
        return above + chunk(b"VP8 ", content)


def chunk(name: bytes, content: bytes) -> bytes:
    """One chunk, padded to an even length."""
    return pack("<4sI", name, len(content)) + content + bytes(len(content) & 1)


def read_coded(
    name: bytes, content: memoryview, alpha: memoryview | None, actions: Counter[str]
) -> Coded:
    """The picture of a VP8 or VP8L chunk. Raises refusals: incomplete, malformed."""
    if name == _VP8L:
        actions["unknown-chunk"] += alpha is not None
        return _lossless(content)
    picture = _lossy(content)
    return picture if alpha is None else _with_alpha(picture, alpha, actions)


def _lossless(content: memoryview) -> Coded:
    if len(content) < 6:
        raise incomplete("a WebP picture")
    bits = int.from_bytes(content[1:5], "little")
    if content[0] != 0x2F or bits >> 29:
        raise malformed("A WebP picture has no valid header.")
    width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return Coded(width, height, (bytes(content),), lossless=True)


def _lossy(content: memoryview) -> Coded:
    """A key frame of VP8 (RFC 6386 section 9.1), cut into its partitions."""
    if len(content) < 11:
        raise incomplete("a WebP picture")
    tag = int.from_bytes(content[:3], "little")
    if tag & 1 or tag >> 1 & 7 > 3 or not tag >> 4 & 1 or bytes(content[3:6]) != _START:
        raise malformed("A WebP picture has no valid header.")
    # the upper two bits of each ask for a larger display, which no viewer heeds
    width, height = (int.from_bytes(content[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    if not width or not height:
        raise malformed("A WebP picture has no pixels.")
    end = 10 + (tag >> 5)
    if end > len(content):
        raise incomplete("a WebP picture")
    head = (tag & 0x1F).to_bytes(3, "little") + _START + pack("<HH", width, height)
    first = bytes(content[10:end])
    streams = (first, *_partitions(content, end, 1 << _log_of_partitions(first)))
    return Coded(width, height, streams, lossless=False, head=head)


def _partitions(content: memoryview, at: int, count: int) -> list[bytes]:
    """The partitions behind their table of lengths (section 9.5); the last has the rest."""
    table, at = at, at + 3 * (count - 1)
    found = []
    for place in range(table, at, 3):
        size = int.from_bytes(content[place : place + 3], "little")
        if at + size > len(content):
            raise incomplete("a WebP picture")
        found.append(bytes(content[at : at + size]))
        at += size
    if at > len(content):
        raise incomplete("a WebP picture")
    return [*found, bytes(content[at:])]


def _log_of_partitions(first: bytes) -> int:
    """The binary logarithm of the number of partitions, from the frame header (section 9.2)."""
    bits = _Bits(first)
    bits.number(2)  # colour space and clamping
    if bits.number(1):
        _skip_segments(bits)
    bits.number(10)  # loop filter: type, level, sharpness
    if bits.number(1) and bits.number(1):
        for _ in range(8):
            if bits.number(1):
                bits.number(7)
    return bits.number(2)


def _skip_segments(bits: "_Bits") -> None:
    """Read past the segment header (section 9.3)."""
    renew_map, renew_data = bits.number(1), bits.number(1)
    if renew_data:
        bits.number(1)
        for width in (8,) * 4 + (7,) * 4:
            if bits.number(1):
                bits.number(width)
    if renew_map:
        for _ in range(3):
            if bits.number(1):
                bits.number(8)


class _Bits:
    """The boolean decoder of RFC 6386 section 7 for bits of even chance."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 2
        self._value = int.from_bytes(data[:2].ljust(2, b"\0"))
        self._range, self._shifted = 255, 0

    def number(self, width: int) -> int:
        """An unsigned number, most significant bit first."""
        value = 0
        for _ in range(width):
            value = value << 1 | self._bit()
        return value

    def _bit(self) -> int:
        split = 1 + ((self._range - 1) * 128 >> 8)
        bit = int(self._value >= split << 8)
        self._value -= (split << 8) * bit
        self._range = self._range - split if bit else split
        while self._range < 128:
            self._value, self._range, self._shifted = (
                self._value << 1,
                self._range << 1,
                self._shifted + 1,
            )
            if self._shifted == 8:
                self._value |= self._data[self._at] if self._at < len(self._data) else 0
                self._at, self._shifted = self._at + 1, 0
        return bit


def _with_alpha(picture: Coded, alpha: memoryview, actions: Counter[str]) -> Coded:
    """The picture under its alpha plane (RFC 9649 section 2.7.1.2)."""
    if len(alpha) < 2:
        raise incomplete("the alpha plane of a WebP picture")
    kind, plane = alpha[0] & 3, bytes(alpha[1:])
    if kind > _CODED_ALPHA:
        raise malformed("The alpha plane of a WebP picture is coded in an unknown way.")
    if kind == _RAW_ALPHA:
        area = picture.width * picture.height
        if len(plane) < area:
            raise incomplete("the alpha plane of a WebP picture")
        actions["surplus-bytes"] += len(plane) - area
        plane = plane[:area]
    # of the header only filter and coding decide anything
    return replace(picture, alpha_head=bytes((alpha[0] & 0x0F,)), alpha=plane)
