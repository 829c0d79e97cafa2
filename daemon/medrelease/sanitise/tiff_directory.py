"""The directories of a TIFF or BigTIFF file and their entries, read within bounds.

Sources: TIFF 6.0 section 2; the BigTIFF layout. Values are unpacked only for tags that matter.
"""

from dataclasses import dataclass
from fractions import Fraction
from struct import calcsize, unpack, unpack_from

from medrelease.sanitise.refusal import incomplete, malformed, too_large
from medrelease.sanitise.source import take

MAX_PAGES = 4096
"""Directories in the main chain."""

MAX_ENTRIES = 4096
"""Entries in one directory."""

MAX_VALUES = 1 << 21
"""Values of one entry: two million strips or tiles."""

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_SIZES |= {16: 8, 17: 8, 18: 8}
_INTEGERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
ASCII, RATIONAL = 2, 5


@dataclass(frozen=True, slots=True)
class Layout:
    """Byte order ("<" or ">") and whether offsets have eight bytes (BigTIFF)."""

    order: str
    big: bool

    @property
    def word(self) -> str:
        """The struct code of an offset."""
        return "Q" if self.big else "I"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a directory; `data` is the bytes of its value, wherever they lie."""

    tag: int
    kind: int
    count: int
    data: memoryview
    order: str

    def integers(self) -> tuple[int, ...]:
        """The values of an entry of whole numbers. Raises a malformed refusal for others."""
        code = _INTEGERS.get(self.kind)
        if code is None or not self.count:
            raise malformed("A TIFF tag has a value of a wrong type.")
        if self.count > MAX_VALUES:
            raise too_large("A TIFF tag has more than two million values.")
        return tuple(unpack(f"{self.order}{self.count}{code}", self.data))

    def fractions(self) -> tuple[Fraction, ...]:
        """The values of an unsigned RATIONAL entry. Raises a malformed refusal."""
        if self.kind != RATIONAL or not 0 < self.count <= 16:
            raise malformed("A TIFF tag has a value of a wrong type.")
        flat = unpack(f"{self.order}{2 * self.count}I", self.data)
        if not all(flat[1::2]):
            raise malformed("A TIFF tag has a fraction without a denominator.")
        return tuple(Fraction(a, b) for a, b in zip(flat[::2], flat[1::2], strict=True))


def read_layout(view: memoryview) -> tuple[Layout, int]:
    """The layout of a file, and the offset of its first directory."""
    head = bytes(take(view, 0, 8, "the TIFF header"))
    order = "<" if head[:2] == b"II" else ">"
    if unpack_from(f"{order}H", head, 2)[0] == 42:
        return Layout(order, big=False), unpack_from(f"{order}I", head, 4)[0]
    if unpack_from(f"{order}HH", head, 4) != (8, 0):
        raise malformed("The BigTIFF header contradicts itself.")
    return Layout(order, big=True), unpack(f"{order}Q", take(view, 8, 8, "the TIFF header"))[0]


def read_chain(view: memoryview, layout: Layout, first: int) -> list[dict[int, Entry]]:
    """The directories of the main chain, each as {tag: entry}. Raises refusals."""
    pages: list[dict[int, Entry]] = []
    seen: set[int] = set()
    while first:
        if first in seen:
            raise malformed("The TIFF directories form a loop.")
        if len(pages) == MAX_PAGES:
            raise too_large("The TIFF file has more than 4096 pages.")
        seen.add(first)
        page, first = read_directory(view, layout, first)
        pages.append(page)
    if not pages:
        raise malformed("The TIFF file has no page.")
    return pages


def read_directory(view: memoryview, layout: Layout, at: int) -> tuple[dict[int, Entry], int]:
    """The entries of the directory at `at`, and the offset of the next (0 for none)."""
    counter = f"{layout.order}{'Q' if layout.big else 'H'}"
    size, lead = (20 if layout.big else 12), calcsize(counter)
    (count,) = unpack(counter, take(view, at, lead, "a TIFF directory"))
    if count > MAX_ENTRIES:
        raise malformed("A TIFF directory has too many entries.")
    entries: dict[int, Entry] = {}
    for index in range(count):
        entry = _read_entry(view, layout, at + lead + index * size)
        entries.setdefault(entry.tag, entry)
    link = at + lead + count * size
    word = f"{layout.order}{layout.word}"
    (following,) = unpack(word, take(view, link, calcsize(word), "a TIFF directory"))
    return entries, following


def _read_entry(view: memoryview, layout: Layout, at: int) -> Entry:
    """The entry at `at`; one of an unknown type, or whose value is cut, has no data."""
    word = f"{layout.order}{layout.word}"
    room = calcsize(word)
    raw = take(view, at, 4 + 2 * room, "a TIFF directory")
    tag, kind, count = unpack_from(f"{layout.order}HH{layout.word}", raw)
    length = count * _SIZES.get(kind, 0)
    if length <= room:
        return Entry(tag, kind, count, raw[4 + room :][:length], layout.order)
    (offset,) = unpack_from(word, raw, 4 + room)
    if offset + length > len(view):
        raise incomplete("a TIFF value")
    return Entry(tag, kind, count, view[offset : offset + length], layout.order)
