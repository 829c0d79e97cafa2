"""The marker segments of a JPEG 2000 header (ISO/IEC 15444-1 Annex A), read and cut to length.

What they say goes into a `Header`; what of each is written has no byte beyond what it needs.
"""

from collections import Counter
from dataclasses import dataclass, field
from struct import pack, unpack_from

from medrelease.sanitise.jp2.geometry import Coding, Sizes, Volume
from medrelease.sanitise.refusal import malformed, too_large, unsupported

MAX_PIXELS = 1 << 28
_COD, _COC, _QCD, _QCC, _RGN, _POC = 0x52, 0x53, 0x5C, 0x5D, 0x5E, 0x5F
DROPPED = {0x64: "comment", 0x63: "unknown-chunk", 0x55: "list", 0x57: "list", 0x58: "list"}
"""Comments, registration, and lists of lengths (TLM, PLM, PLT), which are not needed."""

_ELSEWHERE = {0x60, 0x61}  # PPM and PPT
_MOST_TILES = 65_535


@dataclass(slots=True)
class Header:
    """What marker segments say: the sizes, COD's own fields, each component's coding, volumes."""

    sizes: Sizes
    depths: bytes
    default: Coding | None = None
    order: int = 0
    layers: int = 0
    flags: int = 0
    own: dict[int, Coding] = field(default_factory=dict)
    volumes: list[Volume] = field(default_factory=list)

    def codings(self) -> tuple[Coding, ...]:
        """The coding of each component. Raises a refusal where nothing says it."""
        if self.default is None:
            raise malformed("The JPEG 2000 picture does not say how it is coded.")
        count = len(self.depths)
        return tuple(self.own.get(number, self.default) for number in range(count))


def segment(marker: int, content: bytes) -> bytes:
    """One marker segment."""
    return pack(">BBH", 0xFF, marker, 2 + len(content)) + content


def read_size(view: memoryview) -> Header:
    """What SIZ says (A.5.1); `view` is the segment with its length field. Raises refusals."""
    length = len(view)
    if length < 41:
        raise malformed("The JPEG 2000 picture has no valid size.")
    capability, *numbers, count = unpack_from(">H8IH", view, 2)
    if length != 38 + 3 * count or not 1 <= count <= 256:
        raise malformed("The JPEG 2000 picture has no valid size.")
    if capability > 15:
        raise unsupported("High-throughput and extended JPEG 2000 is not supported.")
    right, bottom, left, top, wide, high, tile_left, tile_top = numbers
    parts = bytes(view[38:length])
    steps = tuple(zip(parts[1::3], parts[2::3], strict=True))
    sizes = Sizes((left, top, right, bottom), (wide, high), (tile_left, tile_top), steps)
    inside = left < right and top < bottom and tile_left <= left and tile_top <= top
    if not (inside and wide and high and all(x and y for x, y in steps)):
        raise malformed("The JPEG 2000 picture has no valid size.")
    if tile_left + wide <= left or tile_top + high <= top:
        raise malformed("The JPEG 2000 picture has no valid size.")
    across, down = sizes.tiles
    if (right - left) * (bottom - top) * count > MAX_PIXELS or across * down > _MOST_TILES:
        raise too_large("The JPEG 2000 picture is too large.")
    return Header(sizes, parts[::3])


def take(
    marker: int, content: bytes, header: Header, actions: Counter[str], *, first: bool
) -> bytes:
    """Read a segment into `header`; what of it is written, b"" where nothing is.

    `first`: it stands in the main header. Raises refusals.
    """
    if marker in DROPPED:
        actions[DROPPED[marker]] += marker not in (0x55, 0x57, 0x58)
        return b""
    if marker in _ELSEWHERE:
        raise unsupported("JPEG 2000 with its packet headers packed elsewhere is not supported.")
    wide = 1 + (len(header.depths) > 256)
    if marker == _COD and len(content) >= 10:
        return segment(marker, _coding_style(content, header, first=first))
    if marker == _COC and len(content) >= 6 + wide:
        return segment(marker, _component_style(content, header, wide))
    if marker in (_QCD, _QCC):
        return segment(marker, _quantization(content, wide * (marker == _QCC), header, actions))
    if marker == _RGN and len(content) == 2 + wide and content[wide] == 0:
        return segment(marker, content)
    if marker == _POC and content and len(content) % (5 + 2 * wide) == 0:
        header.volumes = _progressions(content, header, wide)
        return segment(marker, content)
    raise malformed("A segment of the JPEG 2000 codestream is not as it must be.")


def _coding_style(content: bytes, header: Header, *, first: bool) -> bytes:
    """COD (A.6.1)."""
    flags, order, layers, transform = unpack_from(">BBHB", content)
    if flags > 7 or order > 4 or not layers or transform > 1:
        raise malformed("The coding style of the JPEG 2000 picture is not defined.")
    coding = _coding(content[5:], custom=bool(flags & 1))
    header.default, header.order, header.layers, header.flags = coding, order, layers, flags
    if not first:
        header.own = {}  # a tile's COD comes before every COC of the main header (A.6.2)
    return content


def _component_style(content: bytes, header: Header, wide: int) -> bytes:
    """COC (A.6.2)."""
    component, custom = int.from_bytes(content[:wide]), content[wide]
    if component >= len(header.depths) or custom > 1:
        raise malformed("The coding style of the JPEG 2000 picture is not defined.")
    header.own[component] = _coding(content[wide + 1 :], custom=bool(custom))
    return content


def _coding(content: bytes, *, custom: bool) -> Coding:
    """The parameters that COD and COC share (Table A.20), to their exact length."""
    levels, wide, high, style, transform = content[:5]
    listed = content[5:]
    if levels > 32 or wide > 8 or high > 8 or wide + high > 8 or style > 0x3F or transform > 1:
        raise unsupported("JPEG 2000 coded in this way is not supported.")
    if len(listed) != (levels + 1 if custom else 0):
        raise malformed("The coding style of the JPEG 2000 picture has a wrong length.")
    sizes = [(octet & 15, octet >> 4) for octet in listed] or [(15, 15)] * (levels + 1)
    return Coding(levels, (wide + 2, high + 2), style, tuple(sizes))


def _quantization(content: bytes, skip: int, header: Header, actions: Counter[str]) -> bytes:
    """QCD or QCC (A.6.4, A.6.5), cut to the steps that the most levels need."""
    if len(content) <= skip or content[skip] & 31 > 2:
        raise malformed("The quantization of the JPEG 2000 picture is not defined.")
    levels = max((one.levels for one in header.codings()), default=0)
    needed = {0: 3 * levels + 1, 1: 2, 2: 6 * levels + 2}[content[skip] & 31] + skip + 1
    actions["surplus-bytes"] += max(0, len(content) - needed)
    return content[:needed]


def _progressions(content: bytes, header: Header, wide: int) -> list[Volume]:
    """POC (A.6.6)."""
    found = []
    for at in range(0, len(content), 5 + 2 * wide):
        first, start = content[at], int.from_bytes(content[at + 1 : at + 1 + wide])
        layers, last = unpack_from(">HB", content, at + 1 + wide)
        end = int.from_bytes(content[at + 4 + wide : at + 4 + 2 * wide])
        order = content[at + 4 + 2 * wide]
        if order > 4:
            raise malformed("The progression of the JPEG 2000 picture is not defined.")
        components = (start, min(end, len(header.depths)) or len(header.depths))
        found.append(Volume(order, (first, min(last, 33)), components, layers))
    return found
