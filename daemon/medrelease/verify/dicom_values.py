"""What one value of a DICOM object says: names, typed text, UIDs or terms, by its VR.

Sources: PS3.5 section 6.2 for the VRs, PS3.3 section C.12.1.1.2 for the character sets.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from medrelease.verify.dicom_dictionary import dictionary_vrs, registered
from medrelease.verify.dicom_walk import Leaf
from medrelease.verify.runs import printable

TYPED = frozenset(["LO", "SH", "ST", "LT", "UT", "UC", "UR", "AE", "PN"])
DATES = frozenset(("DA", "DT"))
SAID = TYPED | DATES
CODE_TAGS = frozenset((0x00080100, 0x00080102, 0x00080103, 0x00080104, 0x00080119, 0x00080120))
METHOD = 0x00120063
_TECHNICAL_TAGS = frozenset((0x00180085, 0x00181210, 0x00281054, 0x00283004))
_TECHNICAL = re.compile(
    r"1H|3HE|7LI|13C|19F|23NA|31P|129XE|STANDARD|STND|BONE|BONEPLUS|SOFT|LUNG|DETAIL|EDGE|CHST|"
    r"[A-Z]{1,2}\d\d[a-z]?|HU|US|OD|MGML|Z_EFF|ED|EDW|HU_MOD|PCT"
)
"""Terms of imaged nucleus, convolution kernel, rescale type and modality LUT type."""

WORD = re.compile(r"[^\W_]+")
_PARTS = re.compile(r"[\^=]")
_WHOLE = frozenset(("ST", "LT", "UT", "UR"))
"""Texts in which a backslash parts no values."""

_FORMED = frozenset(("DS", "IS", "TM", "AS"))
_FORM = re.compile(r"[-+ \d.eE:\\]*|\d{3}[DWMY]")
"""What numbers, times and ages look like: anything else in one was typed by somebody."""

_TELLING = re.compile(r"[^\W\d_]{4}|\d{7}")
MOST_RUNS = 4000
MOST_BYTES = 1 << 20

_CODECS = {
    "ISO_IR 192": "utf-8",
    "GB18030": "gb18030",
    "GBK": "gbk",
    "ISO_IR 13": "shift_jis",
    "ISO_IR 144": "iso8859-5",
    "ISO_IR 126": "iso8859-7",
    "ISO_IR 101": "iso8859-2",
    "ISO_IR 148": "iso8859-9",
    "ISO_IR 127": "iso8859-6",
    "ISO_IR 138": "iso8859-8",
    "ISO_IR 166": "iso8859-11",
}

Said = tuple[int, tuple[str, ...]]
"""The kind of a value's texts, which is the number of a set of Gathered, and the texts."""

_NAME, _TYPED, _UID, _TERM = range(4)
"""What a text of a value is, as the sets of Gathered are numbered."""


def said_by(tag: int, vr: str, value: bytes, codec: str) -> Said:
    """What a value says, by kind."""
    said: Said = (_TYPED, ())
    if vr == "CS":
        said = (_TERM, tuple(WORD.findall(decoded(value, "latin-1").casefold())))
    elif vr == "UI":
        said = (_UID, tuple(uid for uid in values_of(value, codec) if _somebodys(uid)))
    elif vr == "PN":
        names = values_of(value, codec)
        said = (_NAME, (*names, *(part for name in names for part in _PARTS.split(name))))
    elif vr in _FORMED:
        text = decoded(value, "latin-1")
        said = (_TYPED, () if _FORM.fullmatch(text) else tuple(text.split("\\")))
    elif vr in SAID and tag != METHOD:
        text = decoded(value, codec)
        if tag in _TECHNICAL_TAGS and _TECHNICAL.fullmatch(text):
            said = (_TERM, (text.casefold(),))
        else:
            said = (_TYPED, (text,) if vr in _WHOLE else tuple(text.split("\\")))
    return said


@lru_cache(maxsize=1 << 10)
def runs_of(raw: bytes) -> tuple[str, ...]:
    """The printable runs of a value of unknown make that could tell something."""
    return tuple(run.strip() for run in printable(raw)[:MOST_RUNS] if _TELLING.search(run))


def charset(leaf: Leaf | None) -> str:
    """The codec for a value of Specific Character Set; Latin-1 where it is not read here."""
    if leaf is None:
        return "latin-1"
    named = decoded(leaf.value, "latin-1").split("\\")[-1]
    return _CODECS.get(named.replace("ISO 2022 IR", "ISO_IR").strip(), "latin-1")


def shown(leaf: Leaf) -> Iterable[str]:
    """The text fields of a finished object, its coded entries and marks excepted."""
    if leaf.vr not in SAID or leaf.tag in CODE_TAGS or leaf.tag == METHOD:
        return ()
    return values_of(leaf.value, "utf-8")


def is_sequence(leaf: Leaf) -> bool:
    """Whether the dictionary has the attribute as a sequence."""
    return dictionary_vrs(leaf.tag) == ("SQ",)


def vr_of(leaf: Leaf) -> str:
    """The VR to read a value by, the dictionary's where the source says UN."""
    vr = (dictionary_vrs(leaf.tag) or ("UN",))[0] if leaf.vr == "UN" else leaf.vr
    return "UN" if vr == "SQ" else vr


def _somebodys(uid: str) -> bool:
    """Whether a UID names an instance or a site, not a thing of the standard."""
    return len(uid) > 9 and not uid.startswith("1.2.840.10008.") and not registered(uid)


def values_of(value: bytes | memoryview, codec: str) -> list[str]:
    text = decoded(value, codec)
    if "\\" not in text:
        return [stripped] if (stripped := text.strip()) else []
    return [part.strip() for part in text.split("\\") if part.strip()]


def decoded(value: bytes | memoryview, codec: str) -> str:
    raw = bytes(value[:MOST_BYTES]).rstrip(b"\0 ")
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        return raw.decode("latin-1")
