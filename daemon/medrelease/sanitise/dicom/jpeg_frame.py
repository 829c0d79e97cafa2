"""The segments of a JPEG or JPEG-LS frame of a DICOM object, one after the other, and what is kept.

Application segments say how colours are meant and no more; tables stay where a scan reads them.
Sources: ISO/IEC 10918-1 Annex B, 14495-1 Annex C.
"""

import re
from collections import Counter
from struct import pack

from medrelease.sanitise.jpeg_lossless import Lossless, define
from medrelease.sanitise.jpeg_tables import Tables
from medrelease.sanitise.refusal import incomplete, malformed, unsupported

Pieces = list[memoryview | bytes]

_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_AFTER_LS_SCAN = re.compile(rb"\xff[\x80-\xfe]")
_TABLES = frozenset({0xC4, 0xCC, 0xDB, 0xDC, 0xDD})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BLOCKS = frozenset({0xC0, 0xC1, 0xC2})
_LOSSLESS, _RESTART, _LINES = 0xC3, 0xDD, 0xDC
_LS_FRAMES, _LS_PARAMETERS = frozenset({0xF7, 0xF8}), 0xF8
_JFIF = b"JFIF\0\1\1\0\0\1\0\1\0\0"
_ADOBE = b"Adobe\0\x64\0\0\0\0"
_LARGEST_TRANSFORM = 3


class FrameOfJpeg:
    """What the segments of one frame have said so far, and what of it is kept."""

    def __init__(self, frame: memoryview, counts: Counter[str], lossless_ls: bool) -> None:
        self.pieces: Pieces = [frame[:2]]
        self.blocks = False
        self._frame, self._counts, self._ls = frame, counts, lossless_ls
        self._tables, self._interval = Tables(), 0
        self._lossless: Lossless | None = None
        self._waiting: list[tuple[int, bytes]] = []

    def count_unused(self) -> None:
        """Count the tables that no scan read; a stream that is rebuilt counts its own."""
        if not self.blocks:
            self._tables.count_unused(self._counts)

    def take(self, marker: int, payload: memoryview, stop: int) -> int:
        """Take one segment in, which ends at `stop`; returns where the next one begins."""
        if marker == 0xDA:
            return self._scan(bytes(payload), stop)
        if marker in _TABLES:
            self._define(marker, bytes(payload))
        elif marker in _FRAMES:
            self.blocks = marker in _BLOCKS
            if marker == _LOSSLESS:
                self._lossless = Lossless(bytes(payload))
            elif not (self.blocks or self._ls):
                raise unsupported("JPEG with hierarchical or arithmetic coding is not supported.")
            self._keep(marker, payload)
        elif self._ls and marker in _LS_FRAMES:
            self._keep_of_ls(marker, payload)
        elif 0xE0 <= marker <= 0xEF or marker == 0xFE:
            plain = _application(marker, bytes(payload), self._ls)
            self._counts["frame-segment"] += plain != bytes(payload)
            if plain:
                self._keep(marker, plain)
        else:
            raise malformed("A JPEG frame has a segment that does not belong there.")
        return stop

    def _keep(self, marker: int, payload: memoryview | bytes) -> None:
        self.pieces += [pack(">BBH", 0xFF, marker, 2 + len(payload)), payload]

    def _define(self, marker: int, payload: bytes) -> None:
        if marker == _RESTART:
            if len(payload) != 2:
                raise malformed("A JPEG restart interval has a wrong length.")
            self._interval = int.from_bytes(payload)
            self._keep(marker, payload)
        elif marker == _LINES:
            self._keep(marker, payload)
        else:
            self._waiting.append((marker, payload))

    def _keep_of_ls(self, marker: int, payload: memoryview) -> None:
        """The frame header of JPEG-LS, and thresholds; tables of colours say nothing without one
        that reads them, and are not supported (T.87 C.2.4.1).
        """
        if marker == _LS_PARAMETERS and not (len(payload) == 11 and payload[0] == 1):
            if bytes(payload[:1]) in (b"\2", b"\3", b"\4"):
                raise unsupported("JPEG-LS with a palette is not supported.")
            self._counts["frame-segment"] += 1
            return
        self._keep(marker, payload)

    def _scan(self, payload: bytes, start: int) -> int:
        while self._waiting and not self.blocks:
            define(self._tables, *self._waiting.pop(0), self._counts)
        if self._lossless and not self._ls:
            coded = (self._frame, start, self._interval)
            head, data, end = self._lossless.scan(coded, payload, self._tables, self._counts)
            self.pieces += [head, data]
            return end
        found = (_AFTER_LS_SCAN if self._ls else _AFTER_SCAN).search(self._frame, start)
        if found is None:
            raise incomplete("a JPEG frame")
        self._keep(0xDA, payload)
        self.pieces.append(self._frame[start : found.start()])
        return found.start()


def _application(marker: int, payload: bytes, lossless_ls: bool) -> bytes:
    """What stays of an application segment: how a decoder is to take the colours, else nothing."""
    if marker == 0xE0 and len(payload) == 14 and payload[:5] == b"JFIF\0":
        return _JFIF
    if marker == 0xEE and len(payload) == 12 and payload[:5] == b"Adobe" and payload[11] <= 2:
        return _ADOBE + payload[11:]
    if lossless_ls and marker == 0xE8 and len(payload) == 5 and payload[:4] == b"mrfx":
        return payload if payload[4] <= _LARGEST_TRANSFORM else b""
    return b""
