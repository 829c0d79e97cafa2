"""The LZW code of GIF, read by the prover (GIF89a Appendix F).

Every entry of the table is a stretch of what came out before, one index longer than the code it
was made at: the table holds places instead of strings.
"""

from typing import NamedTuple

from medrelease.verify.refusal import incomplete, malformed


class Picture(NamedTuple):
    """Indices of a frame; the codes up to the last of them, spare bits zero; what is left over.

    `tidy` is true where exactly an end code follows, in zero bits up to the last byte, and the
    last code ends with the picture.
    """

    indices: bytes
    codes: bytes
    tidy: bool


def decoded(data: bytes, minimum: int, number: int) -> Picture:
    """Decode `number` indices. Raises Refusal(incomplete | malformed)."""
    if minimum < 2 or minimum > 8:
        malformed("GIF code size that is not defined")
    clear = 2**minimum
    places: list[int] = []  # where the text of each code since the last Clear begins
    out = bytearray()
    size, bit, total = minimum + 1, 0, len(data) * 8
    while len(out) < number:
        if bit + size > total:
            incomplete("GIF picture data cut")
        code = int.from_bytes(data[bit >> 3 : (bit >> 3) + 3], "little") >> (bit & 7)
        code &= (1 << size) - 1
        bit += size
        if code == clear:
            places, size = [], minimum + 1
            continue
        if code == clear + 1:
            incomplete("GIF picture data ends before the picture")
        entry = code - clear - 2
        here = len(out)
        if code < clear:
            out.append(code)
        elif entry < len(places) - 1:
            out += out[places[entry] : places[entry + 1] + 1]
        elif entry == len(places) - 1:
            out += out[places[entry] :]
            out.append(out[places[entry]])
        else:
            malformed("GIF code before its entry")
        # beyond the last entry only its end is needed
        if len(places) + clear + 2 <= 4096:
            places.append(here)
        if len(places) - 1 + clear + 2 == 1 << size and size < 12:
            size += 1
    tidy = len(out) == number and _tidy(data, bit, size, clear)
    return Picture(bytes(memoryview(out)[:number]), _cut(data, bit), tidy)


def _cut(data: bytes, bit: int) -> bytes:
    """The first `bit` bits, the rest of the last byte zero."""
    whole = int.from_bytes(data[bit >> 3 : (bit >> 3) + 1], "little") & ((1 << (bit & 7)) - 1)
    return data[: bit >> 3] + bytes((whole,)) * (bit & 7 > 0)


def _tidy(data: bytes, bit: int, size: int, clear: int) -> bool:
    """Whether an end code follows and nothing else, in as few bytes as may be."""
    rest = int.from_bytes(data[bit >> 3 :][:4], "little") >> (bit & 7)
    return rest == clear + 1 and len(data) == -(-(bit + size) // 8)
