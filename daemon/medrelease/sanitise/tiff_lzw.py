"""How far an LZW strip or tile reaches: a walk over its codes, in C (`lzw/strips.c`).

TIFF 6.0 section 13: codes of 9 to 12 bits, most significant bit first, each width one code early.
"""

from medrelease.sanitise.refusal import Refusal, incomplete, malformed
from medrelease.terms.words import Reason

try:
    from medrelease.sanitise import _lzw as native
except ImportError:  # the module was not built: no such TIFF is released
    HAS_LZW = False
else:
    HAS_LZW = True

_ENDS_BEFORE = 1
_WRONG = {
    2: "A TIFF strip is no LZW stream of the standard's form.",
    3: "An LZW code comes before its entry.",
    4: "An LZW table overflows.",
    5: "The last LZW code of a TIFF strip reaches beyond the strip.",
}


def lzw_length(coded: memoryview, expected: int) -> int:
    """Bytes of `coded` that decode to exactly `expected` bytes, an end code included.

    Raises an incomplete refusal where there is less, a malformed one where codes are invalid or
    the last string reaches beyond, and decoder-missing.
    """
    if not HAS_LZW:
        raise Refusal(Reason.DECODER_MISSING, "The module that reads LZW strips is missing.")
    told, bits = native.strip(coded, expected)
    if told == _ENDS_BEFORE:
        raise incomplete("a TIFF strip")
    if told:
        raise malformed(_WRONG[told])
    length = (bits + 7) // 8
    # some encoders flush one zero byte behind
    return length + 1 if bytes(coded[length:]) == b"\0" else length
