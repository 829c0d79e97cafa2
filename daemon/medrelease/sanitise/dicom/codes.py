"""Coded entries (PS3.3 section 8): kept only as terms of schemes that the standard names.

A code that the context groups of PS3.16 use (as pydicom carries them) gets the meaning that it
has there; another one of a public scheme whose form or check digit can be tested stands with its
value as its meaning. A private or local scheme has no standing: its code is nobody's vocabulary.
"""

import re
from functools import cache

from pydicom.sr._concepts_dict import concepts
from pydicom.sr._snomed_dict import mapping

from medrelease.sanitise.dicom.meta import leaf

Code = tuple[str, str, str]

UNKNOWN: Code = ("261665006", "SCT", "Unknown")
"""Stands for a code that must be present and may not be kept."""

_FORMS = {
    "DCM": re.compile(r"\d{6}"),
    "SRT": re.compile(r"[A-Z][0-9A-F]?-[0-9A-F]{4,6}"),
    "SNM3": re.compile(r"[A-Z][0-9A-F]?-[0-9A-F]{4,6}"),
    "99SDM": re.compile(r"[A-Z][0-9A-F]?-[0-9A-F]{4,6}"),
    "RADLEX": re.compile(r"RID\d{1,6}"),
    "FMA": re.compile(r"\d{1,6}"),
    "NCIt": re.compile(r"C\d{1,6}"),
}

_ATOM = (
    r"(?:[munkcdMG]?(?:m|s|g|l|L|Pa|Hz|V|A|W|J|K|Bq|Ci|Gy|Sv|mol|eq|U|eV|B|bit)|min|h|d|wk|mo|a|%|"
    r"deg|rad|sr|Cel|bar|dB|\[IU\]|\[in_i\]|\[ft_i\]|\[lb_av\]|mm\[Hg\]|\[diop\]|\{counts\}|"
    r"\{ratio\}|1|10|100)"
)
_UCUM = re.compile(rf"/?{_ATOM}-?\d?(?:[./]\d{{0,3}}{_ATOM}-?\d?){{0,4}}")
"""Units of measurement made of common atoms (UCUM section 5): lengths, times, doses, counts."""

_DIHEDRAL = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
_SHIFTED = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def recognised(value: str, scheme: str) -> Code | None:
    """The coded entry as it may stand: value, scheme designator, meaning; None if it may not."""
    meaning = _meanings().get((scheme, value))
    if meaning is None and scheme in {"SRT", "SNM3", "99SDM"}:
        meaning = _meanings().get(("SCT", mapping["SRT"].get(value, "")))
    if meaning is not None:
        return value, scheme, meaning[:64]
    form = _FORMS.get(scheme)
    if form is not None and form.fullmatch(value):
        return value, scheme, value
    if scheme == "UCUM" and len(value) <= 16 and _UCUM.fullmatch(value):
        return value, scheme, value
    if scheme == "SCT" and _is_sctid(value):
        return value, scheme, value
    return None


@cache
def public_schemes() -> frozenset[str]:
    """The designators of the schemes whose codes may stand."""
    return frozenset({scheme for scheme, _ in _meanings()} | _FORMS.keys())


@cache
def _meanings() -> dict[tuple[str, str], str]:
    schemes: dict[str, dict[str, dict[str, tuple[str, list[int]]]]] = concepts  # type: ignore[assignment]
    return {
        (scheme, value): meaning
        for scheme, by_name in schemes.items()
        for entries in by_name.values()
        for value, (meaning, _) in entries.items()
    }


def _is_sctid(value: str) -> bool:
    """Whether a number passes the check digit of a SNOMED CT identifier (Verhoeff's)."""
    if not re.fullmatch(r"[1-9]\d{5,17}", value):
        return False
    check = 0
    for place, digit in enumerate(reversed(value)):
        number = int(digit)
        for _ in range(place % 8):
            number = _SHIFTED[number]
        check = _DIHEDRAL[check][number]
    return check == 0


def elements_of(code: Code) -> dict[int, bytes]:
    """The attributes of a coded entry by tag, encoded (PS3.3 Table 8.8-1)."""
    value, scheme, meaning = (part.encode("ascii", "replace") for part in code)
    if len(value) > 16:
        entry = {0x00080102: leaf(0x00080102, b"SH", scheme)}
        return entry | {
            0x00080104: leaf(0x00080104, b"LO", meaning),
            0x00080119: leaf(0x00080119, b"UC", value),
        }
    return {
        0x00080100: leaf(0x00080100, b"SH", value),
        0x00080102: leaf(0x00080102, b"SH", scheme),
        0x00080104: leaf(0x00080104, b"LO", meaning),
    }


def item_of(code: Code) -> bytes:
    """A coded entry as the body of an item."""
    return b"".join(elements_of(code).values())
