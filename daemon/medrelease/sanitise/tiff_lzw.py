"""How far an LZW strip or tile reaches: a walk over its codes that builds no strings.

TIFF 6.0 section 13: codes of 9 to 12 bits, most significant bit first, each width one code early.
Between two Clear codes the place of every code is known beforehand, so that the whole run is cut
out at once; the length of each string follows from the chain of entries it was built on.
"""

import numpy as np
from numpy.typing import NDArray

from medrelease.sanitise.refusal import incomplete, malformed

_CLEAR, _END, _FIRST = 256, 257, 258
_WIDTHS = np.repeat(np.array([9, 10, 11, 12]), [254, 512, 1024, 2051])
_PLACES = np.concatenate(([0], np.cumsum(_WIDTHS)[:-1]))
_ROUNDS = 13


def lzw_length(coded: memoryview, expected: int) -> int:
    """Bytes of `coded` that decode to exactly `expected` bytes, an end code included.

    Raises an incomplete refusal where there is less, a malformed one where codes are invalid or
    the last string reaches beyond.
    """
    data = np.frombuffer(coded, np.uint8)
    bit, left = 0, expected
    while True:
        codes, ends = _run(data, bit)
        if bit == 0 and (not len(codes) or codes[0] != _CLEAR):
            raise malformed("A TIFF strip is no LZW stream of the standard's form.")
        if left == 0:
            return _padded(coded, ends[0] if len(codes) and codes[0] == _END else bit)
        count = _strings(codes)
        lengths = np.cumsum(_lengths(codes[:count]))
        last = int(np.searchsorted(lengths, left))
        if last < count:
            if int(lengths[last]) != left:
                raise malformed("The last LZW code of a TIFF strip reaches beyond the strip.")
            if last + 1 < len(codes) and codes[last + 1] == _CLEAR:
                left, bit = 0, int(ends[last + 1])
                continue
            return _padded(coded, _end(codes, ends, last))
        _check_goes_on(codes, count)
        left -= int(lengths[-1]) if count else 0
        bit = int(ends[count])


def _padded(coded: memoryview, bits: int) -> int:
    """Bytes that hold `bits`, and the one zero byte that some encoders flush behind them."""
    length = -(-int(bits) // 8)
    return length + 1 if bytes(coded[length:]) == b"\0" else length


def _end(codes: NDArray[np.int64], ends: NDArray[np.int64], last: int) -> int:
    """Bits up to the last string's code, and the end code where one follows it."""
    if last + 1 < len(codes) and codes[last + 1] == _END:
        return int(ends[last + 1])
    # Some encoders write the end code before they widen codes.
    if last + 1 < len(codes) and _WIDTHS[last + 1] > _WIDTHS[last] and codes[last + 1] >> 1 == _END:
        return int(ends[last + 1]) - 1
    return int(ends[last])


def _strings(codes: NDArray[np.int64]) -> int:
    """How many codes come before the next Clear or end code."""
    stops = np.flatnonzero((codes == _CLEAR) | (codes == _END))
    return int(stops[0]) if len(stops) else len(codes)


def _check_goes_on(codes: NDArray[np.int64], count: int) -> None:
    """Refuse a run that ends before the piece does without a Clear code to start another."""
    if count == len(_WIDTHS):
        raise malformed("An LZW table overflows.")
    if count == len(codes) or codes[count] == _END:
        raise incomplete("a TIFF strip")


def _run(data: NDArray[np.uint8], bit: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The codes that follow a Clear at `bit`, as far as there are bits, and where each ends."""
    starts = bit + _PLACES
    ends = starts + _WIDTHS
    count = int(np.searchsorted(ends, len(data) * 8, side="right"))
    starts, ends, widths = starts[:count], ends[:count], _WIDTHS[:count]
    at = starts >> 3
    last = len(data) - 1
    word = data[at].astype(np.int64) << 16
    word |= data[np.minimum(at + 1, last)].astype(np.int64) << 8
    word |= data[np.minimum(at + 2, last)]
    return (word >> (24 - (starts & 7) - widths)) & ((1 << widths) - 1), ends


def _lengths(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Length in bytes of the string of each code of one run, by following chains in doublings."""
    index = np.arange(len(codes))
    parent = np.where(codes >= _FIRST, codes - _FIRST, index)
    if (parent > np.maximum(index - 1, 0))[codes >= _FIRST].any() or (codes[:1] >= _FIRST).any():
        raise malformed("An LZW code comes before its entry.")
    steps = (codes >= _FIRST).astype(np.int64)
    for _ in range(_ROUNDS):
        steps = steps + steps[parent]
        parent = parent[parent]
    return steps + 1
