"""How many bytes of a coded TIFF strip or tile its decoder needs.

Uncompressed rows, zlib, LZW and PackBits streams are cut where the declared rows end; a Group 4
stream behind its end-of-block code.
Source: TIFF 6.0 sections 9 (PackBits) and 13 (LZW), TIFF Technical Note 2 (Deflate), ITU-T T.6.
"""

import re

from medrelease.sanitise.inflate import Inflater
from medrelease.sanitise.refusal import incomplete, malformed, unsupported
from medrelease.sanitise.tiff_lzw import lzw_length
from medrelease.sanitise.tiff_page import COMPRESSION, FILL, Page

_NONE, _GROUP_4, _LZW, _PACKBITS = 1, 4, 5, 32773
_DEFLATE = frozenset({8, 32946})
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def needed_length(page: Page, piece: memoryview, expected: int) -> int:
    """Bytes of a coded piece that decode to `expected` bytes. Raises refusals."""
    compression = page.one(COMPRESSION, _NONE)
    if compression == _NONE:
        if len(piece) < expected:
            raise incomplete("a TIFF strip")
        return expected
    if compression == _GROUP_4:
        return _group_4_length(piece, reverse=page.one(FILL, 1) == 2)
    if page.one(FILL, 1) == 2:
        raise unsupported("TIFF with reversed bits is not supported.")
    if compression in _DEFLATE:
        return _deflate_length(piece, expected)
    if compression == _LZW:
        return lzw_length(piece, expected)
    if compression == _PACKBITS:
        return _packbits_length(piece, expected)
    raise unsupported(
        "The TIFF file's compression is not supported.",
        "Export it with LZW or without compression.",
    )


def _deflate_length(piece: memoryview, expected: int) -> int:
    inflater = Inflater([piece])
    if inflater.skip(expected) < expected:
        raise incomplete("a TIFF strip")
    if not inflater.ends():
        raise malformed("A TIFF strip holds more rows than its page.")
    return inflater.consumed


def _packbits_length(piece: memoryview, expected: int) -> int:
    """TIFF 6.0 section 9: runs of literal or repeated bytes."""
    at = done = 0
    while done < expected:
        if at >= len(piece):
            raise incomplete("a TIFF strip")
        head = piece[at]
        if head < 128:
            done, at = done + head + 1, at + head + 2
        else:
            done, at = done + (257 - head) % 129, at + (1 if head == 128 else 2)
    if done > expected:
        raise malformed("A run of a TIFF strip reaches beyond the strip.")
    if at > len(piece):
        raise incomplete("a TIFF strip")
    return at


def _end_of_block(shift: int) -> bytes:
    """A pattern for the 24 bits of EOFB (T.6 2.4.1.1) that begin `shift` bits into a byte."""
    bits = "x" * shift + "000000000001" * 2
    bits += "x" * (-len(bits) % 8)
    pattern = b""
    for at in range(0, len(bits), 8):
        fits = [byte for byte in range(256) if _matches(f"{byte:08b}", bits[at : at + 8])]
        pattern += b"[" + b"".join(b"\\x%02x" % byte for byte in fits) + b"]"
    return pattern


def _matches(bits: str, wanted: str) -> bool:
    return all(want in ("x", bit) for bit, want in zip(bits, wanted, strict=True))


_END_OF_BLOCK = [re.compile(_end_of_block(shift)) for shift in range(8)]


def _group_4_length(piece: memoryview, *, reverse: bool) -> int:
    """Bytes up to the end-of-block code, which every Group 4 stream must have."""
    data = bytes(piece).translate(_REVERSED) if reverse else piece
    found = [match.end() for pattern in _END_OF_BLOCK if (match := pattern.search(data))]
    if not found:
        raise incomplete("a TIFF strip")
    return min(found)
