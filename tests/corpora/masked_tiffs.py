"""TIFF files of every layout of samples and every coding, from a seed."""

import io
from collections.abc import Callable

import numpy as np
import tifffile
from PIL import Image

from corpora import photos_base
from corpora.masked_pictures import Form, Pages

ROWS, COLUMNS = 61, 75
_TILE = {"tile": (32, 48)}
_STRIP = {"rowsperstrip": 9}


def decoded(data: bytes) -> Pages:
    """The pages of a file as tifffile reads them, samples last."""
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        return [_interleaved(page) for page in file.pages]


def _interleaved(page: tifffile.TiffPage) -> np.ndarray:
    pixels = page.asarray()
    return np.moveaxis(pixels, 0, -1) if page.planarconfig == 2 and pixels.ndim == 3 else pixels


def _pillow(data: bytes) -> Pages:
    with Image.open(io.BytesIO(data)) as image:
        return [np.array(image)]


def _noise(seed: int, kind: str, *shape: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if kind.startswith("f"):
        return rng.normal(0, 9, shape).astype(kind)
    return rng.integers(0, 200, (*shape, np.dtype(kind).itemsize), np.uint8).view(kind)[..., 0]


def _written(pixels: np.ndarray, order: str = "<", **options: object) -> bytes:
    sink = io.BytesIO()
    big = bool(options.pop("big", False))
    kind = "rgb" if pixels.ndim == 3 and 3 in (pixels.shape[0], pixels.shape[-1]) else "minisblack"
    with tifffile.TiffWriter(sink, byteorder=order, bigtiff=big) as file:
        file.write(pixels, **({"photometric": kind, "metadata": None} | options))
    return sink.getvalue()


def forms(seed: int) -> list[Form]:
    """Strips and tiles, depths, byte orders, codings and predictors; several pages."""
    grey, colour = (ROWS, COLUMNS), (ROWS, COLUMNS, 3)
    deflate, packbits = {"compression": "zlib"}, {"compression": "packbits"}
    lzw = {"compression": "lzw", "predictor": True}
    table = np.random.default_rng(seed).integers(0, 65535, (3, 256), np.uint16)
    cases: dict[str, bytes] = {
        "8 strips": _written(_noise(seed, "u1", *grey), **_STRIP),
        "8 tiles": _written(_noise(seed, "u1", *grey), **_TILE),
        "16 motorola": _written(_noise(seed, "u2", *grey), ">", **_STRIP),
        "16 signed": _written(_noise(seed, "i2", *grey), **_STRIP),
        "32 big": _written(_noise(seed, "u4", *grey), big=True, **_TILE),
        "float": _written(_noise(seed, "f4", *grey), **_STRIP),
        "rgb": _written(_noise(seed, "u1", *colour), **_STRIP),
        "rgb planes": _written(_noise(seed, "u1", 3, *grey), planarconfig="separate", **_STRIP),
        "rgb planes tiles": _written(
            _noise(seed, "u2", 3, *grey), ">", planarconfig="separate", **_TILE, **deflate
        ),
        "rgba": _written(
            _noise(seed, "u1", ROWS, COLUMNS, 4), photometric="rgb", extrasamples=["unassalpha"]
        ),
        "cmyk": _written(_noise(seed, "u1", ROWS, COLUMNS, 4), photometric="separated"),
        "white is zero": _written(_noise(seed, "u1", *grey), photometric="miniswhite", **_STRIP),
        "palette": _written(_noise(seed, "u1", *grey), photometric="palette", colormap=table),
        "bits 1": _bits(seed, 1),
        "deflate": _written(_noise(seed, "u1", *colour), **_STRIP, **deflate),
        "deflate predicted": _written(_noise(seed, "u2", *colour), predictor=True, **deflate),
        "deflate float": _written(_noise(seed, "f4", *grey), predictor=3, **_STRIP, **deflate),
        "deflate float motorola": _written(
            _noise(seed, "f8", *grey), ">", predictor=3, **_TILE, **deflate
        ),
        "lzw": _written(_noise(seed, "u1", *colour), **_STRIP, **lzw),
        "lzw 16 tiles": _written(_noise(seed, "u2", *grey), ">", **_TILE, **lzw),
        "packbits": _written(_noise(seed, "u1", *grey) // 90, **_STRIP, **packbits),
        "pages": _pages(seed),
    }
    found = [Form(f"tiff {name}", data, decoded) for name, data in cases.items()]
    return found + _libtiff(seed) + _jpegs(seed)


def _bits(seed: int, depth: int) -> bytes:
    return _written(_noise(seed, "u1", ROWS, COLUMNS) & 1, bitspersample=depth, **_STRIP)


def _pages(seed: int) -> bytes:
    sink = io.BytesIO()
    with tifffile.TiffWriter(sink) as file:
        for number, shape in enumerate(((ROWS, COLUMNS), (ROWS, COLUMNS, 3), (ROWS, COLUMNS))):
            file.write(
                _noise(seed + number, "u2" if number == 2 else "u1", *shape),
                photometric="rgb" if len(shape) == 3 else "minisblack",
                metadata=None,
                compression="zlib" if number else None,
            )
    return sink.getvalue()


def _libtiff(seed: int) -> list[Form]:
    """What libtiff writes: Group 4 and LZW of two colours."""
    noise = Image.fromarray(_noise(seed, "u1", ROWS, COLUMNS) > 150)
    return [
        Form("tiff fax", photos_base.saved(noise, "TIFF", compression="group4"), _pillow),
        Form("tiff lzw 1", photos_base.saved(noise, "TIFF", compression="tiff_lzw"), _pillow),
    ]


def _jpegs(seed: int) -> list[Form]:
    """JPEG in strips and tiles, the tables of all in one place.

    None shares chrominance between pixels: decoders smooth that over the edge of a mask.
    """
    smooth = np.asarray(photos_base.picture(seed, (COLUMNS, ROWS)).convert("RGB"))
    coded = {"compression": "jpeg", "compressionargs": {"level": 85}}
    cases: list[tuple[str, bytes, Callable[[bytes], Pages]]] = [
        ("grey", _written(smooth[..., 1], tile=(32, 48), **coded), decoded),
        ("rgb", _written(smooth, tile=(32, 48), subsampling=(1, 1), **coded), decoded),
        ("strips", photos_base.saved(Image.fromarray(smooth), "TIFF", compression="jpeg"), _pillow),
    ]
    return [Form(f"tiff jpeg {name}", data, read, cell=(8, 8)) for name, data, read in cases]
