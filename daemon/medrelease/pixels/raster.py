"""JPEG, PNG, BMP, GIF and WebP: what Pillow reads.

A GIF or an animated WebP is a loop of composed pictures: a mask in it holds for every frame. Of
PNG with 16 bits a sample Pillow keeps the upper 8, so those are read by another decoder.
"""

from collections.abc import Iterator
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from medrelease.pixels import samples
from medrelease.pixels.faults import too_large
from medrelease.pixels.foreign import decoding
from medrelease.pixels.mapped import Mapped
from medrelease.pixels.page import MOST_BYTES, MOST_LOOKED_AT, Page, singles
from medrelease.pixels.views import Frame
from medrelease.terms.words import Format

MOST_FRAMES = 2000
_ORIENTATION = 0x0112
_NAMES = {
    Format.JPEG: "JPEG",
    Format.PNG: "PNG",
    Format.BMP: "BMP",
    Format.GIF: "GIF",
    Format.WEBP: "WEBP",
}
FORMATS = frozenset(_NAMES)
PLAIN = frozenset({"L", "RGB", "RGBA", "LA", "CMYK", "I;16", "I;16L", "I;16B", "I", "F"})
"""Modes that are taken as they are: Pillow cuts wide numbers off at 255 to make colour of them."""


def pages(source: Mapped, form: Format) -> Iterator[Page]:
    """The pages of a picture that Pillow reads. Raises CannotDecode."""
    with decoding():
        picture = Image.open(source.file(), formats=[_NAMES[form]])
    stored = (picture.height, picture.width)
    if form is Format.JPEG and picture.width * picture.height > 4 * MOST_LOOKED_AT:
        with decoding():  # decoded at half of its size or less, from the low frequencies
            picture.draft(None, (picture.width // 2, picture.height // 2))
    _bound(picture.width, picture.height, max(3, len(picture.getbands())))
    count = int(getattr(picture, "n_frames", 1))
    if count > MOST_FRAMES:
        raise too_large(f"The picture has more than {MOST_FRAMES} frames.")
    if count > 1:
        yield Page(None, _Loop(picture, count))
        return
    turn = turn_of(picture)
    decoded = _sixteen_bits(source) if form is Format.PNG else None
    if decoded is None:
        with decoding():
            decoded = _array(picture)
    cmyk = picture.mode == "CMYK"
    yield from singles(None, samples.frames(decoded, cmyk=cmyk), turn=turn, stored=stored)


class _Loop:
    """The composed frames of an animation, in colour over what lies behind them."""

    def __init__(self, picture: Image.Image, count: int) -> None:
        self._picture, self._count = picture, count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int, /) -> Frame:
        with decoding():
            self._picture.seek(index)
            return np.ascontiguousarray(self._picture.convert("RGB"))


def _bound(width: int, height: int, channels: int) -> None:
    if width * height * channels > MOST_BYTES:
        raise too_large("The picture has more pixels than can be looked at.")


def turn_of(picture: Image.Image) -> int:
    """The orientation that a file's Exif or boxes say, as Exif numbers it; else 1.

    Raises CannotDecode.
    """
    with decoding():
        said = picture.getexif().get(_ORIENTATION)
    return said if isinstance(said, int) and 1 <= said <= 8 else 1


def _array(picture: Image.Image) -> NDArray[Any]:
    """The samples as they are stored; palettes and rare modes in colour, with their alpha."""
    if picture.mode == "1":
        picture = picture.convert("L")
    elif picture.mode not in PLAIN:
        clear = "transparency" in picture.info or picture.mode in ("PA", "La", "RGBa")
        picture = picture.convert("RGBA" if clear else "RGB")
    return np.asarray(picture)


def _sixteen_bits(source: Mapped) -> NDArray[Any] | None:
    """The samples of a PNG of 16 bits (PNG 3, section 11.2.1), None of any other."""
    if bytes(source.view[24:25]) != b"\x10":
        return None
    with decoding():
        return np.asarray(imagecodecs.png_decode(source.data))
