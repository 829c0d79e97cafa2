"""A file as a read-only map of its pages: nothing of it is copied that no decoder asks for."""

import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import RawIOBase
from typing import Any


class Mapped:
    """The bytes of a file, and readers over them, each with a place of its own."""

    def __init__(self, view: memoryview) -> None:
        self.view = view

    @property
    def data(self) -> Any:
        """The bytes, for decoders that say that they want bytes and take any buffer."""
        return self.view

    def file(self) -> Any:
        """A new reader over the bytes."""
        return _Raw(self.view)


@contextmanager
def mapped(descriptor: int, most: int | None = None) -> Iterator[Mapped]:
    """Map an open file, or its first `most` bytes; an empty one has none. Raises OSError."""
    size = os.lseek(descriptor, 0, os.SEEK_END)  # a worker's sandbox permits no stat call
    size = size if most is None else min(size, most)
    if not size:
        yield Mapped(memoryview(b""))
        return
    # Not closed by hand: decoders keep readers, and the child that maps it ends with the file.
    yield Mapped(memoryview(mmap.mmap(descriptor, size, prot=mmap.PROT_READ)))


class _Raw(RawIOBase):
    """A reader over a view."""

    def __init__(self, view: memoryview) -> None:
        self._view, self._at = view, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        into = memoryview(buffer).cast("B")  # it may be an array of wider numbers
        piece = self._view[self._at : self._at + len(into)]
        into[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: len(self._view)}[whence]
        if start + offset < 0:
            raise ValueError("before the start")
        self._at = start + offset
        return self._at
