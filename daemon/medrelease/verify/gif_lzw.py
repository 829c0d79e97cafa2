"""The LZW code of GIF, read by the prover (GIF89a Appendix F) with its C module `_lzw` (`lzw/`).

A frame's data sub-blocks are read where they lie. Its raster is made only where it is looked at:
which indices it has follows from its codes.
"""

from collections.abc import Iterator
from typing import NamedTuple

from medrelease.terms.words import Reason
from medrelease.verify.refusal import Refusal, incomplete, malformed

try:
    from medrelease.verify import _lzw as native
except ImportError:
    HAS_LZW = False
else:
    HAS_LZW = True

_ENDS_EARLY, _CONTRADICTION = 1, 2
_GATHERED = 1 << 16


class Measure(NamedTuple):
    """The bits up to the last pixel's code; what is left over; which indices there are.

    `tidy` is true where exactly an end code follows, in zero bits up to the last byte, and the
    last code ends with the picture. `named` has 256 octets, zero for an index that is not met; it
    counts what a last code has beyond the picture.
    """

    bits: int
    tidy: bool
    named: bytes


def measured(blocks: memoryview, minimum: int, number: int) -> Measure:
    """Read codes for `number` pixels. Raises Refusal(incomplete | malformed | decoder-missing)."""
    return _read(blocks, minimum, number, None)


def decoded(blocks: memoryview, minimum: int, number: int) -> bytearray:
    """Return the indices of `number` pixels. Raises what `measured` does."""
    pixels = bytearray(number)
    _read(blocks, minimum, number, pixels)
    return pixels


def octets(blocks: memoryview) -> Iterator[memoryview]:
    """Yield what stands in each data sub-block."""
    at = 0
    while size := blocks[at]:
        yield blocks[at + 1 : at + 1 + size]
        at += 1 + size


def codes(blocks: memoryview, bits: int) -> Iterator[bytes]:
    """Yield the first `bits` bits of data sub-blocks in pieces, the rest of the last byte zero."""
    left, spare = divmod(bits, 8)
    gathered = bytearray()
    for piece in octets(blocks):
        gathered += piece[:left]
        if left < len(piece):
            gathered += bytes((piece[left] & ((1 << spare) - 1),)) if spare else b""
            break
        left -= len(piece)
        if len(gathered) > _GATHERED:
            yield bytes(gathered)
            gathered.clear()
    yield bytes(gathered)


def _read(blocks: memoryview, minimum: int, number: int, pixels: bytearray | None) -> Measure:
    if not HAS_LZW:
        raise Refusal(Reason.DECODER_MISSING, "the module that reads GIF is missing")
    if minimum < 2 or minimum > 8:
        malformed("GIF code size that is not defined")
    verdict, bits, tidy, named = native.read(blocks, minimum, number, pixels)
    if verdict == _ENDS_EARLY:
        incomplete("GIF picture data ends before the picture")
    if verdict == _CONTRADICTION:
        malformed("GIF code before its entry")
    return Measure(bits, tidy, named)
