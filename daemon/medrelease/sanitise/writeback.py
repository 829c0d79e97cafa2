"""The disk begins to write while the work goes on.

A hint and no more (sync_file_range(2) with SYNC_FILE_RANGE_WRITE alone): it waits for nothing and
proves nothing, and the kernel is free to write what it likes when it likes in any case. What makes
a file durable is the spool's fsync at its place, which finds less left to do.
"""

import ctypes

AT_ONCE = 1 << 21
"""Bytes for which it is worth a call; a smaller file is left to the fsync."""

_START = 2
_hint = getattr(ctypes.CDLL(None), "sync_file_range", None)
if _hint is not None:
    _hint.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)


def begin(descriptor: int, start: int, count: int) -> None:
    """Have the kernel begin to write `count` bytes of an open file from `start` on.

    Says nothing where it will not: a file system need not know the call, and an error of the disk
    is kept for the fsync.
    """
    if _hint is not None:
        _hint(descriptor, start, count, _START)
