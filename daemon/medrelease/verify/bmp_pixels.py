"""The samples of a BMP as they decode: rows without padding, runs spelled out.

Padding, bits that no channel names and colour under zero alpha are no part of the picture. Where
alpha is zero everywhere viewers take the picture for opaque, and its colours count.
"""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from medrelease.terms.words import Reason
from medrelease.verify.bmp_header import Head
from medrelease.verify.refusal import Refusal, incomplete, malformed

Bytes = NDArray[np.uint8]
_AT_ONCE = 1 << 22


class Digest(Protocol):
    """What hashlib's objects offer here."""

    def update(self, data: bytes, /) -> None:
        """Take in more bytes."""


def rows(view: memoryview, head: Head, digest: Digest, *, strict: bool) -> tuple[int, Bytes]:
    """Digest an uncompressed picture; return (end of its rows, used palette entries (256,)).

    On a finished file (`strict`) every bit that is no part of the picture must be zero.
    Raises Refusal(incomplete | malformed).
    """
    stored = _stored(view, head)
    seen = np.zeros(256, np.uint8)
    for part, pure in zip(_parts(stored), pure_rows(view, head), strict=True):
        if strict and (pure != part).any():
            malformed("BMP bits that no pixel shows")
        digest.update(pure.tobytes())
        if head.bits <= 8:
            bits = np.unpackbits(pure, axis=1)[:, : head.wide * head.bits]
            values = np.packbits(bits.reshape(len(pure), -1, head.bits), axis=2)
            seen[values >> (8 - head.bits)] = 1
    return head.start + stored.size, seen


def pure_rows(view: memoryview, head: Head) -> Iterator[Bytes]:
    """Yield an uncompressed picture's rows with nothing in them but what shows, as stored.

    Raises Refusal(incomplete).
    """
    stored = _stored(view, head)
    opaque = not head.channels[3] or not any(
        (_numbers(part, head) & head.channels[3]).any() for part in _parts(stored)
    )
    for part in _parts(stored):
        yield _pure(part, head, opaque=opaque)


def _stored(view: memoryview, head: Head) -> Bytes:
    end = head.start + head.row_bytes * head.high
    if end > len(view):
        incomplete("BMP rows cut")
    return np.frombuffer(view[head.start : end], np.uint8).reshape(head.high, -1)


def _parts(stored: Bytes) -> Iterator[Bytes]:
    step = max(1, _AT_ONCE // stored.shape[1])
    for first in range(0, len(stored), step):
        yield stored[first : first + step]


def _numbers(part: Bytes, head: Head) -> NDArray[np.uint32]:
    """Pixels of 16 or 32 bits as numbers, (rows, width)."""
    size = head.bits // 8
    octets = part[:, : head.wide * size].reshape(len(part), head.wide, size)
    weights = np.array([1 << 8 * place for place in range(size)], np.uint32)
    numbers: NDArray[np.uint32] = (octets * weights).sum(axis=2, dtype=np.uint32)
    return numbers


def _pure(part: Bytes, head: Head, *, opaque: bool) -> Bytes:
    """Rows with nothing in them but what shows, in their stored form."""
    keep = np.zeros(head.row_bytes * 8, np.uint8)
    keep[: head.wide * head.bits] = 1
    pure = part & np.packbits(keep)
    if head.bits in (16, 32):
        named = sum(head.channels)
        size = head.bits // 8
        allowed = np.frombuffer(named.to_bytes(size, "little") * head.wide, np.uint8)
        pure[:, : len(allowed)] &= allowed
        if not opaque:
            hidden = (_numbers(pure, head) & head.channels[3]) == 0
            pure[:, : len(allowed)].reshape(len(pure), head.wide, size)[hidden] = 0
    return pure


def runs(view: memoryview, head: Head, digest: Digest, *, strict: bool) -> tuple[int, Bytes]:
    """Digest a run-length coded picture, spelled out; return (end of codes, used entries).

    Raises Refusal(incomplete | malformed); on a finished file also for bits between the codes
    that no pixel shows, and where the end code is missing.
    """
    data = bytes(view[head.start :])
    if head.wide * head.high > max(1 << 24, 256 * len(data)):
        raise Refusal(Reason.LIMITS_EXCEEDED, "BMP runs that leave out far more than they code")
    lines = [bytearray(head.wide) for _ in range(head.high)]
    half = head.bits == 4
    at = column = line = 0
    while True:
        pair = data[at : at + 2]
        if len(pair) < 2:
            if strict or line < head.high - 1 or (line == head.high - 1 and column < head.wide):
                incomplete("BMP runs cut")
            break
        at += 2
        if pair == b"\0\1":
            break
        if pair == b"\0\0":
            line, column = line + 1, 0
        elif pair == b"\0\2":
            if at + 2 > len(data):
                incomplete("BMP runs cut")
            column, line, at = column + data[at], line + data[at + 1], at + 2
        else:
            number = pair[0] or pair[1]
            values, at = _spelled(data, at, pair, half=half, strict=strict)
            if line >= head.high or column + number > head.wide:
                malformed("BMP run beyond the picture")
            lines[line][column : column + number] = values
            column += number
        if line > head.high or column > head.wide:
            malformed("BMP run beyond the picture")
    plane = b"".join(lines)
    digest.update(plane)
    seen = np.zeros(256, np.uint8)
    seen[np.frombuffer(plane, np.uint8)] = 1
    return head.start + at, seen


def _spelled(data: bytes, at: int, pair: bytes, *, half: bool, strict: bool) -> tuple[bytes, int]:
    """The indices of one run or of pixels one by one, and where the next code is."""
    number, value = pair
    if number:
        if not half:
            return bytes((value,)) * number, at
        if strict and number == 1 and value & 15:
            malformed("BMP run with a pixel too many")
        return (bytes((value >> 4, value & 15)) * number)[:number], at
    size = (value + 1) // 2 if half else value
    stop = at + size + size % 2
    if stop > len(data):
        incomplete("BMP runs cut")
    raw = data[at : at + size]
    spelled = bytes(nibble for one in raw for nibble in (one >> 4, one & 15)) if half else raw
    if strict and (any(spelled[value:]) or any(data[at + size : stop])):
        malformed("BMP run with padding that is not zero")
    return spelled[:value], stop
