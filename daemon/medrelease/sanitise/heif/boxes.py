"""The boxes of a file (ISO/IEC 14496-12 section 4.2): read within bounds, and written.

A box is a four-letter name and its content; a full box begins with a version and flags.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import pack

from medrelease.sanitise.refusal import incomplete, malformed, too_large

_MOST = 1 << 17
"""Boxes on one level: a grid has at most 65,536 tiles."""


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its name, its content, and where it begins and ends in what was read."""

    name: bytes
    data: memoryview
    start: int
    end: int


def boxes(view: memoryview) -> Iterator[Box]:
    """Every box of one level. Raises incomplete where the last one is cut."""
    at = 0
    for _ in range(_MOST):
        if at == len(view):
            return
        box = read_box(view, at)
        if box is None:
            raise incomplete("a box of the HEIF structure")
        yield box
        at = box.end
    raise too_large("The HEIF structure has too many boxes.")


def read_box(view: memoryview, at: int) -> Box | None:
    """The box that begins at `at`, None where what stands there is none or is cut."""
    if at + 8 > len(view):
        return None
    size, lead = int.from_bytes(view[at : at + 4]), 8
    if size == 1 and at + 16 <= len(view):
        size, lead = int.from_bytes(view[at + 8 : at + 16]), 16
    elif size == 0:
        size = len(view) - at
    if size < lead or at + size > len(view):
        return None
    return Box(bytes(view[at + 4 : at + 8]), view[at + lead : at + size], at, at + size)


class Fields:
    """Big-endian whole numbers read one after the other from a box's content."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._at = 0

    def number(self, size: int) -> int:
        """The next number of `size` bytes; 0 for a field of no bytes. Raises incomplete."""
        return int.from_bytes(self.raw(size))

    def raw(self, size: int) -> bytes:
        """The next `size` bytes. Raises incomplete."""
        if self._at + size > len(self._data):
            raise incomplete("a box of the HEIF structure")
        self._at += size
        return bytes(self._data[self._at - size : self._at])

    def text(self) -> bytes:
        """The bytes up to the next NUL, or to the end."""
        rest = bytes(self._data[self._at :])
        found = rest.partition(b"\0")[0]
        self._at += min(len(found) + 1, len(rest))
        return found

    def rest(self) -> memoryview:
        """What is left."""
        return self._data[self._at :]

    def full(self, versions: range) -> tuple[int, int]:
        """Version and flags of a full box. Raises a malformed refusal for a later version."""
        version, flags = self.number(1), self.number(3)
        if version not in versions:
            raise malformed("A box of the HEIF structure is of an unknown version.")
        return version, flags


def box(name: bytes, *parts: bytes) -> bytes:
    """A box of the joined parts."""
    body = b"".join(parts)
    return pack(">I4s", 8 + len(body), name) + body


def full_box(name: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """A full box of the joined parts."""
    return box(name, pack(">I", version << 24 | flags), *parts)
