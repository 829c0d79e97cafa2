"""The options of PS3.15 Annex E that are in force for one object, and what may be claimed."""

from medrelease.sanitise.dicom.codes import Code

FULL_DATES = "retain-longitudinal-full-dates"
MODIFIED_DATES = "retain-longitudinal-modified-dates"
DESCRIPTORS = "clean-descriptors"

_BASIC: Code = ("113100", "DCM", "Basic Application Confidentiality Profile")
_CLAIMS: dict[str, Code] = {
    DESCRIPTORS: ("113105", "DCM", "Clean Descriptors Option"),
    FULL_DATES: (
        "113106",
        "DCM",
        "Retain Longitudinal Temporal Information Full Dates Option",
    ),
    MODIFIED_DATES: (
        "113107",
        "DCM",
        "Retain Longitudinal Temporal Information Modified Dates Option",
    ),
    "retain-patient-characteristics": ("113108", "DCM", "Retain Patient Characteristics Option"),
    "retain-device-identity": ("113109", "DCM", "Retain Device Identity Option"),
    "retain-uids": ("113110", "DCM", "Retain UIDs Option"),
    "retain-institution-identity": ("113112", "DCM", "Retain Institution Identity Option"),
}


def in_force(asked: frozenset[str]) -> frozenset[str]:
    """The options that this sanitiser carries out, of those that a route asks for.

    Of full and modified dates the stricter is taken. The options that concern pixels, graphics
    and structured content are none of these: graphics and content trees are always removed,
    which the Basic Profile asks for, and pixels are the pixel step's.
    """
    carried = asked & frozenset(_CLAIMS)
    return carried - {FULL_DATES} if MODIFIED_DATES in carried else carried


def method_codes(options: frozenset[str]) -> list[Code]:
    """What was done, as codes of CID 7050 of PS3.16, in the order of their values."""
    return sorted([_BASIC, *(_CLAIMS[option] for option in options)])


def temporal(options: frozenset[str]) -> bytes:
    """The value of Longitudinal Temporal Information Modified (0028,0303)."""
    if FULL_DATES in options:
        return b"UNMODIFIED"
    return b"MODIFIED" if MODIFIED_DATES in options else b"REMOVED"
