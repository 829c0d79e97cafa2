"""The facts of PS3.6 and PS3.16 that the prover needs, as pydicom carries them."""

import re
from functools import cache
from struct import pack

from pydicom._dicom_dict import DicomDictionary
from pydicom._uid_dict import UID_dictionary
from pydicom.sr._concepts_dict import concepts
from pydicom.sr._snomed_dict import mapping

_VRS: dict[int, tuple[str, ...]] = {
    tag: tuple(entry[0].split(" or ")) for tag, entry in DicomDictionary.items()
}

FIRST_VRS = b"".join(
    pack("=I2s2x", tag, vrs[0].encode()) for tag, vrs in sorted(_VRS.items()) if len(vrs[0]) == 2
)
"""The VR that an attribute has in implicit VR, in ascending order, as `_elements` reads it."""


def dictionary_vrs(tag: int) -> tuple[str, ...]:
    """The VRs that the dictionary permits an attribute, none for one it does not know."""
    return _VRS.get(tag, ())


def registered(uid: str) -> bool:
    """Whether a UID is one of the standard's own, which name no instance of anything."""
    return uid in UID_dictionary or (
        uid.startswith("1.2.840.10008.6.1.") and uid[18:].isdigit() and len(uid) <= 22
    )


def meaning(scheme: str, value: str) -> str | None:
    """The meaning of a coded entry of a public scheme in the context groups of PS3.16."""
    if scheme in ("SRT", "SNM3", "99SDM"):
        scheme, value = "SCT", mapping["SRT"].get(value, "")
    return _meanings().get((scheme, value))


@cache
def _meanings() -> dict[tuple[str, str], str]:
    table: dict[tuple[str, str], str] = {}
    schemes: dict[str, dict[str, dict[str, tuple[str, list[int]]]]] = concepts  # type: ignore[assignment]
    for scheme, names in schemes.items():
        for entries in names.values():
            for value, (text, _groups) in entries.items():
                table[scheme, value] = text
    return table


@cache
def keywords() -> frozenset[str]:
    """The keywords of all attributes of PS3.6."""
    return frozenset(entry[4] for entry in DicomDictionary.values() if entry[4])


_SNOMED = re.compile(r"[A-Z][0-9A-F]?-[0-9A-F]{4,6}")
_UNIT = r"\d{0,3}(?:\[?[A-Za-z%']{1,4}(?:_[a-z]{1,2})?\]?)?-?\d?"
_CODES = {
    "DCM": re.compile(r"\d{6}"),
    "SRT": _SNOMED,
    "SNM3": _SNOMED,
    "99SDM": _SNOMED,
    "RADLEX": re.compile(r"RID\d{1,6}"),
    "FMA": re.compile(r"\d{1,6}"),
    "NCIt": re.compile(r"C\d{1,6}"),
    "UCUM": re.compile(rf"/?{_UNIT}(?:[./]{_UNIT}){{0,4}}"),
}
_TURNED = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def plausible(scheme: str, value: str) -> bool:
    """Whether a code has the form of a public scheme, or passes its check digit."""
    if scheme == "SCT":
        return value.isdigit() and 6 <= len(value) <= 18 and _checked(value)
    form = _CODES.get(scheme)
    return form is not None and len(value) <= 16 and form.fullmatch(value) is not None


def _checked(digits: str) -> bool:
    """Verhoeff's check in the dihedral group of the pentagon: turns 0 to 4, mirrored 5 to 9."""
    sign, turn = 1, 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit)
        for _ in range(place % 8):
            number = _TURNED[number]
        turn = (turn + sign * (number % 5)) % 5
        sign = -sign if number >= 5 else sign
    return sign == 1 and turn == 0
