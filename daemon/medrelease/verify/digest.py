"""The SHA-256 of source and finished file, which the record names.

Taken side by side by the C module `_digests` (`digests/`) where the processor can: that takes the
time of one. Elsewhere by hashlib, one after the other. Whoever probed the source and whoever
publishes the finished file takes its SHA-256 by hashlib again, and nothing goes where they differ.
"""

import hashlib

from medrelease.verify.mapped import forget, pieces

try:
    from medrelease.verify import _digests as native
except ImportError:
    SIDE_BY_SIDE = False
else:
    SIDE_BY_SIDE = native.possible()

_PIECE = 1 << 20


def both(one: memoryview, other: memoryview) -> tuple[str, str]:
    """Return the SHA-256 of two files, in hexadecimal."""
    if not SIDE_BY_SIDE:
        return alone(one), alone(other)
    pair = native.Pair()
    for at in range(0, max(len(one), len(other)), _PIECE):
        beside = one[at : at + _PIECE], other[at : at + _PIECE]
        pair.feed(*beside)
        for piece in beside:
            forget(piece)
    first, second = pair.digests()
    return first.hex(), second.hex()


def alone(view: memoryview) -> str:
    """Return the SHA-256 of one file, in hexadecimal."""
    digest = hashlib.sha256()
    for piece in pieces(view):
        digest.update(piece)
    return digest.hexdigest()
