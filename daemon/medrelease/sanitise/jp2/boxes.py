"""The boxes of a JP2 file (ISO/IEC 15444-1 Annex I): what of them says how a picture is shown.

Kept are size and depth, colour, channel meaning and resolution, each rebuilt field by field. XML,
UUID, label, intellectual property and every other box is counted and left out.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from struct import pack, unpack_from

from medrelease.sanitise.icc import rebuild_profile
from medrelease.sanitise.refusal import incomplete, malformed, too_large, unsupported

SIGNATURE = b"\0\0\0\x0cjP  \r\n\x87\n"
_FILE_TYPE = pack(">I4s4sI4s", 20, b"ftyp", b"jp2 ", 0, b"jp2 ")
_MOST_BOXES = 256
_MOST_EXPONENT, _MOST_DOTS, _LARGEST_BOTTOM = 12, 10_000_000, 254
_ENUMERATED = frozenset({12, 16, 17, 18})  # CMYK, sRGB, grey, sYCC
_KINDS = frozenset({0, 1, 2, 0xFFFF})
OPACITY = frozenset({1, 2})
_COUNTED = {b"xml ": "xmp", b"uuid": "uuid", b"uinf": "uuid", b"free": "free-space"}


@dataclass(frozen=True, slots=True)
class Shown:
    """How the picture is shown, as the contents of the boxes that say so; b"" where none does.

    `channels` are (number, type, association) of the channel definition box; `declared` are
    height, width and number of components and their depth, as the image header has them,
    `depths` those of each component, which a depth of 255 sends the reader to (I.5.3.2).
    """

    colour: bytes
    channels: tuple[tuple[int, int, int], ...] = ()
    resolution: bytes = b""
    declared: bytes = b""
    depths: bytes = b""

    @property
    def translucent(self) -> bool:
        """Whether a channel is the opacity of the others."""
        return any(kind in OPACITY for _, kind, _ in self.channels)


@dataclass(frozen=True, slots=True)
class Extent:
    """Size in pixels of the picture, and sign and depth of each component as SIZ codes them."""

    width: int
    height: int
    depths: bytes


def boxes(view: memoryview, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of the content of each box in a range. Raises a refusal if one is cut."""
    for _ in range(_MOST_BOXES):
        if at >= end:
            return
        if at + 8 > end:
            raise incomplete("a box of the JPEG 2000 file")
        size, name = unpack_from(">I4s", view, at)
        start = at + 8
        if size == 1:
            if at + 16 > end:
                raise incomplete("a box of the JPEG 2000 file")
            size, start = int(unpack_from(">Q", view, at + 8)[0]), at + 16
        stop = end if size == 0 else at + size
        if stop > end:
            raise incomplete("a box of the JPEG 2000 file")
        if stop < start:
            raise malformed("A box of the JPEG 2000 file is shorter than its header.")
        yield name, start, stop
        at = stop
    raise too_large("The JPEG 2000 file has too many boxes.")


def read_shown(view: memoryview, actions: Counter[str]) -> tuple[Shown, memoryview]:
    """How the picture is shown, and its codestream. Raises refusals."""
    shown: Shown | None = None
    stream: memoryview | None = None
    for name, start, stop in boxes(view, len(SIGNATURE), len(view)):
        if name == b"jp2h" and shown is None:
            shown = _header(view, start, stop, actions)
        elif name == b"jp2c" and stream is None:
            stream = view[start:stop]
        elif name != b"ftyp":
            actions["second-picture" if name == b"jp2c" else _kind(name)] += 1
    if shown is None or stream is None:
        raise malformed("The JPEG 2000 file does not hold a picture and its header.")
    return shown, stream


def _kind(name: bytes) -> str:
    return _COUNTED.get(name, "unknown-box")


def _header(view: memoryview, at: int, end: int, actions: Counter[str]) -> Shown:
    """What the boxes of the header say (I.5.3); the first of a kind counts."""
    colour, resolution, declared, depths = b"", b"", b"", b""
    channels: tuple[tuple[int, int, int], ...] = ()
    for name, start, stop in boxes(view, at, end):
        content = bytes(view[start:stop])
        if name == b"colr" and not colour:
            colour = _colour(content, actions)
        elif name == b"cdef" and not channels:
            channels = _channels(content)
        elif name == b"res " and not resolution:
            resolution = _resolution(view, start, stop)
        elif name in (b"pclr", b"cmap"):
            raise unsupported("JPEG 2000 pictures with a palette are not supported.")
        elif name == b"ihdr" and not declared:
            declared = content[:11]
        elif name == b"bpcc" and not depths:
            depths = content
        else:
            actions["icc-tag" if name == b"colr" else _kind(name)] += 1
    if not colour:
        raise unsupported("A JPEG 2000 picture whose colours are not defined is not supported.")
    return Shown(colour, channels, resolution, declared, depths)


def _colour(content: bytes, actions: Counter[str]) -> bytes:
    """A colour specification (I.5.3.3), b"" for one of a method that viewers pass over."""
    if len(content) < 7:
        raise malformed("The colour specification of the JPEG 2000 file is cut.")
    if content[0] == 1 and int.from_bytes(content[3:7]) in _ENUMERATED:
        actions["surplus-bytes"] += len(content) - 7
        return b"\1\0\0" + content[3:7]
    if content[0] == 2:
        return b"\2\0\0" + rebuild_profile(content[3:], actions)
    return b""


def _channels(content: bytes) -> tuple[tuple[int, int, int], ...]:
    count = int.from_bytes(content[:2])
    if len(content) != 2 + 6 * count:
        raise malformed("The channels of the JPEG 2000 file contradict each other.")
    found = [unpack_from(">3H", content, at) for at in range(2, len(content), 6)]
    if any(kind not in _KINDS for _, kind, _ in found):
        raise malformed("A channel of the JPEG 2000 file is of an unknown kind.")
    if any(number >= count or count < of < 0xFFFF for number, _, of in found):
        raise malformed("A channel of the JPEG 2000 file belongs to a colour that is not there.")
    return tuple((number, kind, of) for number, kind, of in found)


def _resolution(view: memoryview, at: int, end: int) -> bytes:
    """Capture and display resolution (I.5.3.7), each in one form; others are left out."""
    written: dict[bytes, bytes] = {}
    for name, start, stop in boxes(view, at, end):
        if name in (b"resc", b"resd") and stop - start == 10 and name not in written:
            numbers = unpack_from(">4H2b", view, start)
            pairs = [_density(numbers[0], numbers[1], numbers[4])]
            pairs.append(_density(numbers[2], numbers[3], numbers[5]))
            known = [pair for pair in pairs if pair is not None]
            if len(known) == len(pairs):
                terms = [term for pair in known for term in pair[:2]]
                written[name] = box(name, pack(">4H2b", *terms, *(pair[2] for pair in known)))
    return b"".join(written.values())


def _density(top: int, bottom: int, exponent: int) -> tuple[int, int, int] | None:
    """Dots a metre as numerator, denominator and exponent; None where no device has so many.

    A fraction with small terms stays exact, any other is rounded to five digits: its terms could
    spell something.
    """
    if not top or not bottom or abs(exponent) > _MOST_EXPONENT:
        return None
    value = Fraction(top, bottom) * Fraction(10) ** exponent
    if not 1 <= value <= _MOST_DOTS:
        return None
    value = value.limit_denominator(_LARGEST_BOTTOM)
    shift = 0
    while value.numerator > 0xFFFF:
        value, shift = (value / 10).limit_denominator(_LARGEST_BOTTOM), shift + 1
    return value.numerator, value.denominator, shift


def box(name: bytes, content: bytes) -> bytes:
    """One box."""
    return pack(">I4s", 8 + len(content), name) + content


def write_head(extent: Extent, shown: Shown) -> bytes:
    """Everything in front of the codestream's box.

    Raises a malformed refusal where the file declared another picture than its codestream holds:
    then two viewers may show two pictures.
    """
    depths = set(extent.depths)
    depth = extent.depths[0] if len(depths) == 1 else 255
    header = pack(">IIHB", extent.height, extent.width, len(extent.depths), depth)
    fits = {b"", header} if len(depths) == 1 else {b""}
    if shown.depths:
        fits.add(header[:10] + b"\xff")
    if shown.declared not in fits or shown.depths not in (b"", extent.depths):
        raise malformed("The JPEG 2000 file declares another picture than it holds.")
    parts = [box(b"ihdr", header + b"\7\0\0")]
    if len(depths) > 1:
        parts.append(box(b"bpcc", extent.depths))
    parts.append(box(b"colr", shown.colour))
    if shown.channels:
        listed = b"".join(pack(">3H", *channel) for channel in shown.channels)
        parts.append(box(b"cdef", pack(">H", len(shown.channels)) + listed))
    if shown.resolution:
        parts.append(box(b"res ", shown.resolution))
    return SIGNATURE + _FILE_TYPE + box(b"jp2h", b"".join(parts))


def plain_colour(components: int) -> Shown:
    """How a codestream without a file around it is shown: grey or sRGB, the last one opaque."""
    if components not in (1, 2, 3, 4):
        raise unsupported("A JPEG 2000 codestream of so many components is not supported.")
    space = 17 if components < 3 else 16
    colours = 1 if components < 3 else 3
    channels = (*((at, 0, at + 1) for at in range(colours)), (colours, 1, 0))
    return Shown(pack(">BBBI", 1, 0, 0, space), channels if components in (2, 4) else ())
