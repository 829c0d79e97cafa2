"""AVIF: decoded by imagecodecs, with 10 and 12 bits; nothing can be blanked in it."""

from collections.abc import Iterator

import imagecodecs
import numpy as np
from PIL import AvifImagePlugin, Image

from medrelease.pixels import raster, samples
from medrelease.pixels.faults import too_large
from medrelease.pixels.foreign import decoding
from medrelease.pixels.mapped import Mapped
from medrelease.pixels.page import MOST_BYTES, Page, singles


def pages(source: Mapped) -> Iterator[Page]:
    """The picture as a page. Raises CannotDecode."""
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # a child behind the walls starts no thread
    with decoding():
        picture = Image.open(source.file(), formats=["AVIF"])
        width, height = picture.size
    if width * height * 8 > MOST_BYTES:
        raise too_large("The picture has more pixels than can be looked at.")
    with decoding():
        decoded = np.asarray(imagecodecs.avif_decode(source.data, numthreads=1))
    turn = raster.turn_of(picture)
    yield from singles(None, samples.frames(decoded), turn=turn, maskable=False)
