"""The texts of a DICOM source that could identify, and the ones that a finished object shows.

Code terms are none: what a source says in code strings and in coded entries of public schemes,
and the words that every cleaned object is marked with.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

from medrelease.verify.dicom_dictionary import (
    dictionary_vrs,
    keywords,
    meaning,
    plausible,
    registered,
)
from medrelease.verify.dicom_walk import Leaf
from medrelease.verify.runs import printable

TYPED = frozenset(["LO", "SH", "ST", "LT", "UT", "UC", "UR", "AE", "PN"])
DATES = frozenset(("DA", "DT"))
DUMMIES = frozenset(("ANONYMISED", "19000101", "19000101000000", "000000", "UNKNOWN"))

CODE_TAGS = frozenset((0x00080100, 0x00080102, 0x00080103, 0x00080104, 0x00080119, 0x00080120))
_METHOD, _MEANING = 0x00120063, 0x00080104
_MARKS = (
    "basic application confidentiality profile clean descriptors option retain longitudinal "
    "recognizable visual features graphics structured content "
    "temporal information full modified dates patient characteristics device identity uids safe "
    "private institution medrelease table explicit anonymised unknown removed unmodified yes "
    "other pixel data image anon urn"
)
_MAKERS = (
    "siemens healthineers healthcare ge gems medical systems philips toshiba mec canon inc fuji "
    "fujifilm agfa kodak carestream health hologic lorad samsung medison shimadzu olympus zeiss "
    "carl meditec leica biosystems aperio hamamatsu ventana roche acuson atl esaote mindray "
    "hitachi corporation konica minolta topcon heidelberg engineering optos canfield picker "
    "international marconi elscint adac uih planmeca sirona sonosite vingmed ultrasound varian "
    "aloka gevaert nidek kowa centervue optovue haag streit ziehm imaging bk fotofinder pentax "
    "nikon bruker swissray xoran digital pathology merge diagnostics it ag ltd corp gmbh llc bv "
    "sa kk "
    "elekta storz karl eastman company photo film co ltd 3dhistech"
)
_FIXED = frozenset((_MARKS + " " + _MAKERS).split())
_FIXED_TEXT = f"{_MARKS} {_MAKERS}"
_TECHNICAL_TAGS = frozenset((0x00180085, 0x00181210, 0x00281054, 0x00283004))
_TECHNICAL = re.compile(
    r"1H|3HE|7LI|13C|19F|23NA|31P|129XE|STANDARD|STND|BONE|BONEPLUS|SOFT|LUNG|DETAIL|EDGE|CHST|"
    r"[A-Z]{1,2}\d\d[a-z]?|HU|US|OD|MGML|Z_EFF|ED|EDW|HU_MOD|PCT"
)
"""Terms of imaged nucleus, convolution kernel, rescale type and modality LUT type."""

_WORD = re.compile(r"[^\W_]+")
_PARTS = re.compile(r"[\^=]")
_WHOLE = frozenset(("ST", "LT", "UT", "UR"))
"""Texts in which a backslash parts no values."""

SAID = TYPED | DATES
_UNKNOWN = frozenset(("UN", "OB"))
_FORMED = frozenset(("DS", "IS", "TM", "AS"))
_FORM = re.compile(r"[-+ \d.eE:\\]*|\d{3}[DWMY]")
"""What numbers, times and ages look like: anything else in one was typed by somebody."""

_DECIMAL = re.compile(r"[-+]?\d*\.\d+(?:[eE][-+]?\d+)?|[-+]?\d{1,4}|\d(?:\.\d){1,3}|[A-Z0-9]{1,2}")
"""Numbers, versions and single letters, which are met in every object."""

_TELLING = re.compile(r"[^\W\d_]{4}|\d{7}")
_MOST_RUNS = 4000
_MOST_BYTES = 1 << 20
_SHORT = 256
"""What is made of values of so many bytes is remembered."""

_MOST_LETTERS = 1 << 16
"""What is left of texts that have so many letters together is remembered."""

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


_VOCABULARY = frozenset(
    files(__package__).joinpath("dicom_words.txt").read_text("utf-8").splitlines()
)
"""Words that identify nobody, and may be left of a text. Read with the module: a worker's sandbox
lets no file be opened later."""

_STANDING = _FIXED | _VOCABULARY

Said = tuple[int, tuple[str, ...]]
"""The kind of a value's texts, which is the number of a set of Gathered, and the texts."""

Code = tuple[str, str]
"""Scheme designator and value of a coded entry."""


@dataclass(slots=True)
class Gathered:
    """Values of a source by what they are, before code terms and retained values are taken out.

    `codec` is that of the object's character set.
    """

    names: set[str] = field(default_factory=set)
    typed: set[str] = field(default_factory=set)
    uids: set[str] = field(default_factory=set)
    blobs: set[str] = field(default_factory=set)
    terms: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    codec: str = "latin-1"
    kinds: tuple[set[str], ...] = field(init=False)

    def __post_init__(self) -> None:
        self.kinds = (self.names, self.typed, self.uids, self.terms)

    def add(self, leaf: Leaf) -> Said | None:
        """Take in one leaf that must be gone, terms excepted; what it said, unless it is a blob."""
        vr, tag, value = leaf.vr, leaf.tag, leaf.value
        if vr == "UN":
            vr = _vr(leaf)
        if (tag >> 16 & 1 and vr != "UI") or vr in _UNKNOWN:
            self._blob(value)
            return None
        said = _said(tag, vr, bytes(value[:_MOST_BYTES]), self.codec)
        self.kinds[said[0]].update(said[1])
        return said

    def add_code(self, leaf: Leaf, code: Code | None) -> None:
        """Take in one attribute of a coded entry, which is a term where its code has a meaning."""
        said = meaning(*code) if code is not None else None
        if said is not None:
            self.terms.update(_WORD.findall(said.casefold()))
        elif code is not None and leaf.tag != _MEANING and plausible(*code):
            self.terms.update(_WORD.findall(" ".join(code).casefold()))
        else:
            self.add(leaf)

    def keep(self, leaf: Leaf) -> None:
        """Take in one leaf that an option retains: elsewhere too its value proves nothing.

        A name is looked for all the same.
        """
        if leaf.vr == "UI" and leaf.tag >> 16 & 1:
            self.add(leaf)  # a safe private UID is replaced all the same
        elif leaf.vr == "UI":
            self.kept.update(_values(leaf.value, self.codec))
        elif leaf.vr in TYPED | DATES and leaf.vr != "PN":
            self.terms.update(_WORD.findall(_decoded(leaf.value, self.codec).casefold()))

    def _blob(self, value: bytes | memoryview) -> None:
        """Printable runs of a private or unknown value."""
        if len(self.blobs) < _MOST_RUNS and len(value) > 5:
            runs = _runs if len(value) <= _SHORT else _runs.__wrapped__
            self.blobs.update(runs(bytes(value[:_MOST_BYTES])))

    def telling(self) -> tuple[str, ...]:
        """What must not be left: values without the code terms in them."""
        texts, terms = frozenset(self.typed | self.blobs), frozenset(self.terms)
        short = sum(map(len, texts)) <= _MOST_LETTERS
        left = _left(texts, terms) if short else _left.__wrapped__(texts, terms)
        found = {name.strip() for name in self.names} | (self.uids - self.kept) | left
        return tuple(text for text in found if len(text) > 1 and text not in DUMMIES)


_NAME, _TYPED, _UID, _TERM = range(4)
"""What a text of a value is, as the sets of Gathered are numbered."""


def _said(tag: int, vr: str, value: bytes, codec: str) -> Said:
    """What a value says, by kind."""
    said: Said = (_TYPED, ())
    if vr == "CS":
        said = (_TERM, tuple(_WORD.findall(_decoded(value, "latin-1").casefold())))
    elif vr == "UI":
        said = (_UID, tuple(uid for uid in _values(value, codec) if _somebodys(uid)))
    elif vr == "PN":
        names = _values(value, codec)
        said = (_NAME, (*names, *(part for name in names for part in _PARTS.split(name))))
    elif vr in _FORMED:
        text = _decoded(value, "latin-1")
        said = (_TYPED, () if _FORM.fullmatch(text) else tuple(text.split("\\")))
    elif vr in SAID and tag != _METHOD:
        text = _decoded(value, codec)
        if tag in _TECHNICAL_TAGS and _TECHNICAL.fullmatch(text):
            said = (_TERM, (text.casefold(),))
        else:
            said = (_TYPED, (text,) if vr in _WHOLE else tuple(text.split("\\")))
    return said


@lru_cache(maxsize=1 << 10)
def _runs(raw: bytes) -> tuple[str, ...]:
    """The printable runs of a value of unknown make that could tell something."""
    return tuple(run.strip() for run in printable(raw)[:_MOST_RUNS] if _TELLING.search(run))


@lru_cache(maxsize=64)
def _left(texts: frozenset[str], terms: frozenset[str]) -> frozenset[str]:
    """What is left of the texts of an object when its code terms are cut out.

    Remembered: the files of a series often say the same.
    """
    known_text = "\n".join((*terms, _FIXED_TEXT))
    return frozenset(left for text in texts for left in _without(text.strip(), terms, known_text))


def charset(leaf: Leaf | None) -> str:
    """The codec for a value of Specific Character Set; Latin-1 where it is not read here."""
    if leaf is None:
        return "latin-1"
    named = _decoded(leaf.value, "latin-1").split("\\")[-1]
    return _CODECS.get(named.replace("ISO 2022 IR", "ISO_IR").strip(), "latin-1")


def shown(leaf: Leaf) -> Iterable[str]:
    """The text fields of a finished object, its coded entries and marks excepted."""
    if leaf.vr not in SAID or leaf.tag in CODE_TAGS or leaf.tag == _METHOD:
        return ()
    return _values(leaf.value, "utf-8")


def is_sequence(leaf: Leaf) -> bool:
    """Whether the dictionary has the attribute as a sequence."""
    return dictionary_vrs(leaf.tag) == ("SQ",)


def _vr(leaf: Leaf) -> str:
    """The VR to read a value by, the dictionary's where the source says UN."""
    vr = (dictionary_vrs(leaf.tag) or ("UN",))[0] if leaf.vr == "UN" else leaf.vr
    return "UN" if vr == "SQ" else vr


def _without(text: str, terms: frozenset[str], known_text: str) -> tuple[str, ...]:
    """A text, or what is left of it when code terms are cut out."""
    if _DECIMAL.fullmatch(text) or text in keywords():
        return ()
    pieces, start = [], 0
    for word in _WORD.finditer(text):
        if _is_term(word.group().casefold(), terms, known_text):
            pieces.append(text[start : word.start()])
            start = word.end()
    if not start:
        return (text,)
    pieces.append(text[start:])
    return tuple(piece for piece in (p.strip(" ,;:.-_/\\()[]^=") for p in pieces) if _tells(piece))


def _is_term(word: str, terms: frozenset[str], known_text: str) -> bool:
    """Whether a word is a code term, or a cut piece of one that a search would find in it."""
    return word in terms or word in _STANDING or (len(word) >= 4 and word in known_text)


def _tells(piece: str) -> bool:
    return len(piece) > 1 and not _DECIMAL.fullmatch(piece)


def _somebodys(uid: str) -> bool:
    """Whether a UID names an instance or a site, not a thing of the standard."""
    return len(uid) > 9 and not uid.startswith("1.2.840.10008.") and not registered(uid)


def _values(value: bytes | memoryview, codec: str) -> list[str]:
    text = _decoded(value, codec)
    if "\\" not in text:
        return [stripped] if (stripped := text.strip()) else []
    return [part.strip() for part in text.split("\\") if part.strip()]


def _decoded(value: bytes | memoryview, codec: str) -> str:
    raw = bytes(value[:_MOST_BYTES]).rstrip(b"\0 ")
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        return raw.decode("latin-1")
