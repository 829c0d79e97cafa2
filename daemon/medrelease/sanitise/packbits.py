"""Runs of bytes as PackBits (TIFF 6.0 section 9), which RLE of DICOM shares (PS3.5 Annex G)."""

import numpy as np

from medrelease.sanitise.blanking import Bytes
from medrelease.sanitise.refusal import incomplete, malformed

_MOST = 128


def unpack(coded: memoryview | bytes, expected: int) -> Bytes:
    """Exactly `expected` bytes out of runs. Raises incomplete and malformed refusals."""
    plain, data, at = bytearray(), bytes(coded), 0
    while len(plain) < expected:
        if at + 1 >= len(data):
            raise incomplete("a run of the picture")
        head = data[at]
        if head < 128:
            plain += data[at + 1 : at + 2 + head]
            at += 2 + head
        else:
            plain += data[at + 1 : at + 2] * ((257 - head) % 129)
            at += 1 if head == 128 else 2
    if len(plain) != expected:
        raise malformed("A run of the picture reaches beyond it.")
    return np.frombuffer(plain, np.uint8).copy()


def pack_rows(rows: Bytes) -> bytes:
    """Rows, shape (rows, bytes), each in runs of its own, as both formats ask for."""
    return b"".join(_pack(row) for row in rows)


def _pack(row: Bytes) -> bytes:
    """One row: repeats of three and more as runs, what lies between as it is."""
    edges = np.flatnonzero(np.diff(row)) + 1
    starts = np.concatenate(([0], edges))
    lengths = np.diff(np.append(starts, len(row)))
    coded, literal, data = bytearray(), bytearray(), row.tobytes()
    for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
        if length < 3:
            literal += data[start : start + length]
            continue
        coded += _as_it_is(literal)
        literal.clear()
        for at in range(0, length, _MOST):
            count = min(_MOST, length - at)
            coded += (
                bytes(((257 - count) & 255, data[start]))
                if count > 1
                else b"\0" + data[start : start + 1]
            )
    return bytes(coded + _as_it_is(literal))


def _as_it_is(literal: bytearray) -> bytes:
    coded = bytearray()
    for at in range(0, len(literal), _MOST):
        piece = literal[at : at + _MOST]
        coded += bytes((len(piece) - 1,)) + piece
    return bytes(coded)
