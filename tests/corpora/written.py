"""What common writers make of one picture with all their options: how much of it is released.

The writers are Pillow, tifffile, imagecodecs, OpenCV and pillow-heif. Nothing here is odd on
purpose; an option that a writer refuses is left out.
"""

import io
import warnings
from collections.abc import Iterator, Mapping, Sequence

import cv2
import imagecodecs
import numpy as np
import pi_heif
import pillow_heif
import tifffile
from PIL import Image, ImageCms, ImageSequence

from corpora.photos_base import picture, saved

Written = tuple[str, str, bytes]
"""(format, writer and options, file)"""

_REFUSALS = (OSError, ValueError, TypeError, KeyError, RuntimeError, NotImplementedError)
_MODES = ("1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I", "I;16", "F", "LA")
_TIFF_CODINGS = (
    *("raw", "tiff_lzw", "tiff_deflate", "tiff_adobe_deflate", "packbits", "jpeg", "group3"),
    *("group4", "tiff_ccitt", "zstd", "webp", "lzma"),
)
_OPTIONS: Mapping[str, Sequence[Mapping[str, object]]] = {
    "PNG": [{}, {"optimize": True}, {"bits": 4}, {"compress_level": 0}],
    "JPEG": [
        {},
        {"progressive": True},
        {"quality": 100, "subsampling": 0},
        {"quality": 10},
        {"subsampling": 1},
        {"restart_marker_rows": 1},
        {"optimize": True},
        {"quality": "web_high"},
        {"smooth": 20},
        {"keep_rgb": True},
    ],
    "BMP": [{}],
    "GIF": [{}, {"interlace": 0}, {"optimize": True}],
    "WEBP": [
        {},
        {"lossless": True},
        {"quality": 10, "method": 6},
        {"exact": True, "lossless": True},
        {"alpha_quality": 20},
        {"method": 0},
    ],
    "JPEG2000": [
        {},
        {"irreversible": True},
        {"quality_mode": "rates", "quality_layers": [20]},
        {"tile_size": (32, 32)},
        {"progression": "RPCL"},
        {"no_jp2": True},
        {"mct": 0},
        {"codeblock_size": (16, 16)},
        {"plt": True},
        {"num_resolutions": 1},
        {"signed": True},
    ],
    "AVIF": [
        {},
        {"quality": 100, "subsampling": "4:4:4"},
        {"subsampling": "4:0:0"},
        {"subsampling": "4:2:2"},
        {"range": "limited"},
        {"quality": 1},
    ],
    "HEIF": [{}, {"quality": -1, "chroma": 444}, {"quality": 20}, {"chroma": 422}],
}
_CV_OPTIONS: Mapping[str, Sequence[Sequence[int]]] = {
    ".jpg": [[], [cv2.IMWRITE_JPEG_PROGRESSIVE, 1], [cv2.IMWRITE_JPEG_RST_INTERVAL, 4]],
    ".png": [[], [cv2.IMWRITE_PNG_BILEVEL, 1], [cv2.IMWRITE_PNG_STRATEGY, 2]],
    ".tif": [[], *([cv2.IMWRITE_TIFF_COMPRESSION, code] for code in (1, 5, 8, 32773, 50000, 7))],
    ".bmp": [[]],
    ".webp": [[], [cv2.IMWRITE_WEBP_QUALITY, 101]],
    ".jp2": [[], [cv2.IMWRITE_JPEG2000_COMPRESSION_X1000, 200]],
    ".avif": [[]],
    ".gif": [[]],
}
_KINDS = ("bool", "u1", "u2", "u4", "u8", "i1", "i2", "i4", "f2", "f4", "f8")
_CODINGS = (
    *(None, "lzw", "zlib", "packbits", "jpeg", "jpeg2000", "zstd", "lzma", "webp", "png", "lerc"),
    *("jpegxl", "jpegxr", "deflate"),
)
_LAYOUTS: Sequence[Mapping[str, object]] = (
    {},
    {"tile": (32, 32)},
    {"predictor": True},
    {"bigtiff": True, "byteorder": ">"},
    {"rowsperstrip": 10},
)


def files() -> Iterator[Written]:
    """Every file once."""
    seen: set[bytes] = set()
    for source in (_by_pillow(), _by_size(), _by_tifffile(), _by_imagecodecs(), _by_opencv()):
        for form, name, data in source:
            if data not in seen:
                seen.add(data)
                yield form, name, data


def _converted(mode: str) -> Image.Image:
    image = picture(3)
    if mode == "I;16":
        return Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    if mode == "LAB":
        spaces = [ImageCms.createProfile(space) for space in ("sRGB", "LAB")]
        lab = ImageCms.profileToProfile(image, *spaces, outputMode="LAB")
        assert lab is not None
        return lab
    return image.convert(mode)


def _by_pillow() -> Iterator[Written]:
    for mode in _MODES:
        image = _converted(mode)
        turned = image.rotate(3)
        every = {form: list(options) for form, options in _OPTIONS.items()}
        every["TIFF"] = [
            {"compression": coding, "big_tiff": big}
            for coding in _TIFF_CODINGS
            for big in (False, True)
        ]
        moving = {"save_all": True, "append_images": [turned], "duration": 100}
        for form in ("GIF", "WEBP"):
            every[form].append(moving)
        every["TIFF"].append({"save_all": True, "append_images": [turned]})
        for form, options in every.items():
            for chosen in options:
                try:
                    yield form, f"Pillow {mode} {_short(chosen)}", saved(image, form, **chosen)
                except _REFUSALS:
                    continue


def _short(options: Mapping[str, object]) -> str:
    return " ".join(f"{key}={value}"[:30] for key, value in options.items())


def _by_size() -> Iterator[Written]:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera"
    for size in ((1, 1), (3, 2), (17, 9), (65, 63), (333, 217), (640, 480)):
        for mode in ("L", "RGB"):
            image = picture(4, size).convert(mode)
            for form in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "JPEG2000", "AVIF", "HEIF"):
                for chosen in ({}, {"exif": exif, "dpi": (300, 300)}):
                    try:
                        data = saved(image, form, **chosen)
                    except _REFUSALS:
                        continue
                    yield form, f"Pillow {mode} {size} {_short(chosen)}", data


def _by_tifffile() -> Iterator[Written]:
    base = np.asarray(picture(5))
    shapes = {
        "grey": (base[..., 0], {}),
        "rgb": (base, {"photometric": "rgb"}),
        "rgba": (
            np.dstack([base, 255 - base[..., 0]]),
            {"photometric": "rgb", "extrasamples": ["unassalpha"]},
        ),
        "planes": (
            np.moveaxis(base, 2, 0),
            {"photometric": "rgb", "planarconfig": "separate"},
        ),
        "pages": (np.stack([base[..., 0]] * 3), {"photometric": "minisblack"}),
    }
    for kind in _KINDS:
        for shape, (pixels, basic) in shapes.items():
            for coding in _CODINGS:
                for layout in _LAYOUTS:
                    options = {**basic, **layout} | ({"compression": coding} if coding else {})
                    try:
                        data = _tiff(_as(pixels, kind), **options)
                    except _REFUSALS:
                        continue
                    yield "TIFF", f"tifffile {kind} {shape} {coding} {_short(layout)}", data
    for chosen in _EXTRAS:
        try:
            yield "TIFF", f"tifffile {_short(chosen)}", _tiff(base[..., 0], **chosen)
        except _REFUSALS:
            continue


_EXTRAS: Sequence[Mapping[str, object]] = (
    {"imagej": True},
    {"ome": True},
    {"photometric": "miniswhite"},
    {"photometric": "palette", "colormap": np.arange(768, dtype="u2").reshape(3, 256)},
    {"resolution": (300, 300), "resolutionunit": "INCH"},
    {"datetime": True, "software": "x", "description": "y"},
    {"rowsperstrip": 1},
)


def _tiff(pixels: np.ndarray, **options: object) -> bytes:
    sink = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tifffile.imwrite(sink, pixels, **options)
    return sink.getvalue()


def _as(pixels: np.ndarray, kind: str) -> np.ndarray:
    """Samples spread over the range of a kind of number."""
    if kind == "bool":
        return pixels > 128
    if kind.startswith("f"):
        return (pixels / 255).astype(kind)
    wide = pixels.astype(np.int64) * (257 if kind[1] != "1" else 1)
    return (wide // (2 if kind.startswith("i") else 1)).astype(kind)


def _by_imagecodecs() -> Iterator[Written]:
    base = np.asarray(picture(5))
    grey, alpha = base[..., 0], np.dstack([base, base[..., :1]])
    wide = grey.astype(np.uint16) * 257
    encoders = {
        "PNG": (imagecodecs.png_encode, [base, grey, wide, alpha]),
        "JPEG": (imagecodecs.jpeg8_encode, [base, grey]),
        "WEBP": (imagecodecs.webp_encode, [base, alpha]),
        "JPEG2000": (imagecodecs.jpeg2k_encode, [base, grey, wide]),
        "GIF": (imagecodecs.gif_encode, [grey]),
        "BMP": (imagecodecs.bmp_encode, [base, grey]),
        "AVIF": (imagecodecs.avif_encode, [base, grey]),
    }
    for form, (encode, pictures) in encoders.items():
        for number, pixels in enumerate(pictures):
            for level in ({}, {"level": 1}, {"level": 9}, {"level": 50}):
                try:
                    yield form, f"imagecodecs {number} {_short(level)}", encode(pixels, **level)
                except _REFUSALS:
                    continue


def _by_opencv() -> Iterator[Written]:
    base = np.asarray(picture(6))
    pictures = {
        "colour": base,
        "grey": base[..., 0],
        "16 bit": base.astype(np.uint16) * 257,
        "float": base.astype(np.float32) / 255,
        "alpha": np.dstack([base, base[..., :1]]),
    }
    for suffix, options in _CV_OPTIONS.items():
        for chosen in options:
            for name, pixels in pictures.items():
                try:
                    good, data = cv2.imencode(suffix, pixels, list(chosen))
                except cv2.error:
                    continue
                if good:
                    yield suffix[1:].upper(), f"OpenCV {name} {chosen}", data.tobytes()


pillow_heif.register_heif_opener()


def openers(data: bytes) -> list[str]:
    """The decoders that open a file without so much as a warning."""
    found = []
    for name, decode in _DECODERS.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                decode(data)
        except Exception:  # noqa: BLE001 - whatever a decoder raises, it did not open the file
            continue
        found.append(name)
    return found


def _pillow(data: bytes) -> None:
    with Image.open(io.BytesIO(data)) as image:
        for frame in ImageSequence.Iterator(image):
            frame.load()


def _tifffile(data: bytes) -> None:
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        for page in file.pages:
            page.asarray()


def _imagecodecs(data: bytes) -> None:
    if data[:2] in (b"II", b"MM") or imagecodecs.imread(data).size == 0:
        raise ValueError("no picture of its own kinds")


def _opencv(data: bytes) -> None:
    if cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) is None:
        raise ValueError("no picture")


def _libheif(data: bytes) -> None:
    pi_heif.open_heif(io.BytesIO(data))[0].to_pillow()


_DECODERS = {
    "Pillow": _pillow,
    "tifffile": _tifffile,
    "imagecodecs": _imagecodecs,
    "OpenCV": _opencv,
    "libheif": _libheif,
}
