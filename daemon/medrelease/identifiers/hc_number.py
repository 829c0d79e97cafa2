"""H&C numbers: Northern Ireland's Health and Care Number, in the ten digits that it shares
with the NHS number (England and Wales) and the CHI number (Scotland).

Canonical form: `012 345 6789`. The tenth digit checks the other nine by modulus 11 (NHS Data
Dictionary, "NHS Number"; the H&C number uses the same rule). A CHI number begins with the day of
birth; once the numbers of a day have run out Scotland issues them with a check digit by modulus
10, decided for November 2025 (Public Health Scotland, phsmethods: `chi_check` and its issue 147).
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from enum import StrEnum
from typing import Literal, NamedTuple

Check = Literal["check-digit", "hc-range", "off"]

FIRST_HC, LAST_HC = 320_000_001, 399_999_999
"""The first nine digits of the numbers that Northern Ireland issues, both ends included."""


class Scheme(StrEnum):
    """Who issued a number of ten digits; the value is how a note calls it."""

    HC = "an H&C number"
    NHS = "an NHS number of England or Wales"
    CHI = "a CHI number of Scotland"


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
    if check == "hc-range":
        return scheme(canonical) is Scheme.HC
    return passes_modulus_11(canonical) or scheme(canonical) is Scheme.CHI


def scheme(canonical: str) -> Scheme | None:
    """Who issued a canonical number, by its range and check digit; None where neither tells.

    The ranges are those that NHS England, Wales and the Isle of Man (400 to 499 and 600 to 799
    million), Northern Ireland and Scotland (a day of birth, DDMMYY, first) have agreed on.
    """
    digits = _digits(canonical)
    nine = int(digits[:9])
    if _begins_with_a_day(digits):
        checked = passes_modulus_11(canonical) or _passes_modulus_10(digits)
        return Scheme.CHI if checked else None
    if not passes_modulus_11(canonical):
        return None
    if FIRST_HC <= nine <= LAST_HC:
        return Scheme.HC
    return Scheme.NHS if digits[0] in "467" else None


def passes_modulus_11(canonical: str) -> bool:
    """Whether the tenth digit is the modulus 11 check digit of the nine before it.

    The ten weighted digits then add up to a multiple of 11. All weights differ and 11 is a
    prime, so no single wrong digit and no swap of two neighbours can pass.
    """
    weighted = zip(range(10, 0, -1), _digits(canonical), strict=True)
    return sum(weight * int(digit) for weight, digit in weighted) % 11 == 0


def _begins_with_a_day(digits: str) -> bool:
    """Whether the first six digits are a day, DDMMYY, of this century or the last."""
    day, month, year = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    if not 1 <= month <= 12:
        return False
    # 1900 was no leap year and 2000 was: the longer February of the two counts
    return 1 <= day <= max(monthrange(century + year, month)[1] for century in (1900, 2000))


def _passes_modulus_10(digits: str) -> bool:
    """Whether the first, third ... ninth digit doubled, nines cast out, and the rest add up.

    The Luhn formula of ISO/IEC 7812-1, as phsmethods applies it to CHI numbers.
    """
    doubled = sum(2 * int(digit) - (9 if digit > "4" else 0) for digit in digits[0::2])
    return (doubled + sum(int(digit) for digit in digits[1::2])) % 10 == 0


def slip(a: str, b: str) -> bool:
    """Whether two canonical numbers are one digit, or one swap of neighbours, apart.

    Serves for job numbers too.
    """
    one, other = _digits(a), _digits(b)
    if len(one) != len(other):
        return False
    apart = [place for place, pair in enumerate(zip(one, other, strict=True)) if len({*pair}) > 1]
    if len(apart) != 2:
        return len(apart) == 1
    first, second = apart
    return second == first + 1 and one[first : second + 1] == other[second] + other[first]


def _digits(canonical: str) -> str:
    return canonical.replace(" ", "")
