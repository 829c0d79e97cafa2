"""The headers of a BMP file as the prover reads them, and when they are clean.

Source: the Windows GDI reference, BITMAPFILEHEADER, BITMAPCOREHEADER to BITMAPV5HEADER; OS/2 2.0
for the versions of 16 and 64 bytes. Offsets named are those of the file.
"""

import struct
from dataclasses import dataclass

from medrelease.terms.words import Reason
from medrelease.verify.refusal import Refusal, incomplete, malformed, unsupported

_LARGEST = 1 << 29
_KNOWN = (12, 16, 40, 52, 56, 64, 108, 124)
_ALLOWED = {
    (0, 1), (0, 4), (0, 8), (0, 16), (0, 24), (0, 32),
    (1, 8), (2, 4), (3, 16), (3, 32), (6, 16), (6, 32),
}  # fmt: skip
_PLAIN_SPACES = (b"BGRs", b" niW", b"DEBM")
_CALIBRATED = bytes(4)
_MOST_DENSE = 1 << 24


@dataclass(frozen=True, slots=True)
class Head:
    """A BMP's picture: sizes in pixels, places as [start, end) in bytes of the file.

    `channels` are the masks of red, green, blue, alpha as they decode; `coding` is the
    compression's number; `rows_down` is true where the first stored row is the top one.
    """

    version: int
    wide: int
    high: int
    rows_down: bool
    bits: int
    coding: int
    dots: tuple[int, int]
    channels: tuple[int, ...]
    palette: tuple[int, int]
    start: int
    space: bytes
    intent: int
    profile: tuple[int, int] | None

    @property
    def entry(self) -> int:
        """Bytes of a palette entry."""
        return 3 if self.version == 12 else 4

    @property
    def row_bytes(self) -> int:
        """Bytes of an uncompressed row with its padding to four."""
        return -(-self.wide * self.bits // 32) * 4


def head(view: memoryview) -> Head:
    """Read the headers. Raises Refusal(incomplete | malformed | format-not-supported)."""
    if len(view) < 18:
        incomplete("BMP header cut")
    start, version = struct.unpack_from("<II", view, 10)
    if version not in _KNOWN:
        unsupported("BMP header of an unknown version")
    if len(view) < 14 + version or start > len(view):
        incomplete("BMP header cut")
    if version == 12:
        wide, tall, planes, bits = struct.unpack_from("<4H", view, 18)
    else:
        wide, tall, planes, bits = struct.unpack_from("<iiHH", view, 18)
    brief = version in (12, 16)
    coding = 0 if brief else struct.unpack_from("<I", view, 30)[0]
    if coding in (4, 5) or (version == 64 and coding == 3):
        unsupported("BMP that holds another format")
    if (coding, bits) not in _ALLOWED or planes != 1 or wide <= 0 or tall == 0:
        malformed("BMP header out of range")
    if wide * abs(tall) > _LARGEST:
        raise Refusal(Reason.LIMITS_EXCEEDED, "BMP picture too large to prove")
    if coding in (1, 2) and tall < 0:
        malformed("BMP runs from the top")
    dots = (0, 0) if brief else struct.unpack_from("<ii", view, 38)
    usable = all(0 < value < _MOST_DENSE for value in dots)
    space, intent, profile = _space(view, version)
    return Head(
        version, wide, abs(tall), tall < 0, bits, coding, dots if usable else (0, 0),
        _channels(view, version, bits, coding), _palette(view, version, bits, coding, start),
        start, space, intent, profile,
    )  # fmt: skip


def behind_header(version: int, coding: int) -> int:
    """Bytes of channel masks that follow a header of version 3."""
    return {3: 12, 6: 16}.get(coding, 0) if version == 40 else 0


def _palette(view: memoryview, version: int, bits: int, coding: int, start: int) -> tuple[int, int]:
    """Where the palette lies: as many entries as are declared, and as there is room for."""
    first = 14 + version + behind_header(version, coding)
    if start < first:
        malformed("BMP picture inside its header")
    if bits > 8:
        return first, first
    told = 0 if version in (12, 16) else struct.unpack_from("<I", view, 46)[0]
    size = 3 if version == 12 else 4
    number = min(told or 1 << bits, 1 << bits, (start - first) // size)
    if number == 0:
        malformed("BMP without its palette")
    return first, first + number * size


def _channels(view: memoryview, version: int, bits: int, coding: int) -> tuple[int, ...]:
    """The masks by which pixels of 16 and 32 bits decode."""
    if coding not in (3, 6):
        fixed = {16: (0x7C00, 0x3E0, 0x1F, 0), 32: (0xFF0000, 0xFF00, 0xFF, 0)}
        return fixed.get(bits, (0, 0, 0, 0))
    number = 4 if coding == 6 or version >= 56 else 3
    if len(view) < 54 + 4 * number:
        incomplete("BMP header cut")
    channels: tuple[int, ...] = struct.unpack_from(f"<{number}I", view, 54)
    taken = 0
    for place, mask in enumerate(channels):
        runs = bin(mask)[2:].rstrip("0")
        if "0" in runs or mask & taken or mask >> bits or (not mask and place < 3):
            malformed("BMP channel masks that contradict each other")
        taken |= mask
    return (*channels, 0)[:4]


def _space(view: memoryview, version: int) -> tuple[bytes, int, tuple[int, int] | None]:
    """What the colours mean: space (and its numbers, where calibrated), intent, profile."""
    if version not in (108, 124):
        return b"", 0, None
    kind = bytes(view[70:74])
    if kind == _CALIBRATED:
        space = _rounded(view)
    else:
        space = kind if kind in _PLAIN_SPACES else _PLAIN_SPACES[0]
    if version == 108:
        return (space if space != b"DEBM" else _PLAIN_SPACES[0]), 0, None
    intent, start, size = struct.unpack_from("<III", view, 122)
    profile = (14 + start, 14 + start + size) if space == b"DEBM" and size else None
    if space == b"DEBM" and profile is None:
        space = _PLAIN_SPACES[0]
    if profile and profile[1] > len(view):
        incomplete("BMP colour profile cut")
    return space, intent if intent in (1, 2, 4, 8) else 0, profile


def _rounded(view: memoryview) -> bytes:
    """The calibration with the precision that a finished file may have: 14 and 8 binary places."""
    keep = (_CALIBRATED, *[b"\0\0\xff\xff"] * 9, *[b"\0\xff\x0f\0"] * 3)
    return bytes(a & b for a, b in zip(view[70:122], b"".join(keep), strict=True))


def prove_head(view: memoryview, found: Head, end: int) -> None:
    """Refuse a finished header with a field that nothing needs, or a gap; `end` is the rows'.

    Raises Refusal(malformed).
    """
    size, spare, also = struct.unpack_from("<IHH", view, 2)
    last = found.profile[1] if found.profile else end
    if size != len(view) or last != len(view) or spare or also:
        malformed("BMP bytes that no structure accounts for")
    if found.start != found.palette[1] or (found.profile and found.profile[0] != end):
        malformed("BMP with a gap")
    number = (found.palette[1] - found.palette[0]) // found.entry
    if found.version in (12, 16):
        if found.bits <= 8 and number != 1 << found.bits:
            malformed("BMP palette that does not fit")
        return
    coded, x, y, colours, important = struct.unpack_from("<IiiII", view, 34)
    if coded != end - found.start or (x, y) != found.dots or colours != number or important:
        malformed("BMP header field out of range")
    if found.version == 64 and any(view[54:78]):
        malformed("BMP header field that is not allowed")
    if found.version in (52, 56, 108, 124) and found.coding == 0:
        masks = min(found.version - 40, 16)
        if any(view[54 : 54 + masks]):
            malformed("BMP channel masks that nothing uses")
    _prove_space(view, found)


def _prove_space(view: memoryview, found: Head) -> None:
    """Refuse a colour space that is not told plainly."""
    if found.version not in (108, 124):
        return
    if bytes(view[70:122]) != found.space.ljust(52, b"\0"):
        malformed("BMP colour space that is not allowed")
    if found.version == 124:
        intent, start, size, spare = struct.unpack_from("<4I", view, 122)
        if intent != found.intent or spare or (not found.profile and (start or size)):
            malformed("BMP colour space that is not allowed")
