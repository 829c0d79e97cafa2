"""Small files that ask for a great deal: one table a format, which a new format joins.

`BOMBS[format][name]()` gives a file of at most a few megabytes whose honest reading would cost
gigabytes or hours. Nothing here is read by a decoder when it is made.
"""

import struct
import zlib
from collections.abc import Callable
from dataclasses import replace

from PIL import Image

from corpora import dicoms, photos_bmp, photos_gif, photos_heif, photos_jp2, photos_tiff
from corpora.photos_base import icc_profile, picture, saved
from corpora.photos_tiff import longs, page_tags, shorts

Bomb = Callable[[], bytes]
MOST = 8 << 20
"""No bomb is larger than this: a larger file is allowed to cost more."""

_GIGABYTE = 1 << 30


def zeros(size: int) -> bytes:
    """A zlib stream (RFC 1950) of so many zero bytes, about a thousandth of them.

    Made of one compressed piece again and again; the checksum of zeros needs no reading of them.
    """
    adler = size % 65_521 << 16 | 1
    return b"\x78\xda" + raw_zeros(size) + struct.pack(">I", adler)


def raw_zeros(size: int, lead: bytes = b"") -> bytes:
    """A raw deflate stream (RFC 1951) of `lead` and so many zero bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(lead) + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = packer.compress(bytes(size % (1 << 20))) + packer.flush()
    return first + piece * (size >> 20) + rest


# jpeg ------------------------------------------------------------------------------------


def _jpeg(width: int, height: int, **options: object) -> bytes:
    """A small JPEG that says it has other dimensions."""
    data = bytearray(saved(picture(1), "JPEG", **options))
    at = data.index(b"\xff\xc2" if options.get("progressive") else b"\xff\xc0")
    struct.pack_into(">HH", data, at + 5, height, width)
    return bytes(data)


def _jpeg_scans() -> bytes:
    data = saved(picture(1), "JPEG", progressive=True)
    start = data.rindex(b"\xff\xda")
    return data[:start] + data[start:-2] * 20_000 + data[-2:]


def _jpeg_segments(segment: bytes, times: int) -> bytes:
    data = saved(picture(1), "JPEG")
    return data[:2] + segment * times + data[2:]


def _flat_jpeg(side: int) -> bytes:
    """A whole picture of one grey: nothing is wrong with it but what it costs to look at."""
    return saved(Image.new("L", (side, side), 128), "JPEG")


_JPEG: dict[str, Bomb] = {
    "a flat picture of 12,000 square": lambda: _flat_jpeg(12_000),
    "as large as may be": lambda: _jpeg(23_000, 23_000),
    "dimensions of 65500": lambda: _jpeg(65_500, 65_500),
    "dimensions of 65500, progressive": lambda: _jpeg(65_500, 65_500, progressive=True),
    "twenty thousand scans": _jpeg_scans,
    "a million empty comments": lambda: _jpeg_segments(b"\xff\xfe\0\2", 1_000_000),
    "a hundred thousand tables": lambda: _jpeg_segments(b"\xff\xdb\0\x43\0" + bytes(64), 60_000),
    "a million restart markers": lambda: _jpeg_segments(b"\xff\xd0", 1_000_000),
    "fill bytes": lambda: _jpeg_segments(b"\xff", 4 << 20),
    "profile in 255 parts": lambda: _jpeg_segments(
        b"\xff\xe2\xff\xff" + b"ICC_PROFILE\0\1\xff" + bytes(65_519), 100
    ),
}

# png -------------------------------------------------------------------------------------


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _png(*chunks: bytes, width: int = 8, height: int = 8, depth: int = 8, kind: int = 0) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + _chunk(b"IHDR", head) + b"".join(chunks) + _chunk(b"IEND", b"")


_ROWS = zlib.compress(bytes(9 * 8))


def _interlaced() -> bytes:
    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 6, 0, 0, 1)
    body = _chunk(b"IDAT", zeros(_GIGABYTE))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + body + _chunk(b"IEND", b"")


_PNG: dict[str, Bomb] = {
    "a flat picture of 12,000 square": lambda: _png(
        _chunk(b"IDAT", zeros(36_001 * 12_000)), width=12_000, height=12_000, kind=2
    ),
    "thirty thousand square": lambda: _png(
        _chunk(b"IDAT", zeros(30_001 * 30_000)), width=30_000, height=30_000
    ),
    "as large as may be": lambda: _png(
        _chunk(b"IDAT", zeros(32_769 * 16_383)), width=32_768, height=16_383
    ),
    "more rows than there are": lambda: _png(_chunk(b"IDAT", zeros(_GIGABYTE))),
    "interlaced, sixteen times": _interlaced,
    "one very long row": lambda: _png(
        _chunk(b"IDAT", zeros(_GIGABYTE)), width=2**31 - 1, height=1, depth=16, kind=6
    ),
    "text of a gigabyte": lambda: _png(
        _chunk(b"zTXt", b"a\0\0" + zeros(_GIGABYTE)), _chunk(b"IDAT", _ROWS)
    ),
    "profile of a gigabyte": lambda: _png(
        _chunk(b"iCCP", b"a\0\0" + zeros(_GIGABYTE)), _chunk(b"IDAT", _ROWS)
    ),
    "three hundred thousand chunks": lambda: _png(
        *[_chunk(b"IDAT", b"")] * 300_000, _chunk(b"IDAT", _ROWS)
    ),
}

# tiff ------------------------------------------------------------------------------------


def _tiff(
    compression: int, strip: bytes, side: int = 60_000, **changed: tuple[int, bytes]
) -> bytes:
    sides = {"t256": longs(side), "t257": longs(side), "t278": longs(side)}
    return photos_tiff.assembled([(page_tags(compression, **(sides | changed)), strip)])


def _pages(count: int) -> bytes:
    file = bytearray(photos_tiff.assembled([(page_tags(), photos_tiff.pixels(1))]))
    (first,) = struct.unpack_from("<I", file, 4)
    directory = bytes(file[first:-4])
    link = len(file) - 4
    for _ in range(count):
        struct.pack_into("<I", file, link, len(file))
        file += directory + bytes(4)
        link = len(file) - 4
    return bytes(file)


def _loop(tag: int | None = None) -> bytes:
    """A directory that follows itself, or that is its own SubIFD."""
    file = bytearray(photos_tiff.assembled([(page_tags(), photos_tiff.pixels(1))]))
    (first,) = struct.unpack_from("<I", file, 4)
    if tag is None:
        struct.pack_into("<I", file, len(file) - 4, first)
        return bytes(file)
    own = photos_tiff.assembled(
        [(page_tags() | {tag: longs(first + 10_000)}, photos_tiff.pixels(1))]
    )
    return own + own[struct.unpack_from("<I", own, 4)[0] :] * 50


def _nested(depth: int) -> bytes:
    """SubIFDs, each inside the one before."""
    file = bytearray(b"II*\0" + bytes(4))
    place = 0
    for level in range(depth):
        tags = page_tags() | {273: longs(8), 279: longs(1)}
        if level:
            tags |= {330: longs(place)}
        end = photos_tiff.append_directory(file, tags, 4)
        place = end - 2 - 12 * len(tags)
    return bytes(file)


def _one_strip_many_times() -> bytes:
    """Sixty thousand pages' strips that are all the same million bytes."""
    count = 60_000
    tags = page_tags(t256=longs(1024), t257=longs(count), t278=longs(1))
    tags |= {273: longs(*[8] * count), 279: longs(*[3 << 10] * count)}
    file = bytearray(b"II*\0" + bytes(4) + bytes(3 << 10))
    photos_tiff.append_directory(file, tags, 4)
    return bytes(file)


_TIFF: dict[str, Bomb] = {
    "a flat picture of 12,000 square": lambda: _tiff(8, zeros(3 * 12_000**2), 12_000),
    "deflate, as large as may be": lambda: _tiff(8, zeros(3 * 37_800**2), 37_800),
    "PackBits, as large as may be": lambda: _tiff(
        32773, b"\x81\0" * (3 * 13_000**2 // 128), 13_000
    ),
    "deflate": lambda: _tiff(8, zeros(_GIGABYTE)),
    "deflate with a predictor": lambda: _tiff(8, zeros(_GIGABYTE), t317=shorts(2)),
    "PackBits": lambda: _tiff(32773, b"\x81\0" * 1_000_000),
    "LZW": lambda: _tiff(5, b"\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01" * 100_000),
    "JPEG of 65500": lambda: _tiff(7, _jpeg(65_500, 65_500)),
    "uncompressed, strips of nothing": lambda: _tiff(1, b"\0"),
    "sixty-five thousand pages": lambda: _pages(20_000),
    "a loop of pages": _loop,
    "a loop of SubIFDs": lambda: _loop(330),
    "nested SubIFDs": lambda: _nested(5_000),
    "one strip used again and again": _one_strip_many_times,
    "a tag of four billion values": lambda: _tiff(1, bytes(64)).replace(
        struct.pack("<HHI", 258, 3, 3), struct.pack("<HHI", 258, 3, 2**32 - 1)
    ),
    "a profile of gigabytes": lambda: _tiff(
        1, bytes(64), t34675=(7, icc_profile(b"x")[:128] + b"\xff\xff\xff\xff" * 100)
    ),
}

# bmp, gif --------------------------------------------------------------------------------


def _bmp(width: int, height: int, coded: bytes, compression: int) -> bytes:
    data = bytearray(
        photos_bmp.assembled(40, 8, coded, photos_bmp.palette(8), compression=compression)
    )
    struct.pack_into("<ii", data, 18, width, height)
    return bytes(data)


_BMP: dict[str, Bomb] = {
    "runs, as large as may be": lambda: _bmp(
        23_000, 23_000, (b"\xff\0" * 90 + b"\x32\0\0\0") * 23_000 + b"\0\1", 1
    ),
    "runs over two billion columns": lambda: _bmp(2**31 - 1, 2, b"\xff\0" * 1_000_000 + b"\0\1", 1),
    "jumps over a large picture": lambda: _bmp(65_000, 65_000, b"\0\2\xff\xff" * 500_000, 1),
    "ends of rows": lambda: _bmp(65_000, 65_000, b"\0\0" * 65_000 + b"\0\1", 1),
    "empty absolute runs": lambda: _bmp(65_000, 65_000, b"\1\0" * 2_000_000, 1),
    "dimensions without rows": lambda: _bmp(2**31 - 1, 2**31 - 1, b"\0" * 64, 0),
    "a height of minus two billion": lambda: _bmp(8, -(2**31), b"\0" * 64, 0),
}


def _gif_frame(width: int, height: int, coded: bytes) -> bytes:
    return photos_gif.assembled([], width, height, coded=coded)


def _gif_frames() -> bytes:
    frame = struct.pack("<B4HB", 0x2C, 0, 0, 1, 1, 0) + b"\4"
    frame += photos_gif.blocks(photos_gif.packed([0], 4))
    return photos_gif.assembled([0], 1, 1, after=frame * 200_000)


def _lzw_zeros(pixels: int) -> bytes:
    """Pixels of colour 0 as the longest strings that 4,096 codes can make (GIF89a, Appendix F).

    Behind the clear code 16 and one 0 each new code is one pixel longer than the one before;
    the last, 4,095, stands for 4,079 pixels and is said again and again.
    """
    codes = [16, 0, *range(18, 4096)]
    left = pixels - 1 - sum(code - 16 for code in range(18, 4096))
    codes += [4095] * (left // 4079)
    if left % 4079:
        codes.append(left % 4079 + 16 if left % 4079 > 1 else 0)
    gathered = held = longest = 0
    made = bytearray()
    for code in [*codes, 17]:
        longest = max(longest, code.bit_length(), 5)
        gathered |= code << held
        held += longest
        while held >= 8:
            made.append(gathered & 0xFF)
            gathered >>= 8
            held -= 8
    return bytes(made) + bytes((gathered & 0xFF,))


_GIF: dict[str, Bomb] = {
    "a flat picture of 6,000 square": lambda: _gif_frame(6_000, 6_000, _lzw_zeros(6_000**2)),
    "LZW, as large as may be": lambda: _gif_frame(16_384, 16_384, _lzw_zeros(16_384**2)),
    "LZW of long strings": lambda: _gif_frame(65_535, 65_535, _lzw_zeros(400_000_000)),
    "dimensions without pixels": lambda: _gif_frame(65_535, 65_535, b"\x10\x11"),
    "two hundred thousand frames": _gif_frames,
    "a million empty blocks": lambda: photos_gif.assembled(
        [0] * 4, 2, 2, after=b"\x21\xfe\0" * 1_000_000
    ),
    "nothing but clear codes": lambda: _gif_frame(1000, 1000, b"\x10\x42\x08\x21\x84" * 500_000),
}

# heif and avif ---------------------------------------------------------------------------


def _heif_amplified() -> bytes:
    """Two thousand items of nothing, and a megabyte that none of them claims."""
    file = photos_heif.plain("heic", 1)
    first = file.items[1]
    items = {n: replace(first, data=b"", properties=(), inside=True) for n in range(2, 2000)}
    return replace(file, items={1: first, **items}, idle=bytes(1 << 20)).written()


def _heif_grid(columns: int) -> bytes:
    file = photos_heif.grid("heic", 1)
    whole = file.items[5]
    last = columns - 1
    data = whole.data[:2] + bytes((last, last)) + struct.pack(">HH", 65_535, 65_535)
    tiles = tuple(1 + n % 4 for n in range(columns * columns))
    return replace(
        file, items={**file.items, 5: replace(whole, data=data)}, references=((b"dimg", 5, tiles),)
    ).written()


def _heif_cycle() -> bytes:
    file = photos_heif.grid("heic", 1)
    return replace(
        file, references=((b"dimg", 5, (5, 5, 5, 5)), (b"dimg", 1, (5, 1, 5, 1)))
    ).written()


def _heif_boxes() -> bytes:
    deep = b""
    for _ in range(20_000):
        deep = (
            photos_heif.box(b"meta", deep[:60_000])
            if len(deep) > 60_000
            else photos_heif.box(b"meta", deep)
        )
    return replace(photos_heif.plain("heic", 1), meta=deep).written()


_HEIF: dict[str, Bomb] = {
    "a grid of 62,500 tiles": lambda: _heif_grid(250),
    "a grid inside itself": _heif_cycle,
    "two thousand items": _heif_amplified,
    "nested boxes": _heif_boxes,
    "half a million empty boxes": lambda: replace(
        photos_heif.plain("heic", 1), between=photos_heif.box(b"free") * 500_000
    ).written(),
    "avif of many units": lambda: photos_heif.around(
        photos_heif.plain("avif", 1), after=photos_heif.obu(2, b"") * 1_000_000
    ).written(),
    "heic of many units": lambda: photos_heif.around(
        photos_heif.plain("heic", 1), after=photos_heif.unit(39, b"") * 500_000
    ).written(),
    "a flat picture of 7,000 square": lambda: photos_heif.flat(1000, 7).written(),
    "a flat picture of 16,000 square": lambda: photos_heif.flat(1000, 16).written(),
    "emulation prevention": lambda: photos_heif.around(
        photos_heif.plain("heic", 1), after=photos_heif.unit(39, b"\0\0\3" * 1_000_000)
    ).written(),
}

# webp and jpeg 2000 ----------------------------------------------------------------------


def _riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(n + struct.pack("<I", len(d)) + d + bytes(len(d) & 1) for n, d in chunks)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def _vp8l(width: int, height: int) -> bytes:
    return b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14) + bytes(64)


def _webp_frames() -> bytes:
    canvas = struct.pack("<B3x3s3s", 0x02, b"\xff\xff\0", b"\xff\xff\0")
    frame = bytes(6) + b"\xff\x3f\0" * 2 + bytes(4) + _riff((b"VP8L", _vp8l(16_384, 16_384)))[12:]
    return _riff((b"VP8X", canvas), (b"ANIM", bytes(6)), *[(b"ANMF", frame)] * 20_000)


_WEBP: dict[str, Bomb] = {
    "lossless of 16384": lambda: _riff((b"VP8L", _vp8l(16_384, 16_384))),
    "twenty thousand frames": _webp_frames,
    "half a million chunks": lambda: _riff((b"VP8L", _vp8l(16, 16)), *[(b"junk", b"")] * 500_000),
}


def _jp2(width: int, height: int, tile: int) -> bytes:
    """A small JPEG 2000 whose SIZ segment says something else."""
    data = photos_jp2.encoded(1)
    stream = bytearray(photos_jp2.stream_of(data))
    at = stream.index(b"\xff\x51")
    struct.pack_into(">8I", stream, at + 6, width, height, 0, 0, tile, tile, 0, 0)
    return photos_jp2.with_stream(data, bytes(stream))


_JP2: dict[str, Bomb] = {
    "four billion square": lambda: _jp2(2**32 - 1, 2**32 - 1, 2**32 - 1),
    "tiles of one pixel": lambda: _jp2(60_000, 60_000, 1),
    "sixty thousand square": lambda: _jp2(60_000, 60_000, 60_000),
    "half a million boxes": lambda: photos_jp2.encoded(1) + photos_jp2.box(b"free", b"") * 500_000,
}

# dicom -----------------------------------------------------------------------------------

_DEFLATED, _EXPLICIT = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.1"
_RLE, _JPEG_BASELINE = "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.50"
_PIXELS = 0x7FE00010


def _deflated(size: int) -> bytes:
    """A deflated object with a trailing padding of so many zero bytes."""
    whole = dicoms.file(dicoms.image("sc"), _DEFLATED)
    at = 132 + 12 + struct.unpack_from("<I", whole, 140)[0]
    padding = pack_tag(0xFFFCFFFC) + b"OB\0\0" + struct.pack("<I", size)
    return whole[:at] + raw_zeros(size, whole[at:] + padding)


def _nested_sequences(depth: int) -> bytes:
    """Sequences of undefined length, each inside the one before and none of them closed."""
    opened = pack_tag(0x00081140) + b"SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    head = dicoms.file({t: v for t, v in dicoms.image("sc").items() if t < 0x00081140})
    return head + opened * depth


def pack_tag(tag: int) -> bytes:
    """A tag in little endian."""
    return struct.pack("<HH", tag >> 16, tag & 0xFFFF)


def _closed_sequences(depth: int) -> bytes:
    inner = b""
    for _ in range(depth):
        inner = dicoms.sequence(0x00081140, inner)
        if len(inner) > 2 << 20:
            break
    return dicoms.file({**dicoms.image("sc"), 0x00081140: inner})


def _sized(rows: int, columns: int, frames: int, syntax: str, value: bytes) -> bytes:
    elements = dicoms.image("sc") | {
        0x00280010: dicoms.element(0x00280010, "US", struct.pack("<H", rows)),
        0x00280011: dicoms.element(0x00280011, "US", struct.pack("<H", columns)),
        0x00280008: dicoms.element(0x00280008, "IS", str(frames).encode()),
        _PIXELS: value,
    }
    return dicoms.file(elements, syntax)


def _fragments(*pieces: bytes) -> bytes:
    """Encapsulated pixel data with an empty offset table."""
    items = [b"", *pieces]
    body = b"".join(b"\xfe\xff\x00\xe0" + struct.pack("<I", len(p)) + p for p in items)
    head = pack_tag(_PIXELS) + b"OB\0\0\xff\xff\xff\xff"
    return head + body + b"\xfe\xff\xdd\xe0" + bytes(4)


_RLE_FRAME = struct.pack("<16I", 3, 64, 64, 64, *[0] * 12) + b"\x81\0" * 500_000

_DICOM: dict[str, Bomb] = {
    "deflated, as large as may be": lambda: _deflated(200 << 20),
    "deflated": lambda: _deflated(_GIGABYTE),
    "nested sequences, open": lambda: _nested_sequences(100_000),
    "nested sequences, closed": lambda: _closed_sequences(5_000),
    "two billion frames": lambda: _sized(
        1, 1, 2**31 - 1, _EXPLICIT, dicoms.element(_PIXELS, "OB", bytes(64))
    ),
    "65535 square": lambda: _sized(
        65_535, 65_535, 1, _EXPLICIT, dicoms.element(_PIXELS, "OB", bytes(64))
    ),
    "RLE of 65535": lambda: _sized(65_535, 65_535, 1, _RLE, _fragments(_RLE_FRAME)),
    "RLE of many frames": lambda: _sized(
        64, 64, 100_000, _RLE, _fragments(*[_RLE_FRAME[:70]] * 100_000)
    ),
    "JPEG of 65500 inside": lambda: _sized(
        65_500, 65_500, 1, _JPEG_BASELINE, _fragments(_jpeg(65_500, 65_500))
    ),
    "a million empty fragments": lambda: _sized(
        8, 8, 1, _JPEG_BASELINE, _fragments(*[b""] * 1_000_000)
    ),
    "half a million elements": lambda: dicoms.file(
        {
            **dicoms.image("sc"),
            0x00090010: b"".join(
                dicoms.element(0x00091000 + n % 0xF000, "LO", b"") for n in range(500_000)
            ),
        }
    ),
    "a value of four billion bytes": lambda: dicoms.file(
        {**dicoms.image("sc"), 0x00091010: b"\x09\0\x10\x10OB\0\0\xfe\xff\xff\xff"}
    ),
    "a million values": lambda: dicoms.file(
        {
            **dicoms.image("sc"),
            0x00080008: b"\x08\0\x08\0UC\0\0" + struct.pack("<I", 2_000_000) + b"A\\" * 1_000_000,
        }
    ),
}

# whole slides ----------------------------------------------------------------------------


def _tiled(tiles: int, levels: int) -> bytes:
    """A tiled pyramid whose levels say that they have a great many tiles."""
    side = 256 * tiles
    tags = page_tags(7, t256=longs(side), t257=longs(side), t322=shorts(256), t323=shorts(256))
    tags = {t: v for t, v in tags.items() if t != 278}
    tile = _jpeg(256, 256)
    count = min(tiles * tiles, 100_000)
    file = bytearray(b"II*\0" + bytes(4) + tile)
    link: int = 4
    tags |= {270: (2, b"Aperio Image Library v11\r\n1x1|AppMag = 20|MPP = 0.5\0")}
    for _ in range(levels):
        own = tags | {324: longs(*[8] * count), 325: longs(*[len(tile)] * count)}
        link = photos_tiff.append_directory(file, own, link)
    return bytes(file)


_SLIDE: dict[str, Bomb] = {
    "ten thousand tiles that are one": lambda: _tiled(100, 2),
    "a hundred thousand tiles": lambda: _tiled(316, 4),
    "five hundred levels": lambda: _tiled(4, 500),
}

BOMBS: dict[str, dict[str, Bomb]] = {
    "jpeg": _JPEG,
    "png": _PNG,
    "tiff": _TIFF,
    "bmp": _BMP,
    "gif": _GIF,
    "heif": _HEIF,
    "webp": _WEBP,
    "jp2": _JP2,
    "dicom": _DICOM,
    "slide": _SLIDE,
}
