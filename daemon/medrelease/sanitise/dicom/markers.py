"""What a cleaned object says about its cleaning (PS3.15 section E.1.1): only what was done."""

from medrelease.sanitise.dicom.dataset import Encoded, code_item
from medrelease.sanitise.dicom.meta import leaf, sequence
from medrelease.sanitise.dicom.options import method_codes, temporal
from medrelease.sanitise.dicom.profile import EDITION

_METHOD = f"medrelease, PS3.15 {EDITION} Table E.1-1".encode()


def markers(force: frozenset[str], label: str, *, beyond_ascii: bool) -> Encoded:
    """The attributes that every cleaned object carries.

    `label` stands as the patient's name and ID. Burned In Annotation and Recognizable Visual
    Features are not touched here: what the source said of them still holds, since the pixels
    were not looked at.
    """
    shown = label.encode("utf-8")
    said: Encoded = {
        0x00100010: leaf(0x00100010, b"PN", shown),
        0x00100020: leaf(0x00100020, b"LO", shown),
        0x00120062: leaf(0x00120062, b"CS", b"YES"),
        0x00120063: leaf(0x00120063, b"LO", _METHOD),
        0x00120064: sequence(0x00120064, [code_item(code) for code in method_codes(force)]),
        0x00280303: leaf(0x00280303, b"CS", temporal(force)),
    }
    if beyond_ascii or not shown.isascii():
        said[0x00080005] = leaf(0x00080005, b"CS", b"ISO_IR 192")
    return said
