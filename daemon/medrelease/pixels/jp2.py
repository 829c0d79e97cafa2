"""JPEG 2000: one picture, of 8 or 16 bits, in colour or grey."""

from collections.abc import Iterator

import imagecodecs
import numpy as np

from medrelease.pixels import samples
from medrelease.pixels.faults import too_large, undecodable
from medrelease.pixels.foreign import decoding
from medrelease.pixels.mapped import Mapped
from medrelease.pixels.page import MOST_BYTES, Page, singles

_START = b"\xff\x4f\xff\x51"
"""SOC and SIZ, with which a codestream begins (ISO/IEC 15444-1, A.4.1 and A.5.1)."""


def pages(source: Mapped) -> Iterator[Page]:
    """The picture as a page. Raises CannotDecode."""
    bound(source.view)
    with decoding():
        decoded = np.asarray(imagecodecs.jpeg2k_decode(source.data, numthreads=1))
    yield from singles(None, samples.frames(decoded))


def bound(view: memoryview) -> None:
    """Refuse a codestream whose SIZ says more than is looked at, before anything is decoded."""
    at = bytes(view[: 1 << 20]).find(_START)
    if at < 0 or at + 44 > len(view):
        raise undecodable("The picture has no JPEG 2000 codestream.")
    size = bytes(view[at + 4 : at + 44])
    width, height, left, top = (int.from_bytes(size[place : place + 4]) for place in (4, 8, 12, 16))
    count = int.from_bytes(size[36:38])
    if (width - left) * (height - top) * max(count, 1) * 2 > MOST_BYTES:
        raise too_large("The picture has more pixels than can be looked at.")
