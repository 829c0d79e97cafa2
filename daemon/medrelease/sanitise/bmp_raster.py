"""Uncompressed BMP rows: padding, unused bits and hidden colour cleared, band by band.

Rows are padded to four bytes; what the channel masks do not name belongs to no pixel. A picture
whose alpha is zero everywhere is shown opaque by every viewer, so that its colours stay.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from medrelease.sanitise.blanking import Box, as_bits, boxes, fill
from medrelease.sanitise.bmp_header import Header
from medrelease.sanitise.source import take
from medrelease.terms.flow import Mask

Bytes = NDArray[np.uint8]
_BAND = 1 << 22


def stored(header: Header, masks: Iterable[Mask]) -> list[Box]:
    """What the masks cover, in stored rows: most BMP files begin at the bottom."""
    high, found = header.height, boxes(masks, 0, (header.width, header.height))
    if header.top_down:
        return found
    return [box._replace(top=high - box.bottom, bottom=high - box.top) for box in found]


def bands(
    header: Header,
    view: memoryview,
    blank: Iterable[Box],
    actions: Counter[str],
    index: int = 0,
) -> Iterator[Bytes]:
    """The rows in stored order, cleaned, as arrays (rows, stride) of at most 4 MiB or one row.

    The boxes of `blank` are filled with black, or with the `index` of a palette's darkest entry.
    Counts `row-padding`, `unused-bits` and `hidden-colour`. Raises an incomplete refusal.
    """
    stride = header.stride
    coded = take(view, header.bits, stride * header.height, "the BMP picture")
    whole = np.frombuffer(coded, np.uint8).reshape(header.height, stride)
    step = max(1, _BAND // stride)
    hides = _hides(header, whole, step)
    opaque = header.masks[3] if hides else 0
    pixel = as_bits([index], header.depth)
    if header.depth > 8:
        pixel = as_bits(opaque.to_bytes(header.depth // 8, "little"), 8)
    for first in range(0, header.height, step):
        band = whole[first : first + step].copy()
        actions["row-padding"] += _clear_padding(header, band)
        if header.depth >= 16 and header.depth != 24:
            _clear_words(header, band, hides=hides, actions=actions)
        fill(band, first, blank, pixel)
        yield band


def used(header: Header, view: memoryview, blank: Iterable[Box], index: int) -> NDArray[np.bool_]:
    """Which palette entries the pixels name, shape (256,), the filled ones as in `bands`."""
    found = np.zeros(256, np.bool_)
    for band in bands(header, view, blank, Counter(), index):
        found[indices(band, header.depth)[:, : header.width]] = True
    return found


def indices(rows: Bytes, depth: int) -> Bytes:
    """The palette indices of rows of 1, 4 or 8 bits a pixel, padding included."""
    if depth == 8:
        return rows
    if depth == 4:
        return np.stack((rows >> 4, rows & 15), axis=-1).reshape(len(rows), -1)
    return np.unpackbits(rows, axis=1)


def _clear_padding(header: Header, band: Bytes) -> int:
    """Zero what lies behind the last pixel of each row; returns how many rows had something."""
    bits = header.width * header.depth
    start, spare = bits // 8, bits % 8
    dirty = band[:, -(-bits // 8) :].any(axis=1)
    if spare:
        dirty |= (band[:, start] & (0xFF >> spare)) != 0
        band[:, start] &= 0xFF ^ (0xFF >> spare)
    band[:, -(-bits // 8) :] = 0
    return int(dirty.sum())


def _words(header: Header, band: Bytes) -> NDArray[np.unsignedinteger]:
    """The pixels of 16 or 32 bits as numbers, a view on the rows without their padding."""
    inner = band[:, : header.width * header.depth // 8]
    return inner.view("<u2" if header.depth == 16 else "<u4")


def _hides(header: Header, whole: Bytes, step: int) -> bool:
    """Whether alpha counts: there is such a channel, and it is not zero everywhere."""
    alpha = header.masks[3]
    return bool(alpha) and any(
        (_words(header, whole[first : first + step]) & alpha).any()
        for first in range(0, header.height, step)
    )


def _clear_words(header: Header, band: Bytes, *, hides: bool, actions: Counter[str]) -> None:
    """Zero the bits that no channel names, and all channels under zero alpha, in place."""
    words = _words(header, band)
    named = header.masks[0] | header.masks[1] | header.masks[2] | header.masks[3]
    kept = words & words.dtype.type(named)
    actions["unused-bits"] += int((kept != words).sum())
    if hides:
        hidden = ((kept & words.dtype.type(header.masks[3])) == 0) & (kept != 0)
        actions["hidden-colour"] += int(hidden.sum())
        kept[hidden] = 0
    words[:] = kept
