"""Everything that stands for a patient without telling who it is: keyed codes.

One site key; from it one key a route or study; from that a subkey for each use, so that no
two uses, routes or studies can be compared (DESIGN.md 5.3 and section 2, rule 11). All are
HMAC-SHA-256 (RFC 2104, FIPS 180-4): without the key, ten digits could be tried in seconds.
"""

import hmac
import re

from medrelease.identifiers import base32

LONGEST_OFFSET_DAYS = 3650
"""Dates of a subject move by 1 to this many days into the past."""

_CODE_SYMBOLS = 16
_CODE_SHAPE = re.compile(r"[0-9A-Za-z]{4}(?:-?[0-9A-Za-z]{4}){3}-?[0-9A-Za-z]")


def route_key(site_key: bytes, label: str) -> bytes:
    """The 32-byte key of a route or study; `label` is `Route.key_label`."""
    return _subkey(site_key, "route", label)


def hmac_hex(key: bytes, message: str | bytes) -> str:
    """The keyed hash of a text (as UTF-8) or of bytes, in 64 hexadecimal digits."""
    data = message.encode("utf-8", "surrogateescape") if isinstance(message, str) else message
    return hmac.digest(key, data, "sha256").hex()


def subject_code(route_key: bytes, subject: str) -> str:
    """The code of a subject on a route: `XXXX-XXXX-XXXX-XXXX-C`, 80 bits and a check character.

    `subject` is the canonical H&C number, or the job number where no H&C number is known.
    """
    number = int.from_bytes(_subkey(route_key, "subject", subject)[:10], "big")
    return _grouped(base32.encode(number, _CODE_SYMBOLS))


def parse_subject_code(text: str) -> str | None:
    """The code that a person typed or read out, as `subject_code` writes it, or None.

    Small letters, missing hyphens and O, I or L for digits are understood; a single wrong
    symbol or a swap of neighbours is noticed by the check character.
    """
    heard = base32.heard(text.replace("-", "")) if _CODE_SHAPE.fullmatch(text) else None
    if heard is None:
        return None
    code = _grouped(heard[:_CODE_SYMBOLS])
    return code if code[-1] == heard[-1] else None


def uid(route_key: bytes, original_uid: str) -> str:
    """A DICOM UID in place of another: `2.25.` and a UUID as a decimal (PS3.5 B.2).

    The UUID has 122 keyed bits and is of version 8 (RFC 9562, 5.8), so references between
    objects of one route still meet and nobody else can find out what they were.
    """
    bits = int.from_bytes(_subkey(route_key, "uid", original_uid)[:16], "big")
    bits = bits & ~(0xF << 76) | 0x8 << 76
    bits = bits & ~(0x3 << 62) | 0x2 << 62
    return f"2.25.{bits}"


def date_offset_days(route_key: bytes, subject: str) -> int:
    """By how many days a subject's dates move into the past on a route: 1 to 3650, never 0."""
    number = int.from_bytes(_subkey(route_key, "date", subject)[:16], "big")
    return 1 + number % LONGEST_OFFSET_DAYS


def _subkey(key: bytes, use: str, message: str) -> bytes:
    labelled = f"medrelease {use}\0".encode() + message.encode("utf-8", "surrogateescape")
    return hmac.digest(key, labelled, "sha256")


def _grouped(symbols: str) -> str:
    groups = [symbols[place : place + 4] for place in range(0, _CODE_SYMBOLS, 4)]
    return "-".join([*groups, _check_symbol(symbols)])


def _check_symbol(symbols: str) -> str:
    """The check character: the symbols weighted by falling powers of 2 in GF(32), added up.

    The weights a^16 ... a^1, and a^0 for the check character itself, are all different and
    none is zero. So a single wrong symbol changes the sum, and so does a swap of neighbours,
    the check character's among them.
    """
    total = 0
    for value in base32.values(symbols) or ():
        total = _doubled(total ^ value)
    return base32.ALPHABET[total]


def _doubled(value: int) -> int:
    """Times a in GF(32), modulo the primitive polynomial x^5 + x^2 + 1."""
    value <<= 1
    return value ^ 0b100101 if value & 32 else value
