"""Photographs with a marker in every hiding place, faithful samples, and files that must be held.

The front of the generators for each format. Everything follows from a seed; nothing is
anybody's picture. `holds` is the detector: it shares no code with the package.
"""

import io

import numpy as np
from PIL import Image

from corpora import (
    photos_behind,
    photos_bmp,
    photos_gif,
    photos_heif,
    photos_jp2,
    photos_jpeg,
    photos_jpeg_scan,
    photos_jpeg_tables,
    photos_png,
    photos_slide,
    photos_tiff,
    photos_tiff_raster,
    photos_webp,
)
from corpora.photos_base import Planted, holds, icc_profile, marker, picture, saved
from corpora.photos_jpeg import camera_jpeg

__all__ = [
    "camera_jpeg",
    "faithful",
    "held",
    "holds",
    "marker",
    "picture",
    "planted",
    "unremovable",
]


def planted(seed: int = 1) -> list[Planted]:
    """(hiding place, file, marker) for every hiding place of every format."""
    rooms = (
        photos_jpeg,
        photos_jpeg_scan,
        photos_jpeg_tables,
        photos_png,
        photos_tiff,
        photos_tiff_raster,
        photos_bmp,
        photos_gif,
        photos_heif,
        photos_slide,
        photos_webp,
        photos_jp2,
    )
    return [file for room in rooms for file in room.planted(seed)]


def unremovable(seed: int = 1) -> list[Planted]:
    """(hiding place, file, marker) for every place that cannot be cleaned: such files are held."""
    return photos_behind.planted(seed)


def held(seed: int = 1) -> list[tuple[str, bytes, str]]:
    """(name, file, reason) of files that may not be cleaned."""
    jpeg = photos_jpeg.encoded(seed)
    unsupported = "format-not-supported"
    return [
        ("empty", b"", "empty"),
        ("cut jpeg", photos_jpeg.truncated(seed), "incomplete"),
        ("cut png", photos_png.truncated(seed), "incomplete"),
        ("cut tiff", photos_tiff.truncated(seed), "incomplete"),
        ("cut signature", b"\x89PN", "incomplete"),
        ("bytes before a jpeg", b"\0\0" + jpeg, unsupported),
        ("animated png", photos_png.animated(seed), unsupported),
        ("camera raw", photos_tiff.raw_camera(seed), unsupported),
        ("slide", photos_tiff.slide(seed), unsupported),
        ("pdf", b"%PDF-1.7\n", unsupported),
        ("zip", b"PK\x03\x04" + bytes(40), unsupported),
        ("video", b"\0\0\0\x18ftypmp42" + bytes(40), unsupported),
        ("text", b"Dear colleague, enclosed please find", unsupported),
        ("png bomb", _bomb(), "limits-exceeded"),
        ("png bad check sum", _bad_check_sum(seed), "malformed"),
        *photos_jpeg_scan.held(seed),
        *photos_bmp.held(seed),
        *photos_gif.held(seed),
        *photos_heif.held(seed),
        *photos_slide.held(seed),
        *photos_webp.held(seed),
        *photos_jp2.held(seed),
    ]


def _bomb() -> bytes:
    """A PNG of four gigapixels in a few bytes."""
    return photos_png.assembled(65536, 65536, 8, 0, bytes(1 << 16))


def _bad_check_sum(seed: int) -> bytes:
    png = bytearray(photos_png.encoded(seed))
    png[60] ^= 1
    return bytes(png)


def faithful(seed: int = 1) -> list[tuple[str, bytes]]:
    """(name, file) of pictures whose every property must survive."""
    image = picture(seed)
    grey16 = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    profile = icc_profile(b"-")
    files = [
        ("jpeg grey", saved(image.convert("L"), "JPEG")),
        ("jpeg cmyk", saved(image.convert("CMYK"), "JPEG")),
        ("jpeg progressive", saved(image, "JPEG", progressive=True, quality=95)),
        ("jpeg restarts", saved(image, "JPEG", restart_marker_blocks=3)),
        ("jpeg 4:4:4", saved(image, "JPEG", subsampling=0)),
        ("jpeg rgb", saved(image, "JPEG", keep_rgb=True)),
        ("jpeg dpi icc", saved(image, "JPEG", dpi=(300, 300), icc_profile=profile)),
        ("png rgb16 grey", saved(grey16, "PNG")),
        ("png alpha", saved(_translucent(image), "PNG")),
        ("png palette", saved(image.convert("P"), "PNG")),
        ("png bilevel", saved(image.convert("1"), "PNG")),
        ("png dpi icc", saved(image, "PNG", dpi=(300, 300), icc_profile=profile)),
        ("tiff lzw", saved(image, "TIFF", compression="tiff_lzw", dpi=(300, 300))),
        ("tiff deflate", saved(image, "TIFF", compression="tiff_adobe_deflate")),
        ("tiff packbits", saved(image, "TIFF", compression="packbits")),
        ("tiff jpeg", saved(image, "TIFF", compression="jpeg", quality=90)),
        ("tiff group 4", saved(image.convert("1"), "TIFF", compression="group4")),
        ("tiff grey16", saved(grey16, "TIFF")),
        ("tiff float", saved(image.convert("F"), "TIFF")),
        ("tiff cmyk icc", saved(image.convert("CMYK"), "TIFF", icc_profile=profile)),
        ("tiff pages", saved(image, "TIFF", save_all=True, append_images=[image.convert("L")])),
        ("tiff long ratios", photos_tiff.long_ratios(seed)),
        ("jpeg long ratios", photos_jpeg.long_ratios(seed)),
        ("jpeg steps of a camera", photos_jpeg_tables.camera_like(seed)),
        ("tiff big", saved(image, "TIFF", big_tiff=True)),
        *photos_tiff_raster.faithful(seed),
        *photos_bmp.faithful(seed),
        *photos_gif.faithful(seed),
        *photos_heif.faithful(seed),
        *photos_slide.faithful(seed),
        *photos_webp.faithful(seed),
        *photos_jp2.faithful(seed),
    ]
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        files.append(
            (f"jpeg orientation {orientation}", saved(image, "JPEG", exif=exif, dpi=(96, 96)))
        )
    return files


def _translucent(image: Image.Image) -> Image.Image:
    """The picture with an alpha ramp that is zero over black pixels only."""
    alpha = np.arange(image.height * image.width).reshape(image.height, image.width, 1) % 256
    rgba = np.concatenate((np.asarray(image), alpha), axis=2).astype(np.uint8)
    rgba[rgba[:, :, 3] == 0] = 0
    return Image.fromarray(rgba)


def opened(data: bytes) -> Image.Image:
    """A file decoded by Pillow."""
    return Image.open(io.BytesIO(data))
