"""Image file directories: TIFF 6.0 section 2 and its 64-bit form, as plain records.

The same structure carries TIFF pages, EXIF, GPS and most maker notes. Nothing is judged here;
a caller that reads a source is lenient with what this refuses, one that proves is not.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from medrelease.verify.refusal import incomplete, malformed

WIDTHS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
WIDTHS |= {16: 8, 17: 8, 18: 8}
_CODES = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I"}
_CODES |= {16: "Q", 17: "q", 18: "Q"}
MOST_ENTRIES = 4096


@dataclass(frozen=True, slots=True)
class Entry:
    """One directory entry; [start, end) is where its value lies, inline or not."""

    tag: int
    type: int
    count: int
    start: int
    end: int
    inline: bool


@dataclass(frozen=True, slots=True)
class Directory:
    """One directory; [start, end) covers its count, entries and link to the next."""

    start: int
    end: int
    entries: tuple[Entry, ...]
    following: int

    def entry(self, tag: int) -> Entry | None:
        """Return the first entry with this tag, or None."""
        return next((entry for entry in self.entries if entry.tag == tag), None)


@dataclass(frozen=True, slots=True)
class Layout:
    """Byte order ('<' or '>') and whether offsets are of 64 bits."""

    order: str
    big: bool
    header: int
    first: int


def layout(view: memoryview) -> Layout:
    """Read the header of a TIFF stream. Raises Refusal(malformed | incomplete)."""
    if len(view) < 8:
        incomplete("TIFF header cut")
    order = {b"II": "<", b"MM": ">"}.get(bytes(view[:2]))
    if order is None:
        malformed("TIFF byte order mark")
    magic = struct.unpack_from(order + "H", view, 2)[0]
    if magic == 42:
        return Layout(order, False, 8, struct.unpack_from(order + "I", view, 4)[0])
    if magic != 43:
        malformed("TIFF version number")
    if len(view) < 16:
        incomplete("BigTIFF header cut")
    if struct.unpack_from(order + "HH", view, 4) != (8, 0):
        malformed("BigTIFF offset size")
    return Layout(order, True, 16, struct.unpack_from(order + "Q", view, 8)[0])


def directory(view: memoryview, form: Layout, start: int) -> Directory:
    """Read the directory at `start`. Raises Refusal where it is cut or absurd."""
    lead, step, link = (8, 20, "Q") if form.big else (2, 12, "I")
    if start < form.header or start + lead > len(view):
        incomplete("image file directory outside the file")
    number = struct.unpack_from(form.order + ("Q" if form.big else "H"), view, start)[0]
    if number > MOST_ENTRIES:
        malformed("image file directory with too many entries")
    end = start + lead + number * step + struct.calcsize(form.order + link)
    if end > len(view):
        incomplete("image file directory cut")
    at = range(start + lead, start + lead + number * step, step)
    entries = tuple(_entry(view, form, position) for position in at)
    following = struct.unpack_from(form.order + link, view, start + lead + number * step)[0]
    return Directory(start, end, entries, following)


def _entry(view: memoryview, form: Layout, at: int) -> Entry:
    """Read one entry; an unknown type has a width of zero and no value."""
    tag, kind = struct.unpack_from(form.order + "HH", view, at)
    count = struct.unpack_from(form.order + ("Q" if form.big else "I"), view, at + 4)[0]
    field, room = (at + 12, 8) if form.big else (at + 8, 4)
    size = count * WIDTHS.get(kind, 0)
    if size <= room:
        return Entry(tag, kind, count, field, field + size, True)
    start = struct.unpack_from(form.order + ("Q" if form.big else "I"), view, field)[0]
    return Entry(tag, kind, count, start, start + size, False)


def raw(view: memoryview, entry: Entry) -> bytes:
    """Return the bytes of a value. Raises Refusal(incomplete) where they leave the file."""
    if entry.end > len(view):
        incomplete("a directory value lies outside the file")
    return bytes(view[entry.start : entry.end])


def numbers(view: memoryview, form: Layout, entry: Entry) -> Sequence[int | float]:
    """Return the values of a numeric, not rational, entry. Raises Refusal(malformed)."""
    code = _CODES.get(entry.type)
    if code is None:
        malformed("a directory value of the wrong type")
    return struct.unpack(f"{form.order}{entry.count}{code}", raw(view, entry))


def integers(view: memoryview, form: Layout, entry: Entry) -> tuple[int, ...]:
    """Return the values of an entry of whole numbers. Raises Refusal(malformed)."""
    if entry.type in (11, 12):
        malformed("a directory value of the wrong type")
    return tuple(int(value) for value in numbers(view, form, entry))


def rationals(view: memoryview, form: Layout, entry: Entry) -> tuple[Fraction | None, ...]:
    """Return the values of a rational entry, None for a zero denominator."""
    if entry.type not in (5, 10):
        malformed("a directory value of the wrong type")
    code = "I" if entry.type == 5 else "i"
    flat = struct.unpack(f"{form.order}{entry.count * 2}{code}", raw(view, entry))
    return tuple(
        Fraction(top, bottom) if bottom else None
        for top, bottom in zip(flat[::2], flat[1::2], strict=True)
    )
