"""Entropy-coded data of a JPEG scan: where it ends, and how many restart markers it must have.

Source: ITU-T T.81 B.1.1.5 and A.2. Nothing is decoded: a scan is taken as the bytes it is.
"""

import numpy as np

from medrelease.verify.refusal import malformed

_LEAST, _MOST = 1 << 12, 1 << 20


def scan_end(view: memoryview, start: int) -> tuple[int, list[int]]:
    """Return (offset of the marker that ends the scan, restart numbers met on the way).

    Without such a marker the offset is the length of the file.
    """
    restarts: list[int] = []
    at, size = start, _LEAST
    while at < len(view):
        block = np.frombuffer(view[at : at + size + 1], dtype=np.uint8)
        hits = np.flatnonzero(block[:-1] == 0xFF)
        after = block[hits + 1]
        marked = after != 0
        for offset, code in zip(hits[marked].tolist(), after[marked].tolist(), strict=True):
            if not 0xD0 <= code <= 0xD7:
                return at + offset, restarts
            restarts.append(code - 0xD0)
        at, size = at + size, min(2 * size, _MOST)
    return len(view), restarts


def prove_restarts(restarts: list[int], interval: int, units: int) -> None:
    """Refuse restart markers that do not count as T.81 F.1.1.5.2 says.

    Args: restart numbers in order; the interval in MCUs, 0 for none; MCUs of the scan.
    One marker more means coded rows beyond the declared height.
    """
    expected = (units - 1) // interval if interval else 0
    if restarts != [index % 8 for index in range(expected)]:
        malformed("JPEG restart markers that do not fit the declared size")
