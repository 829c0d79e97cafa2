"""Controlled vocabularies: what a text or a code string may say and still be nobody's secret.

terms.txt holds the defined terms and enumerated values of PS3.3 and the body parts of PS3.16
Annex L, makers.txt names of manufacturers. A name that is planted in a code string is none.
"""

import re
from functools import cache
from importlib.resources import files

from medrelease.sanitise.dicom.dictionary import keywords

_SHORT = re.compile(r"\d{1,4}|[A-Z0-9]{1,2}")
_WORD = re.compile(r"[A-Za-z]+")
_WORDS = re.compile(r"[A-Za-z]+(?:(?: |, |/|-)[A-Za-z]+)*")
_BRIEF = re.compile(r"[A-Z0-9]{1,2}|\d{1,3}|\d(?:\.\d){1,3}|\d{1,2}\.\d{1,2}")
_FIRM = re.compile(r"(?: (?:INC|LTD|CO|CORP|CORPORATION|GMBH|AG|LLC|BV|SA|KK))+$")
_UNITS = re.compile(r"HU|US|OD|MGML|Z_EFF|ED|EDW|HU_MOD|PCT")
_TECHNICAL = {
    0x00180085: re.compile(r"1H|3HE|7LI|13C|19F|23NA|31P|129XE"),
    0x00181210: re.compile(
        r"STANDARD|STND|BONE|BONEPLUS|SOFT|LUNG|DETAIL|EDGE|CHST|[A-Z]{1,2}\d\d[a-z]?"
    ),
    0x00281054: _UNITS,
    0x00283004: _UNITS,
}
"""Imaged Nucleus, Convolution Kernel, Rescale Type, Modality LUT Type and their terms."""

_PLAIN_WORDS = """
    and of the with without for ap pa lat lateral oblique view views scan series study image
    images contrast post pre early late left right bilateral upper lower front side axial
    sagittal coronal transverse scout localizer localiser thin thick soft bone lung flair dwi
    adc stir swi mip mpr ct mr mri us xr pet spect photo photograph dermoscopy close up
    overview follow routine protocol
"""


def is_term(value: str) -> bool:
    """Whether a code string is a defined term or a body part, or too short to say anything.

    Too short are numbers of up to four digits and codes of up to two characters.
    """
    return value in _lines("terms.txt") or _SHORT.fullmatch(value) is not None


def is_text_term(tag: int, text: str) -> bool:
    """Whether the text of one of the few technical attributes is one of its terms."""
    form = _TECHNICAL.get(tag)
    return form is not None and form.fullmatch(text) is not None


def is_plain(text: str) -> bool:
    """Whether a short text says nothing of anybody, whoever typed it.

    It is made of words of the vocabulary, is the keyword of an attribute, is one or two letters
    or digits, or a number with so few digits that it can be a version or a size only.
    """
    if _BRIEF.fullmatch(text) or text in keywords():
        return True
    return _WORDS.fullmatch(text) is not None and all(
        word.upper() in words() for word in _WORD.findall(text)
    )


def is_maker(value: str) -> bool:
    """Whether a text is the name of a known manufacturer and nothing else."""
    plain = re.sub(r"[^A-Z0-9]+", " ", value.upper()).strip()
    plain = re.sub(r"^G E\b", "GE", plain)
    return plain in _lines("makers.txt") or _FIRM.sub("", plain) in _lines("makers.txt")


def only_terms(text: str) -> str:
    """The words of a free text that are in the vocabulary of body parts and views, in order."""
    return " ".join(word for word in _WORD.findall(text) if word.upper() in words())


@cache
def words() -> frozenset[str]:
    """Words for descriptions, in upper case: body parts, planes, views, kinds of image."""
    terms = {term for term in _lines("terms.txt") if len(term) > 3 and term.isalpha()}
    return frozenset(terms | {word.upper() for word in _PLAIN_WORDS.split()})


@cache
def _lines(name: str) -> frozenset[str]:
    text = files(__package__).joinpath(name).read_text("utf-8")
    return frozenset(text.splitlines())
