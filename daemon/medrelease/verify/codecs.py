"""The library that decodes what this room does not: it comes with the extra for pixels.

Decoded with it is a picture of which a part was blanked, and one that is coded anew or may hide
something in a coding that only it knows, AV1 among them.
"""

from importlib import import_module
from typing import Any

from medrelease.terms.words import Reason
from medrelease.verify.refusal import Refusal, malformed

_USED = (
    *("jpeg2k_decode", "jpegls_decode", "jpegsof3_decode", "lzw_decode", "ccittfax4_decode"),
    *("ccittrle_decode", "ccittfax3_decode", "lzma_decode", "zstd_decode", "webp_decode"),
    *("png_decode", "lerc_decode", "jpegxl_decode", "jpegxr_decode", "avif_decode"),
    "jpeg8_decode",
)


def decode(name: str, data: bytes, **options: object) -> Any:
    """Return what a decoder of imagecodecs makes of one coded picture, an array.

    Raises Refusal(decoder-missing) where it is not installed, Refusal(malformed |
    limits-exceeded) where it fails.
    """
    try:
        decoder = getattr(import_module("imagecodecs"), name)
    except ImportError:
        raise Refusal(Reason.DECODER_MISSING, "what decodes this picture is absent") from None
    try:
        return decoder(data, **options)
    except (RuntimeError, ValueError):
        malformed("a coded picture does not decode")
    except MemoryError:
        raise Refusal(Reason.LIMITS_EXCEEDED, "a coded picture larger than memory") from None


def warm() -> None:
    """Load what is there: a worker's sandbox lets no file be opened later."""
    try:
        library = import_module("imagecodecs")
    except ImportError:
        return
    for name in _USED:
        getattr(library, name)  # each is a module of its own that comes when it is asked for
