"""The LZW code of GIF (GIF89a Appendix F): walked to its last pixel, and written anew.

Codes of 3 to 12 bits, least significant bit first; a full table stays as it is until a Clear code.
The walk is done in C (`lzw/`) on the data sub-blocks as they lie in the file, and needs no raster.
"""

from collections.abc import Iterator
from typing import NamedTuple

from medrelease.sanitise.refusal import Refusal, incomplete, malformed
from medrelease.terms.words import Reason

try:
    from medrelease.sanitise import _lzw as native
except ImportError:  # the module was not built: no GIF is released
    HAS_LZW = False
else:
    HAS_LZW = True

_CUT, _WRONG = 1, 2
_BLOCK = 255
_GATHERED = 1 << 16


class Walk(NamedTuple):
    """Where the codes of a picture end: `bits` behind their begin; the next is of `width` bits.

    `exact` is false where the last code goes on beyond the picture: such codes cannot be kept.
    `used` has 256 octets: not zero where an index stands in the picture (if it is exact).
    """

    bits: int
    width: int
    exact: bool
    used: bytes


def walk(blocks: memoryview, minimum: int, count: int) -> Walk:
    """Read codes of data sub-blocks up to `count` indices.

    Raises refusals: incomplete, malformed, decoder-missing. `minimum` is the LZW minimum code size
    in bits.
    """
    return _walk(blocks, minimum, count, None)


def decode(blocks: memoryview, minimum: int, count: int) -> bytearray:
    """The first `count` indices that data sub-blocks code. Raises what `walk` does."""
    indices = bytearray(count)
    _walk(blocks, minimum, count, indices)
    return indices


def encode(indices: bytes | bytearray, minimum: int) -> bytes:
    """The codes of some indices, each below two to the power `minimum`, and an end code."""
    _require()
    return native.encode(indices, minimum)


def kept(blocks: memoryview, walked: Walk, minimum: int) -> Iterator[bytes]:
    """Data sub-blocks of the codes up to the picture's end, with an end code of our own."""
    whole, spare = divmod(walked.bits, 8)
    end, gathered = (1 << minimum) + 1, bytearray()
    for piece in _octets(blocks):
        gathered += piece[:whole]
        if whole < len(piece):
            end = end << spare | (piece[whole] & ((1 << spare) - 1))
            break
        whole -= len(piece)
        if len(gathered) > _GATHERED:
            full = len(gathered) // _BLOCK * _BLOCK
            yield _cut(gathered[:full])
            del gathered[:full]
    gathered += end.to_bytes((spare + walked.width + 7) // 8, "little")
    yield _cut(gathered) + b"\0"


def chunked(codes: bytes) -> bytes:
    """Codes as data sub-blocks of 255 bytes, and their terminator."""
    return _cut(codes) + b"\0"


def octets(blocks: memoryview) -> int:
    """How many octets stand in data sub-blocks."""
    return sum(map(len, _octets(blocks)))


def _walk(blocks: memoryview, minimum: int, count: int, out: bytearray | None) -> Walk:
    _require()
    if not 2 <= minimum <= 8:
        raise malformed("A GIF picture has an undefined code size.")
    told, bits, width, exact, used = native.walk(blocks, minimum, count, out)
    if told == _CUT:
        raise incomplete("a GIF picture")
    if told == _WRONG:
        raise malformed("A code of a GIF picture comes before its entry.")
    return Walk(bits, width, exact, used)


def _require() -> None:
    if not HAS_LZW:
        raise Refusal(Reason.DECODER_MISSING, "The module that reads GIF pictures is missing.")


def _octets(blocks: memoryview) -> Iterator[memoryview]:
    """What stands in each data sub-block."""
    at = 0
    while size := blocks[at]:
        yield blocks[at + 1 : at + 1 + size]
        at += 1 + size


def _cut(codes: bytes | bytearray) -> bytes:
    pieces = [codes[at : at + _BLOCK] for at in range(0, len(codes), _BLOCK)]
    return b"".join(bytes((len(piece),)) + piece for piece in pieces)
