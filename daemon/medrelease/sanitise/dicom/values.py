"""What may stand as the value of an attribute, by its value representation (PS3.5 section 6.2).

`provable` answers with the value as it is written again, or None where the value could say
something about somebody: then the attribute's Type decides what stands in its place.
"""

import re

from medrelease.identifiers.keyed import hmac_hex
from medrelease.sanitise.dicom.vocabulary import is_maker, is_plain, is_term, is_text_term

TEXT = frozenset({b"LO", b"SH", b"ST", b"LT", b"UT", b"UC", b"PN", b"UR", b"AE"})
"""VRs that hold what somebody typed."""

DUMMY_TEXT = b"ANONYMISED"
DUMMY_DATE = b"19000101"

_DS = re.compile(rb" *[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)? *")
_IS = re.compile(rb" *[+-]?\d{1,12} *")
_AS = re.compile(rb"\d{3}[DWMY]")
_CS = re.compile(rb"[A-Z0-9_ ]{0,16}(?:\\[A-Z0-9_ ]{0,16})*")
_WIDTH = {b"US": 2, b"SS": 2, b"UL": 4, b"SL": 4, b"FL": 4, b"FD": 8, b"AT": 4, b"SV": 8, b"UV": 8}
_SWAPPED = {**_WIDTH, b"AT": 2, b"OW": 2, b"OF": 4, b"OL": 4, b"OD": 8, b"OV": 8}
_GRAPHIC_LAYER = 0x00700002
_UNITS = frozenset({0x00281054, 0x00283004})
"""Rescale Type and Modality LUT Type, whose term for an unspecified unit is US (PS3.3 C.11.1)."""

_MANUFACTURER = 0x00080070
_IMAGE_TYPE = 0x00080008
_PATIENT_ORIENTATION = 0x00200020
_DIRECTION = re.compile(r"[ALPRHF]{1,3}")

_DUMMIES = {
    b"DA": DUMMY_DATE,
    b"TM": b"000000",
    b"DT": DUMMY_DATE + b"000000",
    b"AS": b"000Y",
    b"DS": b"0",
    b"IS": b"0",
    b"CS": b"UNKNOWN",
    b"UR": b"urn:anonymised",
}


def provable(tag: int, vr: bytes, raw: bytes, most: int | None) -> bytes | None:
    """A value that carries no free text, as it is written again; None where it may carry some.

    `most` is the number of values that the dictionary permits, None for any.
    """
    width = _WIDTH.get(vr)
    if width is not None:
        fits = len(raw) % width == 0 and (most is None or len(raw) // width <= most)
        return raw if fits else None
    plain = up_to_nul(raw)
    if vr in (b"DS", b"IS"):
        return _numbers(_DS if vr == b"DS" else _IS, plain, most)
    if vr == b"CS":
        return _code_string(tag, plain, most)
    if vr in (b"LO", b"SH", b"UC"):
        return _text(tag, plain, most)
    return b"" if vr in TEXT and not plain.strip() else None


def up_to_nul(raw: bytes) -> bytes:
    """A string value without what stands behind a NUL, and without its padding."""
    return raw.partition(b"\0")[0].rstrip(b" ")


def is_code_string(plain: bytes) -> bool:
    """Whether a value is one Code String or several (PS3.5 section 6.2), whatever they say."""
    return _CS.fullmatch(plain) is not None


def is_age(raw: bytes) -> bool:
    """Whether a value is an Age String."""
    return _AS.fullmatch(up_to_nul(raw)) is not None


def dummy(tag: int, vr: bytes, raw: bytes, key: bytes) -> bytes:
    """A value that says nothing, for an attribute that must have one (action D).

    A short text gets a keyed code, so that equal identifiers inside a study stay equal.
    """
    if tag in _UNITS:
        return b"US"
    if vr in (b"LO", b"SH", b"UC"):
        code = hmac_hex(key, b"%08X " % tag + up_to_nul(raw))
        return b"ANON-" + code[:10].upper().encode()
    if tag == _GRAPHIC_LAYER:  # a name that other attributes of the object refer to
        return b"LAYER " + hmac_hex(key, up_to_nul(raw))[:8].upper().encode()
    if vr in _WIDTH:
        return bytes(_WIDTH[vr])
    return _DUMMIES.get(vr, DUMMY_TEXT if vr in TEXT else b"\0\0")


def little(vr: bytes, raw: bytes) -> bytes:
    """A big endian value in little endian."""
    width = _SWAPPED.get(vr)
    if width is None or len(raw) % width:
        return raw
    swapped = bytearray(len(raw))
    for place in range(width):
        swapped[place::width] = raw[width - 1 - place :: width]
    return bytes(swapped)


def _numbers(form: re.Pattern[bytes], plain: bytes, most: int | None) -> bytes | None:
    if not plain:
        return b""
    parts = plain.split(b"\\")
    if most is not None and len(parts) > most:
        return None
    return plain if all(not part or form.fullmatch(part) for part in parts) else None


def _code_string(tag: int, plain: bytes, most: int | None) -> bytes | None:
    """The values that are defined terms. Those of Image Type have places, which are kept."""
    parts = [part.strip() for part in plain.decode("latin-1").split("\\")]
    if most is not None and len(parts) > most:
        return None
    if tag == _PATIENT_ORIENTATION:
        return plain if all(not part or _DIRECTION.fullmatch(part) for part in parts) else None
    if tag == _IMAGE_TYPE:
        kept = [part if not part or is_term(part) else "OTHER" for part in parts]
        while len(kept) > 3 and kept[-1] == "OTHER":
            kept.pop()
    else:
        kept = [part for part in parts if not part or is_term(part)]
        if parts and not kept:
            return None
    return "\\".join(kept).encode("ascii")


def _text(tag: int, plain: bytes, most: int | None) -> bytes | None:
    """Short texts that are terms of their attribute, a maker's name, or plain by their form."""
    parts = [part.strip() for part in plain.decode("latin-1").split("\\")]
    if most is not None and len(parts) > most:
        return None
    if all(not part or is_text_term(tag, part) or is_plain(part) for part in parts):
        return "\\".join(parts).encode("ascii")
    return plain.strip() if tag == _MANUFACTURER and is_maker(parts[0]) else None
