"""HEIC and AVIF: shown as they are shown, since nothing can be blanked in them.

AVIF is decoded by what Pillow carries. For HEIC there is a decoder where the extra [heif] is
installed; without one the picture is held.
"""

import importlib
import importlib.util
from collections.abc import Iterator

import numpy as np

from medrelease.pixels import samples
from medrelease.pixels.faults import decoder_missing, too_large
from medrelease.pixels.foreign import decoding
from medrelease.pixels.mapped import Mapped
from medrelease.pixels.page import MOST_BYTES, Page, singles


def available() -> bool:
    """Whether a decoder for HEIC is installed."""
    return importlib.util.find_spec("pi_heif") is not None


def pages(source: Mapped) -> Iterator[Page]:
    """The main picture as a page. Raises CannotDecode."""
    if not available():
        raise decoder_missing("No decoder for HEIC is installed.")
    pi_heif = importlib.import_module("pi_heif")  # the package is optional
    with decoding():
        pi_heif.options.DECODE_THREADS = 1
        container = pi_heif.open_heif(source.file(), convert_hdr_to_8bit=False)
        picture = container[container.primary_index]
        width, height = picture.size
    if width * height * 8 > MOST_BYTES:
        raise too_large("The picture has more pixels than can be looked at.")
    with decoding():
        decoded = np.asarray(picture)
    yield from singles(None, samples.frames(decoded), maskable=False)
