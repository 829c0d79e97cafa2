"""The tiles of an AV1 picture end with their last symbol.

Where that is the format does not say, and only a decoder's arithmetic knows. So the last bytes of
each tile are altered and the picture decoded again: bytes that are picture change it, or make it
undecodable; bytes that change nothing are none (AV1 bitstream specification, 8.2: what follows the
last symbol is a bit and zeros). A run of `_RUN` bytes and more is seen; of 463 tiles of five
encoders none had so many of its own that changed nothing.
"""

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medrelease.terms.words import Reason
from medrelease.verify import codecs
from medrelease.verify.av1_frame import Sequence
from medrelease.verify.refusal import Refusal, malformed

_RUN = 3
_CHANGES = (0xFF, 0x55, 0xAA)
_MOST_PIXELS, _MOST_DECODED = 1 << 27, 1 << 31


def prove(record: bytes, data: bytes, told: Sequence, tiles: list[tuple[int, int]]) -> None:
    """Refuse a picture with bytes at the end of a tile that no symbol needs.

    `tiles` are ranges of `data`, the item's units. Raises Refusal(malformed | decoder-missing |
    limits-exceeded).
    """
    pixels = told.size[0] * told.size[1]
    if pixels > _MOST_PIXELS or pixels * len(tiles) > _MOST_DECODED:
        raise Refusal(Reason.LIMITS_EXCEEDED, "AVIF picture of too many pixels or tiles")
    lead = _lead(record, told, len(data))
    shown = codecs.decode("avif_decode", lead + data, numthreads=1)
    for start, end in tiles:
        if not any(
            _differs(shown, lead + _altered(data, start, end, change)) for change in _CHANGES
        ):
            malformed("AVIF picture with bytes behind the last symbol of a tile")


def _altered(data: bytes, start: int, end: int, change: int) -> bytes:
    first = max(start, end - _RUN)
    return data[:first] + bytes(each ^ change for each in data[first:end]) + data[end:]


def _differs(shown: NDArray[Any], file: bytes) -> bool:
    """Whether a file is decoded to another picture, or not at all."""
    try:
        return not np.array_equal(shown, codecs.decode("avif_decode", file, numthreads=1))
    except Refusal as refusal:
        if refusal.reason is Reason.MALFORMED:
            return True
        raise


def _lead(record: bytes, told: Sequence, size: int) -> bytes:
    """What stands in front of one item's units in a file of its own."""
    depth = 8 if not record[2] & 0x40 else 12 if record[2] & 0x20 else 10
    planes = 1 if told.mono else 3
    properties = [
        _box(b"ispe", bytes(4), struct.pack(">II", *told.size)),
        _box(b"pixi", bytes(4), bytes((planes, *[depth] * planes))),
        _box(b"av1C", record),
    ]
    rows = _box(b"ipma", bytes(4), struct.pack(">IHB", 1, 1, 3), b"\x01\x02\x83")
    head = _box(b"ftyp", b"avif\0\0\0\0avifmif1miaf")
    entry = _box(b"infe", b"\2\0\0\0", struct.pack(">HH4s", 1, 0, b"av01"), b"\0")

    def described(start: int) -> bytes:
        place = struct.pack(">2sHHHHII", b"\x44\0", 1, 1, 0, 1, start, size)
        return _box(
            b"meta",
            bytes(4),
            _box(b"hdlr", bytes(8), b"pict", bytes(13)),
            _box(b"pitm", bytes(4), struct.pack(">H", 1)),
            _box(b"iloc", bytes(4), place),
            _box(b"iinf", bytes(4), struct.pack(">H", 1), entry),
            _box(b"iprp", _box(b"ipco", *properties), rows),
        )

    start = len(head) + len(described(0)) + 8
    return head + described(start) + struct.pack(">I4s", 8 + size, b"mdat")


def _box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), name) + body
