"""The prover's own walk over a DICOM data set: a stream of leaves, by the C module `_elements`.

A Leaf is one value: `path` is of the item that holds it, empty at the root. A sequence appears
itself, with VR SQ, before its items; an item as VR `item`; encapsulated pixel data once a
fragment, with VR `fragment`. Every object is held where the module (`elements/`) is missing.
Sources: PS3.5 sections 7.1, 7.5, 6.2.2 and A.4; PS3.10 section 7.1.
"""

import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from medrelease.terms.words import Reason
from medrelease.verify.dicom_dictionary import FIRST_VRS
from medrelease.verify.mapped import pieces
from medrelease.verify.refusal import Refusal, incomplete, malformed, unsupported

try:
    from medrelease.verify import _elements as native
except ImportError:
    HAS_ELEMENTS = False
else:
    HAS_ELEMENTS = True

if TYPE_CHECKING:
    from medrelease.verify._elements import Leaf
else:
    Leaf = native.Leaf if HAS_ELEMENTS else tuple

__all__ = ["Leaf", "Walk", "first", "open_file", "read_as"]

_BIG = frozenset(("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"))
_SMALL = frozenset(("AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "PN"))
_SMALL |= {"SH", "SL", "SS", "ST", "TM", "UI", "UL", "US"}
_VRS = {vr.encode(): vr for vr in _BIG | _SMALL}
ITEM_HEAD = b"\xfe\xff\x00\xe0"
_LARGEST = 256 << 20

IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
BIG_ENDIAN, DEFLATED = "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"


Path = tuple[tuple[int, int], ...]
"""(sequence tag, item number) pairs, outermost first."""


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


_BATCH = 1024
_Made = TypeVar("_Made")
_FAULTS = {
    1: (incomplete, "an element passes the end of what holds it"),
    2: (malformed, "the data set does not end where the file does"),
    3: (malformed, "a sequence holds something that is no item"),
    4: (incomplete, "an item passes the end of its sequence"),
    5: (malformed, "an element has no value representation"),
    6: (incomplete, "a value passes the end of what holds it"),
    7: (malformed, "a value has no length"),
    8: (malformed, "sequences are nested too deep"),
    9: (incomplete, "the encapsulated pixel data is cut or holds no fragments"),
}
"""What the C module's numbers of faults mean."""


class Walk:
    """One pass over a data set, or over the items of a sequence.

    Raises Refusal where the bytes do not add up; decoder-missing where the module is missing.
    """

    __slots__ = ("_native",)

    def __init__(self, body: memoryview | bytes, *, big: bool, implicit: bool, sequence: int = 0):
        if not HAS_ELEMENTS:
            raise Refusal(Reason.DECODER_MISSING, "the module that reads DICOM elements is missing")
        self._native = native.Walk(body, big, implicit, FIRST_VRS, sequence)

    @classmethod
    def over(cls, file: File) -> "Walk":
        """A pass over the data set of a file."""
        implicit = bytes(file.body[4:6]) not in _VRS
        return cls(file.body, big=file.syntax == BIG_ENDIAN, implicit=implicit)

    @classmethod
    def inside(cls, leaf: Leaf) -> "Walk":
        """A pass over the items in a value that came as UN (PS3.5 section 6.2.2)."""
        return cls(leaf.value, big=False, implicit=True, sequence=leaf.tag)

    def told(self, memo: dict[bytes, _Made | None], most: int = _BATCH) -> Iterator[Leaf | _Made]:
        """Every element in order, or what `memo` has under its key; nothing where that is None.

        `most` are read ahead.
        """
        ended = 0
        while not ended:
            found, fault, ended = self._native.read(most, memo)
            yield from found
            if fault:
                refuse, why = _FAULTS[fault]
                refuse(why)

    @property
    def ascending(self) -> bool:
        """Whether tags ascended in each item so far: no attribute twice, none out of place."""
        return self._native.ascending

    @property
    def elements(self) -> int:
        """How many elements were met so far."""
        return self._native.elements


def first(file: File, tag: int) -> Leaf | None:
    """The attribute of the root, which is looked for no further than it may stand."""
    nothing: dict[bytes, Leaf | None] = {}
    for leaf in Walk.over(file).told(nothing, most=2):
        if not leaf.path and leaf.tag >= tag:
            return leaf if leaf.tag == tag else None
    return None


def read_as(leaf: Leaf, vr: str) -> Leaf:
    """The same leaf with another value representation."""
    return Leaf((leaf.path, leaf.tag, vr, leaf.value, leaf.order, leaf.defined))
