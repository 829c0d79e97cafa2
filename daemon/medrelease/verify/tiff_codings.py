"""Codings of TIFF that no finished file has: what a source's strip or tile in one decodes to.

The decoders are those of imagecodecs. The finished page is in Deflate, which the prover reads
itself; equal rows on both sides show that the picture is the same.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medrelease.verify import codecs
from medrelease.verify import tiff_page as tags
from medrelease.verify.refusal import malformed, unsupported

_RUNS = {2: "ccittrle_decode", 3: "ccittfax3_decode"}
_STREAMS = {34925: "lzma_decode", 34926: "zstd_decode", 50000: "zstd_decode"}
_IMAGES = {
    50001: "webp_decode",
    34933: "png_decode",
    34887: "lerc_decode",
    50002: "jpegxl_decode",
    22610: "jpegxr_decode",
    34934: "jpegxr_decode",
}
FOREIGN = frozenset([*_RUNS, *_STREAMS, *_IMAGES])
UNPREDICTED = frozenset([*_RUNS, *_IMAGES])
"""Of these the ones that a predictor means nothing to."""


def unfolded(
    page: tags.Page, data: memoryview, size: tuple[int, int], number: int, order: str
) -> bytes:
    """Return the `number` bytes of the rows of a piece of `size` (wide, high).

    Raises Refusal(malformed | decoder-missing | format-not-supported).
    """
    coding, (wide, high) = page.one(tags.COMPRESSION), size
    if coding in _STREAMS:
        return bytes(codecs.decode(_STREAMS[coding], bytes(data), out=number))
    if coding in _RUNS:
        chosen = {"t4options": page.one(292)} if coding == 3 else {}
        fax = codecs.decode(_RUNS[coding], bytes(data), height=high, width=wide, **chosen)
        return np.packbits(np.asarray(fax).reshape(high, wide) != 0, axis=1).tobytes()
    return _samples(page, np.asarray(codecs.decode(_IMAGES[coding], bytes(data))), size, order)


def _samples(page: tags.Page, found: NDArray[Any], size: tuple[int, int], order: str) -> bytes:
    """Return the samples of a picture that fills a piece, in the file's byte order."""
    wide, high = size
    each = 1 if page.one(tags.PLANAR) == 2 else page.one(tags.SAMPLES)
    if page.one(tags.PHOTOMETRIC) == 6:
        unsupported("TIFF coded in this way")
    if set(page.whole.get(tags.BITS, (1,))) != {found.itemsize * 8}:
        malformed("TIFF strip or tile of another depth than its page")
    if (*found.shape, 1)[:3] not in ((high, wide, each), (high, wide, 1)):
        malformed("TIFF strip or tile of another size than its page says")
    if found.size != wide * high * each:
        malformed("TIFF strip or tile of another size than its page says")
    return found.astype(f"{order}{found.dtype.kind}{found.itemsize}").tobytes()
