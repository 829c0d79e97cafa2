"""Whole-slide pictures in TIFF: which pages are levels of the first, and what Aperio's text says.

The prover's own reading. In a finished slide there are the levels and, where Aperio's readers
expect a thumbnail, one small white picture; the description holds magnification and scale.
"""

import re
from fractions import Fraction

from medrelease.verify import ifd
from medrelease.verify import tiff_page as tags
from medrelease.verify.refusal import malformed, unsupported

DESCRIPTION = 270
_FACT = re.compile(rb"\|[ \t]*(AppMag|MPP)\s*=\s*([0-9]{1,3}(?:\.[0-9]{1,8})?)\s*(?=[|\0]|$)")
_OTHER = re.compile(rb"label|macro|thumbnail|overview", re.IGNORECASE)
_MOST_WIDE, _MOST_HIGH = 16, 1024


def description(view: memoryview, page: tags.Page) -> bytes:
    """Return a page's description, the first 4096 bytes of it."""
    entry = page.folder.entry(DESCRIPTION)
    return ifd.raw(view, entry)[:4096] if entry else b""


def is_aperio(view: memoryview, page: tags.Page) -> bool:
    """Return whether a first page is the largest level of an Aperio slide."""
    return page.tiled and description(view, page).startswith(b"Aperio")


def levels(view: memoryview, every: list[tags.Page]) -> list[tags.Page]:
    """Return the pages that are levels of the first; none where the file is no slide."""
    first = every[0]
    if not first.tiled:
        return []
    aperio = is_aperio(view, first)
    found = [first, *(one for one in every[1:] if _smaller(view, first, one, aperio))]
    sizes = {(page.one(tags.WIDTH), page.one(tags.HEIGHT)) for page in found}
    return found if aperio or len(sizes) > 1 else []


def _smaller(view: memoryview, first: tags.Page, one: tags.Page, aperio: bool) -> bool:
    """Return whether a page shows the first by one factor across and down."""
    if not one.tiled or (aperio and one.one(tags.SUBFILE) & 1):
        return False
    if _OTHER.search(description(view, one)):
        return False
    if any(one.one(tag) != first.one(tag) for tag in (tags.SAMPLES, tags.BITS)):
        return False
    wide, high = first.one(tags.WIDTH), first.one(tags.HEIGHT)
    across, down = one.one(tags.WIDTH), one.one(tags.HEIGHT)
    if not 0 < across <= wide or not 0 < down <= high:
        return False
    return abs(wide * down - high * across) <= max(2 * max(wide, high), wide * down // 100)


def clean_text(view: memoryview, page: tags.Page) -> bytes:
    """Return the description that a finished Aperio slide with this first page has."""
    text = "Aperio Image Library"
    facts: dict[bytes, bytes] = {}
    for name, value in _FACT.findall(description(view, page)):
        facts.setdefault(name, value)
    for name in (b"AppMag", b"MPP"):
        number = Fraction(facts.get(name, b"0").decode())
        if number:
            text += f"|{name.decode()} = {_decimal(number)}"
    return text.encode() + b"\0"


def _decimal(number: Fraction) -> str:
    """Return a number with four digits behind the point, without closing zeros."""
    whole, part = divmod(round(number * 10_000), 10_000)
    digits = f"{part:04}".rstrip("0")
    return f"{whole}.{digits}" if digits else str(whole)


def prove_further(view: memoryview, every: list[tags.Page], found: list[tags.Page]) -> None:
    """Refuse a page of a finished file that is no level, but for the one white picture.

    Raises Refusal(malformed | format-not-supported).
    """
    aperio = is_aperio(view, every[0])
    further = [page for page in every if not any(page is one for one in found)]
    if found and aperio and len(found) > 1:
        if len(further) != 1 or every[1] is not further[0]:
            malformed("slide with a picture that is no level")
        _prove_white(view, further[0])
    elif further and found:
        malformed("slide with a picture that is no level")
    said = every[0].folder.entry(DESCRIPTION)
    if said and aperio and ifd.raw(view, said) != clean_text(view, every[0]):
        malformed("slide with a description that is not allowed")
    if not found and every[0].tiled and len({page.one(tags.WIDTH) for page in every}) > 1:
        unsupported("tiled TIFF pages of several sizes")


def _prove_white(view: memoryview, page: tags.Page) -> None:
    """Refuse a picture in a thumbnail's place that shows anything."""
    wide, high = page.one(tags.WIDTH), page.one(tags.HEIGHT)
    fits = 0 < wide <= _MOST_WIDE and 0 < high <= _MOST_HIGH and not page.tiled
    plain = (page.one(tags.COMPRESSION), page.one(tags.SAMPLES), page.one(tags.PHOTOMETRIC))
    if not fits or plain != (1, 3, 2) or page.whole.get(tags.BITS) != (8, 8, 8):
        malformed("slide with a picture that is no level")
    data = b"".join(tags.piece(view, place) for place in page.pieces())
    if data != b"\xff" * (3 * wide * high):
        malformed("slide with a picture that is no level")
