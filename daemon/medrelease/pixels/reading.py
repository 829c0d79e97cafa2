"""Reading what a line says, to decide whether it may stay and whom it names.

The reader is asked about single lines only. What it says is never passed on: a text becomes a
yes or no here, or an H&C number that passed its check.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from medrelease.identifiers import hc_number
from medrelease.pixels import marks
from medrelease.pixels.components import Line
from medrelease.pixels.models import TextModels
from medrelease.pixels.seeing import Picture
from medrelease.pixels.turning import cut, directions

HEIGHT, WIDEST = 48, 480
SURE = 0.9
"""Every character of a reading has to be at least so likely where something hangs on it."""

_ENOUGH = {2: 0.9, 3: 0.8}
"""How sure on the mean a reading of so many characters has to be; longer ones: 0.5."""

SINGLE = 0.9
"""How sure the reading of a single sign has to be, and how likely its place."""
SQUARE = 1.6
"""Times its height below which a grown line may be a single sign, whose angle says nothing."""

_COMB = frozenset("mqnwil1I|[](){}!-_=. ")
"""What the ticks of a ruler read as; no name and no date is made of these alone."""

LEGIBLE = 0.8
"""How sure a reading is on the mean from which a row of like marks is letters all the same."""
ALIKE = 0.65
"""Likeness of a place to itself, moved by one mark, from which it is a row of them."""

MANY = 6
"""So many times the same sign is no writing, however surely it is read."""
LONG = 2.0
"""Times its height from which a place may be a row, or a stroke."""
_STROKES = frozenset(("", *"\u4e00\u4e28\u4e36\u4e3f\u30ce\u2014\u2013-_~/\\|()'.,\u00b7\u3002"))
"""What the rim of a skull, a fold or a crease read as."""
ONCE = 0.12
"""Likeness of a place to itself below which nothing in it comes twice, as strokes of letters do."""

GUESSED = 0.3
"""Below this a reading is a guess: the shape of a line is believed where strokes come twice."""

KNOT = 0.01
"""Share of a view from which a place is large."""
SMALLEST_BLOT = 13
"""Rows of a place below which it may be a piece of a letter, and a mask costs little."""

_TEN = re.compile(r"(?<![0-9])[0-9]{10}(?![0-9])")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader makes of a line; `sureness` is that of its least sure character.

    `alike` says how alike the marks of a row are that is not surely read (`marks`).
    """

    text: str
    sureness: float
    mean: float
    alike: float = 0.0


UNREAD = Reading("", 0.0, 0.0)


def read(models: TextModels, picture: Picture, line: Line) -> Reading:
    """What one line of an 8-bit RGB picture says, and how alike its marks are where in doubt."""
    said = _read(models, picture, line)
    if line.length < LONG * line.height or (said.mean >= LEGIBLE and said.text not in _STROKES):
        return said
    return replace(said, alike=marks.likeness(picture, line))


def _read(models: TextModels, picture: Picture, line: Line) -> Reading:
    """Read one line of an 8-bit RGB picture along its angle; a steep one both ways round.

    A single letter is higher than wide: lying on its side a 7 reads as a surely seen L. What may
    be one sign is therefore read upright, and along its angle only where that says several.
    """
    if abs(line.angle) < 45:
        return _read_at(models, picture, line, line.angle)
    if line.length >= SQUARE * line.height:
        first = _read_at(models, picture, line, line.angle)
        if first.sureness >= SURE and len(first.text) > 1:
            return first
        return max(first, _read_at(models, picture, line, line.angle + 180), key=lambda r: r.mean)
    lying = replace(line, length=line.height, height=line.length)
    first = _read_at(models, picture, lying, line.angle - 90 if line.angle > 0 else line.angle + 90)
    if first.sureness >= SURE:
        return first
    steep = (_read_at(models, picture, line, line.angle + turn) for turn in (0, 180))
    several = [said for said in steep if len(said.text) > 1]
    return max(first, *several, key=lambda r: r.mean) if several else first


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


def is_row(reading: Reading) -> bool:
    """Whether a place is a row of marks that are alike, and nothing that names anybody."""
    if len(reading.text) >= MANY and len(set(reading.text)) == 1:
        return True
    return reading.mean < LEGIBLE and reading.alike >= ALIKE


def speaks(reading: Reading, line: Line) -> bool:
    """Whether a place is surely one of writing: it reads as some, or has a line's shape.

    Asked of views that also take folds, vessels and nuclei for writing. Of those the reader
    makes one odd character, hardly ever three of the Latin alphabet, and next to never surely one.
    """
    if set(reading.text) <= _COMB or is_row(reading):
        return False
    if is_ours(reading):
        return min(reading.mean, line.likelihood) >= SINGLE
    latin = sum(1 for one in reading.text if one.isascii() and one.isalnum())
    if latin >= 0.6 * len(reading.text.replace(" ", "")) and latin >= 2:
        sure = reading.mean >= _ENOUGH.get(latin, 0.5)
    else:
        sure = False
    shaped = line.likelihood >= 0.9 and line.length >= 2.5 * line.height
    shaped &= reading.mean >= GUESSED or reading.alike > ONCE
    return sure or (shaped and len(reading.text) >= 2)


def is_ours(reading: Reading) -> bool:
    """Whether a reading is a single letter or digit of ours, and no stroke."""
    one = reading.text
    return len(one) == 1 and one.isascii() and one.isalnum() and one not in _COMB


def is_doubtful(reading: Reading, line: Line, share: float) -> bool:
    """Whether a place that takes `share` of its view is no writing: marks, a knot or a blot.

    Measured where the detector marked 712 places: of 460 with writing two marks of a ruler were
    so, of the 80 others in pictures of mucosa nine in ten.
    """
    if is_row(reading) or is_stroke(reading, line):
        return True
    if line.length >= 2.2 * line.height or (is_ours(reading) and reading.mean >= SINGLE):
        return False
    unlikely = line.likelihood < 0.7 and reading.mean < 0.8
    return unlikely or (
        line.length < 2 * line.height and (_is_knot(line, share) or _is_blot(reading, line))
    )


def is_stroke(reading: Reading, line: Line) -> bool:
    """Whether a place is a single long stroke, straight or bent."""
    long = line.length >= LONG * line.height
    return long and reading.text in _STROKES and reading.alike <= ONCE


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
