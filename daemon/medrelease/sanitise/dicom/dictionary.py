"""The data dictionary of PS3.6, as pydicom carries it: value representations and multiplicities."""

from functools import cache

from pydicom._uid_dict import UID_dictionary
from pydicom.datadict import dictionary_has_tag, get_entry

_US_OR = {b"US or SS": b"US", b"US or OW": b"OW", b"US or SS or OW": b"OW", b"OB or OW": b"OW"}


@cache
def vr_of(tag: int) -> bytes:
    """The VR of an attribute in the dictionary, `UN` where it is not there or private.

    Where PS3.6 leaves a choice, the form that implicit VR has (PS3.5 A.1) is taken; `US` stands
    for `US or SS`, both being written as they were read.
    """
    if tag & 0xFFFF == 0:
        return b"UL"
    if tag >> 16 & 1 or not dictionary_has_tag(tag):
        return b"UN"
    vr = get_entry(tag)[0].encode()
    return _US_OR.get(vr, vr if len(vr) == 2 else b"UN")


@cache
def choices(tag: int) -> frozenset[bytes]:
    """Every VR that the dictionary permits an attribute to have."""
    if tag >> 16 & 1 or not dictionary_has_tag(tag):
        return frozenset()
    return frozenset(get_entry(tag)[0].encode().split(b" or "))


@cache
def most_values(tag: int) -> int | None:
    """How many values an attribute may have; None for any number."""
    last = get_entry(tag)[1].split("-")[-1]
    return int(last) if last.isdigit() else None


@cache
def standard_uid(uid: str) -> bool:
    """Whether a UID is one that the standard registers (PS3.6 Annex A), nobody's own."""
    if uid in UID_dictionary:
        return True
    root, _, tail = uid.rpartition(".")
    return root == "1.2.840.10008.6.1" and tail.isdigit() and len(tail) <= 4
