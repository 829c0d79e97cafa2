"""Reads the elements of a DICOM data set (PS3.5 section 7) out of a memoryview, without copying.

Explicit and implicit VR, little and big endian, defined and undefined lengths, encapsulated pixel
data, and sequences that a sender hid in VR UN. Values stay slices of the source.
"""

from dataclasses import dataclass
from struct import Struct

from medrelease.sanitise.dicom.dictionary import vr_of
from medrelease.sanitise.refusal import Refusal, incomplete, malformed, too_large

LONG = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR"}) | {
    b"UT",
    b"UV",
}
"""VRs with a four-byte length (PS3.5 section 7.1.2)."""

SHORT = frozenset(
    vr.encode()
    for vr in [
        "AE",
        "AS",
        "AT",
        "CS",
        "DA",
        "DS",
        "DT",
        "FD",
        "FL",
        "IS",
        "LO",
        "LT",
        "PN",
        "SH",
        "SL",
        "SS",
        "ST",
        "TM",
        "UI",
        "UL",
        "US",
    ]
)
PIXEL_DATA = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
FIRST_PIXELS = min(PIXEL_DATA)

_UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
DEEPEST = 24
"""How deep sequences may be nested."""

_ITEM_HEAD = b"\xfe\xff\x00\xe0"
_NOTHING = memoryview(b"")
_MOST = 4_000_000


@dataclass(slots=True)
class Element:
    """One data element: `value` of a leaf, `items` of a sequence, `fragments` of pixel data.

    `big` says that numbers in it are big endian. A sequence that says how long it is has its
    items still encoded in `value`, in implicit VR where `implicit` says so: most are removed, and
    these nobody need read.
    """

    tag: int
    vr: bytes
    value: memoryview = _NOTHING
    big: bool = False
    items: "list[list[Element]] | None" = None
    fragments: list[memoryview] | None = None
    implicit: bool = False


class Reader:
    """Walks one data set; `view` is the whole of it, and every offset counts from its start.

    `inner` says that the view is a part of a data set, which cannot be cut where it ends.
    """

    __slots__ = ("_big", "_count", "_header", "_implicit", "_inner", "_item", "_length", "_view")

    def __init__(
        self, view: memoryview, *, implicit: bool, big: bool, count: int = 0, inner: bool = False
    ) -> None:
        order = ">" if big else "<"
        self._view, self._implicit, self._big = view, implicit, big
        self._header = Struct(order + ("HHI" if implicit else "HH2sH"))
        self._item = Struct(order + "HHI")
        self._length = Struct(order + "I")
        self._count, self._inner = count, inner

    def root(self, until: int | None = None) -> list[Element]:
        """The elements of the whole data set, or those with a tag up to `until`.

        Raises Refusal: incomplete where the data set ends inside an element, malformed where
        tags do not ascend, as they do not in bytes that follow the last element.
        """
        found: list[Element] = []
        position, last, end = 0, -1, len(self._view)
        while position < end:
            if end - position < 8 and last >= FIRST_PIXELS:
                raise malformed("Bytes follow the last element of the data set.")
            element, position = self._element(position, end, 0)
            tag = element.tag
            if tag <= last:
                raise malformed("The elements of the data set are not in ascending order.")
            if until is not None and tag > until:
                break
            last = tag
            found.append(element)
        return found

    def _element(self, position: int, end: int, depth: int) -> tuple[Element, int]:
        self._count += 1
        if self._count > _MOST:
            raise too_large("The data set has more elements than are read here.")
        if end - position < 8:
            raise self._short(end)
        if self._implicit:
            group, number, length = self._header.unpack_from(self._view, position)
            tag = group << 16 | number
            vr, start = vr_of(tag), position + 8
        else:
            group, number, vr, length = self._header.unpack_from(self._view, position)
            tag, start = group << 16 | number, position + 8
            if vr not in SHORT:
                length, start = self._long(tag, vr, position, end)
        if length == _UNDEFINED:
            return self._undefined(tag, vr, start, end, depth)
        stop = start + length
        if stop > end:
            raise self._short(end)
        value = self._view[start:stop]
        return Element(tag, vr, value, self._big, None, None, self._implicit), stop

    def _long(self, tag: int, vr: bytes, position: int, end: int) -> tuple[int, int]:
        """Length of a value whose length has four bytes, and its offset."""
        if tag >> 16 == 0xFFFE or vr not in LONG:
            raise malformed("An element has no value representation of the standard.")
        if end - position < 12:
            raise self._short(end)
        return self._length.unpack_from(self._view, position + 8)[0], position + 12

    def _undefined(
        self, tag: int, vr: bytes, start: int, end: int, depth: int
    ) -> tuple[Element, int]:
        if tag in PIXEL_DATA and depth == 0:
            return self._fragments(tag, vr, start, end)
        if vr == b"UN" and not (self._implicit or self._big):
            # PS3.5 section 6.2.2: the items of an undefined UN are implicit little endian.
            inner = Reader(
                self._view, implicit=True, big=False, count=self._count, inner=self._inner
            )
            items, stop = inner._items(start, end, depth, closed=False)
            return Element(tag, b"SQ", items=items), stop
        if vr not in {b"SQ", b"UN"}:
            raise malformed("A value that is no sequence has an undefined length.")
        items, stop = self._items(start, end, depth, closed=False)
        return Element(tag, b"SQ", items=items), stop

    def items(self) -> list[list[Element]]:
        """The whole view read as the items of a sequence. Raises Refusal where it is none."""
        return self._items(0, len(self._view), 1, closed=True)[0]

    def _items(
        self, position: int, end: int, depth: int, *, closed: bool
    ) -> tuple[list[list[Element]], int]:
        """Items up to `end` (closed) or up to the sequence delimiter."""
        if depth >= DEEPEST:
            raise too_large("Sequences are nested deeper than is read here.")
        found: list[list[Element]] = []
        while not closed or position < end:
            if end - position < 8:
                raise self._short(end)
            group, number, length = self._item.unpack_from(self._view, position)
            tag, position = group << 16 | number, position + 8
            if tag == _SEQUENCE_END and not length:
                break
            if tag != _ITEM:
                raise malformed("A sequence holds something that is not an item.")
            stop = end if length == _UNDEFINED else position + length
            if stop > end:
                raise self._short(end)
            item, position = self._one_item(position, stop, depth, closed=length != _UNDEFINED)
            found.append(item)
        return found, position

    def _one_item(
        self, position: int, end: int, depth: int, *, closed: bool
    ) -> tuple[list[Element], int]:
        found: list[Element] = []
        while not closed or position < end:
            if end - position < 8:
                raise self._short(end)
            group, number, length = self._item.unpack_from(self._view, position)
            if (group << 16 | number) == _ITEM_END and not length:
                return found, position + 8
            element, position = self._element(position, end, depth + 1)
            found.append(element)
        return found, position

    def _fragments(self, tag: int, vr: bytes, position: int, end: int) -> tuple[Element, int]:
        found: list[memoryview] = []
        while True:
            if end - position < 8:
                raise self._short(end)
            group, number, length = self._item.unpack_from(self._view, position)
            item, position = group << 16 | number, position + 8
            if item == _SEQUENCE_END and not length:
                return Element(tag, vr, fragments=found), position
            if item != _ITEM or length == _UNDEFINED:
                raise malformed("The encapsulated pixel data holds something else than fragments.")
            if position + length > end:
                raise self._short(end)
            found.append(self._view[position : position + length])
            position += length

    def _short(self, end: int) -> Exception:
        if end == len(self._view) and not self._inner:
            return incomplete("a data element")
        return malformed("An element passes the end of the item or sequence around it.")


def items_of(element: Element) -> list[list[Element]] | None:
    """The items of a sequence, also of one that came as UN; None where it does not parse."""
    if element.items is not None:
        return element.items
    if element.fragments is not None:
        return None
    if element.vr == b"SQ":
        if element.implicit and element.value and bytes(element.value[:4]) != _ITEM_HEAD:
            return None  # nobody said that it is a sequence but the dictionary
        reader = Reader(element.value, implicit=element.implicit, big=element.big, inner=True)
        return reader.items()
    try:
        # PS3.5 section 6.2.2: a UN value is in implicit VR little endian.
        return Reader(element.value, implicit=True, big=False, inner=True).items()
    except Refusal:
        return None
