"""The LZW code of GIF (GIF89a Appendix F): walked to its last pixel, and written anew.

Codes of 3 to 12 bits, least significant bit first; a full table stays as it is until a Clear code.
"""

from typing import NamedTuple

from medrelease.sanitise.refusal import incomplete, malformed

_FULL = 4096
_WIDEST = 12


class Walk(NamedTuple):
    """A picture's indices, and its codes cut behind the last pixel with an end code of our own.

    `exact` is false where the last code goes on beyond the picture: such codes cannot be kept.
    """

    indices: bytes
    codes: bytes
    exact: bool


def walk(coded: bytes, minimum: int, count: int) -> Walk:
    """Decode exactly `count` indices. Raises incomplete and malformed refusals.

    `minimum` is the LZW minimum code size in bits.
    """
    if not 2 <= minimum <= 8:
        raise malformed("A GIF picture has an undefined code size.")
    clear, end = 1 << minimum, (1 << minimum) + 1
    roots = [bytes((value,)) for value in range(clear)] + [b"", b""]
    table, width, before = list(roots), minimum + 1, b""
    plain = bytearray()
    gathered = held = 0
    for place, octet in enumerate(coded):
        gathered |= octet << held
        held += 8
        while held >= width:
            code = gathered & ((1 << width) - 1)
            gathered >>= width
            held -= width
            if code == clear:
                table, width, before = list(roots), minimum + 1, b""
                continue
            if code == end:
                raise incomplete("a GIF picture")
            if code < len(table):
                text = table[code]
            elif code == len(table) and before and len(table) < _FULL:
                text = before + before[:1]
            else:
                raise malformed("A code of a GIF picture comes before its entry.")
            plain += text
            if before and len(table) < _FULL:
                table.append(before + text[:1])
                if len(table) == 1 << width and width < _WIDEST:
                    width += 1
            before = text
            if len(plain) >= count:
                codes = _closed(coded, 8 * (place + 1) - held, end, width)
                return Walk(bytes(memoryview(plain)[:count]), codes, len(plain) == count)
    raise incomplete("a GIF picture")


def _closed(coded: bytes, bits: int, end: int, width: int) -> bytes:
    """The first `bits` bits of a code stream, and an end code of `width` bits behind them."""
    whole, spare = divmod(bits, 8)
    last = coded[whole] & ((1 << spare) - 1) if spare else 0
    tail = last | end << spare
    return coded[:whole] + tail.to_bytes((spare + width + 7) // 8, "little")


def encode(indices: bytes, minimum: int) -> bytes:
    """The codes of some indices, each below two to the power `minimum`."""
    clear, end = 1 << minimum, (1 << minimum) + 1
    coded, gathered, held = bytearray(), clear, minimum + 1
    width, known, head = minimum + 1, dict[tuple[int, int], int](), -1
    for index in indices:
        if head < 0:
            head = index
            continue
        if (longer := known.get((head, index), -1)) >= 0:
            head = longer
            continue
        gathered |= head << held
        held += width
        entry = end + 1 + len(known)
        known[head, index] = entry
        if entry == 1 << width:
            width += 1
        if entry == _FULL - 1:
            gathered |= clear << held
            held += width
            width, known = minimum + 1, {}
        coded += (gathered & ((1 << held // 8 * 8) - 1)).to_bytes(held // 8, "little")
        gathered, held = gathered >> held // 8 * 8, held % 8
        head = index
    gathered |= head << held
    held += width
    # the decoder makes one more entry before it reads the end code
    if end + 1 + len(known) == 1 << width and width < _WIDEST:
        width += 1
    gathered |= end << held
    held += width
    return bytes(coded) + gathered.to_bytes(-(-held // 8), "little")
