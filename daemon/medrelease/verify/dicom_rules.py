"""What a finished DICOM object may consist of, element by element: the prover's own allow-list.

Sources: PS3.5 sections 6.2, 7.1 and 7.5, PS3.6, PS3.10 section 7.1, PS3.15 section E.1.
"""

import re
from functools import cache

from medrelease.verify.dicom_dictionary import dictionary_vrs
from medrelease.verify.dicom_picture import CODED
from medrelease.verify.dicom_walk import EXPLICIT, File, Leaf
from medrelease.verify.refusal import malformed

_META = {0x00: "UL", 0x01: "OB", 0x02: "UI", 0x03: "UI", 0x10: "UI", 0x12: "UI", 0x13: "SH"}
_BANNED_GROUPS = frozenset((0x0002, 0x0004, 0x0042, 0x0400, 0x4FFE, 0x5400, 0xFFFA, 0xFFFC))
_STORAGE = "1.2.840.10008.5.1.4.1.1."
_WITHOUT_PIXELS: tuple[tuple[str, frozenset[str], tuple[str, ...]], ...] = (
    (
        "clean-structured-content",
        frozenset((_STORAGE + "78.6", _STORAGE + "79.1")),
        (_STORAGE + "88.",),
    ),
    (
        "clean-graphics",
        frozenset(f"{_STORAGE}11.{number}" for number in (1, 2, 3, 4, 5, 12)),
        (),
    ),
)
_GRAPHIC_TYPE, _COMPOUND_GRAPHICS = 0x00700023, 0x00700209
_SHAPES = frozenset((b"POINT", b"CIRCLE", b"ELLIPSE"))

_UID = rb"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))*"
_FORMS = {
    "CS": rb"[A-Z0-9_ ]{0,16}",
    "DS": rb" *[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)? *|",
    "IS": rb" *[-+]?\d{1,12} *|",
    "AS": rb"\d{3}[DWMY]|",
    "DA": rb"\d{8}|",
    "TM": rb"\d\d(?:\d\d(?:\d\d(?:\.\d{1,6})?)?)?|",
    "DT": rb"\d{4}(?:\d\d){0,5}(?:\.\d{1,6})?(?:[-+]\d{4})?|",
    "UI": rb"(?=[\d.]{1,64}(?:\\|\0?\Z))" + _UID + rb"|",
}
_VALUES = {
    vr: re.compile(rb"(?:%b) *(?:\\(?:%b) *)*\0?" % (form, form)) for vr, form in _FORMS.items()
}
"""What all values of a VR together look like: each has its form, and at most a NUL is behind."""

_WIDTHS = {"US": 2, "SS": 2, "UL": 4, "SL": 4, "FL": 4, "FD": 8, "AT": 4, "OW": 2, "OF": 4}
_WIDTHS |= {"OD": 8, "OL": 4, "OV": 8, "SV": 8, "UV": 8}
_LONGEST = {"SH": 64, "LO": 256, "AE": 16, "PN": 1024}
_UNPARTED = frozenset(("ST", "LT", "UT", "UR"))
_CONTROL = re.compile(rb"[\x00-\x09\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_HOLD_NO_VALUE = frozenset(("item", "fragment"))
_PIXELS = frozenset((0x7FE00008, 0x7FE00009, 0x7FE00010))


def has_picture(sop_class: str, options: frozenset[str]) -> bool:
    """Whether an object must have pixels: all but those that a route's options let go without.

    Presentation states and content trees (PS3.4 Annex B.5) say how to show or read others.
    """
    return not any(
        option in options and (sop_class in classes or sop_class.startswith(roots))
        for option, classes, roots in _WITHOUT_PIXELS
    )


def prove_container(file: File) -> None:
    """A zeroed preamble and the seven elements of a new file meta. Raises Refusal(malformed)."""
    if file.preamble != bytes(128):
        malformed("the preamble is not empty")
    if {number: vr for number, vr, _ in file.meta} != _META or len(file.meta) != len(_META):
        malformed("the file meta information holds other elements than it may")
    for _, vr, value in file.meta:
        if vr == "UI" and not _VALUES["UI"].fullmatch(value):
            malformed("the file meta information holds a UID that is none")
    values = {number: value for number, _, value in file.meta}
    if values[0x01] != b"\0\1" or not re.fullmatch(rb"[A-Z0-9_. ]{1,16}", values[0x13]):
        malformed("the file meta information holds other values than it may")
    if int.from_bytes(values[0x00], "little") != file.body_start - 144:
        malformed("the length of the file meta information is not true")
    if file.syntax != EXPLICIT and file.syntax not in CODED:
        malformed("the transfer syntax is not one that finished objects have")


def prove_leaf(leaf: Leaf) -> None:
    """One element of a finished object. Raises Refusal(malformed) for what may not be there."""
    vr, value = leaf.vr, leaf.value
    if vr in _HOLD_NO_VALUE:
        if vr == "item" and not leaf.defined:
            malformed("an item has no length")
    elif vr == "SQ":
        _prove_attribute(leaf.tag, vr)
        if not leaf.defined:
            malformed("a sequence has no length")
    else:
        _prove_plain(leaf.tag, vr, value)


def _prove_plain(tag: int, vr: str, value: bytes | memoryview) -> None:
    _prove_attribute(tag, vr)
    if len(value) % 2:
        malformed("a value has an odd length")
    if tag == _GRAPHIC_TYPE and bytes(value).strip() not in _SHAPES:
        malformed("a drawn line, which may be writing, is in the object")
    if tag not in _PIXELS:
        prove_value(vr, value)


@cache
def _prove_attribute(tag: int, vr: str) -> None:
    """Raises Refusal(malformed), which is not remembered, for what is not the dictionary's."""
    group = tag >> 16
    if group & 1 or not tag & 0xFFFF or group in _BANNED_GROUPS:
        malformed("a private attribute, a group length or a banned group is in the object")
    if group >> 8 in (0x50, 0x60) or tag == _COMPOUND_GRAPHICS or vr not in dictionary_vrs(tag):
        malformed("an attribute is not the dictionary's, or has another value representation")


def prove_value(vr: str, raw: bytes | memoryview) -> None:
    """Raises Refusal(malformed) for a value that does not have the form of its VR."""
    width = _WIDTHS.get(vr)
    if width is not None:
        if len(raw) % width:
            malformed("a number is cut")
        return
    if vr in ("OB", "UN"):
        return
    form = _VALUES.get(vr)
    if form is not None:
        if not form.fullmatch(raw) or (vr != "UI" and raw and not raw[-1]):
            malformed("a value does not have the form of its representation")
        return
    if _CONTROL.search(raw):
        malformed("a text holds control characters")
    longest = _LONGEST.get(vr, len(raw))
    if len(raw) <= longest or vr in _UNPARTED:
        return
    if any(len(part) > longest for part in bytes(raw).split(b"\\")):
        malformed("a value is longer than its representation permits")
