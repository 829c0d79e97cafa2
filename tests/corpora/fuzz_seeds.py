"""Tiny files of every format and coding for the fuzzer: hundreds of bytes, so that thousands of
inputs a second are possible and a mutation seldom misses the structures."""

import functools
import io
import struct
import zlib

import imagecodecs
import numpy as np
import tifffile
from PIL import Image

from corpora import (
    dicoms,
    masked_dicoms,
    photos_bmp,
    photos_gif,
    photos_heif,
    photos_jp2,
    photos_jpeg,
    photos_jpeg_scan,
    photos_png,
    photos_slide,
    photos_tiff,
    photos_tiff_raster,
    photos_webp,
)
from corpora.photos_base import exif_block, icc_profile, picture, saved

MARK = b"MARKfuzzed0000000000"
_MOST = 1200
"""Bytes of a planted file that is taken as it is."""

FORMATS = ("jpeg", "png", "tiff", "bmp", "gif", "webp", "jp2", "heif", "dicom")


def seeds(formats: tuple[str, ...] = FORMATS) -> list[bytes]:
    """The files of these formats."""
    return [data for name in formats for data in _MADE[name]()]


def _tiny(mode: str = "RGB", size: tuple[int, int] = (19, 13)) -> Image.Image:
    return picture(7, size).convert(mode)


def _small(made: list[tuple[str, bytes]] | list[tuple[str, bytes, bytes]]) -> list[bytes]:
    return [row[1] for row in made if len(row[1]) <= _MOST]


def _jpeg() -> list[bytes]:
    modes = [saved(_tiny(mode), "JPEG", quality=60) for mode in ("L", "RGB", "CMYK")]
    plain = modes[1]
    kinds: list[dict[str, object]] = [
        {"progressive": True},
        {"restart_marker_blocks": 1},
        {"subsampling": 0},
        {"subsampling": 1},
        {"keep_rgb": True},
        {"progressive": True, "restart_marker_rows": 1},
        {"optimize": True, "dpi": (300, 300)},
    ]
    modes += [saved(_tiny(), "JPEG", quality=60, **kind) for kind in kinds]
    segments = (
        (0xE0, b"JFXX\0\x10" + MARK),
        (0xE1, b"Exif\0\0" + exif_block(MARK, orientation=6, everywhere=True)),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>" + MARK),
        (0xE2, b"ICC_PROFILE\0\1\1" + icc_profile(MARK, "description")),
        (0xE2, b"MPF\0II*\0\x08\0\0\0" + MARK),
        (0xED, b"Photoshop 3.0\0" + b"8BIM\4\4\0\0\0\0\0\x14" + MARK),
        (0xEE, b"Adobe\0\x64\0\0\0\0\1"),
        (0xFE, MARK),
    )
    modes += [plain[:20] + photos_jpeg.segment(*each) + plain[20:] for each in segments]
    modes.append(plain + MARK + plain)
    modes += [
        imagecodecs.ljpeg_encode(np.asarray(_tiny("L"))),
        imagecodecs.jpegls_encode(np.asarray(_tiny("L"))),
    ]
    return modes + _small(photos_jpeg_scan.planted(1))[:6]


def _png() -> list[bytes]:
    files = [saved(_tiny(mode), "PNG") for mode in ("1", "L", "LA", "RGB", "RGBA", "P")]
    files.append(saved(Image.fromarray(np.asarray(_tiny("L")).astype(np.uint16) * 257), "PNG"))
    files.append(saved(_tiny("P"), "PNG", transparency=3, bits=8))
    plain = saved(_tiny("L", (9, 5)), "PNG")
    chunks = (
        (b"tEXt", b"Comment\0" + MARK),
        (b"zTXt", b"Comment\0\0" + zlib.compress(MARK)),
        (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + MARK),
        (b"eXIf", exif_block(MARK, orientation=3)),
        (b"iCCP", b"name\0\0" + zlib.compress(icc_profile(MARK, "copyright"))),
        (b"pHYs", struct.pack(">IIB", 11811, 11811, 1)),
        (b"gAMA", struct.pack(">I", 45455)),
        (b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)),
        (b"sRGB", b"\0"),
        (b"sBIT", b"\5"),
        (b"bKGD", b"\0\7"),
        (b"cICP", b"\1\x0d\0\1"),
        (b"tIME", b"\7\xea\1\2\3\4\5"),
        (b"prVt", MARK),
    )
    files += [plain[:33] + photos_png.chunk(*each) + plain[33:] for each in chunks]
    rows = np.asarray(_tiny("L", (11, 9)))
    raw = b"".join(bytes((n % 5,)) + row.tobytes() for n, row in enumerate(rows))
    files += [photos_png.assembled(11, 9, 8, 0, raw), plain + MARK]
    adam = b"".join(
        b"\0" + row[x::dx].tobytes()
        for x, y, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4),
                             (1, 0, 2, 2), (0, 1, 1, 2))
        for row in rows[y::dy]
        if row[x::dx].size
    )  # fmt: skip
    head = struct.pack(">IIBBBBB", 11, 9, 8, 0, 0, 0, 1)
    interlaced = photos_png.chunk(b"IHDR", head) + photos_png.chunk(b"IDAT", zlib.compress(adam))
    files.append(b"\x89PNG\r\n\x1a\n" + interlaced + photos_png.chunk(b"IEND", b""))
    return files + _small(photos_png.planted(1))


def _tiff() -> list[bytes]:
    grey, colour = np.asarray(_tiny("L", (32, 24))), np.asarray(_tiny("RGB", (16, 12)))
    files = [saved(_tiny(mode), "TIFF", compression="raw") for mode in ("1", "L", "P", "CMYK", "F")]
    for coding in ("tiff_lzw", "tiff_adobe_deflate", "packbits"):
        files.append(saved(_tiny("L"), "TIFF", compression=coding))
    for coding in ("group3", "group4", "tiff_ccitt"):
        files.append(saved(_tiny("1"), "TIFF", compression=coding))
    files.append(saved(_tiny(), "TIFF", compression="jpeg", quality=50))
    layouts: list[dict[str, object]] = [
        {"tile": (16, 16)},
        {"tile": (16, 16), "compression": "zlib", "predictor": True},
        {"tile": (16, 16), "compression": "jpeg"},
        {"bigtiff": True, "compression": "lzw"},
        {"byteorder": ">", "rowsperstrip": 7},
        {"compression": "packbits", "rowsperstrip": 5},
        {"description": MARK.decode(), "software": MARK.decode(), "datetime": True},
        {"extratags": [(65000, 7, 20, MARK, True), (700, 1, 20, MARK, True)]},
    ]
    files += [_tif(grey, **layout) for layout in layouts]
    files.append(_tif(colour, photometric="rgb", planarconfig="separate"))
    files.append(_tif(np.moveaxis(colour, 2, 0), photometric="rgb", planarconfig="separate"))
    files.append(_tif(grey.astype(np.uint16) * 257, compression="zlib", predictor=True))
    files.append(_tif(grey.astype(np.float32), compression="zlib", predictor=True))
    files.append(_tif(np.stack([grey, 255 - grey]), compression="lzw"))
    foreign = [_tif(colour, compression=coding) for coding in photos_tiff_raster.FOREIGN]
    hidden = [data for _, data, _ in photos_tiff_raster.planted(1) if len(data) < 2 * _MOST]
    return files + foreign + hidden + _slides() + _small(photos_tiff.planted(1))


def _tif(pixels: np.ndarray, **options: object) -> bytes:
    sink = io.BytesIO()
    tifffile.imwrite(sink, pixels, **{"metadata": None, **options})
    return sink.getvalue()


def _slides() -> list[bytes]:
    """Slides as small as a tile allows: levels, thumbnail, label and macro picture."""
    made = []
    for coding in ("jpeg", "zlib"):
        sink = io.BytesIO()
        text = photos_slide.TEXT.format(MARK.decode())
        rgb: dict[str, object] = {"photometric": "rgb", "metadata": None, "compression": coding}
        with tifffile.TiffWriter(sink) as file:
            for size in ((32, 32), (16, 16)):
                level = np.asarray(_tiny("RGB", size))
                file.write(level, tile=(16, 16), description=text, software=False, **rgb)
                if size[0] == 32 and coding == "jpeg":
                    file.write(level[:9, :9], rowsperstrip=16, description="Aperio", **rgb)
            for kind, name in ((1, "label"), (9, "macro")):
                told = f"Aperio\r\n{name} 8x8"
                file.write(level[:8, :8], subfiletype=kind, description=told, **rgb)
        made.append(sink.getvalue())
    return made


def _bmp() -> list[bytes]:
    files = [saved(_tiny(mode, (9, 5)), "BMP") for mode in ("1", "RGB", "RGBA")]
    return files + _small(photos_bmp.faithful(1)) + _small(photos_bmp.planted(1))


def _gif() -> list[bytes]:
    frames = [_tiny("P", (9, 7)), _tiny("L", (9, 7)).convert("P")]
    still = saved(_tiny("P", (13, 9)).quantize(8), "GIF", comment=MARK)
    moving = saved(frames[0].quantize(4), "GIF", save_all=True, loop=0, duration=70,
                   append_images=[frames[1].quantize(4)])  # fmt: skip
    small = [data for data in _small(photos_gif.planted(1)) if len(data) < 500]
    return [still, moving, *small, *_small(photos_gif.faithful(1))[:3]]


def _webp() -> list[bytes]:
    modes: list[tuple[str, dict[str, object]]] = [
        ("RGB", {}),
        ("RGBA", {}),
        ("RGB", {"lossless": True}),
        ("RGBA", {"lossless": True, "exact": True}),
    ]
    files = [saved(_tiny(mode), "WEBP", **options) for mode, options in modes]
    files.append(saved(_tiny(), "WEBP", icc_profile=icc_profile(MARK, "copyright"), xmp=MARK))
    files.append(saved(_tiny(), "WEBP", exif=b"Exif\0\0" + exif_block(MARK, orientation=6)))
    moving = {"save_all": True, "append_images": [_tiny("L")], "duration": 50, "loop": 3}
    files.append(saved(_tiny(), "WEBP", **moving))
    return files + [data for data in _small(photos_webp.planted(1)) if len(data) < 600]


def _jp2() -> list[bytes]:
    modes = ("L", "RGB", "RGBA")
    files = [saved(_tiny(mode), "JPEG2000", num_resolutions=2) for mode in modes]
    plain = files[0]
    kinds: list[dict[str, object]] = [
        {"irreversible": True, "quality_layers": [20, 5]},
        {"tile_size": (8, 8), "num_resolutions": 2, "progression": "RPCL"},
        {"no_jp2": True, "comment": MARK.decode()},
        {"plt": True, "codeblock_size": (4, 4), "precinct_size": (16, 16), "progression": "CPRL"},
    ]
    files += [saved(_tiny("L"), "JPEG2000", **{"num_resolutions": 2, **kind}) for kind in kinds]
    files.append(photos_jp2.with_box(plain, b"xml ", MARK))
    files.append(photos_jp2.with_box(plain, b"uuid", bytes(16) + MARK))
    files.append(photos_jp2.in_main(plain, photos_jp2.segment(0x64, b"\0\1" + MARK)))
    colour = b"\2\0\0" + icc_profile(MARK, "copyright")
    files.append(photos_jp2.in_header(plain, b"colr", colour, first=True))
    return files


def _heif() -> list[bytes]:
    soiled = _small(photos_heif.planted(1))
    return _small(photos_heif.faithful(1)) + soiled[::2]


@functools.cache
def _dicom() -> list[bytes]:
    files = [dicoms.make_plain(kind) for kind in ("ct", "us", "us-cine")]
    small = [form.data for form in masked_dicoms.forms(1) if len(form.data) < 4 * _MOST]
    elements = dicoms.image("sc")
    elements[0x00090010] = dicoms.element(0x00090010, "LO", MARK)
    elements[0x00081084] = dicoms.sequence(0x00081084, dicoms.element(0x00080104, "LO", MARK))
    return [*files, *small, dicoms.file(elements)]


_MADE = {
    "jpeg": _jpeg,
    "png": _png,
    "tiff": _tiff,
    "bmp": _bmp,
    "gif": _gif,
    "webp": _webp,
    "jp2": _jp2,
    "heif": _heif,
    "dicom": _dicom,
}
