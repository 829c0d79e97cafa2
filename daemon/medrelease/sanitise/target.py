"""The finished file as a sequential, buffered writer over a descriptor, with back-patching."""

import errno
import os

from medrelease.sanitise import writeback
from medrelease.sanitise.source import forget, pieces
from medrelease.terms.faults import Transient
from medrelease.terms.words import Wait

_STEP = 1 << 20
"""Each write ends at a multiple of this offset, but for the last one: then the kernel keeps the
file in large folios, and the page cache costs half."""

_LARGE = 1 << 16
"""Bytes of a piece whose pages are worth a call to give back."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Target:
    """Appends to an empty file behind an open descriptor.

    Pieces are gathered up to a mebibyte; of a larger one most is written straight from where it
    lies. What a piece covers of a large source is then given back. The disk begins to
    write every two mebibytes. `flush` must be called at the end. Raises `Transient` when the disk
    is full.
    """

    __slots__ = ("_begun", "_descriptor", "_pending", "_written")

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._pending = bytearray()
        self._written = 0
        self._begun = 0

    def tell(self) -> int:
        """Bytes handed over so far: the offset at which the next piece will stand."""
        return self._written + len(self._pending)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append `data` (a memoryview of unsigned bytes, where it is one)."""
        view, room = memoryview(data), _STEP - self.tell() % _STEP
        if len(view) < room:
            self._gather(view)
            return
        if self._pending:
            self._gather(view[:room])
            self.flush()
            view = view[room:]
        whole = len(view) - (self._written + len(view)) % _STEP
        for piece in pieces(view[:whole], _STEP):
            self._drain(piece)
        self._gather(view[whole:])

    def _gather(self, piece: memoryview) -> None:
        self._pending += piece
        if len(piece) >= _LARGE:
            forget(piece)

    def pwrite(self, data: bytes | bytearray, offset: int) -> None:
        """Overwrite bytes that were appended before, from `offset` on."""
        self.flush()
        try:
            os.pwrite(self._descriptor, data, offset)
        except OSError as error:
            raise _fault(error) from error

    def flush(self) -> None:
        """Hand what is gathered to the kernel; durability is the spool's."""
        pending, self._pending = self._pending, bytearray()
        self._drain(memoryview(pending))

    def _drain(self, data: memoryview) -> None:
        try:
            while data:
                count = os.write(self._descriptor, data)
                self._written += count
                data = data[count:]
        except OSError as error:
            raise _fault(error) from error
        if self._written >= self._begun + writeback.AT_ONCE:
            writeback.begin(self._descriptor, self._begun, self._written - self._begun)
            self._begun = self._written


def _fault(error: OSError) -> Exception:
    if error.errno in _FULL:
        return Transient(Wait.NO_SPACE, "the disk is full")
    return error
