"""The source file as a read-only memory map: format modules slice it and never copy it whole."""

import mmap
import os
from collections.abc import Iterator

import numpy as np

from medrelease.sanitise.refusal import incomplete

_KEPT = 64 << 20
"""Bytes of a file whose pages may stay in the process: several readers pass over them."""

_PIECE = 4 << 20


class Source:
    """The bytes behind an open descriptor.

    `view` is a read-only memoryview of unsigned bytes over the whole file and `size` its length
    in bytes. Slices of it may be written to a `Target` without a copy. The descriptor stays the
    caller's; the map lives as long as a slice of it does.
    """

    __slots__ = ("size", "view")

    def __init__(self, descriptor: int) -> None:
        # lseek and an explicit length: the worker's sandbox permits no stat call.
        self.size = os.lseek(descriptor, 0, os.SEEK_END)
        self.view = (
            memoryview(mmap.mmap(descriptor, self.size, access=mmap.ACCESS_READ))
            if self.size
            else memoryview(b"")
        )


def take(view: memoryview, start: int, count: int, what: str) -> memoryview:
    """The `count` bytes of `view` from `start`; raises an `incomplete` refusal where they end."""
    if start < 0 or count < 0 or start + count > len(view):
        raise incomplete(what)
    return view[start : start + count]


def pieces(view: memoryview, size: int = _PIECE) -> Iterator[memoryview]:
    """The bytes of `view` in slices of `size`; of a large file one slice at a time is in memory."""
    for start in range(0, len(view), size):
        piece = view[start : start + size]
        yield piece
        forget(piece)


def forget(piece: memoryview) -> None:
    """Give back the pages of a slice of a large source: whoever looks again reads them again.

    The pages are the kernel's own copy of the file (madvise(2), MADV_DONTNEED on a shared map).
    """
    area = piece.obj
    if not isinstance(area, mmap.mmap) or len(area) <= _KEPT or not piece:
        return
    start = _address(piece) - _address(memoryview(area))
    first = start - start % mmap.PAGESIZE
    area.madvise(mmap.MADV_DONTNEED, first, start + len(piece) - first)


class Lookback:
    """Gives back the pages of a large source while its pieces are passed over in any order.

    A page is often mapped along with those beside it: so all are given back, now and then.
    """

    __slots__ = ("_passed", "_view")

    def __init__(self, view: memoryview) -> None:
        self._view = view
        self._passed = 0

    def passed(self, piece: memoryview) -> None:
        """Note that a piece was read and will not be for a while."""
        self._passed += len(piece)
        if self._passed >= _PIECE:
            self._passed = 0
            forget(self._view)


def _address(view: memoryview) -> int:
    """Where in memory a view's bytes lie."""
    return int(np.frombuffer(view, dtype=np.uint8).__array_interface__["data"][0])
