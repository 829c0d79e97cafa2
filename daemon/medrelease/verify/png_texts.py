"""What the chunks of a dropped PNG say in words, compressed or not, so that it is searched for.

Source: W3C PNG third edition, 11.3.3 (text) and 11.3.4 (time), ISO/IEC 15948.
"""

import binascii
import re
import struct

from medrelease.verify import exif, icc, iptc, xmp
from medrelease.verify.png_chunks import inflate
from medrelease.verify.runs import decode, printable

PROFILE_LIMIT = 16 << 20
_TEXT_LIMIT = 16 << 20
_HEX = re.compile(rb"[0-9A-Fa-f]*")
_NUMBERS = frozenset(
    {b"IHDR", b"PLTE", b"tRNS", b"sBIT", b"bKGD", b"gAMA", b"cHRM", b"sRGB", b"cICP", b"pHYs"}
)


def of_chunk(name: bytes, data: bytes) -> list[str | bytes]:
    """Return the texts of one ancillary chunk, empty for one that can hold none.

    Raises Refusal(malformed) where compressed text does not inflate.
    """
    if name == b"eXIf":
        return exif.texts(memoryview(data))
    if name == b"tIME" and len(data) == 7:
        return ["{:04}:{:02}:{:02} {:02}:{:02}:{:02}".format(*struct.unpack(">H5B", data))]
    key, _, rest = data.partition(b"\0")
    if name == b"iCCP":
        plain = inflate(rest[1:], PROFILE_LIMIT)[0]
        return [decode(key), *icc.texts(plain)]
    if name in (b"tEXt", b"zTXt"):
        plain = inflate(rest[1:], _TEXT_LIMIT)[0] if name == b"zTXt" else rest
        return [decode(plain), *_unhexed(key, plain), *printable(plain), *xmp.texts(plain)]
    if name == b"iTXt" and len(rest) > 2:
        return _international(rest)
    return [] if name in _NUMBERS else list(printable(data))


def _unhexed(key: bytes, text: bytes) -> list[str]:
    """Return the texts of a block that a program wrote as hexadecimal digits into a text."""
    if not key.startswith(b"Raw profile type"):
        return []
    digits = b"".join(text.split()[2:])
    even = digits[: len(digits) & ~1]
    plain = binascii.unhexlify(even) if _HEX.fullmatch(even) else b""
    return [*iptc.texts(plain), *xmp.texts(plain)]


def _international(rest: bytes) -> list[str | bytes]:
    """Return the texts of an iTXt chunk after its keyword: language, translation, text."""
    language, _, more = rest[2:].partition(b"\0")
    translated, _, text = more.partition(b"\0")
    plain = inflate(text, _TEXT_LIMIT)[0] if rest[0] else text
    found = [decode(language), decode(translated), decode(plain)]
    return [*found, *xmp.texts(plain), *printable(plain)]
