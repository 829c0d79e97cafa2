"""A straightforward walk over a DICOM data set in Python, which the C module is compared with.

Sources: PS3.5 sections 7.1, 7.5, 6.2.2 and A.4.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from typing import NamedTuple

from medrelease.verify.dicom_dictionary import dictionary_vrs
from medrelease.verify.dicom_walk import BIG_ENDIAN, File
from medrelease.verify.refusal import incomplete, malformed

_LONG = frozenset(("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"))
_SHORT = frozenset(("AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "PN"))
_SHORT |= {"SH", "SL", "SS", "ST", "TM", "UI", "UL", "US"}
_VRS = {vr.encode(): vr for vr in _LONG | _SHORT}
_OPEN = 0xFFFFFFFF
_ITEM_HEAD = b"\xfe\xff\x00\xe0"
_PIXELS = (0x7FE00008, 0x7FE00009, 0x7FE00010)

Path = tuple[tuple[int, int], ...]


class Walked(NamedTuple):
    """One value, as dicom_walk has it."""

    path: Path
    tag: int
    vr: str
    value: bytes
    order: str
    defined: bool = True


@dataclass(slots=True)
class _Level:
    """What is open: an item, the items of a sequence, or fragments; up to `end` or a delimiter."""

    kind: str
    end: int
    closed: bool
    implicit: bool
    path: Path
    tag: int = 0
    count: int = 0


def walked(file: File) -> Iterator[Walked]:
    """Every element of the data set in order. Raises Refusal where the bytes do not add up."""
    return _Walk(file.body, "big" if file.syntax == BIG_ENDIAN else "little").leaves()


class _Walk:
    """A walk over a data set: where it is, and what is open there, outermost first."""

    __slots__ = ("_at", "_body", "_explicit", "_implicit", "_length", "_order", "_stack")

    def __init__(self, body: memoryview, order: str) -> None:
        sign = ">" if order == "big" else "<"
        self._explicit, self._implicit = Struct(sign + "HH2sH"), Struct(sign + "HHI")
        self._length = Struct(sign + "I")
        self._body, self._order, self._at = body, order, 0
        implicit = bytes(body[4:6]) not in _VRS
        self._stack = [_Level("item", len(body), closed=True, implicit=implicit, path=())]

    def leaves(self) -> Iterator[Walked]:
        steps = {"item": self._element, "items": self._item, "fragments": self._fragment}
        stack = self._stack
        while stack:
            top = stack[-1]
            left = top.end - self._at
            if left <= 0 and top.closed:
                stack.pop()
                continue
            if left < 8:
                incomplete("an element passes the end of what holds it")
            leaf = steps[top.kind](top)
            if leaf is not None:
                yield leaf
        if self._at != len(self._body):
            malformed("the data set does not end where the file does")

    def _item(self, top: _Level) -> Walked | None:
        tag, length = self._item_head()
        if tag == 0xFFFEE0DD and not top.closed:
            self._stack.pop()
            return None
        if tag != 0xFFFEE000:
            malformed("a sequence holds something that is no item")
        at = self._at
        end = top.end if length == _OPEN else at + length
        if end > top.end:
            incomplete("an item passes the end of its sequence")
        path = (*top.path, (top.tag, top.count))
        top.count += 1
        inside = (*top.path, (top.tag, top.count))
        self._stack.append(_Level("item", end, length != _OPEN, top.implicit, inside))
        return Walked(path, tag, "item", b"", self._order, length != _OPEN)

    def _element(self, top: _Level) -> Walked | None:
        at, body = self._at, self._body
        if top.implicit:
            group, number, length = self._implicit.unpack_from(body, at)
            tag = group << 16 | number
            vr, start = (dictionary_vrs(tag) or ("UN",))[0].replace("NONE", "UN"), at + 8
            if vr == "SQ" and 0 < length < _OPEN and body[start : start + 4] != _ITEM_HEAD:
                vr = "UN"  # a text where the dictionary has a sequence
        else:
            group, number, raw, length = self._explicit.unpack_from(body, at)
            tag = group << 16 | number
            vr, start = _VRS.get(raw, ""), at + 8
            if vr in _LONG:
                if top.end - at < 12:
                    incomplete("an element passes the end of what holds it")
                (length,), start = self._length.unpack_from(body, start), at + 12
        if tag == 0xFFFEE00D and not top.closed:
            self._at = at + 8
            self._stack.pop()
            return None
        if not vr:
            malformed("an element has no value representation")
        end = start + length
        if vr == "SQ" or length == _OPEN:
            return self._open(top, tag, vr, length, start)
        if end > top.end:
            incomplete("a value passes the end of what holds it")
        self._at = end
        return Walked(top.path, tag, vr, bytes(body[start:end]), self._order)

    def _open(self, top: _Level, tag: int, vr: str, length: int, start: int) -> Walked | None:
        """Begin a sequence, or encapsulated pixel data."""
        self._at = start
        if length == _OPEN and tag in _PIXELS and len(self._stack) == 1:
            self._stack.append(_Level("fragments", top.end, False, False, (), tag))
            return None
        if vr not in ("SQ", "UN"):
            malformed("a value has no length")
        end = top.end if length == _OPEN else start + length
        if end > top.end:
            incomplete("a value passes the end of what holds it")
        if len(self._stack) > 60:
            malformed("sequences are nested too deep")
        implicit = top.implicit or vr == "UN"
        self._stack.append(_Level("items", end, length != _OPEN, implicit, top.path, tag))
        return Walked(top.path, tag, "SQ", b"", self._order, length != _OPEN)

    def _fragment(self, top: _Level) -> Walked | None:
        kind, length = self._item_head()
        if kind == 0xFFFEE0DD:
            self._stack.pop()
            return None
        start, end = self._at, self._at + length
        if kind != 0xFFFEE000 or end > len(self._body):
            incomplete("the encapsulated pixel data is cut or holds no fragments")
        self._at = end
        return Walked((), top.tag, "fragment", bytes(self._body[start:end]), self._order)

    def _item_head(self) -> tuple[int, int]:
        """Tag and length of an item or a delimiter, which have no VR."""
        group, number, length = self._implicit.unpack_from(self._body, self._at)
        self._at += 8
        return group << 16 | number, length
