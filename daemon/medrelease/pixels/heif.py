"""HEIC: decoded as it is shown, turned and cropped, up to 16 bits; nothing can be blanked in it.

Boxes are therefore told in the pixels of the shown picture, which other readers give as well.
"""

from collections.abc import Iterator

from medrelease.pixels import libheif, samples
from medrelease.pixels.mapped import Mapped
from medrelease.pixels.page import Page, singles


def pages(source: Mapped) -> Iterator[Page]:
    """The picture as a page, its opacity as another. Raises CannotDecode."""
    decoded = libheif.decode(source.data)
    yield from singles(None, samples.frames(decoded), maskable=False)
