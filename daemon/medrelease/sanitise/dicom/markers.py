"""What a cleaned object says about its cleaning (PS3.15 section E.1.1): only what was done."""

from medrelease.sanitise.dicom.codes import item_of
from medrelease.sanitise.dicom.dataset import Encoded
from medrelease.sanitise.dicom.meta import leaf, sequence
from medrelease.sanitise.dicom.options import method_codes, temporal
from medrelease.sanitise.dicom.profile import EDITION
from medrelease.sanitise.options import Options

_METHOD = f"medrelease, PS3.15 {EDITION} Table E.1-1".encode()


def markers(force: frozenset[str], options: Options, *, beyond_ascii: bool) -> Encoded:
    """The attributes that every cleaned object carries.

    The route's label stands as the patient's name and ID. Burned In Annotation and Recognizable
    Visual Features say NO where the pixel step has looked and what it found is gone; elsewhere
    what the source said of them still holds.
    """
    label = options.patient_label
    shown = label.encode("utf-8")
    said: Encoded = {
        0x00100010: leaf(0x00100010, b"PN", shown),
        0x00100020: leaf(0x00100020, b"LO", shown),
        0x00120062: leaf(0x00120062, b"CS", b"YES"),
        0x00120063: leaf(0x00120063, b"LO", _METHOD),
        0x00120064: sequence(0x00120064, [item_of(code) for code in method_codes(force)]),
        0x00280303: leaf(0x00280303, b"CS", temporal(force)),
    }
    if options.pixels_examined:
        said[0x00280301] = leaf(0x00280301, b"CS", b"NO")
    if options.faces_excluded:
        said[0x00280302] = leaf(0x00280302, b"CS", b"NO")
    if beyond_ascii or not shown.isascii():
        said[0x00080005] = leaf(0x00080005, b"CS", b"ISO_IR 192")
    return said
