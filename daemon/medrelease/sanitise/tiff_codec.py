"""The rows of one strip or tile of a TIFF page: decoded, and coded anew as they were coded.

Predictors are those of TIFF 6.0 section 14 (2) and Adobe's Technical Note 3 for floating point
(3): both are undone and done again around whatever changes the rows.
"""

import io
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from medrelease.sanitise.blanking import Bytes, mask_not_possible
from medrelease.sanitise.codecs import codec
from medrelease.sanitise.inflate import Inflater
from medrelease.sanitise.packbits import pack_rows, unpack
from medrelease.sanitise.refusal import incomplete, malformed, unsupported
from medrelease.sanitise.tiff_foreign import FOREIGN, WITHOUT_PREDICTOR, unfold
from medrelease.sanitise.tiff_page import (
    BITS,
    COMPRESSION,
    FILL,
    PLANAR,
    PREDICTOR,
    SAMPLES,
    Page,
)

NONE, GROUP_4, LZW, PACKBITS = 1, 4, 5, 32773
DEFLATE = frozenset({8, 32946})
_UNPREDICTED = WITHOUT_PREDICTOR | {NONE, GROUP_4, PACKBITS}
_HORIZONTAL, _FLOATING = 2, 3
_DEPTHS = {_HORIZONTAL: (8, 16, 32, 64), _FLOATING: (16, 24, 32, 64)}
_BAND = 1 << 22
_STRIPS, _ROWS = 273, 278
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def decode(page: Page, piece: memoryview, shape: tuple[int, int], order: str) -> Bytes:
    """The plain rows of a piece of `shape` (width, height), shape (height, bytes a row).

    Raises refusals: incomplete, malformed, mask-not-possible, decoder-missing.
    """
    width, height = shape
    stride = -(-width * page.depth // 8)
    coded, expected = _turned(page, piece), stride * height
    compression = page.one(COMPRESSION, NONE)
    if compression == GROUP_4:
        plain = _fax(coded, shape)
    elif compression == PACKBITS:
        plain = unpack(coded, expected)
    elif compression in DEFLATE:
        plain = np.frombuffer(Inflater([memoryview(coded)]).read(expected), np.uint8).copy()
    elif compression == LZW:
        plain = _lzw(coded, expected)
    elif compression in FOREIGN:
        plain = unfold(page, coded, shape, order)
    else:
        plain = np.frombuffer(coded[:expected], np.uint8).copy()
    if len(plain) != expected:
        raise incomplete("a TIFF strip")
    return _predicted(page, plain.reshape(height, stride), width, order, undo=True)


def encode(page: Page, rows: Bytes, width: int, order: str) -> bytes:
    """Plain rows, coded as the page codes its pieces; with Deflate if that is a foreign coding."""
    rows = _predicted(page, rows, width, order, undo=False)
    compression = page.one(COMPRESSION, NONE)
    if compression == GROUP_4:
        coded = _to_fax(rows, width)
    elif compression == PACKBITS:
        coded = pack_rows(rows)
    elif compression in DEFLATE | FOREIGN:
        coded = zlib.compress(np.ascontiguousarray(rows).data, 6)
    elif compression == LZW:
        coded = bytes(codec("imagecodecs").lzw_encode(np.ascontiguousarray(rows).data))
    else:
        coded = rows.tobytes()
    return coded if compression in FOREIGN else _turned(page, coded)


def _turned(page: Page, coded: memoryview | bytes) -> bytes:
    """Coded bytes with their bits the other way round where the page stores them so."""
    return bytes(coded).translate(_REVERSED) if page.one(FILL, 1) == 2 else bytes(coded)


def _lzw(coded: bytes, expected: int) -> Bytes:
    try:
        plain = codec("imagecodecs").lzw_decode(coded, out=expected)
    except (RuntimeError, ValueError) as error:
        raise malformed("An LZW strip of a TIFF page does not decode.") from error
    return np.frombuffer(plain, np.uint8).copy()


def _fax(coded: bytes, shape: tuple[int, int]) -> Bytes:
    """The packed rows of a Group 4 strip."""
    width, height = shape
    try:
        pixels = codec("imagecodecs").ccittfax4_decode(coded, height=height, width=width)
    except (RuntimeError, ValueError) as error:
        raise malformed("A Group 4 strip of a TIFF page does not decode.") from error
    packed: Bytes = np.packbits(np.asarray(pixels, np.uint8).reshape(height, width), axis=1)
    return packed.reshape(-1)


def _to_fax(rows: Bytes, width: int) -> bytes:
    """Packed rows as one Group 4 strip, by libtiff in Pillow."""
    image = Image.frombytes("1", (width, len(rows)), rows.tobytes())
    file = io.BytesIO()
    image.save(file, "TIFF", compression="group4", tiffinfo={_ROWS: len(rows)})
    file.seek(0)
    with TiffImageFile(file) as written:
        places, lengths = written.tag_v2[_STRIPS], written.tag_v2[279]
    if len(places) != 1:
        raise mask_not_possible("A strip of the TIFF page cannot be coded anew.")
    return file.getvalue()[places[0] : places[0] + lengths[0]]


def _predicted(page: Page, rows: Bytes, width: int, order: str, *, undo: bool) -> Bytes:
    """Rows with the page's predictor undone, or done."""
    predictor = page.one(PREDICTOR, 1)
    if predictor == 1 or page.one(COMPRESSION, NONE) in _UNPREDICTED:
        return rows
    bits = set(page.whole.get(BITS, (1,)))
    each = 1 if page.one(PLANAR, 1) == 2 else page.one(SAMPLES, 1)
    depth = bits.pop()
    if bits or depth not in _DEPTHS.get(predictor, ()):
        raise unsupported("TIFF that predicts samples of this depth is not supported.")
    size, predicted = depth // 8, np.empty_like(rows)
    step = max(1, _BAND // rows.shape[1])
    for first in range(0, len(rows), step):
        band = rows[first : first + step]
        if predictor == _FLOATING:
            done = _floating(band, width, each, size, order, undo=undo)
        else:
            cells = band.view(f"{order}u{size}").reshape(len(band), width, each)
            done = _summed(cells, undo=undo).view(np.uint8).reshape(band.shape)
        predicted[first : first + step] = done
    return predicted


def _summed(cells: NDArray[Any], *, undo: bool) -> NDArray[Any]:
    """Each sample plus all before it in its row, or less the one before it."""
    if undo:
        native = cells.astype(cells.dtype.newbyteorder("="))
        return np.cumsum(native, axis=1, dtype=native.dtype).astype(cells.dtype)
    changed = cells.copy()
    changed[:, 1:] -= cells[:, :-1]
    return changed


def _floating(rows: Bytes, width: int, each: int, size: int, order: str, *, undo: bool) -> Bytes:
    """Bytes of a row sorted by their place in the number, highest first, then differenced."""
    count, number = len(rows), width * each
    backwards = order == "<"
    if undo:
        plain = _summed(rows.reshape(count, -1, each), undo=True).reshape(count, size, number)
        octets = plain.transpose(0, 2, 1)
        return np.ascontiguousarray(octets[:, :, ::-1] if backwards else octets).reshape(rows.shape)
    octets = rows.reshape(count, number, size)
    planes = np.ascontiguousarray((octets[:, :, ::-1] if backwards else octets).transpose(0, 2, 1))
    return _summed(planes.reshape(count, -1, each), undo=False).reshape(rows.shape)
