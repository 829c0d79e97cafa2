"""The source file as a read-only memory map: format modules slice it and never copy it whole."""

import mmap
import os

from medrelease.sanitise.refusal import incomplete


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
