"""Whole-slide pictures that are TIFF inside: the levels of one picture, and nothing beside them.

A level is a tiled page that shows the first one smaller, by the same factor across and down. The
label, the macro picture and the thumbnail are other pictures: the label carries the patient's
name, and nobody looks at the others. Aperio's description is reduced to magnification and scale.
"""

import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from medrelease.sanitise.refusal import unsupported
from medrelease.sanitise.tiff_directory import Entry
from medrelease.sanitise.tiff_page import (
    BITS,
    HEIGHT,
    SAMPLES,
    SUBFILE,
    TILES,
    WIDTH,
)

DESCRIPTION = 270
THUMBNAIL_WIDTH = 16
"""Width in pixels of the blank picture that stands where Aperio's readers expect a thumbnail."""

_VENDOR_TAGS = frozenset({65420, 65421, 65422, 65449})
_VENDOR_TEXTS = (b"<scn", b"iScan", b"Hamamatsu", b"Leica SCN")
_SOFTWARE, _MAKE, _XMP = 305, 271, 700
_FACTS = ("AppMag", "MPP")
_NAMED = re.compile(rb"label|macro|thumbnail|overview", re.IGNORECASE)

Directory = dict[int, Entry]


@dataclass(frozen=True, slots=True)
class Slide:
    """The levels of a slide, largest first; `description` is Aperio's, empty for others."""

    levels: list[Directory]
    description: bytes


def is_aperio(first: Directory) -> bool:
    """Whether the first directory is the largest level of an Aperio slide."""
    return TILES in first and _text(first, DESCRIPTION).startswith(b"Aperio")


def read_slide(directories: list[Directory], actions: Counter[str]) -> Slide | None:
    """The slide that a file holds, None where it holds none. Raises unsupported refusals."""
    for entries in directories:
        texts = b"".join(_text(entries, tag) for tag in (DESCRIPTION, _SOFTWARE, _MAKE, _XMP))
        if _VENDOR_TAGS & entries.keys() or any(text in texts for text in _VENDOR_TEXTS):
            raise _unknown()
    first = directories[0]
    if TILES not in first:
        if _text(first, DESCRIPTION).startswith(b"Aperio"):
            raise _unknown()
        return None
    aperio = is_aperio(first)
    levels = [one for one in directories if _is_level(first, one, aperio)]
    others = [one for one in directories if not any(one is level for level in levels)]
    if not aperio and all(_size(one) == _size(first) for one in levels):
        if any(TILES in one and not _reduced(one) for one in others):
            raise _unknown()
        return None
    for one in others:
        _drop(one, aperio, actions)
    return Slide(levels, _description(first) if aperio else b"")


def thumbnail_size(slide: Slide) -> tuple[int, int]:
    """Width and height of the blank picture; Aperio's readers take the second page for it."""
    width, height = _size(slide.levels[0])
    return THUMBNAIL_WIDTH, min(max(1, THUMBNAIL_WIDTH * height // width), 1024)


def _unknown() -> Exception:
    return unsupported(
        "The slide's pictures cannot be told apart.",
        "Export it as Aperio SVS or as a pyramidal TIFF without label, or a region as TIFF.",
    )


def _text(entries: Directory, tag: int) -> bytes:
    return bytes(entries[tag].data[:4096]) if tag in entries else b""


def _one(entries: Directory, tag: int, absent: int) -> int:
    return entries[tag].integers()[0] if tag in entries else absent


def _size(entries: Directory) -> tuple[int, int]:
    return _one(entries, WIDTH, 0), _one(entries, HEIGHT, 0)


def _reduced(entries: Directory) -> bool:
    return bool(_one(entries, SUBFILE, 0) & 1)


def _is_level(first: Directory, one: Directory, aperio: bool) -> bool:
    """Whether a page is the first one, or a smaller form of it."""
    if one is first:
        return True
    if TILES not in one or _NAMED.search(_text(one, DESCRIPTION)) or (aperio and _reduced(one)):
        return False
    alike = all(_one(one, tag, 1) == _one(first, tag, 1) for tag in (SAMPLES, BITS))
    (width, height), (across, down) = _size(first), _size(one)
    if not alike or not 0 < across <= width or not 0 < down <= height:
        return False
    return abs(width * down - height * across) <= max(2 * max(width, height), width * down // 100)


def _drop(one: Directory, aperio: bool, actions: Counter[str]) -> None:
    """Count a picture that is no level; refuse what may be a page of its own."""
    text = _text(one, DESCRIPTION).lower()
    named = _NAMED.search(text)
    if not (aperio and TILES not in one) and not named and not _reduced(one):
        raise _unknown()
    kind = next((word for word in ("label", "macro") if word.encode() in text), "")
    actions[kind or ("thumbnail" if aperio or _reduced(one) else "second-picture")] += 1


def _description(first: Directory) -> bytes:
    """Aperio's description with the magnification and the scale in micrometres a pixel alone."""
    found = _text(first, DESCRIPTION).decode("latin-1")
    parts = ["Aperio Image Library"]
    for name in _FACTS:
        match = re.search(rf"\|\s*{name}\s*=\s*(\d{{1,3}}(?:\.\d{{1,8}})?)\s*(?:\||\0|$)", found)
        if match and Decimal(match[1]):
            value = f"{Decimal(match[1]):.4f}".rstrip("0").rstrip(".")
            parts.append(f"{name} = {value}")
    return "|".join(parts).encode("ascii") + b"\0"
