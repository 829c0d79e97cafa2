"""Boxes of ISO/IEC 14496-12 section 4.2, and whole numbers inside them.

Nothing is judged here but bounds; a caller that proves demands that a cursor is used up.
"""

from dataclasses import dataclass

from medrelease.terms.words import Reason
from medrelease.verify.refusal import Refusal, incomplete, malformed

_MOST = 200_000


@dataclass(frozen=True, slots=True)
class Box:
    """A box: its name; [start, end) is its content within the file."""

    name: bytes
    start: int
    end: int


def box_at(view: memoryview, at: int, stop: int) -> Box | None:
    """Return the box at `at` that ends by `stop`, or None where there is none."""
    size = int.from_bytes(view[at : at + 4], "big")
    name, start = bytes(view[at + 4 : at + 8]), at + 8
    if size == 1:
        size, start = int.from_bytes(view[at + 8 : at + 16], "big"), at + 16
    end = at + size if size else stop
    return Box(name, start, end) if start <= end <= stop else None


def children(view: memoryview, start: int, stop: int) -> list[Box]:
    """Return the boxes that fill [start, stop). Raises Refusal(incomplete | limits-exceeded)."""
    found: list[Box] = []
    while start < stop:
        one = box_at(view, start, stop)
        if one is None:
            incomplete("a HEIF box is cut")
        if len(found) == _MOST:
            raise Refusal(Reason.LIMITS_EXCEEDED, "HEIF with too many boxes")
        found.append(one)
        start = one.end
    return found


class Cursor:
    """Reads a range of the file from its beginning on."""

    def __init__(self, view: memoryview, start: int, stop: int) -> None:
        self.view = view
        self.at = start
        self.stop = stop

    def take(self, size: int) -> bytes:
        """Return the next bytes. Raises Refusal(incomplete) beyond the range."""
        if self.at + size > self.stop:
            incomplete("a HEIF box is cut")
        self.at += size
        return bytes(self.view[self.at - size : self.at])

    def whole(self, size: int) -> int:
        """Return the next number of `size` bytes, 0 for none."""
        return int.from_bytes(self.take(size), "big")

    def string(self) -> bytes:
        """Return the bytes up to the next NUL, which is passed over, or to the end."""
        found = bytes(self.view[self.at : self.stop]).split(b"\0", 1)
        self.at += min(len(found[0]) + 1, self.stop - self.at)
        return found[0]

    def version(self, most: int) -> tuple[int, int]:
        """Return version and flags of a full box. Raises Refusal(malformed) past `most`."""
        lead = self.take(4)
        if lead[0] > most:
            malformed("HEIF box of an unknown version")
        return lead[0], int.from_bytes(lead[1:], "big")

    def close(self, strict: bool) -> None:
        """Refuse, in a finished file, bytes that no field has used."""
        if strict and self.at != self.stop:
            malformed("HEIF box with bytes that no field uses")
