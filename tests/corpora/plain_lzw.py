"""GIF's LZW read plainly in Python (GIF89a Appendix F), for comparison with what is done in C."""

from typing import NamedTuple

CUT, WRONG = "cut", "wrong"


class Plain(NamedTuple):
    """Indices, one string beyond them at most; where their codes end; how wide the next one is."""

    indices: bytes
    bits: int
    width: int


def blocks(codes: bytes, size: int = 255) -> bytes:
    """Codes as data sub-blocks and their terminator."""
    pieces = [codes[at : at + size] for at in range(0, len(codes), size)]
    return b"".join(bytes((len(piece),)) + piece for piece in pieces) + b"\0"


def read(codes: bytes, minimum: int, count: int) -> Plain | str:
    """Read `count` indices, or say why that cannot be."""
    clear, end = 1 << minimum, (1 << minimum) + 1
    roots = [bytes((value,)) for value in range(clear)] + [b"", b""]
    table, width, before, bit, out = list(roots), minimum + 1, b"", 0, bytearray()
    number = int.from_bytes(codes, "little")
    while len(out) < count:
        if bit + width > 8 * len(codes):
            return CUT
        code = number >> bit & ((1 << width) - 1)
        bit += width
        if code == clear:
            table, width, before = list(roots), minimum + 1, b""
            continue
        if code == end:
            return CUT
        if code > len(table) or (code == len(table) and (not before or len(table) == 4096)):
            return WRONG
        text = table[code] if code < len(table) else before + before[:1]
        out += text
        if before and len(table) < 4096:
            table.append(before + text[:1])
            if len(table) == 1 << width and width < 12:
                width += 1
        before = text
    return Plain(bytes(out), bit, width)


def strip(codes: bytes, expected: int) -> tuple[bytes, int] | str:
    """What a TIFF strip's codes say (TIFF 6.0 section 13), and the bits up to the last string's.

    Or why `expected` bytes cannot be read.
    """
    number, total, bit = int.from_bytes(codes), 8 * len(codes), 0
    table, out, before = list[bytes](), b"", b""
    begun = False
    while len(out) < expected:
        known = len(table) + bool(before)  # the entry that this code makes counts
        width = 9 if known < 254 else 10 if known < 766 else 11 if known < 1790 else 12
        if bit + width > total:
            return WRONG if not begun else CUT
        code = number >> (total - bit - width) & ((1 << width) - 1)
        if not begun and code != 256:
            return WRONG
        if code == 257:
            return CUT
        if known == 3841 and code != 256:
            return WRONG
        bit += width
        if code == 256:
            if known == 3841:
                return WRONG
            begun, table, before = True, [], b""
            continue
        if code - 258 > len(table) or (code >= 258 and not before):
            return WRONG
        text = bytes((code,)) if code < 256 else b""
        if code >= 258:
            text = table[code - 258] if code - 258 < len(table) else before + before[:1]
        if before:
            table.append(before + text[:1])
        out, before = out + text, text
    return (out, bit) if len(out) == expected else WRONG
