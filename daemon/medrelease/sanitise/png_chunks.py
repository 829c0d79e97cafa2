"""PNG chunks: cut apart with their checks, and the allow-list of those that say how to show.

Source: W3C Portable Network Graphics (Third Edition), clauses 5 and 11. A chunk on the list is
kept where its length and its values are ones that the standard allows; text cannot pass for them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import pack, unpack

from isal.isal_zlib import crc32

from medrelease.sanitise.png_header import Header
from medrelease.sanitise.refusal import malformed
from medrelease.sanitise.source import take

MAX_CHUNKS = 1_000_000
"""Chunks in one file; encoders that write IDAT in 8 KiB pieces stay far below."""

_LARGEST = 0x7FFFFFFF


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk: `whole` is length, type, data and CRC as they lie in the file."""

    name: bytes
    data: memoryview
    whole: memoryview
    end: int


def chunks(view: memoryview) -> Iterator[Chunk]:
    """Every chunk from behind the signature to IEND. Raises incomplete or malformed refusals."""
    at = 8
    for _ in range(MAX_CHUNKS):
        length, name = unpack(">I4s", take(view, at, 8, "a PNG chunk"))
        if length > _LARGEST or not name.isalpha():
            raise malformed("The PNG file has a chunk with an invalid head.")
        whole = take(view, at, 12 + length, "a PNG chunk")
        if crc32(whole[4:-4]) != int.from_bytes(whole[-4:], "big"):
            raise malformed("A PNG chunk does not match its check sum.")
        at += 12 + length
        yield Chunk(name, whole[8:-4], whole, at)
        if name == b"IEND":
            return
    raise malformed("The PNG file has too many chunks.")


def chunk(name: bytes, data: bytes) -> bytes:
    """The bytes of a chunk with its length and CRC."""
    return pack(">I4s", len(data), name) + data + pack(">I", crc32(data, crc32(name)))


def shows(name: bytes, data: bytes, header: Header, colours: int) -> bool:
    """Whether an ancillary chunk is one that says how to show, with values within bounds.

    `colours` is the number of palette entries read so far, 0 where there is no palette.
    """
    if name in _FIXED:
        length, largest, width = _FIXED[name]
        values = [int.from_bytes(data[at : at + width]) for at in range(0, len(data), width)]
        return len(data) == length and all(value <= largest for value in values)
    if name == b"pHYs":
        return len(data) == 9 and data[8] <= 1 and max(unpack(">IIB", data)) <= 10_000_000
    if name == b"sBIT":
        most = 8 if header.colour == 3 else header.depth
        wanted = 3 if header.colour == 3 else header.channels
        return len(data) == wanted and all(1 <= bits <= most for bits in data)
    if name == b"tRNS":
        return _transparency(data, header, colours)
    return name == b"bKGD" and _background(data, header, colours)


_FIXED = {
    b"gAMA": (4, 10_000_000, 4),
    b"cHRM": (32, 1_000_000, 4),
    b"sRGB": (1, 3, 1),
    b"cICP": (4, 22, 1),
}
"""Name: (length in bytes, largest value, bytes a value)."""


def _transparency(data: bytes, header: Header, colours: int) -> bool:
    """Whether a tRNS chunk fits its colour type (11.3.1.1)."""
    if header.colour == 3:
        return 0 < len(data) <= colours
    return header.colour in (0, 2) and _samples(data, header, 1 if header.colour == 0 else 3)


def _background(data: bytes, header: Header, colours: int) -> bool:
    """Whether a bKGD chunk fits its colour type (11.3.4.1)."""
    if header.colour == 3:
        return len(data) == 1 and data[0] < colours
    return _samples(data, header, 1 if header.colour in (0, 4) else 3)


def _samples(data: bytes, header: Header, count: int) -> bool:
    if len(data) != 2 * count:
        return False
    return all(value >> header.depth == 0 for value in unpack(f">{count}H", data))
