"""A file as a read-only view of its pages: nothing is read that nobody looks at."""

import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

_KEPT = 80 << 20
"""Bytes of a file whose pages may stay in the process: several readers pass over them."""

_PIECE = 4 << 20


@contextmanager
def mapped(descriptor: int) -> Iterator[memoryview]:
    """Map an open file for reading; an empty file gives an empty view.

    Slices of the view must not outlive the context. Raises OSError.
    """
    size = os.lseek(descriptor, 0, os.SEEK_END)  # a worker's sandbox permits no stat call
    if size == 0:
        yield memoryview(b"")
        return
    area = mmap.mmap(descriptor, size, prot=mmap.PROT_READ)
    view = memoryview(area)
    try:
        yield view
    finally:
        _let_go(view, area)


def pieces(view: memoryview, size: int = _PIECE) -> Iterator[memoryview]:
    """The bytes of a view in pieces of `size`; of a large file one piece at a time is in memory."""
    for at in range(0, len(view), size):
        piece = view[at : at + size]
        yield piece
        forget(piece)


def forget(piece: memoryview) -> None:
    """Let the kernel take back the pages of a slice of a large mapped file (madvise(2)).

    They are read from the file again where somebody looks at them once more.
    """
    area = piece.obj
    if isinstance(area, mmap.mmap) and len(area) > _KEPT and len(piece):
        start = _address(piece) - _address(memoryview(area))
        first = start - start % mmap.PAGESIZE
        area.madvise(mmap.MADV_DONTNEED, first, start + len(piece) - first)


class Behind:
    """Lets the pages of a large file go every few megabytes, wherever its pieces lie.

    The kernel maps pages in groups: those beside a piece come with it.
    """

    __slots__ = ("_read", "_whole")

    def __init__(self, whole: memoryview) -> None:
        self._whole, self._read = whole, 0

    def leave(self, piece: memoryview) -> None:
        """Count a piece that was read."""
        self._read += len(piece)
        if self._read > _PIECE:
            forget(self._whole)
            self._read = 0


def _address(view: memoryview) -> int:
    return int(np.frombuffer(view, dtype=np.uint8).__array_interface__["data"][0])


def _let_go(view: memoryview, area: mmap.mmap) -> None:
    """Unmap, unless a slice is still alive in a traceback: then the collector unmaps later."""
    try:
        view.release()
        area.close()
    except BufferError:
        return
