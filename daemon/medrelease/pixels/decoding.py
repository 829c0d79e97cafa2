"""From a file to its pages: which decoder reads which format."""

from collections.abc import Callable, Iterator

from medrelease.pixels import avif, dicom_frames, heif, jp2, raster, tiff_pages
from medrelease.pixels.faults import decoder_missing
from medrelease.pixels.mapped import Mapped
from medrelease.pixels.page import Page
from medrelease.terms.words import Format

_READERS: dict[Format, Callable[[Mapped], Iterator[Page]]] = {
    Format.HEIC: heif.pages,
    Format.AVIF: avif.pages,
    Format.JP2: jp2.pages,
    Format.TIFF: tiff_pages.pages,
    Format.SVS: tiff_pages.pages,
    Format.DICOM: dicom_frames.pages,
}


def pages(source: Mapped, form: Format) -> Iterator[Page]:
    """The pages of a file that is known to be of a format.

    Raises CannotDecode, here or while a page or one of its frames is asked for.
    """
    if form in raster.FORMATS:
        return raster.pages(source, form)
    if form not in _READERS:
        raise decoder_missing("Nothing here decodes this format.")
    return _READERS[form](source)
