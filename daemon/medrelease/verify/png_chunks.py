"""The chunks of a PNG datastream (ISO/IEC 15948, W3C PNG third edition, section 5).

Inflated with zlib-ng: the cleaner does it with ISA-L, and no fault of one passes both rooms.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from zlib_ng import zlib_ng as zlib

from medrelease.terms.words import Reason
from medrelease.verify.refusal import Refusal, incomplete, malformed, unsupported

_FAULT: type[Exception] = zlib.error  # type: ignore[assignment] # the stub takes the class for one
SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST_CHUNKS = 100_000
CRITICAL = frozenset((b"IHDR", b"PLTE", b"IDAT", b"IEND"))
_MOST_PLAIN = 4 << 30
_LAYERS = {0: (1, (1, 2, 4, 8, 16)), 2: (3, (8, 16)), 3: (1, (1, 2, 4, 8)), 4: (2, (8, 16))}
_LAYERS[6] = (4, (8, 16))
_ADAM7 = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk; its data lies in [start, end) and its CRC of four bytes follows."""

    name: bytes
    start: int
    end: int
    sound: bool


@dataclass(frozen=True, slots=True)
class Header:
    """IHDR: size in pixels, bits a sample, colour type, samples a pixel, interlace method."""

    width: int
    height: int
    depth: int
    colour: int
    samples: int
    interlaced: bool

    def passes(self) -> list[tuple[range, range]]:
        """Return the columns and rows of each reduced image that has any (section 8)."""
        grids = _ADAM7 if self.interlaced else ((0, 0, 1, 1),)
        places = [
            (range(x, self.width, across), range(y, self.height, down))
            for x, y, across, down in grids
        ]
        return [(columns, rows) for columns, rows in places if columns and rows]

    def row_bytes(self, width: int) -> int:
        """Return the bytes of a row of `width` pixels, its filter byte not counted."""
        return (width * self.samples * self.depth + 7) // 8

    def coded_bytes(self) -> int:
        """Return the bytes that the inflated IDAT stream must have."""
        return sum(
            len(rows) * (1 + self.row_bytes(len(columns))) for columns, rows in self.passes()
        )


def chunks(view: memoryview) -> Iterator[Chunk]:
    """Yield every chunk up to IEND. Raises Refusal(incomplete | malformed)."""
    at = len(SIGNATURE)
    for _ in range(_MOST_CHUNKS):
        if at + 12 > len(view):
            incomplete("PNG without its end chunk")
        size, name = struct.unpack_from(">I4s", view, at)
        end = at + 8 + size
        if size >= 1 << 31 or not name.isalpha():
            malformed("PNG chunk header")
        if end + 4 > len(view):
            incomplete("PNG chunk cut")
        crc = struct.unpack_from(">I", view, end)[0]
        sound = zlib.crc32(view[at + 4 : end]) == crc
        if not sound and name in CRITICAL:
            malformed("PNG critical chunk with a wrong checksum")
        yield Chunk(name, at + 8, end, sound)
        at = end + 4
        if name == b"IEND":
            return
    raise Refusal(Reason.LIMITS_EXCEEDED, "PNG with too many chunks")


def header(data: bytes) -> Header:
    """Read IHDR. Raises Refusal(malformed)."""
    if len(data) != 13:
        malformed("PNG header length")
    width, height, depth, colour, method, filters, interlace = struct.unpack(">IIBBBBB", data)
    samples, depths = _LAYERS.get(colour, (0, ()))
    if not width or not height or max(width, height) >= 1 << 31 or depth not in depths:
        malformed("PNG header out of range")
    if method or filters or interlace > 1:
        unsupported("PNG compression, filter or interlace method")
    return Header(width, height, depth, colour, samples, bool(interlace))


_PIECE = 1 << 20
_GIVEN = 1 << 17
"""Bytes handed to zlib at a time: what it does not take in at once it copies."""


def inflate(data: bytes | memoryview, most: int) -> tuple[bytes, int, bool]:
    """Return (at most `most` + 1 bytes of a zlib stream, bytes of input left over, whether it
    ended). Raises Refusal(malformed) for a stream that is broken.
    """
    engine = zlib.decompressobj()
    try:
        plain = engine.decompress(data, min(most, _MOST_PLAIN) + 1)
    except _FAULT:
        malformed("compressed data that does not inflate")
    return plain, len(engine.unused_data), engine.eof


def inflated(stream: Iterable[memoryview]) -> Iterator[tuple[bytes, bool]]:
    """Yield a zlib stream's bytes piece by piece, each with whether the stream ends there exactly.

    `stream` are the pieces it stands in. Raises Refusal(malformed) for a stream that is broken.
    """
    engine = zlib.decompressobj()
    pieces = [piece for piece in stream if len(piece)]
    left = sum(map(len, pieces))
    try:
        for part in (
            piece[at : at + _GIVEN] for piece in pieces for at in range(0, len(piece), _GIVEN)
        ):
            waiting: bytes | memoryview = part
            left -= len(part)
            while waiting and not engine.eof:
                plain = engine.decompress(waiting, _PIECE)
                waiting = engine.unconsumed_tail
                yield plain, engine.eof and not left and not engine.unused_data
            if engine.eof:
                return
        while plain := engine.decompress(b"", _PIECE):
            yield plain, engine.eof
    except _FAULT:
        malformed("compressed data that does not inflate")


def measured(data: memoryview, most: int) -> tuple[int, int, bool]:
    """Return what `inflate` would, but the number of bytes in place of the bytes themselves."""
    engine, length = zlib.decompressobj(), 0
    try:
        for at in range(0, len(data), _GIVEN):
            waiting: bytes | memoryview = data[at : at + _GIVEN]
            while waiting and not engine.eof and length <= most:
                length += len(engine.decompress(waiting, min(_PIECE, most + 1 - length)))
                waiting = engine.unconsumed_tail
            if engine.eof or length > most:
                behind = max(len(data) - at - _GIVEN, 0) if engine.eof else 0
                return length, len(engine.unused_data) + behind, engine.eof
        while length <= most and (plain := engine.decompress(b"", most + 1 - length)):
            length += len(plain)
    except _FAULT:
        malformed("compressed data that does not inflate")
    return length, len(engine.unused_data), engine.eof
