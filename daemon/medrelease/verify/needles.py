"""From texts to what is searched for: whole values, their words, numbers without separators.

What the route publishes on purpose is taken out, and so are the technical constants that a clean
file is made of.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from medrelease.terms.words import Reason
from medrelease.verify.options import Options
from medrelease.verify.refusal import Refusal

LONG = 6
"""An identifier of this many bytes or more is searched for in the bytes; a shorter one would be
found by chance, and is compared with the text fields."""

_HEAD = 64
_MOST = 20_000
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W\d_]+)*")
_LETTERS = re.compile(r"[^\W\d_]{6,}")
_NUMBER = re.compile(r"\d+(?:[ .:/\\-]+\d+)+|\d+")
_SEPARATORS = re.compile(r"[\W_]+")

CONSTANTS = (
    # structure names and signatures that stand in every clean file of some format
    "JFIF Exif ICC_PROFILE Adobe acsp IHDR PLTE tRNS gAMA cHRM sRGB sBIT bKGD pHYs cICP iCCP",
    "eXIf IDAT IEND DICM GIF87a GIF89a NETSCAPE2.0",
    "RIFF WEBPVP8 WEBPVP8L WEBPVP8X VP8X ALPH ANIM ANMF ICCP EXIF",
    # boxes, brands and names of a HEIF file
    "ftypheic ftypheix ftypavif heicmif1 heixmif1 avifmif1miaf colrnclx colrprof colrrICC",
    "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha urn:mpeg:hevc:2015:auxid:1",
    # the description of a finished slide
    "Aperio Image Library AppMag MPP",
    # tags and types inside a colour profile
    "rXYZ gXYZ bXYZ rTRC gTRC bTRC kTRC wtpt chad bkpt A2B0 A2B1 A2B2 B2A0 B2A1 B2A2 gamt desc",
    "cprt curv para mft1 mft2 text mluc sf32 enUS",
    # the neutral text of a finished profile
    "ICC profile",
)
"""What may stand in a clean file by right, and identifies nobody."""

_CONSTANT_WORDS = frozenset(word.casefold() for line in CONSTANTS for word in line.split())
_CONSTANT_TEXT = "\n".join(CONSTANTS).casefold()


@dataclass(slots=True)
class Needles:
    """What to search for in bytes (`long` texts, `raw` values) and in text fields (`short`)."""

    long: set[str] = field(default_factory=set)
    short: set[str] = field(default_factory=set)
    raw: set[bytes] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.long) + len(self.short) + len(self.raw)


def gather(source: Iterable[str | bytes], options: Options) -> Needles:
    """Return what must not be in the finished file.

    Raises Refusal(limits-exceeded) where a source has more texts than can be searched for.
    """
    found = Needles()
    exempt, long, short = _published(options.published), found.long, found.short
    for text in (*options.identifiers, *source):
        if isinstance(text, bytes):
            if len(text) >= LONG and len(set(text) - {0, 1}) >= 4:
                found.raw.add(text)
        else:
            in_bytes, in_fields = _sought(text, exempt)
            long.update(in_bytes)
            short.update(in_fields)
        if len(long) > _MOST or len(short) > _MOST or len(found.raw) > _MOST:
            break
    if len(found) > _MOST:
        raise Refusal(Reason.LIMITS_EXCEEDED, "more metadata texts than can be searched for")
    return found


def words(text: str) -> frozenset[str]:
    """Return the words of a text field, case-folded, for comparison with short identifiers."""
    return frozenset(word.casefold() for word in _WORD.findall(text))


@lru_cache(maxsize=1 << 13)
def _sought(text: str, exempt: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what of a text is searched for in bytes, and what in text fields only.

    That is its value whole, its words of six letters or more, its numbers in three writings;
    technical constants are left out. Remembered, since the files of a session share most of
    their texts.
    """
    forms = [
        form for form in _writings(text) if not _constant(form) and _compact(form) not in exempt
    ]
    long = [len(form.encode("utf-8", "replace")) >= LONG for form in forms]
    return (
        tuple(form for form, is_long in zip(forms, long, strict=True) if is_long),
        tuple(form for form, is_long in zip(forms, long, strict=True) if not is_long),
    )


def _writings(text: str) -> set[str]:
    whole = text.strip("\0 \t\r\n")
    if len(whole) < 2:
        return set()
    forms = {whole if len(whole) <= 2 * _HEAD else whole[:_HEAD]}
    forms.update(
        word for word in _WORD.findall(whole) if len(word.encode("utf-8", "replace")) >= LONG
    )
    forms.update(_LETTERS.findall(whole))
    for number in _NUMBER.findall(whole):
        digits = re.sub(r"\D+", "", number)
        if len(digits) >= 7:
            forms.update((digits, re.sub(r"\D+", "-", number), re.sub(r"\D+", " ", number)))
    return {form for form in forms if not form.isdigit() or len(form) >= 7 or form == whole}


def _compact(text: str) -> str:
    """Return a text without separators, case-folded."""
    return _SEPARATORS.sub("", text).casefold()


@lru_cache(maxsize=64)
def _published(texts: tuple[str, ...]) -> frozenset[str]:
    """Return the compact forms that a published name shows: whole, words, runs of words."""
    shown = set()
    for text in texts:
        parts = [part for part in _SEPARATORS.split(text) if part]
        for start in range(len(parts)):
            for end in range(start + 1, len(parts) + 1):
                shown.add("".join(parts[start:end]).casefold())
    return frozenset(shown)


def _constant(text: str) -> bool:
    """Return whether a text is a technical constant, or a part of one."""
    low = text.casefold()
    return low in _CONSTANT_WORDS or (len(low) >= LONG and low in _CONSTANT_TEXT)
