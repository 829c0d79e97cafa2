"""The tables of ITU-T T.81 Annex K, which most encoders write, and what is plain about others.

A table of the standard says nothing but that. Any other may carry a message in the steps of
coefficients that are zero in every block, and in codes that no block uses.
"""

import hashlib
from functools import cache

import numpy as np

_CODES = frozenset(
    {
        "2f66814c875b53173f057d784a16a34d0d1f9aa91cdfa7143c41be02c9c7b005",
        "602f734c8c12c1d9d049a18fd91d9ef3d3d8c402665f90db3d97721fc49e4804",
        "a6283a08f5d97906b66adcc812e32396ea83059e55dd4cc91934cf447559aeb6",
        "13f90e3c9dc476c66f24347f6ad29cea93262e99faed279970c2f74e0557f445",
    }
)
"""SHA-256 of Tables K.3 to K.6 as a segment has them behind class and slot."""

_STEPS = (
    "100b0c0e0c0a100e0d0e1211101318281a181616183123251d283a333d3c3933"
    "383740485c4e404457453738506d51575f626768673e4d71797064785c656763",
    "1112121815182f1a1a2f63423842636363636363636363636363636363636363"
    "6363636363636363636363636363636363636363636363636363636363636363",
)
"""Tables K.1 and K.2, in zigzag order."""


def is_standard_code(payload: bytes) -> bool:
    """Whether a Huffman table, behind its class and slot, is one of Annex K."""
    return hashlib.sha256(payload).hexdigest() in _CODES


def are_standard_steps(table: bytes) -> bool:
    """Whether a quantisation table with its head is one of Annex K at a quality of libjpeg."""
    return table[0] < 16 and table[1:] in _scaled()


@cache
def _scaled() -> frozenset[bytes]:
    found = set()
    for steps in _STEPS:
        base = np.frombuffer(bytes.fromhex(steps), np.uint8).astype(np.int64)
        for quality in range(1, 101):
            scale = 5000 // quality if quality < 50 else 200 - 2 * quality
            scaled = np.clip((base * scale + 50) // 100, 1, 255)
            found.add(scaled.astype(np.uint8).tobytes())
    return frozenset(found)


def plain_steps(table: bytes, met: int) -> bytes:
    """The table with the step of each coefficient that `met` has no bit for made that before it."""
    width = 2 if table[0] >> 4 else 1
    steps = [table[at : at + width] for at in range(1, len(table), width)]
    for place in range(1, 64):
        if not met >> place & 1:
            steps[place] = steps[place - 1]
    return table[:1] + b"".join(steps)
