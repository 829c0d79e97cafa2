"""H&C numbers: Northern Ireland's Health and Care Number, in the ten digits that it shares
with the NHS number (England and Wales) and the CHI number (Scotland).

Canonical form: `012 345 6789`. The tenth digit checks the other nine by modulus 11 (NHS Data
Dictionary, "NHS Number"; the H&C number uses the same rule).
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

Check = Literal["check-digit", "hc-range", "off"]

FIRST_HC, LAST_HC = 320_000_001, 399_999_999
"""The first nine digits of the numbers that Northern Ireland issues, both ends included."""

_SPACED = re.compile(r"(?<![0-9])([0-9]{3})(?:( )|-)([0-9]{3})(?(2) |-)([0-9]{4})(?![0-9])")
_BARE = re.compile(r"[0-9]{10}")


class Found(NamedTuple):
    """A number that stands in a text, from `start` up to `end`."""

    start: int
    end: int
    number: str


def parse(text: str) -> str | None:
    """The canonical number of a text that is nothing else, or None.

    Reads `012 345 6789`, `012-345-6789` and ten bare digits (ASCII digits only); whether the
    number is any good is for `valid` to say.
    """
    spaced = _SPACED.fullmatch(text)
    if spaced:
        return " ".join(spaced.group(1, 3, 4))
    if _BARE.fullmatch(text):
        return f"{text[:3]} {text[3:6]} {text[6:]}"
    return None


def find(text: str) -> Iterator[Found]:
    """Every number written with spaces or hyphens in a text, digits on neither side."""
    for match in _SPACED.finditer(text):
        yield Found(match.start(), match.end(), " ".join(match.group(1, 3, 4)))


def valid(canonical: str, check: Check) -> bool:
    """Whether a canonical number passes the site's check (`[numbers] check`)."""
    if check == "off":
        return True
    if check == "hc-range" and not FIRST_HC <= int(_digits(canonical)[:9]) <= LAST_HC:
        return False
    return passes_modulus_11(canonical)


def passes_modulus_11(canonical: str) -> bool:
    """Whether the tenth digit is the modulus 11 check digit of the nine before it.

    The ten weighted digits then add up to a multiple of 11. All weights differ and 11 is a
    prime, so no single wrong digit and no swap of two neighbours can pass.
    """
    weighted = zip(range(10, 0, -1), _digits(canonical), strict=True)
    return sum(weight * int(digit) for weight, digit in weighted) % 11 == 0


def slip(a: str, b: str) -> bool:
    """Whether two canonical numbers are one digit, or one swap of neighbours, apart."""
    one, other = _digits(a), _digits(b)
    apart = [place for place, pair in enumerate(zip(one, other, strict=True)) if len({*pair}) > 1]
    if len(apart) != 2:
        return len(apart) == 1
    first, second = apart
    return second == first + 1 and one[first : second + 1] == other[second] + other[first]


def _digits(canonical: str) -> str:
    return canonical.replace(" ", "")
