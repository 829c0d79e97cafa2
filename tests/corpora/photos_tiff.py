"""TIFF files with one marker in each hiding place; written by hand, from a seed."""

import struct
import zlib

import numpy as np

from corpora.photos_base import Planted, icc_profile, marker, picture
from corpora.photos_jpeg import encoded as jpeg
from corpora.photos_jpeg import segment

Tags = dict[int, tuple[int, bytes]]
"""{tag: (type, value bytes)}; strips stand under 273 as their joined bytes."""

ASCII, SHORT, LONG, UNDEFINED = 2, 3, 4, 7
RATIONAL = 5
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 13: 4}
WIDTH, HEIGHT = 96, 64


def shorts(*values: int) -> tuple[int, bytes]:
    """A SHORT value."""
    return SHORT, struct.pack(f"<{len(values)}H", *values)


def longs(*values: int) -> tuple[int, bytes]:
    """A LONG value."""
    return LONG, struct.pack(f"<{len(values)}I", *values)


def page_tags(compression: int = 1, **changed: tuple[int, bytes]) -> Tags:
    """The tags of an RGB page of 96 x 64 pixels in one strip."""
    tags = {256: longs(WIDTH), 257: longs(HEIGHT), 258: shorts(8, 8, 8), 262: shorts(2)}
    tags |= {259: shorts(compression), 277: shorts(3), 278: longs(HEIGHT)}
    return tags | {int(name[1:]): value for name, value in changed.items()}


def assembled(pages: list[tuple[Tags, bytes]], gap: bytes = b"", tail: bytes = b"") -> bytes:
    """A little-endian TIFF: `gap` behind the header, then each page's strip and directory."""
    file = bytearray(b"II*\0" + bytes(4) + gap)
    link = 4
    for tags, strip in pages:
        place = len(file)
        file += strip + bytes(len(strip) & 1)
        link = append_directory(file, tags | {273: longs(place), 279: longs(len(strip))}, link)
    return bytes(file + tail)


def append_directory(file: bytearray, tags: Tags, link: int | None) -> int:
    """Append a directory, let `link` point to it; returns where its own link stands."""
    entries = []
    for tag, (kind, value) in sorted(tags.items()):
        field = value.ljust(4, b"\0")
        if len(value) > 4:
            field = struct.pack("<I", len(file))
            file += value + bytes(len(value) & 1)
        entries.append(struct.pack("<HHI", tag, kind, len(value) // _SIZES[kind]) + field)
    if link is not None:
        struct.pack_into("<I", file, link, len(file))
    file += struct.pack("<H", len(entries)) + b"".join(entries)
    file += bytes(4)
    return len(file) - 4


def pixels(seed: int) -> bytes:
    """The seed's picture as rows of RGB."""
    return np.asarray(picture(seed, (WIDTH, HEIGHT))).tobytes()


def long_ratios(seed: int) -> bytes:
    """A page whose resolution and colours are ratios of 32 bits, as ImageMagick writes them."""
    numbers = (1343036288, 0xFFFFFFFF, 1413044224, 0xFFFFFFFF)
    dots = (RATIONAL, struct.pack("<2I", 0xFFFFFFFF, 14316558))
    white = (RATIONAL, struct.pack("<4I", *numbers))
    colours = (RATIONAL, struct.pack("<12I", *numbers * 3))
    tags = {282: dots, 283: dots, 296: shorts(2), 318: white, 319: colours}
    return assembled([(page_tags() | tags, pixels(seed))])


def packed(rows: bytes) -> bytes:
    """PackBits with literal runs only."""
    return b"".join(
        bytes((len(rows[at : at + 128]) - 1,)) + rows[at : at + 128]
        for at in range(0, len(rows), 128)
    )


def planted(seed: int) -> list[Planted]:
    """(hiding place, TIFF file, marker) for every place that can be cleaned."""
    files: list[Planted] = []
    raw = pixels(seed)
    for place, tag, kind in _TAGS:
        mark = marker("tiff", place)
        value = (kind, (mark + b"\0" * 4)[:24] if kind == ASCII else mark)
        files.append((f"tiff {place}", assembled([(page_tags() | {tag: value}, raw)]), mark))
    mark = marker("tiff", "second page")
    pages = [(page_tags(), raw), (page_tags() | {270: (ASCII, mark + b"\0")}, raw)]
    files.append(("tiff second page", assembled(pages), mark))
    for place, build in _SPECIAL.items():
        mark = marker("tiff", place)
        files.append((f"tiff {place}", build(seed, mark), mark))
    return files


_TAGS = (
    ("document name", 269, ASCII),
    ("description", 270, ASCII),
    ("make", 271, ASCII),
    ("model", 272, ASCII),
    ("page name", 285, ASCII),
    ("software", 305, ASCII),
    ("date", 306, ASCII),
    ("artist", 315, ASCII),
    ("host computer", 316, ASCII),
    ("ink names", 333, ASCII),
    ("target printer", 337, ASCII),
    ("copyright", 33432, ASCII),
    ("private text", 65000, ASCII),
    ("xmp", 700, 1),
    ("iptc", 33723, 7),
    ("photoshop", 34377, 1),
    ("image source data", 37724, 7),
    ("private bytes", 50000, 7),
    ("user comment", 37510, 7),
    ("transfer function", 301, 7),
    ("gray curve", 291, 7),
    ("free offsets", 288, 4),
    ("jpeg tables without jpeg", 347, 7),
)


def _sub_directory(seed: int, mark: bytes, tag: int) -> bytes:
    """A page that points to a directory with the marker in a text."""
    file = bytearray(b"II*\0" + bytes(4) + pixels(seed))
    place = len(file)
    append_directory(file, {270: (ASCII, mark + b"\0")}, None)
    start = len(file) - 2 - 12 - 4
    tags = page_tags() | {273: longs(8), 279: longs(place - 8), tag: longs(start)}
    append_directory(file, tags, 4)
    return bytes(file)


def _thumbnail(seed: int, mark: bytes) -> bytes:
    small = page_tags(t254=longs(1))
    strip = (mark * 1000)[: WIDTH * HEIGHT * 3]
    return assembled([(page_tags(), pixels(seed)), (small, strip)])


def _orphan(seed: int, mark: bytes) -> bytes:
    file = bytearray(assembled([(page_tags(), pixels(seed))]))
    append_directory(file, {270: (ASCII, mark + b"\0")}, None)
    return bytes(file)


def _jpeg_page(strip: bytes, **changed: tuple[int, bytes]) -> bytes:
    return assembled([(page_tags(7, t262=shorts(6), t530=shorts(2, 2), **changed), strip)])


def _jpeg_comment(seed: int, mark: bytes) -> bytes:
    plain = jpeg(seed, subsampling=2)
    return _jpeg_page(plain[:20] + segment(0xFE, mark) + plain[20:])


def _jpeg_application(seed: int, mark: bytes) -> bytes:
    plain = jpeg(seed, subsampling=2)
    return _jpeg_page(plain[:20] + segment(0xE1, b"Exif\0\0" + mark) + plain[20:])


def _jpeg_tail(seed: int, mark: bytes) -> bytes:
    return _jpeg_page(jpeg(seed, subsampling=2) + mark)


def _jpeg_adobe(seed: int, mark: bytes) -> bytes:
    plain = jpeg(seed, subsampling=2)
    adobe = segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01" + mark)
    return _jpeg_page(plain[:20] + adobe + plain[20:])


def _jpeg_scan(seed: int, mark: bytes) -> bytes:
    plain = jpeg(seed, subsampling=2)
    return _jpeg_page(plain[:-2] + mark + plain[-2:])


def _jpeg_tables(seed: int, mark: bytes) -> bytes:
    tables = b"\xff\xd8" + segment(0xFE, mark) + b"\xff\xd9"
    return _jpeg_page(jpeg(seed, subsampling=2), t347=(UNDEFINED, tables))


_SPECIAL = {
    "sub-directory": lambda seed, mark: _sub_directory(seed, mark, 330),
    "exif directory": lambda seed, mark: _sub_directory(seed, mark, 34665),
    "gps directory": lambda seed, mark: _sub_directory(seed, mark, 34853),
    "private directory": lambda seed, mark: _sub_directory(seed, mark, 50001),
    "orphan directory": _orphan,
    "thumbnail": _thumbnail,
    "gap": lambda seed, mark: assembled([(page_tags(), pixels(seed))], gap=mark),
    "trailer": lambda seed, mark: assembled([(page_tags(), pixels(seed))], tail=mark),
    "strip slack": lambda seed, mark: assembled([(page_tags(), pixels(seed) + mark)]),
    "deflate slack": lambda seed, mark: assembled(
        [(page_tags(8), zlib.compress(pixels(seed)) + mark)]
    ),
    "packbits slack": lambda seed, mark: assembled(
        [(page_tags(32773), packed(pixels(seed)) + mark)]
    ),
    "surplus strip": lambda seed, mark: assembled(
        [(page_tags(t257=longs(HEIGHT - 1), t278=longs(HEIGHT - 1)), pixels(seed)[:-20] + mark)]
    ),
    "icc description": lambda seed, mark: assembled(
        [(page_tags(t34675=(7, icc_profile(mark, "description"))), pixels(seed))]
    ),
    "icc slack": lambda seed, mark: assembled(
        [(page_tags(t34675=(7, icc_profile(mark, "slack"))), pixels(seed))]
    ),
    "jpeg comment": _jpeg_comment,
    "jpeg application segment": _jpeg_application,
    "jpeg tail": _jpeg_tail,
    "jpeg adobe tail": _jpeg_adobe,
    "jpeg behind the blocks": _jpeg_scan,
    "jpeg tables": _jpeg_tables,
}


def truncated(seed: int) -> bytes:
    """A TIFF cut in the middle of its strip, its directory before it."""
    whole = bytearray(b"II*\0" + bytes(4))
    tags = page_tags() | {273: longs(4096), 279: longs(WIDTH * HEIGHT * 3)}
    append_directory(whole, tags, 4)
    return bytes(whole.ljust(4096, b"\0") + pixels(seed)[:5000])


def raw_camera(seed: int) -> bytes:
    """A TIFF with the tag of a DNG file."""
    return assembled([(page_tags(t50706=(1, b"\1\4\0\0")), pixels(seed))])


def slide(seed: int) -> bytes:
    """A TIFF that says to be an Aperio slide."""
    return assembled([(page_tags(t270=(ASCII, b"Aperio Image Library\0")), pixels(seed))])
