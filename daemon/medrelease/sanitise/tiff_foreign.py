"""Codings of TIFF that are decoded and not carried over: their streams may hold what no row does.

Fax of one dimension and two (compression 2 and 3), LZMA, Zstandard, and whole pictures inside a
strip or tile: WebP, PNG, LERC, JPEG XL, JPEG XR. A page coded so is written with Deflate.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from medrelease.sanitise.blanking import Bytes, Size
from medrelease.sanitise.codecs import codec
from medrelease.sanitise.refusal import malformed, too_large, unsupported
from medrelease.sanitise.tiff_page import BITS, COMPRESSION, PHOTOMETRIC, PLANAR, SAMPLES, Page

_FAX = {2: "ccittrle_decode", 3: "ccittfax3_decode"}
_BYTES = {34925: "lzma_decode", 34926: "zstd_decode", 50000: "zstd_decode"}
_PICTURES = {
    22610: "jpegxr_decode",
    34887: "lerc_decode",
    34933: "png_decode",
    34934: "jpegxr_decode",
    50001: "webp_decode",
    50002: "jpegxl_decode",
}
FOREIGN = frozenset({*_FAX, *_BYTES, *_PICTURES})
WITHOUT_PREDICTOR = frozenset({*_FAX, *_PICTURES})
"""Those of them whose decoders know no predictor, whatever the page says."""

_T4_OPTIONS, _LERC_PARAMETERS, _YCBCR = 292, 50674, 6


def unfold(page: Page, coded: bytes, shape: Size, order: str) -> Bytes:
    """The rows of a piece of `shape` (width, height), a predictor not yet undone, as flat bytes.

    Raises refusals: malformed, format-not-supported, decoder-missing.
    """
    coding, (width, height) = page.one(COMPRESSION, 1), shape
    expected = -(-width * page.depth // 8) * height
    if coding in _FAX:
        options = {"t4options": page.one(_T4_OPTIONS, 0)} if coding == 3 else {}
        pixels = _called(_FAX[coding], coded, height=height, width=width, **options)
        bits = np.asarray(pixels, np.uint8).reshape(height, width)
        return np.packbits(bits, axis=1).reshape(-1)
    if coding in _BYTES:
        return np.frombuffer(_called(_BYTES[coding], coded, out=expected), np.uint8).copy()
    return _picture(page, coded, shape, order)


def _picture(page: Page, coded: bytes, shape: Size, order: str) -> Bytes:
    """The samples of a picture that is one piece, as the page stores samples."""
    wrapped = _LERC_PARAMETERS in page.entries and any(
        page.entries[_LERC_PARAMETERS].integers()[1:]
    )
    if page.one(PHOTOMETRIC, 0) == _YCBCR or wrapped:
        raise unsupported("TIFF coded in this way is not supported.", _INSTEAD)
    samples = 1 if page.one(PLANAR, 1) == 2 else page.one(SAMPLES, 1)
    found = np.asarray(_called(_PICTURES[page.one(COMPRESSION, 1)], coded))
    depth = set(page.whole.get(BITS, (1,)))
    if found.size != shape[0] * shape[1] * samples or found.shape[:2] != shape[::-1]:
        raise malformed("A piece of a TIFF page has another size than declared.")
    if depth != {8 * found.itemsize}:
        raise malformed("A piece of a TIFF page has another depth than declared.")
    kind = f"{order}{found.dtype.kind}{found.itemsize}"
    return found.astype(kind).reshape(-1).view(np.uint8)


_INSTEAD = "Export it with LZW or without compression."


def _called(name: str, coded: bytes, **options: object) -> Any:
    decode: Callable[..., Any] = getattr(codec("imagecodecs"), name)
    try:
        return decode(coded, **options)
    except (RuntimeError, ValueError) as error:
        raise malformed("A piece of a TIFF page does not decode.") from error
    except MemoryError:
        raise too_large("A piece of a TIFF page claims to be larger than memory.") from None
