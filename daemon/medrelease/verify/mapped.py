"""A descriptor's bytes as a read-only view, without copying them."""

import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def mapped(descriptor: int) -> Iterator[memoryview]:
    """Map a whole file for reading; an empty file gives an empty view.

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


def _let_go(view: memoryview, area: mmap.mmap) -> None:
    """Unmap, unless a slice is still alive in a traceback: then the collector unmaps later."""
    try:
        view.release()
        area.close()
    except BufferError:
        return
