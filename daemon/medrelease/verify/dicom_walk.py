"""The prover's own walk over a DICOM data set: a flat stream of leaves, by an explicit stack.

Sources: PS3.5 sections 7.1, 7.5, 6.2.2 and A.4; PS3.10 section 7.1.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from typing import Literal, NamedTuple

from medrelease.terms.words import Reason
from medrelease.verify.dicom_dictionary import dictionary_vrs
from medrelease.verify.mapped import pieces
from medrelease.verify.refusal import Refusal, incomplete, malformed, unsupported

_BIG = frozenset(("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"))
_SMALL = frozenset(("AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "PN"))
_SMALL |= {"SH", "SL", "SS", "ST", "TM", "UI", "UL", "US"}
_VRS = {vr.encode(): vr for vr in _BIG | _SMALL}
_VRS_SMALL = {vr.encode(): vr for vr in _SMALL}
_new = tuple.__new__
_OPEN = 0xFFFFFFFF
ITEM_HEAD = b"\xfe\xff\x00\xe0"
_PIXELS = (0x7FE00008, 0x7FE00009, 0x7FE00010)
_LARGEST = 256 << 20

IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
BIG_ENDIAN, DEFLATED = "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"


Order = Literal["little", "big"]
Path = tuple[tuple[int, int], ...]
"""(sequence tag, item number) pairs, outermost first."""


class Leaf(NamedTuple):
    """One value; `path` is of the item that holds it, empty at the root.

    A sequence appears itself, with VR SQ, before its items; an item as VR `item`. Encapsulated
    pixel data appears once a fragment, with VR `fragment`.
    """

    path: Path
    tag: int
    vr: str
    value: memoryview
    order: Order
    defined: bool = True


@dataclass(slots=True)
class _Level:
    """What is open: an item, the items of a sequence, or fragments; up to `end` or a delimiter."""

    kind: Literal["item", "items", "fragments"]
    end: int
    closed: bool
    implicit: bool
    path: Path
    tag: int = 0
    count: int = 0


class File(NamedTuple):
    """A file taken apart: preamble, the elements of its meta, transfer syntax and data set."""

    preamble: bytes
    meta: tuple[tuple[int, str, bytes], ...]
    syntax: str
    body: memoryview
    body_start: int


def open_file(view: memoryview) -> File:
    """Take a file apart. Raises Refusal(malformed | incomplete | format-not-supported)."""
    headed = bytes(view[128:132]) == b"DICM"
    preamble = bytes(view[:128]) if headed else b""
    at, meta = (132 if headed else 0), []
    while at + 8 <= len(view) and view[at] == 2 and view[at + 1] == 0:
        vr = _VRS.get(bytes(view[at + 4 : at + 6]), "")
        if not vr:
            malformed("the file meta information is not in explicit VR")
        head = 12 if vr in _BIG else 8
        length = int.from_bytes(view[at + (8 if head == 12 else 6) : at + head], "little")
        if at + head + length > len(view):
            incomplete("the file ends inside its meta information")
        value = bytes(view[at + head : at + head + length])
        meta.append((int.from_bytes(view[at + 2 : at + 4], "little"), vr, value))
        at += head + length
    named = next((v for n, _, v in meta if n == 0x10), b"").rstrip(b"\0 ").decode("latin-1")
    body = view[at:]
    if named == DEFLATED:
        return File(preamble, tuple(meta), EXPLICIT, _inflate(body), at)
    return File(preamble, tuple(meta), _real(named, body), body, at)


def _real(named: str, body: memoryview) -> str:
    """The transfer syntax that the first element shows, where the named one is native."""
    explicit = bytes(body[4:6]) in _VRS
    if named in ("", IMPLICIT, EXPLICIT, BIG_ENDIAN):
        if explicit and not body[0] and body[1]:
            return BIG_ENDIAN
        return EXPLICIT if explicit else IMPLICIT
    if not named.startswith("1.2.840.10008.1.2."):
        unsupported("the transfer syntax is none of the standard")
    return named


def _inflate(body: memoryview) -> memoryview:
    """The data set of PS3.5 section A.5, within a bound: a bomb is not let off."""
    stream, plain = zlib.decompressobj(-15), bytearray()
    for piece in pieces(body, 1 << 16):
        try:
            plain += stream.decompress(piece, _LARGEST + 1 - len(plain))
        except zlib.error:
            malformed("the deflated data set does not inflate")
        if len(plain) > _LARGEST:
            raise Refusal(Reason.LIMITS_EXCEEDED, "the deflated data set is too large")
        if stream.eof:
            break
    if not stream.eof:
        incomplete("the deflated data set is cut")
    return memoryview(plain)


def leaves(file: File) -> Iterator[Leaf]:
    """Every element of the data set in order. Raises Refusal where the bytes do not add up."""
    return _Walk(file.body, "big" if file.syntax == BIG_ENDIAN else "little").leaves()


class _Walk:
    """A walk over a data set: where it is, and what is open there, outermost first."""

    __slots__ = ("_at", "_body", "_explicit", "_implicit", "_length", "_order", "_stack")

    def __init__(self, body: memoryview, order: Order) -> None:
        sign = ">" if order == "big" else "<"
        self._explicit, self._implicit = Struct(sign + "HH2sH"), Struct(sign + "HHI")
        self._length = Struct(sign + "I")
        self._body, self._order, self._at = body, order, 0
        implicit = bytes(body[4:6]) not in _VRS
        self._stack = [_Level("item", len(body), closed=True, implicit=implicit, path=())]

    def leaves(self) -> Iterator[Leaf]:
        steps = {"item": self._element, "items": self._item, "fragments": self._fragment}
        stack = self._stack
        while stack:
            top = stack[-1]
            if top.kind == "item" and not top.implicit:
                yield from self._run(top)
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

    def _run(self, top: _Level) -> Iterator[Leaf]:
        """The plain elements at this place: all up to one that needs a closer look, or the end."""
        body, order, path, at, end = self._body, self._order, top.path, self._at, top.end
        unpack, last, known = self._explicit.unpack_from, end - 8, _VRS_SMALL
        while at <= last:
            group, number, raw, length = unpack(body, at)
            vr = known.get(raw)
            start = at + 8
            stop = start + length
            if vr is None or stop > end:
                break
            at = self._at = stop
            yield _new(Leaf, (path, group << 16 | number, vr, body[start:stop], order, True))

    def _item(self, top: _Level) -> Leaf | None:
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
        return Leaf(path, tag, "item", self._body[at:at], self._order, length != _OPEN)

    def _element(self, top: _Level) -> Leaf | None:
        at, body = self._at, self._body
        if top.implicit:
            group, number, length = self._implicit.unpack_from(body, at)
            tag = group << 16 | number
            vr, start = (dictionary_vrs(tag) or ("UN",))[0], at + 8
            if vr == "SQ" and 0 < length < _OPEN and body[start : start + 4] != ITEM_HEAD:
                vr = "UN"  # a text where the dictionary has a sequence
        else:
            group, number, raw, length = self._explicit.unpack_from(body, at)
            tag = group << 16 | number
            vr, start = _VRS.get(raw, ""), at + 8
            if vr in _BIG:
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
        return Leaf(top.path, tag, vr, body[start:end], self._order)

    def _open(self, top: _Level, tag: int, vr: str, length: int, start: int) -> Leaf | None:
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
        return Leaf(top.path, tag, "SQ", self._body[start:start], self._order, length != _OPEN)

    def _fragment(self, top: _Level) -> Leaf | None:
        kind, length = self._item_head()
        if kind == 0xFFFEE0DD:
            self._stack.pop()
            return None
        start, end = self._at, self._at + length
        if kind != 0xFFFEE000 or end > len(self._body):
            incomplete("the encapsulated pixel data is cut or holds no fragments")
        self._at = end
        return Leaf((), top.tag, "fragment", self._body[start:end], self._order)

    def _item_head(self) -> tuple[int, int]:
        """Tag and length of an item or a delimiter, which have no VR."""
        group, number, length = self._implicit.unpack_from(self._body, self._at)
        self._at += 8
        return group << 16 | number, length
