"""The data dictionary of PS3.6, as pydicom carries it: value representations and multiplicities."""

from functools import cache

from pydicom._dicom_dict import DicomDictionary
from pydicom._uid_dict import UID_dictionary

_CHOICES = {
    tag: frozenset(entry[0].encode().split(b" or ")) for tag, entry in DicomDictionary.items()
}
_US_OR = {b"US or SS": b"US", b"US or OW": b"OW", b"US or SS or OW": b"OW", b"OB or OW": b"OW"}
_ONE = {tag: _US_OR.get(vr := entry[0].encode(), vr) for tag, entry in DicomDictionary.items()}
_MOST = {
    tag: int(last) if (last := entry[1].split("-")[-1]).isdigit() else None
    for tag, entry in DicomDictionary.items()
}


def vr_of(tag: int) -> bytes:
    """The VR of an attribute in the dictionary, `UN` where it is not there or private.

    Where PS3.6 leaves a choice, the form that implicit VR has (PS3.5 A.1) is taken; `US` stands
    for `US or SS`, both being written as they were read.
    """
    vr = _ONE.get(tag, b"UN" if tag & 0xFFFF else b"UL")
    return vr if len(vr) == 2 else b"UN"


def choices(tag: int) -> frozenset[bytes]:
    """Every VR that the dictionary permits an attribute to have; none where it is not there."""
    return _CHOICES.get(tag, frozenset())


def most_values(tag: int) -> int | None:
    """How many values an attribute of the dictionary may have; None for any number."""
    return _MOST[tag]


@cache
def keywords() -> frozenset[str]:
    """The keywords of all attributes, such as `ImagePositionPatient`."""
    return frozenset(entry[4] for entry in DicomDictionary.values() if entry[4])


def standard_uid(uid: str) -> bool:
    """Whether a UID is one that the standard registers (PS3.6 Annex A), nobody's own."""
    if uid in UID_dictionary:
        return True
    root, _, tail = uid.rpartition(".")
    return root == "1.2.840.10008.6.1" and tail.isdigit() and len(tail) <= 4
