"""TIFF of every kind, page by page: what tifffile reads, and else what libtiff does in Pillow.

Reduced copies are no pages. What is tiled and has smaller levels is a whole slide (`slides`).
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

from medrelease.pixels import raster, samples, slides
from medrelease.pixels.faults import CannotDecode, too_large
from medrelease.pixels.foreign import decoding
from medrelease.pixels.mapped import Mapped
from medrelease.pixels.page import MOST_BYTES, Page, singles

MOST_PAGES = 1000
_CMYK, _PALETTE = 5, 3


def pages(source: Mapped) -> Iterator[Page]:
    """The pages of a TIFF file, numbered as its directories are. Raises CannotDecode."""
    with decoding():
        file: Any = tifffile.TiffFile(source.file())
        found = [(n, page) for n, page in enumerate(file.pages) if not page.is_reduced]
        levels = slides.levels(file)
    if len(found) > MOST_PAGES:
        raise too_large(f"The file has more than {MOST_PAGES} pages.")
    if levels:
        yield from slides.pages(levels)
        return
    for number, page in found:
        with decoding():
            size = page.imagewidth * page.imagelength * page.samplesperpixel
            width = max(1, page.bitspersample // 8)
        if size * width > MOST_BYTES:
            raise too_large("A page has more pixels than can be looked at.")
        decoded = _decoded(source, page, number)
        turn = _turn(page)
        cmyk = int(page.photometric) == _CMYK
        yield from singles(number, samples.frames(decoded, cmyk=cmyk), turn=turn)


def _turn(page: Any) -> int:
    said = page.tags.valueof(274)
    return said if isinstance(said, int) and 1 <= said <= 8 else 1


def _decoded(source: Mapped, page: Any, number: int) -> NDArray[Any]:
    """The samples of a page as (rows, columns) or (rows, columns, samples)."""
    try:
        with decoding():
            return _arranged(page, page.asarray(maxworkers=1))
    except CannotDecode as first:
        # libtiff knows old forms, such as subsampled colour without JPEG.
        try:
            with decoding():
                picture = Image.open(source.file(), formats=["TIFF"])
                picture.seek(number)
                plain = picture.mode in raster.PLAIN
                return np.asarray(picture if plain else picture.convert("RGB"))
        except CannotDecode:
            raise first from None


def _arranged(page: Any, decoded: NDArray[Any]) -> NDArray[Any]:
    if page.samplesperpixel > 1 and int(page.planarconfig) == 2:
        decoded = np.moveaxis(decoded.reshape(page.samplesperpixel, *decoded.shape[-2:]), 0, -1)
    if int(page.photometric) == _PALETTE and page.colormap is not None:
        return np.asarray(np.moveaxis(page.colormap, 0, -1)[decoded])
    return decoded
