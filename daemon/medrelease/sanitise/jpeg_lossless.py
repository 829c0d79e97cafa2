"""A frame of lossless JPEG (ITU-T T.81 annex H), of whose scans nothing but samples is kept.

Each scan is read to its last sample in C (`entropy/lossless.c`); no sample is decoded. Of the
tables those stay that a scan reads.
"""

from collections import Counter
from struct import pack

from medrelease.sanitise.jpeg_scan import HAS_ENTROPY
from medrelease.sanitise.jpeg_segments import DHT, SOS
from medrelease.sanitise.jpeg_tables import Tables
from medrelease.sanitise.refusal import Refusal, incomplete, malformed, unsupported
from medrelease.terms.words import Reason

if HAS_ENTROPY:
    from medrelease.sanitise import _entropy

_INCOMPLETE = 1


class Lossless:
    """What the segments of one frame have said so far."""

    def __init__(self, payload: bytes) -> None:
        """`payload` is that of the frame header. Raises a refusal for a frame of no size."""
        if len(payload) < 6 or len(payload) != 6 + 3 * payload[5]:
            raise malformed("The JPEG frame header has a wrong length.")
        self._precision = payload[0]
        self._samples = int.from_bytes(payload[1:3]) * int.from_bytes(payload[3:5])
        self._names = payload[6::3]
        if not self._samples:
            raise malformed("The JPEG frame header declares no picture.")
        if set(payload[7::3]) != {0x11}:
            raise unsupported("Lossless JPEG with subsampled colour is not supported.")

    def scan(
        self,
        coded: tuple[memoryview, int, int],
        payload: bytes,
        tables: Tables,
        counts: Counter[str],
    ) -> tuple[bytes, memoryview | bytes, int]:
        """The tables and the header of a scan, its coded data, and where that ended.

        `coded` are the frame, where the data begins and the restart interval, `payload` is that of
        the scan header. Raises refusals: incomplete, malformed, decoder-missing.
        """
        if not HAS_ENTROPY:
            raise Refusal(Reason.DECODER_MISSING, "The module that reads JPEG scans is missing.")
        if len(payload) < 6 or len(payload) != 4 + 2 * payload[0]:
            raise malformed("A JPEG scan header has a wrong length.")
        if not set(payload[1:-3:2]) <= set(self._names):
            raise malformed("A JPEG scan header names no component of the frame.")
        slots = tuple(told >> 4 for told in payload[2:-3:2])
        codes = tables.codes(slots, self._precision)
        frame, start, interval = coded
        every = interval if interval < self._samples else 0
        told, stop, anew = _entropy.lossless(frame, start, self._samples, every, codes)
        if told:
            raise (
                incomplete("a JPEG frame")
                if told == _INCOMPLETE
                else malformed("The coded data of a JPEG scan contradicts itself.")
            )
        counts["scans-recoded"] += anew is not None
        plain = bytearray(payload)
        plain[2:-3:2] = bytes(slot << 4 for slot in slots)
        head = tables.huffman(slots, {})
        head += pack(">BBH", 0xFF, SOS, 2 + len(plain)) + plain
        return head, frame[start:stop] if anew is None else anew, stop


def define(tables: Tables, marker: int, payload: bytes, counts: Counter[str]) -> None:
    """Take in the tables of a segment; any but Huffman tables say nothing here."""
    if marker == DHT:
        tables.define(marker, payload, counts)
    else:
        counts["unused-table"] += 1
