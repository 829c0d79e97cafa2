"""The boxes of a JP2 file as the prover reads them (ISO/IEC 15444-1 Annex I).

Of a source every box that shows nothing is taken for its texts; a finished file must be, byte for
byte, what `canonical` makes of what it shows.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from medrelease.terms.words import Reason
from medrelease.verify import icc
from medrelease.verify.refusal import Refusal, incomplete, malformed, unsupported
from medrelease.verify.runs import printable

START = bytes.fromhex("0000000c6a5020200d0a870a")
_TYPE = bytes.fromhex("00000014667479706a703220000000006a703220")
_SPACES = (12, 16, 17, 18)
_MOST = 256


@dataclass(slots=True)
class Described:
    """What the boxes say of the picture: contents of colour, channels, resolution, and texts.

    `declared` are the size, number and depth of the components as the image header has them,
    `depths` those of each component (I.5.3.2), which a depth of 255 sends the reader to.
    `stream` is the [start, end) of the codestream, `others` are those of pictures beside it.
    """

    colour: bytes = b""
    channels: bytes = b""
    resolution: bytes = b""
    declared: bytes = b""
    depths: bytes = b""
    stream: tuple[int, int] = (0, 0)
    others: list[tuple[int, int]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def translucent(self) -> bool:
        """Whether one of the channels is an opacity, plain or premultiplied."""
        kinds = [self.channels[at : at + 2] for at in range(4, len(self.channels), 6)]
        return b"\0\1" in kinds or b"\0\2" in kinds

    @property
    def profile(self) -> bytes:
        """The ICC profile, empty where the colours are a numbered space."""
        return self.colour[3:] if self.colour[:1] == b"\2" else b""


def _boxes(view: memoryview, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield (name, start, end of content). Raises Refusal(incomplete | malformed)."""
    number = 0
    while at < end:
        number += 1
        if number > _MOST:
            raise Refusal(Reason.LIMITS_EXCEEDED, "JPEG 2000 file with too many boxes")
        head = 16 if bytes(view[at : at + 4]) == b"\0\0\0\1" else 8
        if at + head > end:
            incomplete("JPEG 2000 box cut")
        size = int.from_bytes(view[at + 8 : at + 16] if head == 16 else view[at : at + 4], "big")
        stop = at + size if size else end
        if stop > end:
            incomplete("JPEG 2000 box cut")
        if size and size < head:
            malformed("JPEG 2000 box shorter than its header")
        yield bytes(view[at + 4 : at + 8]), at + head, stop
        at = stop


def read(view: memoryview) -> Described:
    """Take a file apart. Raises Refusal(incomplete | malformed | format-not-supported)."""
    found = Described()
    seen_header = False
    for name, start, end in _boxes(view, len(START), len(view)):
        if name == b"jp2h" and not seen_header:
            seen_header = True
            _describe(view, start, end, found)
        elif name == b"jp2c" and found.stream == (0, 0):
            found.stream = (start, end)
        elif name == b"ftyp":
            found.texts += printable(
                bytes(view[start:end]).replace(b"jp2 ", b"").replace(b"jpx ", b"")
            )
        elif name == b"jp2c":
            found.others.append((start, end))
        else:
            found.texts += printable(bytes(view[start - 4 : end]))
    if not seen_header or found.stream == (0, 0):
        malformed("JPEG 2000 file without a picture or its header")
    return found


def _describe(view: memoryview, start: int, end: int, found: Described) -> None:
    """Read the header's boxes; a second one of a kind says nothing."""
    for name, at, stop in _boxes(view, start, end):
        content = bytes(view[at:stop])
        if name in (b"pclr", b"cmap"):
            unsupported("JPEG 2000 picture with a palette")
        if name == b"colr" and not found.colour and _colour_known(content):
            found.colour = (
                content[:1] + b"\0\0" + (content[3:7] if content[0] == 1 else content[3:])
            )
            found.texts += printable(content[7:]) if content[0] == 1 else []
        elif name == b"cdef" and not found.channels:
            found.channels = content
        elif name == b"res " and not found.resolution:
            found.resolution = _resolution(view, at, stop)
        elif name == b"ihdr" and not found.declared:
            found.declared = content[:11]
        elif name == b"bpcc" and not found.depths:
            found.depths = content
        else:
            found.texts += printable(content)
    if not found.colour:
        unsupported("JPEG 2000 picture in unknown colours")
    number = int.from_bytes(found.channels[:2], "big")
    if found.channels and len(found.channels) != 2 + 6 * number:
        malformed("JPEG 2000 channels that contradict each other")


def _colour_known(content: bytes) -> bool:
    if len(content) < 7:
        malformed("JPEG 2000 colour specification cut")
    return content[0] == 2 or (content[0] == 1 and int.from_bytes(content[3:7], "big") in _SPACES)


def _resolution(view: memoryview, start: int, end: int) -> bytes:
    """Return the resolutions in their clean form."""
    written: dict[bytes, bytes] = {}
    for name, at, stop in _boxes(view, start, end):
        if name not in (b"resc", b"resd") or stop - at != 10 or name in written:
            continue
        high, high_by, wide, wide_by, up, across = struct.unpack_from(">4H2b", view, at)
        down_scale, across_scale = _scaled(high, high_by, up), _scaled(wide, wide_by, across)
        if down_scale and across_scale:
            parts = (*down_scale[:2], *across_scale[:2], down_scale[2], across_scale[2])
            written[name] = struct.pack(">4H2b", *parts)
    return b"".join(box(name, content) for name, content in written.items())


def _scaled(top: int, bottom: int, power: int) -> tuple[int, int, int] | None:
    """Return dots a metre in lowest terms under a bottom of 254 and a power of ten; None where
    there is no such device. A top beyond 16 bits is brought down ten by ten.
    """
    if 0 in (top, bottom) or not -12 <= power <= 12:
        return None
    dots = Fraction(top * 10**power if power > 0 else top, bottom * 10 ** max(0, -power))
    if dots < 1 or dots > 10**7:
        return None
    tens = 0
    dots = dots.limit_denominator(254)
    while dots.numerator >= 1 << 16:
        tens += 1
        dots = Fraction(dots.numerator, 10 * dots.denominator).limit_denominator(254)
    return dots.numerator, dots.denominator, tens


def box(name: bytes, content: bytes) -> bytes:
    """Return one box."""
    return box_head(name, len(content)) + content


def box_head(name: bytes, length: int) -> bytes:
    """Return what stands before the `length` bytes of a box."""
    return struct.pack(">I", 8 + length) + name


def prove_declared(found: Described, size: tuple[int, int], depths: bytes) -> None:
    """Refuse a file whose header declares another picture than its codestream holds."""
    told = struct.pack(">IIH", size[1], size[0], len(depths))
    uniform = depths.count(depths[:1]) == len(depths)
    fits = {b"", told + depths[:1]} if uniform else {b""}
    if found.depths:
        fits.add(told + b"\xff")
    if found.declared not in fits or found.depths not in (b"", depths):
        malformed("JPEG 2000 file that declares another picture than it holds")


def canonical(found: Described, size: tuple[int, int], depths: bytes) -> bytes:
    """Return the clean head of a file: all in front of the codestream's box."""
    uniform = depths.count(depths[:1]) == len(depths)
    header = struct.pack(">IIH", size[1], size[0], len(depths))
    inside = box(b"ihdr", header + (depths[:1] if uniform else b"\xff") + b"\7\0\0")
    inside += b"" if uniform else box(b"bpcc", depths)
    inside += box(b"colr", found.colour)
    inside += box(b"cdef", found.channels) if found.channels else b""
    inside += box(b"res ", found.resolution) if found.resolution else b""
    return START + _TYPE + box(b"jp2h", inside)


def prove_fields(found: Described) -> list[str | bytes]:
    """Refuse colours and channels that are not in clean form; return a profile's texts."""
    kinds = {found.channels[at : at + 2] for at in range(4, len(found.channels), 6)}
    if kinds - {b"\0\0", b"\0\1", b"\0\2", b"\xff\xff"}:
        malformed("JPEG 2000 channel of an unknown kind")
    every = len(found.channels) // 6
    listed = struct.unpack(f">{3 * every}H", found.channels[2 : 2 + 6 * every])
    if any(place >= every for place in listed[::3]) or any(
        every < colour < 0xFFFF for colour in listed[2::3]
    ):
        malformed("JPEG 2000 channel of a colour that is not there")
    return [*icc.prove_clean(found.profile)] if found.profile else []
