"""The facts of PS3.6 and PS3.16 that the prover needs, as pydicom carries them."""

from functools import cache

from pydicom._dicom_dict import DicomDictionary
from pydicom._uid_dict import UID_dictionary
from pydicom.sr._concepts_dict import concepts
from pydicom.sr._snomed_dict import mapping

_VRS: dict[int, tuple[str, ...]] = {
    tag: tuple(entry[0].split(" or ")) for tag, entry in DicomDictionary.items()
}


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
