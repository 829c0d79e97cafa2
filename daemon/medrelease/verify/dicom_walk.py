"""The prover's own walk over a DICOM data set: a flat stream of leaves, by an explicit stack.

Sources: PS3.5 sections 7.1, 7.5, 6.2.2 and A.4; PS3.10 section 7.1.
"""

import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from medrelease.verify.dicom_dictionary import dictionary_vrs
from medrelease.verify.refusal import incomplete, malformed, unsupported

_BIG = frozenset(("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"))
_SMALL = frozenset(("AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "PN"))
_SMALL |= {"SH", "SL", "SS", "ST", "TM", "UI", "UL", "US"}
_ALL = _BIG | _SMALL
_OPEN = 0xFFFFFFFF
_PIXELS = (0x7FE00008, 0x7FE00009, 0x7FE00010)
_LARGEST = 1 << 30

IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
BIG_ENDIAN, DEFLATED = "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"


Order = Literal["little", "big"]


class Leaf(NamedTuple):
    """One value: `path` holds (sequence tag, item number) pairs, `order` is `little` or `big`.

    A sequence appears itself, with VR SQ, before its items; an item as VR `item`. Encapsulated
    pixel data appears once a fragment, with VR `fragment`.
    """

    path: tuple[tuple[int, int], ...]
    tag: int
    vr: str
    value: memoryview
    order: Order
    defined: bool = True


Walk = Generator[Leaf, None, int]
"""A step of the walk: yields what it meets, returns the offset behind it."""


@dataclass(slots=True)
class _Level:
    """What is open: an item or the items of a sequence, up to `end` or to its delimiter."""

    kind: str
    end: int
    closed: bool
    implicit: bool
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
        vr = bytes(view[at + 4 : at + 6]).decode("latin-1")
        if vr not in _ALL:
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
    explicit = bytes(body[4:6]).decode("latin-1") in _ALL
    if named in ("", IMPLICIT, EXPLICIT, BIG_ENDIAN):
        if explicit and not body[0] and body[1]:
            return BIG_ENDIAN
        return EXPLICIT if explicit else IMPLICIT
    if not named.startswith("1.2.840.10008.1.2."):
        unsupported("the transfer syntax is none of the standard")
    return named


def _inflate(body: memoryview) -> memoryview:
    stream = zlib.decompressobj(-15)
    try:
        plain = stream.decompress(body, _LARGEST)
    except zlib.error:
        malformed("the deflated data set does not inflate")
    if not stream.eof:
        incomplete("the deflated data set is cut or too large")
    return memoryview(plain)


def leaves(file: File) -> Iterator[Leaf]:
    """Every element of the data set in order. Raises Refusal where the bytes do not add up."""
    order: Order = "big" if file.syntax == BIG_ENDIAN else "little"
    body = file.body
    explicit = bytes(body[4:6]).decode("latin-1") in _ALL
    stack = [_Level("item", len(body), closed=True, implicit=not explicit)]
    at = 0
    while stack:
        top = stack[-1]
        if at >= top.end and top.closed:
            stack.pop()
            continue
        if top.end - at < 8:
            incomplete("an element passes the end of what holds it")
        path = tuple((level.tag, level.count) for level in stack if level.kind == "items")
        if top.kind == "items":
            at = yield from _item(body, at, stack, order, path)
        else:
            at = yield from _element(body, at, stack, order, path)
    if at != len(body):
        malformed("the data set does not end where the file does")


def _item(
    body: memoryview, at: int, stack: list[_Level], order: Order, path: tuple[tuple[int, int], ...]
) -> Walk:
    top = stack[-1]
    tag = _tag(body, at, order)
    length = int.from_bytes(body[at + 4 : at + 8], order)
    at += 8
    if tag == 0xFFFEE0DD and not top.closed:
        stack.pop()
        return at
    if tag != 0xFFFEE000:
        malformed("a sequence holds something that is no item")
    end = top.end if length == _OPEN else at + length
    if end > top.end:
        incomplete("an item passes the end of its sequence")
    top.count += 1
    yield Leaf(path, tag, "item", body[at:at], order, length != _OPEN)
    stack.append(_Level("item", end, length != _OPEN, top.implicit))
    return at


def _element(
    body: memoryview, at: int, stack: list[_Level], order: Order, path: tuple[tuple[int, int], ...]
) -> Walk:
    top = stack[-1]
    tag = _tag(body, at, order)
    if tag == 0xFFFEE00D and not top.closed:
        stack.pop()
        return at + 8
    vr, length, at = _head(body, at, top, tag, order)
    if length == _OPEN and tag in _PIXELS and len(stack) == 1:
        return (yield from _fragments(body, at, tag, order))
    nested = vr == "SQ" or length == _OPEN
    if length == _OPEN and vr not in ("SQ", "UN"):
        malformed("a value has no length")
    end = top.end if length == _OPEN else at + length
    if end > top.end:
        incomplete("a value passes the end of what holds it")
    if not nested:
        yield Leaf(path, tag, vr, body[at:end], order)
        return end
    if len(stack) > 60:
        malformed("sequences are nested too deep")
    yield Leaf(path, tag, "SQ", body[at:at], order, length != _OPEN)
    implicit = top.implicit or vr == "UN"
    stack.append(_Level("items", end, length != _OPEN, implicit, tag))
    return at


def _head(body: memoryview, at: int, top: _Level, tag: int, order: Order) -> tuple[str, int, int]:
    """VR, length and start of a value."""
    if top.implicit:
        vrs = dictionary_vrs(tag)
        length = int.from_bytes(body[at + 4 : at + 8], order)
        return (vrs[0] if vrs else "UN"), length, at + 8
    vr = bytes(body[at + 4 : at + 6]).decode("latin-1")
    if vr not in _ALL:
        malformed("an element has no value representation")
    if vr in _BIG:
        return vr, int.from_bytes(body[at + 8 : at + 12], order), at + 12
    return vr, int.from_bytes(body[at + 6 : at + 8], order), at + 8


def _fragments(body: memoryview, at: int, tag: int, order: Order) -> Walk:
    while True:
        if len(body) - at < 8:
            incomplete("the encapsulated pixel data is cut")
        kind = _tag(body, at, order)
        length = int.from_bytes(body[at + 4 : at + 8], order)
        at += 8
        if kind == 0xFFFEE0DD:
            return at
        if kind != 0xFFFEE000 or at + length > len(body):
            incomplete("the encapsulated pixel data is cut or holds no fragments")
        yield Leaf((), tag, "fragment", body[at : at + length], order)
        at += length


def _tag(body: memoryview, at: int, order: Order) -> int:
    group = int.from_bytes(body[at : at + 2], order)
    return group << 16 | int.from_bytes(body[at + 2 : at + 4], order)
