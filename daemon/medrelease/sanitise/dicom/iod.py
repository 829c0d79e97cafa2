"""The attributes and their Types that an IOD of PS3.3 defines, from iods.txt.

iods.txt holds a tree whose equal branches are stored once: `node` lines are numbered from 1 and
list `tag:type[:node of the items]`; `iod` lines list the nodes of an IOD's modules; `image`,
`document` and `state` lines say which IOD a SOP Class of that kind has. It is derived by
scripts/derive_dicom_tables.py.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medrelease.sanitise.dicom.decision import Decision

Entries = dict[int, tuple[str, int]]

_CONTENT = 0x0040A730
_RANK = {"1": 0, "1C": 1, "2": 2, "2C": 3, "3": 4}


@dataclass(frozen=True, slots=True)
class Place:
    """One level of an object: the root, or an item of a sequence, of a given IOD.

    `known` are all tags that the IOD defines at any level. `memo` remembers what was decided
    here for an attribute, so that each is decided once for all files.
    """

    entries: dict[int, tuple[str, tuple[int, ...]]]
    known: frozenset[int]
    memo: "dict[frozenset[str], dict[tuple[int, bytes], Decision]]" = field(
        default_factory=dict, compare=False
    )

    def kind(self, tag: int) -> str:
        """The Type of an attribute here; `3` where the IOD does not name it at this level."""
        entry = self.entries.get(tag)
        return entry[0] if entry else "3"

    def decided(self, options: frozenset[str]) -> "dict[tuple[int, bytes], Decision]":
        """What was decided here under these options, by tag and VR."""
        return self.memo.setdefault(options, {})

    def below(self, tag: int) -> "Place":
        """The level inside the items of a sequence. A content tree is as deep as its author made
        it: its items have its items (PS3.3 section C.17.3)."""
        entry = self.entries.get(tag)
        if tag == _CONTENT and (entry is None or not entry[1]):
            return self
        return _place(entry[1] if entry else (), self.known)


class Kind(StrEnum):
    """What an object of a SOP Class is: an image, a content tree, or how to show an image."""

    IMAGE = "image"
    DOCUMENT = "document"
    STATE = "state"


def kind(sop_class: str) -> Kind | None:
    """The kind of a SOP Class; None for one whose objects are not cleaned."""
    found = _tables()[2].get(sop_class)
    return Kind(found[0]) if found is not None else None


def place(sop_class: str) -> Place | None:
    """The root level of the IOD of a SOP Class; None for one whose objects are not cleaned."""
    _, iods, classes = _tables()
    found = classes.get(sop_class)
    return _place(iods[found[1]], _known(iods[found[1]])) if found is not None else None


@cache
def _place(numbers: tuple[int, ...], known: frozenset[int]) -> Place:
    merged: dict[int, tuple[str, tuple[int, ...]]] = {}
    for number in numbers:
        for tag, (kind, below) in _node(number).items():
            seen = merged.get(tag)
            kinds = (kind, seen[0]) if seen else (kind,)
            nodes = (seen[1] if seen else ()) + ((below,) if below else ())
            merged[tag] = (min(kinds, key=_RANK.__getitem__), nodes)
    return Place(merged, known)


@cache
def _known(numbers: tuple[int, ...]) -> frozenset[int]:
    tags: set[int] = set()
    seen: set[int] = set()
    waiting = list(numbers)
    while waiting:
        number = waiting.pop()
        if number not in seen:
            seen.add(number)
            entries = _node(number)
            tags.update(entries)
            waiting.extend(below for _, below in entries.values() if below)
    return frozenset(tags)


@cache
def _node(number: int) -> Entries:
    entries: Entries = {}
    for entry in _tables()[0][number - 1].split():
        tag, kind, *below = entry.split(":")
        entries[int(tag, 16)] = (kind, int(below[0]) if below else 0)
    return entries


@cache
def _tables() -> tuple[list[str], dict[str, tuple[int, ...]], dict[str, tuple[str, str]]]:
    nodes: list[str] = []
    iods: dict[str, tuple[int, ...]] = {}
    classes: dict[str, tuple[str, str]] = {}
    text = files(__package__).joinpath("iods.txt").read_text("utf-8")
    for line in text.splitlines():
        what, _, rest = line.partition(" ")
        if what == "node":
            nodes.append(rest)
        elif what == "iod":
            name, *numbers = rest.split()
            iods[name] = tuple(map(int, numbers))
        else:
            uid, name = rest.split()
            classes[uid] = what, name
    return nodes, iods, classes
