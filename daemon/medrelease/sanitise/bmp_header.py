"""The headers of a BMP file: what they say of the picture, and the same said in fixed form.

The versions are told by their size: OS/2 1 and Windows core (12), OS/2 2 (16 and 64), Windows 3
(40), with channel masks (52, 56), version 4 (108) and version 5 (124). Source: the Windows GDI
reference, BITMAPFILEHEADER to BITMAPV5HEADER, and the OS/2 2.0 presentation manager reference.
"""

from dataclasses import dataclass
from struct import pack, unpack_from

from medrelease.sanitise.refusal import incomplete, malformed, too_large, unsupported

RGB, RLE8, RLE4, FIELDS, ALPHA_FIELDS = 0, 1, 2, 3, 6
MAX_PIXELS = 1 << 29
"""Largest BMP in pixels."""

FILE_HEADER = 14
_CORE, _OS2_SHORT, _OS2, _V3, _V4, _V5 = 12, 16, 64, 40, 108, 124
_VERSIONS = frozenset({_CORE, _OS2_SHORT, _OS2, _V3, 52, 56, _V4, _V5})
_DEPTHS = {
    RGB: (1, 4, 8, 16, 24, 32),
    RLE8: (8,),
    RLE4: (4,),
    FIELDS: (16, 32),
    ALPHA_FIELDS: (16, 32),
}
_DENSEST = 0xFFFFFF
_CALIBRATED, _EMBEDDED, _LINKED = 0, 0x4D424544, 0x4C494E4B
_SRGB, _WINDOWS = 0x73524742, 0x57696E20


@dataclass(frozen=True, slots=True)
class Header:
    """What the headers say: sizes in pixels and bytes, offsets in bytes from the file's start.

    `masks` are the channel masks red, green, blue, alpha (0 where there is none); `colours` the
    entries of the palette and `entry` their size in bytes; `space` the 48 bytes of colour space,
    endpoints and gamma of version 4; `profile` start and length of an embedded profile.
    """

    size: int
    width: int
    height: int
    top_down: bool
    depth: int
    compression: int
    resolution: tuple[int, int]
    masks: tuple[int, int, int, int]
    palette: int
    colours: int
    entry: int
    bits: int
    space: bytes
    intent: int
    profile: tuple[int, int] | None

    @property
    def stride(self) -> int:
        """Bytes of an uncompressed row, its padding included."""
        return (self.width * self.depth + 31) // 32 * 4

    @property
    def masks_behind(self) -> int:
        """Bytes of channel masks between a version 3 header and the palette."""
        return _masks_behind(self.size, self.compression)


def read_header(view: memoryview) -> Header:
    """The headers of a BMP file. Raises incomplete, malformed, unsupported and limit refusals."""
    if len(view) < FILE_HEADER + 4:
        raise incomplete("the BMP header")
    bits, size = unpack_from("<II", view, 10)
    if size not in _VERSIONS:
        raise unsupported("The BMP file has a header of an unknown version.")
    if len(view) < FILE_HEADER + size:
        raise incomplete("the BMP header")
    width, height, planes, depth = unpack_from("<HHHH" if size == _CORE else "<iiHH", view, 18)
    long = size not in (_CORE, _OS2_SHORT)
    compression = unpack_from("<I", view, 30)[0] if long else RGB
    if (size == _OS2 and compression in (3, 4)) or compression in (4, 5):
        raise unsupported("The BMP file holds a picture of another format.")
    if depth not in _DEPTHS.get(compression, ()) or planes != 1:
        raise malformed("The BMP header has values that are not defined.")
    _check_size(width, height, compression)
    colours, entry, palette = _palette(view, size, depth, compression, bits)
    x, y = unpack_from("<ii", view, 38) if long else (0, 0)
    if bits > len(view):
        raise incomplete("the BMP picture")
    return Header(
        size, width, abs(height), height < 0, depth, compression,
        (x, y) if 0 < x <= _DENSEST and 0 < y <= _DENSEST else (0, 0),
        _masks(view, size, depth, compression),
        palette, colours, entry, bits,
        *_colour_space(view, size),
    )  # fmt: skip


def _check_size(width: int, height: int, compression: int) -> None:
    if width <= 0 or height == 0:
        raise malformed("The BMP header declares no picture.")
    if width * abs(height) > MAX_PIXELS:
        raise too_large("The BMP picture is larger than 536 megapixels.")
    if height < 0 and compression in (RLE8, RLE4):
        raise malformed("A run-length coded BMP picture cannot be top-down.")


def _masks_behind(size: int, compression: int) -> int:
    behind = {FIELDS: 12, ALPHA_FIELDS: 16}
    return behind.get(compression, 0) if size == _V3 else 0


def _palette(
    view: memoryview, size: int, depth: int, compression: int, bits: int
) -> tuple[int, int, int]:
    """How many colours there are, their size in bytes and where they begin."""
    entry = 3 if size == _CORE else 4
    start = FILE_HEADER + size + _masks_behind(size, compression)
    if bits < start:
        raise malformed("The BMP picture begins inside its header.")
    if depth > 8:
        return 0, entry, start
    declared = unpack_from("<I", view, 46)[0] if size not in (_CORE, _OS2_SHORT) else 0
    colours = min(declared or 1 << depth, 1 << depth, (bits - start) // entry)
    if not colours:
        raise malformed("The BMP picture has no palette.")
    return colours, entry, start


def _masks(view: memoryview, size: int, depth: int, compression: int) -> tuple[int, int, int, int]:
    """The channel masks, given or implied. Raises malformed where they overlap or have gaps."""
    if compression in (FIELDS, ALPHA_FIELDS):
        with_alpha = size >= 56 or compression == ALPHA_FIELDS
        if size == _V3 and len(view) < FILE_HEADER + size + _masks_behind(size, compression):
            raise incomplete("the BMP header")
        red, green, blue = unpack_from("<III", view, 54)
        alpha = unpack_from("<I", view, 66)[0] if with_alpha else 0
        masks = (red, green, blue, alpha)
        shapes = [mask // (mask & -mask) for mask in masks if mask]
        whole = red | green | blue | alpha
        if (
            any(shape & (shape + 1) for shape in shapes)
            or sum(masks) != whole
            or whole >> depth
            or not (red and green and blue)
        ):
            raise malformed("The BMP channel masks contradict each other.")
        return masks
    return {
        16: (0x7C00, 0x3E0, 0x1F, 0),
        24: (0xFF0000, 0xFF00, 0xFF, 0),
        32: (0xFF0000, 0xFF00, 0xFF, 0),
    }.get(depth, (0, 0, 0, 0))


def _colour_space(view: memoryview, size: int) -> tuple[bytes, int, tuple[int, int] | None]:
    """Colour space with endpoints and gamma, rendering intent, and where a profile lies."""
    if size < _V4:
        return b"", 0, None
    (kind,) = unpack_from("<I", view, 70)
    space = _calibrated(view) if kind == _CALIBRATED else pack("<I48x", _plain(kind))
    if size == _V4:
        return space, 0, None
    intent, start, length = unpack_from("<III", view, 122)
    place = (FILE_HEADER + start, length) if kind == _EMBEDDED and length else None
    return space, intent if intent in (1, 2, 4, 8) else 0, place


def _calibrated(view: memoryview) -> bytes:
    """Endpoints to 2^-14 and gamma to 2^-8, as fine as eyes need and too coarse for a text."""
    numbers = unpack_from("<12I", view, 74)
    endpoints = [number & 0xFFFF0000 for number in numbers[:9]]
    return pack("<13I", _CALIBRATED, *endpoints, *(number & 0xFFF00 for number in numbers[9:]))


def _plain(kind: int) -> int:
    """The colour space that is written: a linked profile is a path on somebody's computer."""
    return kind if kind in (_WINDOWS, _EMBEDDED) else _SRGB


def write_header(header: Header, coded: int, colours: int, profile: int) -> bytes:
    """Both headers and the masks behind them, for a picture of `coded` bytes.

    `colours` is the number of palette entries and `profile` the length of the profile in bytes
    that follows the picture.
    """
    bits = FILE_HEADER + header.size + header.masks_behind + colours * header.entry
    height = -header.height if header.top_down else header.height
    form = "<IHHHH" if header.size == _CORE else "<IiiHH"
    dib = pack(form, header.size, header.width, height, 1, header.depth)
    if header.size not in (_CORE, _OS2_SHORT):
        dib += pack("<IIiiII", header.compression, coded, *header.resolution, colours, 0)
    if header.size >= 52 and header.size != _OS2:
        fields = header.compression in (FIELDS, ALPHA_FIELDS)
        dib += pack("<4I", *(header.masks if fields else (0, 0, 0, 0)))[: header.size - 40]
    if header.size >= _V4 and header.size != _OS2:
        dib += header.space if header.profile or not _embeds(header) else pack("<I48x", _SRGB)
    if header.size == _V5:
        start = bits - FILE_HEADER + coded if profile else 0
        dib += pack("<4I", header.intent, start, profile, 0)
    dib = dib.ljust(header.size, b"\0")
    if header.masks_behind:
        dib += pack("<4I", *header.masks)[: header.masks_behind]
    return pack("<2sIHHI", b"BM", bits + coded + profile, 0, 0, bits) + dib


def _embeds(header: Header) -> bool:
    return header.space[:4] == _EMBEDDED.to_bytes(4, "little")
