"""What an object is that cannot be cleaned, in words that a photographer knows.

The first that fits counts. Source: PS3.4 section B.5, PS3.6 Annex A, by roots of SOP Classes.
"""

from collections.abc import Container

from medrelease.sanitise.refusal import Refusal, unsupported

_STORAGE = "1.2.840.10008.5.1.4.1.1."
_DIRECTORY_RECORDS = 0x00041220
_IMAGES = "Export the images themselves and drop those."
_KINDS = (
    ("1.2.840.10008.1.3.10", "The file is a directory of other files (DICOMDIR), and no image."),
    (_STORAGE + "104.", "The DICOM object is a document or a model, such as a PDF, and no image."),
    (_STORAGE + "9.", "The DICOM object is a recording, such as an ECG or sound, and no image."),
    (_STORAGE + "481.", "The DICOM object is a plan or record of radiotherapy, and no image."),
    (_STORAGE + "34.", "The DICOM object is a plan or record of radiotherapy, and no image."),
    (
        _STORAGE + "66.",
        "The DICOM object says how images fit or where things are, and is no image.",
    ),
    (_STORAGE + "67", "The DICOM object says what the values of images mean, and is no image."),
    (_STORAGE + "66", "The DICOM object is raw data of a device, and no image."),
    (_STORAGE + "4.2", "The DICOM object is raw data of a device, and no image."),
    (_STORAGE + "77.1.5.3", "The DICOM object says which images make a pair, and is no image."),
    (_STORAGE + "78.", "The DICOM object holds measurements of eyes, and is no image."),
    (_STORAGE + "79.", "The DICOM object holds measurements of eyes, and is no image."),
    (_STORAGE + "80.", "The DICOM object holds measurements of eyes, and is no image."),
    (_STORAGE + "91.", "The DICOM object holds notes on a slide, and is no image."),
    (_STORAGE + "200.", "The DICOM object describes a scan, and is no image."),
    ("1.2.840.10008.5.1.4.38.", "The DICOM object says how images are laid out, and is no image."),
    ("1.2.840.10008.5.1.4.39.", "The DICOM object is a table of colours, and no image."),
)


def no_image(sop_class: str, found: Container[int]) -> Refusal:
    """The refusal of an object whose class is none of those that are cleaned.

    `found` are the tags at its root: a directory may name its class in the file meta only.
    """
    if _DIRECTORY_RECORDS in found:
        sop_class = _KINDS[0][0]
    for root, what in _KINDS:
        if sop_class.startswith(root):
            return unsupported(what, _IMAGES)
    if not sop_class:
        return unsupported("The DICOM object does not say what it is.", _IMAGES)
    return unsupported("The DICOM object is no image of a known class.", _IMAGES)


def no_pixels() -> Refusal:
    """The refusal of an image that has none."""
    return unsupported("The DICOM object has no pixel data.", _IMAGES)


def not_asked(option: str, name: str) -> Refusal:
    """The refusal of what only a route with an option lets go."""
    return unsupported(f"{name} are cleaned on routes with the option {option} only.", _IMAGES)
