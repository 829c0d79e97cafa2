"""Seeded DICOM objects with markers planted wherever a name can hide; nothing is anybody's data.

`make(kind, seed)` gives a file of one of KINDS as bytes. Every text that must not survive holds
MARKER, dates are DATE, UIDs grow from UID_ROOT and numbers of the patient are NUMBER.
"""

import csv
import random
from pathlib import Path
from struct import pack

from pydicom.datadict import dictionary_VR, tag_for_keyword

MARKER = "QUIXOTE"
DATE = "19371103"
UID_ROOT = "1.2.826.0.1.3680043.10.99999"
NUMBER = "7319.461"
PATIENT = f"{MARKER}^ALONSO"
HC_NUMBER = "012 345 6789"

FACTS = Path(__file__).parent / "ps3_15" / "e1_1.csv"

_LONG = frozenset(["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"])
_CLASSES = {
    # kind: (SOP Class, modality, frames, samples, bits, photometric)
    "ct": ("1.2.840.10008.5.1.4.1.1.2", "CT", 1, 1, 16, "MONOCHROME2"),
    "mr": ("1.2.840.10008.5.1.4.1.1.4", "MR", 1, 1, 16, "MONOCHROME2"),
    "cr": ("1.2.840.10008.5.1.4.1.1.1", "CR", 1, 1, 16, "MONOCHROME2"),
    "us": ("1.2.840.10008.5.1.4.1.1.6.1", "US", 1, 3, 8, "RGB"),
    "us-cine": ("1.2.840.10008.5.1.4.1.1.3.1", "US", 4, 1, 8, "MONOCHROME2"),
    "sc": ("1.2.840.10008.5.1.4.1.1.7", "OT", 1, 3, 8, "RGB"),
    "photo": ("1.2.840.10008.5.1.4.1.1.77.1.4", "XC", 1, 3, 8, "RGB"),
    "xa": ("1.2.840.10008.5.1.4.1.1.12.1", "XA", 3, 1, 8, "MONOCHROME2"),
}
KINDS = tuple(_CLASSES)

_FRAME = frozenset((0x00080005, 0x00080018, 0x0020000D, 0x0020000E, 0x7FE00010))

Elements = dict[int, bytes]


def element(tag: int, vr: str, value: bytes) -> bytes:
    """One element in explicit VR little endian, padded to an even length."""
    if len(value) % 2:
        value += b"\0" if vr in ("UI", "OB", "UN") else b" "
    head = pack("<HH", tag >> 16, tag & 0xFFFF) + vr.encode()
    length = pack("<HI", 0, len(value)) if vr in _LONG else pack("<H", len(value))
    return head + length + value


def sequence(tag: int, *items: bytes, vr: str = "SQ") -> bytes:
    """A sequence of encoded items."""
    body = b"".join(pack("<HHI", 0xFFFE, 0xE000, len(item)) + item for item in items)
    return element(tag, vr, body)


def encapsulated(*frames: bytes) -> bytes:
    """Pixel Data in fragments, one a frame, behind an empty offset table."""
    items = b"".join(pack("<HHI", 0xFFFE, 0xE000, len(frame)) + frame for frame in (b"", *frames))
    head = pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF)
    return head + items + pack("<HHI", 0xFFFE, 0xE0DD, 0)


def implicit(tag: int, value: bytes) -> bytes:
    """One element in implicit VR little endian."""
    value += b" " * (len(value) % 2)
    return pack("<HHI", tag >> 16, tag & 0xFFFF, len(value)) + value


def file(elements: Elements, syntax: str = "1.2.840.10008.1.2.1", preamble: bytes = b"") -> bytes:
    """A whole file: preamble, file meta with a planted sender, data set in tag order."""
    sop_class = elements[0x00080016][8:].rstrip(b"\0")
    meta = b"".join(
        (
            element(0x00020001, "OB", b"\0\1"),
            element(0x00020002, "UI", sop_class),
            element(0x00020003, "UI", f"{UID_ROOT}.1".encode()),
            element(0x00020010, "UI", syntax.encode()),
            element(0x00020012, "UI", f"{UID_ROOT}.9".encode()),
            element(0x00020016, "AE", MARKER.encode()),
        )
    )
    head = preamble.ljust(128, b"\0") + b"DICM" + element(0x00020000, "UL", pack("<I", len(meta)))
    return head + meta + b"".join(elements[tag] for tag in sorted(elements))


def image(kind: str, seed: int = 0) -> Elements:
    """A plain object of a kind, with a patient's name, dates and UIDs, and nothing odd."""
    sop_class, modality, frames, samples, bits, photometric = _CLASSES[kind]
    rows, columns = 32, 48
    size = rows * columns * frames * samples * bits // 8
    rng = random.Random(f"{kind} {seed}")
    pixels = rng.randbytes(size)
    if bits == 16:
        pixels = bytes(b & 0x0F if n % 2 else b for n, b in enumerate(pixels))
    found: Elements = {}

    def add(keyword: str, value: bytes | str | int, vr: str = "") -> None:
        tag = tag_for_keyword(keyword) or 0
        raw = pack("<H", value) if isinstance(value, int) else value
        raw = raw.encode() if isinstance(raw, str) else raw
        found[tag] = element(tag, vr or dictionary_VR(tag), raw)

    add("SpecificCharacterSet", "ISO_IR 100")
    add("ImageType", "ORIGINAL\\PRIMARY\\AXIAL" if kind == "ct" else "ORIGINAL\\PRIMARY")
    add("SOPClassUID", sop_class)
    add("SOPInstanceUID", f"{UID_ROOT}.1.{seed}")
    add("StudyInstanceUID", f"{UID_ROOT}.2")
    add("SeriesInstanceUID", f"{UID_ROOT}.3")
    add("FrameOfReferenceUID", f"{UID_ROOT}.4")
    add("StudyDate", DATE)
    add("StudyTime", "101112")
    add("Modality", modality)
    add("Manufacturer", "SIEMENS")
    add("StudyDescription", f"Chest of {MARKER}")
    add("PatientName", PATIENT)
    add("PatientID", HC_NUMBER)
    add("PatientBirthDate", DATE)
    add("PatientSex", "M")
    add("BodyPartExamined", "CHEST")
    add("StudyID", f"{MARKER[:6]}1")
    add("SeriesNumber", "1")
    add("InstanceNumber", "1")
    add("AccessionNumber", f"{MARKER}2")
    add("ReferringPhysicianName", f"{MARKER}^DR")
    add("SamplesPerPixel", samples)
    add("PhotometricInterpretation", photometric)
    if samples == 3:
        add("PlanarConfiguration", 0)
    if frames > 1:
        add("NumberOfFrames", str(frames))
        add("FrameIncrementPointer", pack("<HH", 0x18, 0x1063))
        add("FrameTime", "40")
    add("Rows", rows)
    add("Columns", columns)
    add("BitsAllocated", bits)
    add("BitsStored", 12 if bits == 16 else bits)
    add("HighBit", 11 if bits == 16 else bits - 1)
    add("PixelRepresentation", 0, "US")
    if kind == "ct":
        add("PixelSpacing", "0.5\\0.5")
        add("ImagePositionPatient", "0\\0\\0")
        add("ImageOrientationPatient", "1\\0\\0\\0\\1\\0")
        add("SliceThickness", "2")
        add("KVP", "120")
        add("RescaleIntercept", "-1024")
        add("RescaleSlope", "1")
        add("PatientPosition", "HFS")
    add("PixelData", pixels, "OW" if bits == 16 else "OB")
    return found


def image_of(sop_class: str, seed: int = 0) -> Elements:
    """The plain object's shape, pixels and UIDs under another SOP Class, and nothing else."""
    plain = image("us" if sop_class.startswith("1.2.840.10008.5.1.4.1.1.77") else "ct", seed)
    kept = {
        tag: raw
        for tag, raw in plain.items()
        if tag in _FRAME or (tag >> 16 == 0x0028 and tag < 0x00280104)
    }
    kept[0x00080016] = element(0x00080016, "UI", sop_class.encode())
    kept[0x00280008] = element(0x00280008, "IS", b"1")
    return kept


def value_for(vr: str) -> bytes | None:
    """A planted value of a representation; None where it can carry nothing that is told apart."""
    if vr in ("DA", "TM", "DT"):
        return {"DA": DATE, "TM": "194711.310742", "DT": f"{DATE}194711.310742"}[vr].encode()
    if vr == "UI":
        return f"{UID_ROOT}.777".encode()
    if vr in ("DS", "IS"):
        return NUMBER.encode() if vr == "DS" else b"731946177"
    if vr == "AS":
        return b"097Y"
    if vr in ("LO", "SH", "LT", "ST", "UT", "UC", "PN", "AE", "CS", "UR", "OB", "UN"):
        return MARKER.encode()
    return None


def rows() -> list[dict[str, str]]:
    """The rows of Table E.1-1 as the facts give them."""
    with FACTS.open(newline="") as lines:
        return list(csv.DictReader(lines))


def planted_table() -> Elements:
    """Every attribute of Table E.1-1 above group 0002 that can carry text, with a planted value."""
    found: Elements = {}
    coded = element(0x00080100, "SH", MARKER.encode()) + element(0x00080104, "LO", MARKER.encode())
    for row in rows():
        tag = tag_for_keyword(row["keyword-or-name"])
        if tag is None or tag < 0x00080000 or tag in (0x7FE00010, 0xFFFCFFFC):
            continue
        vr = dictionary_VR(tag)
        if vr == "SQ":
            found[tag] = sequence(tag, coded + element(0x0040A160, "UT", MARKER.encode()))
        elif (value := value_for(vr)) is not None:
            found[tag] = element(tag, vr, value)
    return found


def planted(kind: str, seed: int = 0) -> Elements:
    """An object of a kind with a marker in every row of the table and every odd hiding place."""
    table = planted_table()
    found = table | image(kind, seed)
    marker = MARKER.encode()
    inner = b"".join(table[tag] for tag in sorted(table))
    pixels = found[0x7FE00010]
    vr = pixels[4:6].decode()
    found[0x7FE00010] = element(0x7FE00010, vr, pixels[12:] + marker * 2)
    found[0x00081084] = sequence(0x00081084, inner)
    found[0x00082112] = sequence(0x00082112, inner)
    found[0x00081199] = sequence(0x00081199, inner)
    found[0x00082218] = sequence(0x00082218, _coded(f"{marker.decode()}1", "99LOCAL", "Chest"))
    found[0x00400555] = sequence(0x00400555, _coded("113100", "DCM", marker.decode()))
    found[0x00089215] = sequence(0x00089215, _coded("113091", "DCM", marker.decode()))
    found[0x00080008] = element(0x00080008, "CS", b"ORIGINAL\\PRIMARY\\AXIAL\\" + marker)
    found[0x00180015] = element(0x00180015, "CS", b"CHEST\0" + marker)
    found[0x00181250] = element(0x00181250, "SH", marker)
    found[0x00090010] = element(0x00090010, "LO", marker)
    found[0x00091001] = sequence(0x00091001, inner)
    found[0x00091002] = element(0x00091002, "UN", marker)
    hidden = implicit(0x00100010, marker)
    found[0x00081111] = sequence(0x00081111, hidden, vr="UN")
    found[0x00540016] = sequence(0x00540016, hidden, vr="UN")
    found[0x00081195] = element(0x00081195, "UI", f"{UID_ROOT}.5".encode())
    found[0x0008F00E] = element(0x0008F00E, "UN", marker)
    found[0x50000022] = element(0x50000022, "LO", marker)
    found[0x50003000] = element(0x50003000, "OW", marker + b" ")
    found[0x60000022] = element(0x60000022, "LO", marker)
    found[0x60001500] = element(0x60001500, "LO", marker)
    found[0x60003000] = element(0x60003000, "OW", marker + b" ")
    found[0x54000100] = sequence(0x54000100, element(0x54001010, "OW", marker + b" "))
    found[0x04000500] = sequence(0x04000500, element(0x04000520, "OB", marker))
    found[0x00420011] = element(0x00420011, "OB", marker)
    found[0xFFFCFFFC] = element(0xFFFCFFFC, "OB", marker)
    found[0x00080000] = element(0x00080000, "UL", pack("<I", 4))
    return found


def _coded(value: str, scheme: str, meaning: str) -> bytes:
    return (
        element(0x00080100, "SH", value.encode())
        + element(0x00080102, "SH", scheme.encode())
        + element(0x00080104, "LO", meaning.encode())
    )


def make(kind: str, seed: int = 0) -> bytes:
    """A whole file of a kind with everything planted; what follows the pixel data included."""
    return file(planted(kind, seed), preamble=b"MZ" + MARKER.encode())


def make_plain(kind: str, seed: int = 0) -> bytes:
    """A whole file as a modality would write it: named in its header, and nothing odd."""
    return file(image(kind, seed))
