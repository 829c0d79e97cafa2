"""The texts of a DICOM source that could identify, and the ones that a finished object shows.

Code terms are none: what a source says in code strings and in coded entries of public schemes,
and the words that every cleaned object is marked with.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

from medrelease.verify.dicom_dictionary import keywords, meaning, plausible
from medrelease.verify.dicom_values import (
    DATES,
    MOST_BYTES,
    MOST_RUNS,
    TYPED,
    WORD,
    Said,
    decoded,
    runs_of,
    said_by,
    values_of,
    vr_of,
)
from medrelease.verify.dicom_walk import Leaf

DUMMIES = frozenset(("ANONYMISED", "19000101", "19000101000000", "000000", "UNKNOWN"))

_MEANING = 0x00080104
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
_UNKNOWN = frozenset(("UN", "OB"))
_DECIMAL = re.compile(r"[-+]?\d*\.\d+(?:[eE][-+]?\d+)?|[-+]?\d{1,4}|\d(?:\.\d){1,3}|[A-Z0-9]{1,2}")
"""Numbers, versions and single letters, which are met in every object."""

_SHORT = 256
"""What is made of values of so many bytes is remembered."""

_MOST_LETTERS = 1 << 16
"""What is left of texts that have so many letters together is remembered."""


_VOCABULARY = frozenset(
    files(__package__).joinpath("dicom_words.txt").read_text("utf-8").splitlines()
)
"""Words that identify nobody, and may be left of a text. Read with the module: a worker's sandbox
lets no file be opened later."""

_STANDING = _FIXED | _VOCABULARY

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
            vr = vr_of(leaf)
        if (tag >> 16 & 1 and vr != "UI") or vr in _UNKNOWN:
            self._blob(value)
            return None
        said = said_by(tag, vr, bytes(value[:MOST_BYTES]), self.codec)
        self.kinds[said[0]].update(said[1])
        return said

    def add_code(self, leaf: Leaf, code: Code | None) -> None:
        """Take in one attribute of a coded entry, which is a term where its code has a meaning."""
        said = meaning(*code) if code is not None else None
        if said is not None:
            self.terms.update(WORD.findall(said.casefold()))
        elif code is not None and leaf.tag != _MEANING and plausible(*code):
            self.terms.update(WORD.findall(" ".join(code).casefold()))
        else:
            self.add(leaf)

    def keep(self, leaf: Leaf) -> None:
        """Take in one leaf that an option retains: elsewhere too its value proves nothing.

        A name is looked for all the same.
        """
        if leaf.vr == "UI" and leaf.tag >> 16 & 1:
            self.add(leaf)  # a safe private UID is replaced all the same
        elif leaf.vr == "UI":
            self.kept.update(values_of(leaf.value, self.codec))
        elif leaf.vr in TYPED | DATES and leaf.vr != "PN":
            self.terms.update(WORD.findall(decoded(leaf.value, self.codec).casefold()))

    def _blob(self, value: bytes | memoryview) -> None:
        """Printable runs of a private or unknown value."""
        if len(self.blobs) < MOST_RUNS and len(value) > 5:
            runs = runs_of if len(value) <= _SHORT else runs_of.__wrapped__
            self.blobs.update(runs(bytes(value[:MOST_BYTES])))

    def telling(self) -> tuple[str, ...]:
        """What must not be left: values without the code terms in them."""
        texts, terms = frozenset(self.typed | self.blobs), frozenset(self.terms)
        short = sum(map(len, texts)) <= _MOST_LETTERS
        left = _left(texts, terms) if short else _left.__wrapped__(texts, terms)
        found = {name.strip() for name in self.names} | (self.uids - self.kept) | left
        return tuple(text for text in found if len(text) > 1 and text not in DUMMIES)


@lru_cache(maxsize=64)
def _left(texts: frozenset[str], terms: frozenset[str]) -> frozenset[str]:
    """What is left of the texts of an object when its code terms are cut out.

    Remembered: the files of a series often say the same.
    """
    known_text = "\n".join((*terms, _FIXED_TEXT))
    return frozenset(left for text in texts for left in _without(text.strip(), terms, known_text))


def _without(text: str, terms: frozenset[str], known_text: str) -> tuple[str, ...]:
    """A text, or what is left of it when code terms are cut out."""
    if _DECIMAL.fullmatch(text) or text in keywords():
        return ()
    pieces, start = [], 0
    for word in WORD.finditer(text):
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
