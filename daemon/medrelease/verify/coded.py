"""A coded picture as it compares with another: byte by byte, which is quicker than two hashes."""

import hashlib
from array import array
from collections.abc import Iterator

from medrelease.terms.words import Reason
from medrelease.verify.mapped import forget
from medrelease.verify.refusal import Refusal

try:
    from medrelease.verify import _digests as native
except ImportError:
    HAS_DIGESTS = False
else:
    HAS_DIGESTS = True

_AT_ONCE = 1 << 18
"""Bytes compared in one step: they stay in the processor's cache, and nothing grows with a file."""


class Coded:
    """A picture as it compares: a digest of what is said of it, and the coded bytes in ranges.

    Ranges are added in the order of the picture. Two pictures are equal where the same was said
    of both, and their ranges one after the other hold the same bytes.
    """

    __slots__ = ("_ends", "_said", "_starts", "_view")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, view: memoryview) -> None:
        self._said = hashlib.sha256()
        self._view = view
        self._starts = array("Q")
        self._ends = array("Q")

    def say(self, said: bytes) -> None:
        """Take in what is said of the picture."""
        self._said.update(said)

    def add(self, start: int, end: int) -> None:
        """Add the bytes [start, end) of the file as a whole: its length is said too."""
        self.say((end - start).to_bytes(8, "big"))
        self.go_on(start, end)

    def go_on(self, start: int, end: int) -> None:
        """Add the bytes [start, end) of the file, which go on where the last ones ended."""
        if self._ends and self._ends[-1] == start:
            self._ends[-1] = end
        elif start < end:
            self._starts.append(start)
            self._ends.append(end)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Coded) or self._known() != other._known():
            return False
        for start, beside, length in _abreast(self._ranges(), other._ranges()):
            mine, theirs = self._view[start : start + length], other._view[beside:][:length]
            if not same_bytes(mine, theirs):
                return False
            forget(mine)
            forget(theirs)
        return True

    def _known(self) -> tuple[bytes, int]:
        return self._said.digest(), sum(self._ends) - sum(self._starts)

    def _ranges(self) -> Iterator[tuple[int, int]]:
        return zip(self._starts, self._ends, strict=True)


def same_bytes(one: memoryview, other: memoryview) -> bool:
    """Return whether two stretches of bytes are equal. Raises Refusal(decoder-missing)."""
    if not HAS_DIGESTS:
        raise Refusal(Reason.DECODER_MISSING, "the module that compares files is missing")
    return native.same(one, other)


def _abreast(
    first: Iterator[tuple[int, int]], second: Iterator[tuple[int, int]]
) -> Iterator[tuple[int, int, int]]:
    """Two rows of ranges of one length together, as (start, start of the other, length)."""
    start = end = beside = last = 0
    while True:
        if start == end:
            start, end = next(first, (0, 0))
        if beside == last:
            beside, last = next(second, (0, 0))
        length = min(end - start, last - beside, _AT_ONCE)
        if not length:
            return
        yield start, beside, length
        start, beside = start + length, beside + length
