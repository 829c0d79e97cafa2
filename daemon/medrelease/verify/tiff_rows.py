"""The samples of one strip or tile of a TIFF page, decoded: where a mask touches it, where it may
hide something, and where it was coded anew.

Sources: TIFF 6.0 sections 9, 13 and 14, Adobe's Technical Note 3 for floating-point predictors.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medrelease.verify import codecs
from medrelease.verify import tiff_page as tags
from medrelease.verify.packbits import unpacked
from medrelease.verify.png_chunks import inflate
from medrelease.verify.refusal import incomplete, malformed, unsupported
from medrelease.verify.tiff_codings import FOREIGN, UNPREDICTED, unfolded

Pixels = NDArray[Any]
"""Shape (rows, columns, values): bytes, or bits where a pixel is not made of whole bytes."""

_AT_ONCE = 1 << 22
_FAX, _FILL, _PREDICTOR = 4, 266, 317
_UNPREDICTED = UNPREDICTED | {tags.NONE, _FAX, tags.PACKBITS}
_MIRRORED = bytes(int(f"{octet:08b}"[::-1], 2) for octet in range(256))


def rows_of(page: tags.Page, data: memoryview, size: tuple[int, int], order: str) -> Pixels:
    """Return the rows of a piece of `size` (wide, high), shape (rows, bytes).

    `order` is the file's, "<" or ">".
    Raises Refusal(incomplete | malformed | format-not-supported | decoder-missing).
    """
    wide, high = size
    stride = (wide * page.depth() + 7) // 8
    plain = _unpacked(page, data, size, stride * high, order)
    if len(plain) < stride * high:
        incomplete("TIFF strip or tile shorter than its rows")
    rows = np.frombuffer(plain, np.uint8)[: stride * high].reshape(high, stride)
    return _unpredicted(page, rows, wide, order)


def cells(page: tags.Page, rows: Pixels, wide: int) -> Pixels:
    """Return rows of `wide` pixels as pixels."""
    depth = page.depth()
    if depth % 8 == 0:
        return rows.reshape(len(rows), wide, depth // 8)
    return np.unpackbits(rows, axis=1)[:, : wide * depth].reshape(len(rows), wide, depth)


def _unpacked(
    page: tags.Page, data: memoryview, size: tuple[int, int], number: int, order: str
) -> bytes:
    """Return the bytes of a piece's rows, a predictor not yet undone."""
    coding = page.one(tags.COMPRESSION)
    if coding == tags.NONE:
        return bytes(data[:number])
    if coding in (tags.DEFLATE, tags.OLD_DEFLATE):
        return inflate(data, number)[0][:number]
    if coding == tags.PACKBITS:
        return unpacked(bytes(data), number)[0]
    if coding == tags.LZW:
        return bytes(codecs.decode("lzw_decode", bytes(data), out=number))
    coded = bytes(data).translate(_MIRRORED) if page.one(_FILL) == 2 else bytes(data)
    if coding in FOREIGN:
        return unfolded(page, memoryview(coded), size, number, order)
    if coding != _FAX:
        unsupported("TIFF of a compression that cannot be proved")
    bits = codecs.decode("ccittfax4_decode", coded, height=size[1], width=size[0])
    return np.packbits(np.asarray(bits).reshape(size[1], size[0]) != 0, axis=1).tobytes()


def _unpredicted(page: tags.Page, rows: Pixels, wide: int, order: str) -> Pixels:
    """Return rows with the differences of a predictor summed up again."""
    kind = page.one(_PREDICTOR)
    if kind == 1 or page.one(tags.COMPRESSION) in _UNPREDICTED:
        return rows
    depths = set(page.whole.get(tags.BITS, (1,)))
    bits, each = max(depths), 1 if page.one(tags.PLANAR) == 2 else page.one(tags.SAMPLES)
    if len(depths) > 1 or bits % 8 or bits > 64 or kind not in (2, 3):
        malformed("TIFF predictor that does not fit its samples")
    octets = bits // 8
    if kind == 2 and octets not in (1, 2, 4, 8):
        malformed("TIFF predictor that does not fit its samples")
    kept = np.empty_like(rows)
    step = max(1, _AT_ONCE // rows.shape[1])
    for first in range(0, len(rows), step):
        part = rows[first : first + step]
        if kind == 2:
            cells = part.view(f"{order}u{octets}").reshape(len(part), wide, each)
            summed = np.add.accumulate(cells, axis=1, dtype=f"u{octets}").astype(cells.dtype)
            kept[first : first + step] = summed.view(np.uint8).reshape(part.shape)
        else:
            differences = part.reshape(len(part), -1, each)
            summed = np.add.accumulate(differences, axis=1, dtype=np.uint8)
            sorted_octets = summed.reshape(len(part), octets, -1).transpose(0, 2, 1)
            kept[first : first + step] = sorted_octets.reshape(part.shape)
    return kept
