"""Values for the attributes of an IOD, each in the form that its VR and PS3.3 give it.

What somebody could have typed holds the marker and the attribute's own number; code strings are
defined terms of PS3.3; numbers and dates differ from attribute to attribute.
"""

from datetime import date, timedelta
from struct import pack

from corpora.dicoms import MARKER, UID_ROOT

KEPT = frozenset(("DS", "IS", "US", "SS", "UL", "SL", "FL", "FD", "AT", "CS", "UI", "SV", "UV"))
"""VRs of which a value in its right form says nothing of anybody."""

_TERMS = {
    # PS3.3: defined terms and enumerated values, section by attribute
    0x00080008: "DERIVED\\SECONDARY",
    0x00080060: "OT",
    0x00080064: "WSD",
    0x00180015: "CHEST",
    0x00180020: "SE",
    0x00180021: "SK",
    0x00180022: "FS",
    0x00180023: "2D",
    0x00185100: "HFS",
    0x00200060: "L",
    0x00200062: "L",
    0x00280051: "UNIF",
    0x00281041: "LOG",
    0x00282110: "00",
    0x00282114: "ISO_10918_1",
    0x20500020: "IDENTITY",
    0x00280301: "NO",
    0x00181401: "NORMAL",
    0x00540081: "",
    0x00541000: "STATIC",
    0x00541001: "BQML",
    0x00541002: "EMISSION",
    0x00541102: "START",
    0x00181508: "STATIONARY",
    0x00180040: "PULSED",
    0x00181100: "",
    0x00187004: "DIRECT",
    0x00187060: "AUTOMATIC",
    0x0028A110: "",
    0x00185101: "AP",
    0x00200020: "A\\F",
    0x00080068: "FOR PRESENTATION",
    0x00189004: "PRODUCT",
    0x00189005: "",
    0x00280A04: "GEOMETRY",
    0x00281056: "LINEAR",
    0x00181261: "FIXED",
    0x00081196: "",
}
_YES = frozenset((0x00280300, 0x00280302, 0x00409303, 0x00189018, 0x00189024, 0x00540410))
_BYTES = {"US": "<H", "SS": "<h", "UL": "<I", "SL": "<i", "FL": "<f", "FD": "<d"}


def made(tag: int, vr: str, vm: str, seed: int) -> bytes | None:
    """A value for an attribute, None where none is made: binary data and unknown code strings."""
    count = _count(vm)
    number = tag % 97 + 1
    if vr in _BYTES:
        return pack(_BYTES[vr], number) * count
    if vr == "AT":
        return pack("<HH", 0x0018, 0x1063) * count
    if vr == "CS":
        term = "YES" if tag in _YES else _TERMS.get(tag, "")
        return term.encode() or None
    text = _text(tag, vr, number, seed)
    return "\\".join([text] * count).encode() if text else None


def _text(tag: int, vr: str, number: int, seed: int) -> str:
    """One value of a VR that is written in characters."""
    day = date(1937, 1, 1) + timedelta(days=number * 7 + seed)
    clock = f"{number % 24:02d}{number % 60:02d}{number % 50:02d}"
    if vr == "UI":
        own = f"{UID_ROOT}.{seed}.{tag}"
        return "1.2.840.10008.5.1.4.1.1.2" if _of_the_standard(tag) else own
    return {
        "DS": f"{number}.25",
        "IS": f"{number}",
        "DA": f"{day:%Y%m%d}",
        "TM": f"{clock}.250",
        "DT": f"{day:%Y%m%d}{clock}.250+0100",
        "AS": "047Y",
        "PN": f"{MARKER}^{tag:08X}",
        "UR": f"http://{MARKER.lower()}.example/{tag:08x}",
        "AE": f"{MARKER[:4]}{tag:08X}",
        "SH": f"{MARKER[:4]} {tag:08X}",
        "LO": f"{MARKER} {tag:08X}",
        "ST": f"{MARKER} {tag:08X} st",
        "LT": f"{MARKER} {tag:08X} lt",
        "UT": f"{MARKER} {tag:08X} ut",
        "UC": f"{MARKER} {tag:08X} uc",
    }.get(vr, "")


def _of_the_standard(tag: int) -> bool:
    """Whether an attribute holds a SOP Class UID, which names no instance."""
    return tag in (0x00081150, 0x00080016, 0x00081160, 0x0008001A, 0x0008001B, 0x00080062)


def _count(vm: str) -> int:
    low = vm.partition("-")[0]
    return int(low) if low.isdigit() else 1
