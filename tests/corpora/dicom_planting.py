"""Objects with a marker in every row of Table E.1-1 in every VR, at every depth; and the search.

`planted_as(kind, vr)` writes each attribute of the table with one VR, whatever the dictionary says:
at the root, and in items under listed, unlisted, unknown, private and UN-coded parents. `traces`
says which of the markers are in a file, in whatever character set, date form or encoding.
"""

import base64
from collections.abc import Iterable
from itertools import product
from struct import pack

from pydicom.datadict import dictionary_VR, tag_for_keyword

from corpora import dicoms
from corpora.dicoms import DATE, MARKER, NUMBER, UID_ROOT, Elements, element, implicit, sequence

TEXT_VRS = ("AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT")
FORMED_VRS = ("AS", "DA", "DS", "DT", "IS", "TM", "UI")
BYTE_VRS = ("OB", "OD", "OF", "OL", "OV", "OW", "UN")
VRS = TEXT_VRS + FORMED_VRS + BYTE_VRS

SHAPE = frozenset((0x00080005, 0x00080016, 0x00080018, 0x00080008, 0x00080060)) | frozenset(
    0x00280000 | n for n in (2, 4, 6, 8, 9, 0x10, 0x11, 0x100, 0x101, 0x102, 0x103)
)
"""What an object must have as it is, to be an image at all."""

PARENTS = (
    0x00081140,  # listed: Referenced Image Sequence
    0x00400555,  # listed, cleaned by an option: Acquisition Context Sequence
    0x00081115,  # unlisted: Referenced Series Sequence
    0x00082218,  # unlisted: Anatomic Region Sequence
    0x00189346,  # unlisted, of other IODs: CTDI Phantom Type Code Sequence
    0x0008F00C,  # unknown to the dictionary
    0x00091010,  # private
)
_GROUPS = {"50xx": 0x5000, "60xx": 0x6000}


def table_tags() -> list[int]:
    """Every tag of the table above the file meta; of repeating groups and private ones one each."""
    found = set()
    for row in dicoms.rows():
        group, _, number = row["tag"].strip("()").partition(",")
        if not number or "g" in group:
            found.add(0x00111001)
            continue
        base = _GROUPS.get(group, 0) or int(group, 16)
        ends = (0x0010, 0x3000) if "x" in number else (int(number, 16),)
        found.update(base << 16 | end for end in ends)
    return sorted(tag for tag in found if 0x00080000 <= tag < 0xFFFE0000 and tag != 0x7FE00010)


def value(vr: str) -> bytes:
    """A marker in the form that a VR has, or as close to it as a sender's software comes."""
    if vr in ("OD", "OF", "OL", "OV", "OW"):
        return f"{MARKER}!".encode()
    found = dicoms.value_for(vr)
    return MARKER.encode() if found is None else found


def planted_as(kind: str, vr: str, seed: int = 0) -> bytes:
    """A file whose attributes of the table are all written with one VR."""
    own = dicoms.image(kind, seed)
    table = {tag: element(tag, vr, value(vr)) for tag in table_tags() if tag not in (0x00080005,)}
    inner = b"".join(table[tag] for tag in sorted(table))
    found: Elements = {tag: raw for tag, raw in table.items() if tag not in SHAPE}
    found |= {tag: own[tag] for tag in own if tag in SHAPE or tag == 0x7FE00010}
    found[0x00080018] = own[0x00080018]
    for parent in PARENTS:
        found[parent] = sequence(parent, inner, sequence(0x00082112, inner))
    found[0x00090010] = element(0x00090010, "LO", MARKER.encode())
    hidden = b"".join(implicit(tag, value(vr)) for tag in sorted(table))
    found[0x00081111] = sequence(0x00081111, hidden, vr="UN")
    found[0x00082228] = _open_ended(0x00082228, "UN", hidden)
    found[0x0008F00E] = element(0x0008F00E, "UN", hidden)
    return dicoms.file(found)


def planted_implicit(kind: str, vr: str, seed: int = 0) -> bytes:
    """A file in implicit VR, with the same marker in every row, sequences or not."""
    own = dicoms.image(kind, seed)
    found = {tag: implicit(tag, value(vr)) for tag in table_tags() if tag not in SHAPE}
    for tag in own.keys() & (SHAPE | {0x7FE00010}):
        long = own[tag][4:6] in (b"OB", b"OW")
        found[tag] = implicit(tag, own[tag][12 if long else 8 :])
    body = b"".join(found[tag] for tag in sorted(found))
    head = dicoms.file({0x00080016: own[0x00080016]}, "1.2.840.10008.1.2")
    return head[: -len(own[0x00080016])] + body


def _open_ended(tag: int, vr: str, item: bytes) -> bytes:
    """A sequence of undefined length, with an item of undefined length."""
    head = pack("<HH2sHI", tag >> 16, tag & 0xFFFF, vr.encode(), 0, 0xFFFFFFFF)
    ends = pack("<HHIHHI", 0xFFFE, 0xE00D, 0, 0xFFFE, 0xE0DD, 0)
    return head + pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF) + item + ends


def every_place(kind: str, seed: int = 0) -> bytes:
    """A file with a marker in every other place: container, private groups, behind the pixels."""
    return dicoms.make(kind, seed)


NAMES = {
    "ISO_IR 6": ("ascii", "Quixote^Alonso"),
    "ISO_IR 100": ("latin-1", "Quijóte^Alönso"),
    "ISO_IR 101": ("iso8859-2", "Wałęsowski^Łukasz"),
    "ISO_IR 109": ("iso8859-3", "Ĥoraĉo^Ŝtefano"),
    "ISO_IR 110": ("iso8859-4", "Bērziņšons^Kārļis"),
    "ISO_IR 144": ("iso8859-5", "Люксембург^Роза"),
    "ISO_IR 127": ("iso8859-6", "قباني^لنزار"),
    "ISO_IR 126": ("iso8859-7", "Διονυσιος^Σολωμος"),
    "ISO_IR 138": ("iso8859-8", "שרונסקי^דבורה"),
    "ISO_IR 148": ("iso8859-9", "Çavuşoğlu^İbrahim"),
    "ISO_IR 166": ("iso8859-11", "สมชาย^ใจดีมาก"),
    "ISO_IR 13": ("shift_jis", "ﾔﾏﾀﾞｻﾝ^ﾀﾛｳｻﾏ"),
    "ISO_IR 192": ("utf-8", "王小东先生^Wang"),
    "GB18030": ("gb18030", "王小东先生^小东先生"),
    "GBK": ("gbk", "王小东先生^小东先生"),
    "\\ISO 2022 IR 87": ("iso2022_jp", "山田太郎様^太郎様様"),
    "\\ISO 2022 IR 149": ("iso2022_kr", "김희중씨님^희중씨님"),
}
"""A name in the script of each character set of PS3.3 C.12.1.1.2, and the codec that writes it."""


def named_in(charset: str) -> bytes:
    """An object whose texts, at every depth, hold a name in this character set."""
    codec, name = NAMES[charset]
    raw = name.encode(codec)
    found = dicoms.image("photo")
    found[0x00080005] = element(0x00080005, "CS", charset.encode())
    table = {}
    for row in dicoms.rows():
        tag = tag_for_keyword(row["keyword-or-name"])
        vr = dictionary_VR(tag) if tag else ""
        if tag and tag >= 0x00080000 and vr in ("LO", "SH", "LT", "ST", "UT", "UC", "PN"):
            table[tag] = element(tag, vr, raw)
    inner = b"".join(table[tag] for tag in sorted(table))
    found |= table
    found |= {parent: sequence(parent, inner) for parent in PARENTS}
    return dicoms.file(found)


_YEAR, _MONTH, _DAY = DATE[:4], DATE[4:6], DATE[6:]
DATE_FORMS = tuple(
    sorted(
        {
            separator.join(order)
            for separator, order in product(
                ("", ".", "-", "/", " "),
                (
                    (_YEAR, _MONTH, _DAY),
                    (_DAY, _MONTH, _YEAR),
                    (_MONTH, _DAY, _YEAR),
                    (_YEAR[2:], _MONTH, _DAY),
                    (_DAY, _MONTH, _YEAR[2:]),
                ),
            )
            if len("".join(order)) + 2 * len(separator) > 7
        }
    )
)
MARKERS = (MARKER, UID_ROOT, NUMBER, "194711.310742", "731946177", "097Y", dicoms.HC_NUMBER)

CODECS = (
    *("ascii", "latin-1", "utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "cp037", "utf-7"),
    *("iso8859-2", "iso8859-3", "iso8859-4", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8"),
    *("iso8859-9", "iso8859-11", "shift_jis", "euc_jp", "iso2022_jp", "iso2022_jp_2", "euc_kr"),
    *("gb2312", "gbk", "gb18030", "big5", "cp1252", "mac_roman"),
)


def traces(finished: bytes, markers: Iterable[str] = (*MARKERS, *DATE_FORMS)) -> set[str]:
    """The markers that are in a file: in any case and character set, reversed, hex or base64."""
    low = finished.lower()
    return {marker for marker in markers if any(f in low or f in finished for f in forms(marker))}


def forms(marker: str) -> set[bytes]:
    """The byte forms of a marker, in lower case but for base64."""
    found = set()
    for codec in CODECS:
        try:
            raw = marker.lower().encode(codec)
        except UnicodeEncodeError:
            continue
        found.update((raw, raw[::-1], raw.hex().encode()))
    for text, lead in product((marker, marker.lower(), marker.title()), range(3)):
        coded = base64.b64encode(bytes(lead) + text.encode())
        found.add(coded[(0, 2, 3)[lead] : (len(text.encode()) + lead) * 8 // 6])
    return {form for form in found if len(form) >= 4}
