"""The options of PS3.15 Annex E that are in force for one object, and what may be claimed."""

from medrelease.sanitise.dicom.codes import Code

FULL_DATES = "retain-longitudinal-full-dates"
MODIFIED_DATES = "retain-longitudinal-modified-dates"
DESCRIPTORS = "clean-descriptors"
SAFE_PRIVATE = "retain-safe-private"
KEEP_UIDS = "retain-uids"

CLEAN_PIXELS = "clean-pixel-data"
CLEAN_FACES = "clean-recognizable-visual-features"

_BASIC: Code = ("113100", "DCM", "Basic Application Confidentiality Profile")
_CLAIMS: dict[str, Code] = {
    CLEAN_PIXELS: ("113101", "DCM", "Clean Pixel Data Option"),
    CLEAN_FACES: ("113102", "DCM", "Clean Recognizable Visual Features Option"),
    "clean-graphics": ("113103", "DCM", "Clean Graphics Option"),
    "clean-structured-content": ("113104", "DCM", "Clean Structured Content Option"),
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
    KEEP_UIDS: ("113110", "DCM", "Retain UIDs Option"),
    SAFE_PRIVATE: ("113111", "DCM", "Retain Safe Private Option"),
    "retain-institution-identity": ("113112", "DCM", "Retain Institution Identity Option"),
}


def in_force(
    asked: frozenset[str], *, pixels_examined: bool = False, faces_excluded: bool = False
) -> frozenset[str]:
    """The options that are carried out on an object, of those that a route asks for.

    Of full and modified dates the stricter is taken. The two options that concern pixels are in
    force only where the pixel step has done what they say.
    """
    carried = asked & frozenset(_CLAIMS)
    if not pixels_examined:
        carried -= {CLEAN_PIXELS}
    if not faces_excluded:
        carried -= {CLEAN_FACES}
    return carried - {FULL_DATES} if MODIFIED_DATES in carried else carried


def method_codes(options: frozenset[str]) -> list[Code]:
    """What was done, as codes of CID 7050 of PS3.16, in the order of their values."""
    return sorted([_BASIC, *(_CLAIMS[option] for option in options)])


def temporal(options: frozenset[str]) -> bytes:
    """The value of Longitudinal Temporal Information Modified (0028,0303)."""
    if FULL_DATES in options:
        return b"UNMODIFIED"
    return b"MODIFIED" if MODIFIED_DATES in options else b"REMOVED"
