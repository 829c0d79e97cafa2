"""Reading what a line says, to decide whether it may stay and whom it names.

The reader is asked about single lines only. What it says is never passed on: a text becomes a
yes or no here, or an H&C number that passed its check.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medrelease.identifiers import hc_number
from medrelease.pixels.components import Line
from medrelease.pixels.models import TextModels
from medrelease.pixels.seeing import Picture
from medrelease.pixels.turning import cut, directions

HEIGHT, WIDEST = 48, 480
SURE = 0.9
"""Every character of a reading has to be at least so likely where something hangs on it."""

_ENOUGH = {2: 0.9, 3: 0.8}
"""How sure on the mean a reading of so many characters has to be; longer ones: 0.5."""

_COMB = frozenset("mqnwil1I|[](){}!-_=. ")
"""What the ticks of a ruler read as; no name and no date is made of these alone."""

KNOT = 0.01
"""Share of a view from which a place is large."""
SMALLEST_BLOT = 13
"""Rows of a place below which it may be a piece of a letter, and a mask costs little."""

_TEN = re.compile(r"(?<![0-9])[0-9]{10}(?![0-9])")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader makes of a line; `sureness` is that of its least sure character."""

    text: str
    sureness: float
    mean: float


UNREAD = Reading("", 0.0, 0.0)


def read(models: TextModels, picture: Picture, line: Line) -> Reading:
    """Read one line of an 8-bit RGB picture along its angle; a steep one both ways round."""
    first = _read_at(models, picture, line, line.angle)
    if abs(line.angle) < 45 or (first.sureness >= SURE and len(first.text) > 1):
        return first
    return max(first, _read_at(models, picture, line, line.angle + 180), key=lambda r: r.mean)


def _read_at(models: TextModels, picture: Picture, line: Line, angle: float) -> Reading:
    width = int(min(WIDEST, max(16, round(HEIGHT * line.length / max(line.height, 1)))))
    along, down = directions(angle)
    along, down = along * line.length / 2, down * line.height / 2
    middle = np.array((line.x, line.y))
    corners = middle - along - down, middle + along - down, middle - along + down
    crop = cut(picture, corners, (width, HEIGHT))
    batch = (crop.astype(np.float32).transpose(2, 0, 1)[None] / 255 - 0.5) / 0.5
    return _decode(models, models.reader(np.ascontiguousarray(batch))[0])


def _decode(models: TextModels, steps: NDArray[np.float32]) -> Reading:
    """Connectionist temporal classification, greedy: repeats fold, blanks fall away."""
    best = steps.argmax(axis=1)
    fresh = (best != 0) & np.concatenate(([True], best[1:] != best[:-1]))
    if not fresh.any():
        return UNREAD
    likely = steps.max(axis=1)[fresh]
    text = "".join(models.alphabet[index] for index in best[fresh])
    return Reading(text.strip(), float(likely.min()), float(likely.mean()))


def speaks(reading: Reading, line: Line) -> bool:
    """Whether a place is surely one of writing: it reads as some, or has a line's shape.

    Asked of views that also take folds, vessels and nuclei for writing. Of those the reader
    makes one odd character, and hardly ever three of the Latin alphabet.
    """
    if set(reading.text) <= _COMB:
        return False
    latin = sum(1 for one in reading.text if one.isascii() and one.isalnum())
    if latin >= 0.6 * len(reading.text.replace(" ", "")) and latin >= 2:
        sure = reading.mean >= _ENOUGH.get(latin, 0.5)
    else:
        sure = False
    shaped = line.likelihood >= 0.9 and line.length >= 2.5 * line.height
    return sure or (shaped and len(reading.text) >= 2)


def is_doubtful(reading: Reading, line: Line, share: float) -> bool:
    """Whether a place that takes `share` of its view is no writing: a knot or a blot.

    Measured where the detector marked 712 places: of 460 with writing two marks of a ruler were
    so, of the 80 others in pictures of mucosa nine in ten.
    """
    if line.length >= 2.2 * line.height:
        return False
    unlikely = line.likelihood < 0.7 and reading.mean < 0.8
    return unlikely or (
        line.length < 2 * line.height and (_is_knot(line, share) or _is_blot(reading, line))
    )


def _is_knot(line: Line, share: float) -> bool:
    """Crossing vessels and folds: large, and less likely than letters of that size are."""
    return share >= KNOT and line.likelihood < 0.9


def _is_blot(reading: Reading, line: Line) -> bool:
    """Reflections and moles: however likely, at most one sign, and surely none of ours."""
    if line.height < SMALLEST_BLOT or len(reading.text.replace(" ", "")) > 1:
        return False
    ours = reading.text.isascii() and reading.text.isalnum() and reading.mean >= 0.5
    return not ours and reading.mean < 0.93


def may_stay(reading: Reading, line: Line, keep: Collection[str]) -> bool:
    """Whether a line is surely a term of the keep list (or two), and no larger than that is."""
    words = reading.text.casefold().split()
    terms = {term.casefold() for term in keep}
    if reading.sureness < SURE or not 1 <= len(words) <= 2 or not set(words) <= terms:
        return False
    if all(word.isdigit() for word in words) and len(words) > 1:
        return False
    return line.length <= line.height * (0.9 * len(reading.text) + 1.2)


def names(reading: Reading, identifiers: Collection[str]) -> int:
    """How many of the identifiers stand in a line, compared by digits or folded letters."""
    said = _folded(reading.text)
    return sum(1 for one in identifiers if len(_folded(one)) > 2 and _folded(one) in said)


def hc_numbers(reading: Reading) -> list[str]:
    """The H&C numbers, canonical, that were read surely and pass modulus 11."""
    if reading.sureness < SURE:
        return []
    found = [hit.number for hit in hc_number.find(reading.text)]
    found += [str(hc_number.parse(hit[0])) for hit in _TEN.finditer(reading.text)]
    return [number for number in found if hc_number.passes_modulus_11(number)]


def _folded(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
