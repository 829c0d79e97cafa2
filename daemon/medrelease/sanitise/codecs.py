"""The libraries that code pictures anew: they come with the extra for pixels, and may be absent.

Only a file of which a part is to be blanked needs one.
"""

from importlib import import_module
from typing import Any

from medrelease.sanitise.refusal import Refusal
from medrelease.terms.words import Reason


def codec(name: str) -> Any:
    """A library by its module's name. Raises a decoder-missing refusal where it is not there."""
    try:
        return import_module(name)
    except ImportError:
        raise Refusal(
            Reason.DECODER_MISSING, "What codes this kind of picture is not installed."
        ) from None


_USED = (
    *("jpeg2k_encode", "htj2k_encode", "jpegls_decode", "jpegsof3_decode", "jpeg8_encode"),
    *("lzw_encode", "lzw_decode", "jpeg2k_decode", "ccittfax4_decode"),
    *("ccittrle_decode", "ccittfax3_decode", "lzma_decode", "zstd_decode", "webp_decode"),
    *("png_decode", "lerc_decode", "jpegxl_decode", "jpegxr_decode", "jpeg8_decode"),
)


def warm() -> None:
    """Load what is there: a worker's sandbox lets no file be opened later."""
    for name, parts in (("imagecodecs", _USED), ("jpeg_ls", ("encode_buffer",))):
        try:
            library = import_module(name)
        except ImportError:
            continue
        for part in parts:
            getattr(library, part)  # each is a module of its own that comes when it is asked for
