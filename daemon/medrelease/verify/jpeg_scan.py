"""Entropy-coded data of a JPEG scan: where it ends (ITU-T T.81 B.1.1.5)."""

import numpy as np

_LEAST, _MOST = 1 << 12, 1 << 20


def scan_end(view: memoryview, start: int) -> int:
    """Return the offset of the marker that ends the scan, restart markers passed over.

    Without such a marker that is the length of the file.
    """
    at, size = start, _LEAST
    while at < len(view):
        block = np.frombuffer(view[at : at + size + 1], dtype=np.uint8)
        hits = np.flatnonzero(block[:-1] == 0xFF)
        after = block[hits + 1]
        # neither stuffing nor a fill byte nor a restart marker
        ends = np.flatnonzero((after != 0) & (after != 0xFF) & ((after & 0xF8) != 0xD0))
        if len(ends):
            return at + int(hits[ends[0]])
        at, size = at + size, min(2 * size, _MOST)
    return len(view)
