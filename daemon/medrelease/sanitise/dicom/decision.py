"""What is to be done with one attribute at one place of an object: table, IOD and dictionary."""

from dataclasses import dataclass

from medrelease.sanitise.dicom import profile
from medrelease.sanitise.dicom.dictionary import choices, most_values, vr_of
from medrelease.sanitise.dicom.graphics import COMPOUND_GRAPHICS
from medrelease.sanitise.dicom.iod import Place
from medrelease.sanitise.dicom.profile import Action

_NEVER = frozenset({0x0400, 0x4FFE, 0x5400, 0x0042})
"""Groups of signatures, encrypted attributes, waveforms and encapsulated documents."""

_SHAPE = frozenset(
    0x00280000 | number
    for number in (0x02, 0x04, 0x06, 0x08, 0x10, 0x11, 0x100, 0x101, 0x102, 0x103)
) | frozenset({0x00280030, 0x00280034, 0x00281050, 0x00281051, 0x00281052, 0x00281053, 0x00281054})
"""What decides how pixel data is read and shown: kept also where the IOD does not name it."""

_RETRIEVE_URI = 0x0040E010
"""Where a document is to be had: Type 1 to validators, which PS3.3 C.12.1 does not quite say."""

_PIXEL_EXTRAS = frozenset({0x7FE00001, 0x7FE00002, 0x7FE00003})
_CODE_TRIPLE = frozenset({0x00080100, 0x00080102, 0x00080103, 0x00080104, 0x00080119, 0x00080120})


@dataclass(frozen=True, slots=True)
class Decision:
    """The action for an attribute; `instead` is taken where its value cannot be proved clean.

    `most` is the number of values the dictionary permits.
    """

    action: Action
    instead: Action
    vr: bytes
    most: int | None


_REMOVED = Decision(Action.REMOVE, Action.REMOVE, b"UN", None)


def decide(place: Place, tag: int, vr: bytes, options: frozenset[str]) -> Decision:
    """The decision for an attribute that was read with `vr`, remembered at its place."""
    if not choices(tag):
        return _REMOVED  # not remembered: of these a sender can make up any number
    memo = place.decided(options)
    found = memo.get((tag, vr))
    if found is None:
        found = memo[tag, vr] = _decide(place, tag, vr, options)
    return found


def _decide(place: Place, tag: int, vr: bytes, options: frozenset[str]) -> Decision:
    vrs = choices(tag)
    if tag >> 16 in _NEVER or tag & 0xFFFF == 0:
        return _REMOVED
    if tag in _PIXEL_EXTRAS or tag in _CODE_TRIPLE or tag == COMPOUND_GRAPHICS:
        return _REMOVED
    vr = vr if vr in vrs else vr_of(tag)
    kind = "1" if tag == _RETRIEVE_URI else place.kind(tag)
    code = profile.cell(tag, options)
    if code is None:
        known = tag in place.known or tag in _SHAPE
        instead = _by_type(kind) if known else Action.REMOVE
        return Decision(Action.UNLISTED if known else instead, instead, vr, most_values(tag))
    basic = profile.cell(tag, frozenset()) or "X"
    action, instead = profile.resolve(code, kind), profile.resolve(basic, kind)
    return Decision(action, instead, vr, most_values(tag))


def _by_type(kind: str) -> Action:
    if kind in {"1", "1C"}:
        return Action.DUMMY
    return Action.EMPTY if kind in {"2", "2C"} else Action.REMOVE
