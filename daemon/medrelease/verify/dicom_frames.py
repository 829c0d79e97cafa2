"""Canonical forms of coded frames: what codes the picture, and nothing else of the codestream.

Each function feeds a digest; on a finished frame (`strict`) it refuses whatever a clean frame may
not hold. Sources: ITU-T T.81 Annex B, T.87 Annex C, T.800 Annex A.
"""

import hashlib
import re
from typing import Protocol

from medrelease.terms.words import Reason
from medrelease.verify import codecs, jp2_stream
from medrelease.verify import jpeg_walk as walk
from medrelease.verify.jpeg_frame import Frame
from medrelease.verify.jpeg_lossless import Lossless, Tables
from medrelease.verify.jpeg_values import prove_scans
from medrelease.verify.refusal import Refusal, incomplete, malformed, unsupported

_SCAN_END = {
    False: re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]"),
    True: re.compile(rb"\xff[\x80-\xfe]"),
}


_BLOCKS = frozenset((0xC0, 0xC1, 0xC2))
_EVERY_FRAME = frozenset((*range(0xC0, 0xD0), 0xF7)) - {0xC4, 0xC8, 0xCC}


class Digest(Protocol):
    """What hashlib's objects offer here."""

    def update(self, data: bytes | memoryview, /) -> None:
        """Take in more bytes."""


def jpeg(frame: memoryview, digest: Digest, *, ls: bool, strict: bool) -> None:
    """A JPEG or JPEG-LS frame: what codes its picture; tables only where a scan reads them."""
    if bytes(frame[:2]) != b"\xff\xd8":
        malformed("a frame is no JPEG codestream")
    if not ls and _is_of_blocks(frame):
        _blocks(frame, digest, strict)
        return
    told, at = _Told(digest, ls, strict), 2
    while True:
        code, at = _code(frame, at, strict)
        if code == 0xD9:
            told.prove_end()
            _tail(frame, at, strict)
            if ls and strict:
                # CharLS fails where coded data are left behind the last sample of a scan
                codecs.decode("jpegls_decode", bytes(frame))
            return
        size = int.from_bytes(frame[at : at + 2], "big")
        if size < 2 or at + size > len(frame):
            incomplete("a JPEG frame is cut")
        at = told.feed(frame, code, bytes(frame[at + 2 : at + size]), at + size)


def _is_of_blocks(frame: memoryview) -> bool:
    """Return whether the first frame header is that of a process with blocks."""
    at = 2
    while at + 4 <= len(frame):
        code, at = _code(frame, at, strict=False)
        if code in _EVERY_FRAME or code in (0xD9, 0xDA):
            return code in _BLOCKS
        at += max(2, int.from_bytes(frame[at : at + 2], "big"))
    return False


def _blocks(frame: memoryview, digest: Digest, strict: bool) -> None:
    """A frame of DCT blocks: its frame, and each scan with the tables in force."""
    found, end, said = Frame(), 0, hashlib.sha256()
    for segment in walk.segments(frame, strict=strict):
        if segment.marker in walk.APPS or segment.marker == walk.COM:
            if strict and not _application(segment.marker, segment.payload, ls=False):
                malformed("a finished frame has application data or a comment")
        else:
            found.feed(segment, said)
        if segment.scan_end:
            # a sequential scan selects nothing, whatever its header says (T.81 B.2.3)
            if strict and not found.progressive and segment.payload[-3:] != b"\0\x3f\0":
                malformed("a sequential scan of a finished frame that claims to select")
            digest.update(said.digest())
            digest.update(_unfilled(frame[segment.end : segment.scan_end]))
        end = segment.end
    if not found.scans:
        malformed("a JPEG frame without a scan")
    if strict:
        if found.unused or found.spare or found.loose:
            malformed("a finished frame has a table, name or selector that no scan uses")
        _tail(frame, end, strict)
        prove_scans(frame, found)


class _Told:
    """What the segments of a lossless frame, JPEG or JPEG-LS, have said so far."""

    def __init__(self, digest: Digest, ls: bool, strict: bool) -> None:
        self._digest, self._ls, self._strict = digest, ls, strict
        self._tables, self._interval = Tables(), 0
        self._lossless: Lossless | None = None
        self._spare = False

    def prove_end(self) -> None:
        """Refuse a finished frame with a table that nothing reads."""
        if self._strict and (self._spare or self._tables.idle):
            malformed("a finished frame has a table that no scan uses")

    def feed(self, frame: memoryview, code: int, payload: bytes, end: int) -> int:
        """Take in one segment that ends at `end`; return where the next one begins."""
        if code in range(0xE0, 0xF0) or code == 0xFE:
            if self._strict and not _application(code, payload, self._ls):
                malformed("a finished frame has application data or a comment")
        elif code == 0xC4:
            self._tables.define(payload)
        elif code in (0xDB, 0xCC):
            self._spare = True
        elif code == 0xF8 and not (len(payload) == 11 and payload[0] == 1):
            if payload[:1] in (b"\2", b"\3", b"\4"):
                unsupported("JPEG-LS with a palette")
            self._spare = True
        elif code == 0xDA:
            return self._scan(frame, payload, end)
        else:
            if code in _EVERY_FRAME:
                self._lossless = self._frame(code, payload)
            if code == 0xDD:
                self._interval = int.from_bytes(payload, "big")
            self._digest.update(bytes((code,)) + payload)
        return end

    def _frame(self, code: int, payload: bytes) -> Lossless | None:
        if code != (0xF7 if self._ls else 0xC3):
            unsupported("JPEG process other than Huffman coding of blocks or samples")
        return None if self._ls else Lossless(payload)

    def _scan(self, frame: memoryview, payload: bytes, start: int) -> int:
        if self._lossless:
            coded = (frame, start, self._interval)
            return self._lossless.scan(
                coded, payload, self._tables, self._digest, strict=self._strict
            )
        found = _SCAN_END[self._ls].search(frame, start)
        if found is None:
            incomplete("a JPEG frame is cut")
        self._digest.update(b"\xda" + payload)
        self._digest.update(_unfilled(frame[start : found.start()]))
        return found.start()


def _unfilled(scan: memoryview) -> memoryview:
    """A scan without the fill bytes before the next marker."""
    end = len(scan)
    while end and scan[end - 1] == 0xFF:
        end -= 1
    return scan[:end]


def _code(frame: memoryview, at: int, strict: bool) -> tuple[int, int]:
    start = at
    while at < len(frame) and frame[at] == 0xFF:
        at += 1
    if at >= len(frame):
        incomplete("a JPEG frame is cut")
    if at == start or (strict and at > start + 1):
        malformed("a JPEG frame has bytes between its segments")
    return frame[at], at + 1


def _application(code: int, body: bytes, ls: bool) -> bool:
    """Whether a finished frame may have this segment: bare JFIF, Adobe, the mark of JPEG-LS."""
    if code == 0xE0:
        return body == b"JFIF\0\1\1\0\0\1\0\1\0\0"
    if code == 0xEE:
        return len(body) == 12 and body[:11] == b"Adobe\0\x64\0\0\0\0" and body[11] <= 2
    return ls and code == 0xE8 and len(body) == 5 and body.startswith(b"mrfx") and body[4] < 4


def _tail(frame: memoryview, at: int, strict: bool) -> None:
    if strict and bytes(frame[at:]) not in (b"", b"\0"):
        malformed("bytes follow the end of a finished frame")


def jpeg_2000(frame: memoryview, digest: Digest, *, strict: bool) -> None:
    """A JPEG 2000 frame in its clean form, each tile up to its last packet.

    Where packets cannot be walked over (high-throughput coding, packet headers that stand
    elsewhere) the segments decide alone.
    """
    try:
        coded = jp2_stream.read(frame)
    except Refusal as refusal:
        if refusal.reason is not Reason.FORMAT_NOT_SUPPORTED:
            raise
        _segments_2000(frame, digest, strict=strict)
        return
    if strict and bytes(frame) not in (coded.clean, coded.clean + b"\0"):
        malformed("a finished frame has a comment or bytes behind its packets")
    digest.update(coded.clean)


def _segments_2000(frame: memoryview, digest: Digest, *, strict: bool) -> None:
    """A JPEG 2000 frame: main header and tile-parts without comments."""
    if bytes(frame[:4]) != b"\xff\x4f\xff\x51":
        malformed("a frame is no JPEG 2000 codestream")
    at, tile_end, in_tile = 2, 0, False
    while True:
        if at + 4 > len(frame) and bytes(frame[at : at + 2]) != b"\xff\xd9":
            incomplete("a JPEG 2000 frame is cut")
        code = int.from_bytes(frame[at : at + 2], "big")
        if code == 0xFFD9:
            _tail(frame, at + 2, strict)
            return
        if code == 0xFF93:
            if not tile_end:
                tile_end = bytes(frame).rstrip(b"\0").rfind(b"\xff\xd9")
            if not at < tile_end <= len(frame):
                incomplete("a JPEG 2000 frame is cut")
            digest.update(frame[at:tile_end])
            at, tile_end = tile_end, 0
            continue
        size = int.from_bytes(frame[at + 2 : at + 4], "big")
        if not 0xFF4F < code <= 0xFF90 or size < 2 or at + 2 + size > len(frame):
            malformed("a JPEG 2000 frame has bytes between its segments")
        segment = frame[at : at + 2 + size]
        if code == 0xFF90:
            length = int.from_bytes(segment[6:10], "big")
            tile_end, in_tile = (at + length if length else 0), True
        if code != 0xFF64:
            digest.update(segment)
        elif strict and (any(segment[4:]) or not in_tile):
            malformed("a finished frame has a comment")
        at += 2 + size
