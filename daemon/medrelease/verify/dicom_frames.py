"""Canonical forms of coded frames: what codes the picture, and nothing else of the codestream.

Each function feeds a digest; on a finished frame (`strict`) it refuses whatever a clean frame may
not hold. Sources: ITU-T T.81 Annex B, T.87 Annex C, T.800 Annex A, PS3.5 Annex G.
"""

import re
from typing import Protocol

from medrelease.terms.words import Reason
from medrelease.verify import jp2_stream
from medrelease.verify.jpeg_piece import prove_stream
from medrelease.verify.refusal import Refusal, incomplete, malformed

_SCAN_END = {
    False: re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]"),
    True: re.compile(rb"\xff[\x80-\xfe]"),
}


_BLOCKS = frozenset((0xC0, 0xC1, 0xC2))
_SEQUENTIAL = frozenset((0xC0, 0xC1))


class Digest(Protocol):
    """What hashlib's objects offer here."""

    def update(self, data: bytes | memoryview, /) -> None:
        """Take in more bytes."""


def jpeg(frame: memoryview, digest: Digest, *, ls: bool, strict: bool) -> None:
    """A JPEG or JPEG-LS frame: every segment but application data and comments, every scan."""
    if bytes(frame[:2]) != b"\xff\xd8":
        malformed("a frame is no JPEG codestream")
    at, blocks, sequential = 2, False, False
    while True:
        code, at = _code(frame, at, strict)
        if code == 0xD9:
            _tail(frame, at, strict)
            if strict and blocks:
                prove_stream(frame)
            return
        blocks = blocks or code in _BLOCKS
        sequential = sequential or code in _SEQUENTIAL
        size = int.from_bytes(frame[at : at + 2], "big")
        if size < 2 or at + size > len(frame):
            incomplete("a JPEG frame is cut")
        segment = frame[at : at + size]
        if code in range(0xE0, 0xF0) or code == 0xFE:
            if strict and not _application(code, bytes(segment[2:]), ls):
                malformed("a finished frame has application data or a comment")
        else:
            # a sequential scan selects nothing, whatever its header says (T.81 B.2.3)
            plain = sequential and code == 0xDA and size >= 5
            digest.update(bytes((code,)))
            digest.update(bytes(segment[:-3]) + b"\0\x3f\0" if plain else segment)
        at += size
        if code == 0xDA:
            found = _SCAN_END[ls].search(frame, at)
            if found is None:
                incomplete("a JPEG frame is cut")
            digest.update(_unfilled(frame[at : found.start()]))
            at = found.start()


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
        return len(body) == 14 and body.startswith(b"JFIF\0") and body.endswith(b"\0\0")
    if code == 0xEE:
        return len(body) == 12 and body.startswith(b"Adobe")
    return ls and code == 0xE8 and len(body) == 5 and body.startswith(b"mrfx")


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


def rle(frame: memoryview, digest: Digest, *, cells: int, strict: bool) -> None:
    """An RLE frame, decoded: `cells` bytes a segment."""
    words = [int.from_bytes(frame[n : n + 4], "little") for n in range(0, 64, 4)]
    if len(frame) < 64 or not 1 <= words[0] <= 15:
        malformed("an RLE frame has no header")
    starts = words[1 : words[0] + 1]
    if strict and any(words[words[0] + 1 :]):
        malformed("an RLE header names segments that it does not count")
    for start, end in zip(starts, [*starts[1:], len(frame)], strict=True):
        data = bytes(frame[start:end])
        plain, used = _unpacked(data, cells)
        if strict and data[used:] not in (b"", b"\0"):
            malformed("bytes follow the last pixel of an RLE segment")
        digest.update(plain)


def rle_segments(frame: bytes, cells: int) -> list[bytes]:
    """The segments of an RLE frame, each decoded to `cells` bytes. Raises Refusal."""
    words = [int.from_bytes(frame[n : n + 4], "little") for n in range(0, 64, 4)]
    if len(frame) < 64 or not 1 <= words[0] <= 15:
        malformed("an RLE frame has no header")
    ends = [*words[2 : words[0] + 1], len(frame)]
    return [
        _unpacked(frame[start:end], cells)[0]
        for start, end in zip(words[1 : words[0] + 1], ends, strict=True)
    ]


def _unpacked(data: bytes, cells: int) -> tuple[bytes, int]:
    plain, at = bytearray(), 0
    while len(plain) < cells:
        if at + 1 >= len(data):
            incomplete("an RLE segment is cut")
        head = data[at]
        if head < 128:
            plain += data[at + 1 : at + 2 + head]
            at += 2 + head
        elif head == 128:
            at += 1
        else:
            plain += data[at + 1 : at + 2] * (257 - head)
            at += 2
    return bytes(plain[:cells]), at
