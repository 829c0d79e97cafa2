"""TIFF files in which a marker stands beside the pixels that show, in every coding of rows."""

import io
import struct
import zlib

import imagecodecs
import numpy as np
import tifffile
from PIL import Image

from corpora.photos_base import Planted, marker, picture, saved

_SIZE = (53, 37)
_TILE = (16, 32)
_CODINGS: dict[str, dict[str, object]] = {
    "plain": {},
    "deflate": {"compression": "zlib", "predictor": True},
    "lzw": {"compression": "lzw"},
    "packbits": {"compression": "packbits"},
}
FOREIGN = ("zstd", "lzma", "webp", "png", "jpegxl", "lerc", "jpegxr")
"""Codings of tifffile that are decoded and written with Deflate."""


def written(pixels: np.ndarray, **options: object) -> bytes:
    """One page as tifffile writes it."""
    if pixels.ndim == 3 and pixels.shape[-1] == 3:
        options = {"photometric": "rgb", **options}
    sink = io.BytesIO()
    tifffile.imwrite(sink, pixels, **{"metadata": None, "software": False, **options})
    return sink.getvalue()


def translucent(seed: int, mark: bytes, kind: str = "u1") -> np.ndarray:
    """RGBA samples whose first row is transparent, the marker in its colour."""
    rgba = np.dstack([np.asarray(picture(seed, _SIZE)), np.full((_SIZE[1], _SIZE[0]), 200)])
    rgba = rgba.astype(kind)
    rgba[0] = 0
    hidden = rgba[0, :, :3].copy().view("u1").reshape(-1)
    hidden[: len(mark)] = np.frombuffer(mark, "u1")
    rgba[0, :, :3] = hidden.view(kind).reshape(-1, 3)
    return rgba


def _alpha(seed: int, mark: bytes, **options: object) -> bytes:
    options = {"photometric": "rgb", "extrasamples": ["unassalpha"], **options}
    pixels = translucent(seed, mark, str(options.pop("kind", "u1")))
    if options.get("planarconfig") == "separate":
        pixels = np.moveaxis(pixels, 2, 0)
        pixels[0, 0, : len(mark)] = np.frombuffer(mark, "u1")
    return written(pixels, **options)


def _beyond(seed: int, mark: bytes, **options: object) -> bytes:
    """The marker in the part of a tile beyond the right edge: written by hand, unlike tifffile."""
    tile = np.zeros((48, 64), "u1")
    tile[: _SIZE[1], : _SIZE[0]] = np.asarray(picture(seed, _SIZE).convert("L"))
    tile[2, 53:64] = np.frombuffer(mark[:11], "u1")
    tile[3, 53:62] = np.frombuffer(mark[11:20], "u1")
    whole = written(tile, tile=_TILE, **options)
    return _resized(whole, *_SIZE)


def _resized(data: bytes, width: int, height: int) -> bytes:
    """A file that declares a smaller page than its tiles hold."""
    changed = bytearray(data)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        for tag, value in ((256, width), (257, height)):
            found = file.pages[0].tags[tag]
            struct.pack_into("<H" if found.dtype == 3 else "<I", changed, found.valueoffset, value)
    return bytes(changed)


def _palette(seed: int, mark: bytes, **options: object) -> bytes:
    """The marker in colours that no pixel names."""
    table = np.zeros((3, 256), "u2")
    table[:, :8] = np.arange(8) * 9000
    table[1, 200 : 200 + len(mark) // 2] = np.frombuffer(mark, "<u2")
    grey = np.asarray(picture(seed, _SIZE).convert("L")) // 32
    return written(grey, photometric="palette", colormap=table, **options)


def _filled_up(seed: int, mark: bytes) -> bytes:
    """The marker in the bits behind each row of a bilevel page, seven a row."""
    image = picture(seed, (41, 64)).convert("1")
    data = bytearray(saved(image, "TIFF", compression="raw"))
    with tifffile.TiffFile(io.BytesIO(bytes(data))) as file:
        start = file.pages[0].dataoffsets[0]
    for row, letter in enumerate(mark):
        data[start + 6 * row + 5] = data[start + 6 * row + 5] & 0x80 | letter & 0x7F
    return bytes(data)


def _skippable(seed: int, mark: bytes) -> bytes:
    """A frame of Zstandard that decoders skip, in front of the rows."""
    rows = np.asarray(picture(seed, _SIZE).convert("L")).tobytes()
    frame = b"\x50\x2a\x4d\x18" + struct.pack("<I", len(mark)) + mark
    return _strip(50000, frame + imagecodecs.zstd_encode(rows))


def _png_piece(seed: int, mark: bytes) -> bytes:
    """A text chunk of a PNG that is a strip."""
    png = saved(picture(seed, _SIZE).convert("L"), "PNG")
    chunk = b"tEXtNote\0" + mark
    text = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return _strip(34933, png[:33] + text + png[33:])


def _webp_piece(seed: int, mark: bytes) -> bytes:
    image = picture(seed, _SIZE)
    return _strip(50001, saved(image, "WEBP", lossless=True, xmp=mark), samples=3)


def _codestream(seed: int, mark: bytes) -> bytes:
    coded = saved(picture(seed, _SIZE), "JPEG2000", no_jp2=True, comment=mark.decode())
    return _strip(34712, coded, samples=3)


def _fax(seed: int, mark: bytes) -> bytes:
    """The marker behind the last row of a Group 3 strip."""
    image = picture(seed, (64, 20)).convert("1")
    data = saved(image, "TIFF", compression="group3")
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = file.pages[0]
        start, length = page.dataoffsets[0], page.databytecounts[0]
        colour = int(page.photometric)
    return _strip(3, data[start : start + length] + mark, size=(64, 20), bits=1, colour=colour)


def _strip(
    coding: int,
    strip: bytes,
    samples: int = 1,
    size: tuple[int, int] = _SIZE,
    bits: int = 8,
    colour: int | None = None,
) -> bytes:
    """A page of one strip, with nothing in it that is not said here."""
    if colour is None:
        colour = 2 if samples == 3 else 1
    depths = struct.pack(f"<{samples}H", *[bits] * samples)
    entries = [(256, 4, size[0]), (257, 4, size[1]), (259, 3, coding), (262, 3, colour)]
    entries += [(273, 4, 8), (277, 3, samples), (278, 4, size[1]), (279, 4, len(strip))]
    start = 8 + len(strip) + len(strip) % 2
    behind = start + 2 + 12 * (len(entries) + 1) + 4
    rows = [struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries]
    inline = depths.ljust(4, b"\0") if samples < 3 else struct.pack("<I", behind)
    rows.append(struct.pack("<HHI", 258, 3, samples) + inline)
    body = struct.pack("<H", len(rows)) + b"".join(sorted(rows, key=_tag)) + bytes(4)
    tail = depths if samples >= 3 else b""
    return b"II*\0" + struct.pack("<I", start) + strip.ljust(start - 8, b"\0") + body + tail


def _tag(entry: bytes) -> int:
    return int.from_bytes(entry[:2], "little")


def planted(seed: int) -> list[Planted]:
    """(hiding place, TIFF file, marker) for every place beside the pixels."""
    files: list[Planted] = []

    def add(place: str, build: object, **options: object) -> None:
        mark = marker("tiff raster", place)
        files.append((f"tiff {place}", build(seed, mark, **options), mark))  # type: ignore[operator]

    for name, options in _CODINGS.items():
        add(f"hidden colour {name}", _alpha, **options)
        add(f"beyond the page {name}", _beyond, **options)
        add(f"unused colours {name}", _palette, **{k: v for k, v in options.items() if k[0] == "c"})
    add("hidden colour tiles", _alpha, tile=_TILE)
    add("hidden colour 16 bit", _alpha, kind="u2", byteorder="<")
    add("hidden colour premultiplied", _alpha, extrasamples=["assocalpha"])
    add("hidden colour planes", _alpha, planarconfig="separate", rowsperstrip=5)
    add("hidden colour zstd", _alpha, compression="zstd")
    add("beyond the page group 4", _beyond_fax)
    add("filling bits", _filled_up)
    add("palette of true colour", _idle_palette)
    add("zstandard frame", _skippable)
    add("png piece", _png_piece)
    add("webp piece", _webp_piece)
    add("jpeg 2000 piece", _codestream)
    add("group 3 tail", _fax)
    return files


def _beyond_fax(seed: int, mark: bytes) -> bytes:
    """The marker as pixels of a Group 4 tile beyond the page."""
    bits = np.unpackbits(np.frombuffer(mark.ljust(24), "u1")).reshape(3, 64)
    page = np.asarray(picture(seed, (64, 16)).convert("1")).astype("u1")
    page[13:] = bits
    image = Image.fromarray(page.astype(bool))
    data = saved(image, "TIFF", compression="group4", tiffinfo={278: 16})
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        first = file.pages[0]
        strip = data[first.dataoffsets[0] :][: first.databytecounts[0]]
        colour = int(first.photometric)
    tiled = bytearray(_strip(4, strip, size=(64, 16), bits=1, colour=colour))
    # strips become tiles: 273, 278 and 279 turn into 324, 323 and 325, and the width into 322 too
    start = int.from_bytes(tiled[4:8], "little")
    (count,) = struct.unpack_from("<H", tiled, start)
    rows = [bytes(tiled[start + 2 + 12 * at :][:12]) for at in range(count)]
    values = {_tag(row): row[2:] for row in rows}
    values[322], values[323] = values[256], values.pop(278)
    values[324], values[325] = values.pop(273), values.pop(279)
    values[257] = struct.pack("<HII", 4, 1, 13)
    body = b"".join(struct.pack("<H", tag) + values[tag] for tag in sorted(values))
    return bytes(tiled[:start]) + struct.pack("<H", len(values)) + body + bytes(4)


def _idle_palette(seed: int, mark: bytes) -> bytes:
    table = (mark * 77)[:1536]
    return written(
        np.asarray(picture(seed, _SIZE)),
        photometric="rgb",
        extratags=[(320, 3, 768, struct.unpack("<768H", table), True)],
    )


def faithful(seed: int) -> list[tuple[str, bytes]]:
    """(name, file) of pages in codings that are not carried over, and of pages with filling."""
    colour = np.asarray(picture(seed, _SIZE))
    found = [
        (f"tiff {coding}", written(colour, compression=coding, **_lossless(coding)))
        for coding in FOREIGN
    ]
    bilevel = picture(seed, _SIZE).convert("1")
    found += [
        (f"tiff {coding}", saved(bilevel, "TIFF", compression=coding))
        for coding in ("group3", "tiff_ccitt")
    ]
    twelve = colour[..., 0].astype("u2") * 16
    return [
        *found,
        ("tiff zstd predicted", written(twelve, compression="zstd", predictor=True, byteorder=">")),
        ("tiff zstd tiles", written(colour, compression="zstd", tile=_TILE)),
        ("tiff lerc float", written(colour.astype("f4") / 7, compression="lerc")),
        ("tiff jpeg 2000", written(colour, compression="jpeg2000", compressionargs={"level": 0})),
        ("tiff edges", written(colour, tile=_TILE, compression="lzw")),
        ("tiff translucent", written(translucent(seed, b""), photometric="rgb",
                                     extrasamples=["unassalpha"], tile=_TILE)),
    ]  # fmt: skip


def _lossless(coding: str) -> dict[str, object]:
    return {"compressionargs": {"lossless": True}} if coding in ("webp", "jpegxl") else {}
