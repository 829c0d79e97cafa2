"""The meta box of a HEIF file as the prover reads it: items, places, references, properties.

Sources: ISO/IEC 14496-12 section 8.11, ISO/IEC 23008-12 section 9. `strict` is for a finished
file: boxes in one order, each of one version, no byte that no field uses, no name.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from medrelease.verify.heif_boxes import Box, Cursor, children
from medrelease.verify.refusal import incomplete, malformed, unsupported

ORDER = (b"hdlr", b"pitm", b"iinf", b"iref", b"iprp", b"iloc", b"idat")
_HANDLER = bytes(8) + b"pict" + bytes(13)
_MOST = 1 << 17


@dataclass(slots=True)
class Item:
    """One item; `places` are (method, number of the reference, start, length) of its data."""

    type: bytes
    flags: int = 0
    texts: tuple[bytes, ...] = ()
    places: list[tuple[int, int, int, int]] = field(default_factory=list)
    properties: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Meta:
    """What a meta box says; `store` are the properties' boxes, `texts` what no item needs."""

    primary: int = 0
    items: dict[int, Item] = field(default_factory=dict)
    links: list[tuple[bytes, int, tuple[int, ...]]] = field(default_factory=list)
    targets: dict[tuple[bytes, int], list[int]] = field(default_factory=dict)
    store: list[Box] = field(default_factory=list)
    marks: set[tuple[int, bool]] = field(default_factory=set)
    idat: tuple[int, int] = (0, 0)
    unknown: list[Box] = field(default_factory=list)

    def linked(self, kind: bytes, number: int) -> list[int]:
        """Return the items that one refers to, in order."""
        return self.targets.get((kind, number), [])

    def spans(self, view: memoryview, number: int, depth: int = 0) -> list[tuple[int, int]]:
        """Return the ranges of the file that an item's data lies in. Raises Refusal."""
        if number not in self.items or depth > 1:
            malformed("HEIF item without data")
        found: list[tuple[int, int]] = []
        for method, index, start, length in self.items[number].places:
            if method == 2:
                homes = self.linked(b"iloc", number)
                if not 0 < (index or 1) <= len(homes):
                    malformed("HEIF item without data")
                home = self.spans(view, homes[(index or 1) - 1], depth + 1)
            else:
                home = [self.idat if method else (0, len(view))]
            found += _part(home, start, length)
        return found


def _part(home: list[tuple[int, int]], start: int, length: int) -> list[tuple[int, int]]:
    """Cut `length` bytes (0: all) from `start` on out of joined ranges."""
    total = sum(end - begin for begin, end in home)
    stop = start + length if length else total
    if not start <= stop <= total:
        incomplete("HEIF item cut")
    found, at = [], 0
    for begin, end in home:
        first, last = max(start, at), min(stop, at + end - begin)
        if first < last:
            found.append((begin + first - at, begin + last - at))
        at += end - begin
    return found


def read(view: memoryview, box: Box, *, strict: bool) -> Meta:
    """Read a meta box. Raises Refusal(malformed | incomplete | format-not-supported)."""
    cursor = Cursor(view, box.start, box.end)
    cursor.version(0)
    inner = children(view, cursor.at, box.end)
    names = [one.name for one in inner]
    if strict and names != [name for name in ORDER if name in names]:
        malformed("HEIF boxes that are not allowed, or not in their order")
    first = {one.name: one for one in reversed(inner)}
    meta = Meta(unknown=[one for one in inner if one.name not in ORDER])
    for name, parse in _PARSERS.items():
        if name in first:
            parse(meta, view, first[name], strict)
        elif name not in (b"iref", b"idat"):
            malformed("HEIF file that does not describe its picture")
    if meta.primary not in meta.items:
        malformed("HEIF file without its main picture")
    return meta


def _kind_of_items(meta: Meta, view: memoryview, box: Box, strict: bool) -> None:
    content = bytes(view[box.start : box.end])
    if content[8:12] != b"pict":
        unsupported("HEIF items that are no pictures")
    if strict and content != _HANDLER:
        malformed("HEIF file with a name in its type")
    meta.unknown.append(Box(b"hdlr", min(box.start + 24, box.end), box.end))


def _primary(meta: Meta, view: memoryview, box: Box, strict: bool) -> None:
    cursor = Cursor(view, box.start, box.end)
    meta.primary = cursor.whole(4 if cursor.version(1)[0] else 2)
    cursor.close(strict)


def _infos(meta: Meta, view: memoryview, box: Box, strict: bool) -> None:
    cursor = Cursor(view, box.start, box.end)
    number = cursor.whole(4 if cursor.version(1)[0] else 2)
    entries = children(view, cursor.at, box.end)
    if strict and (number != len(entries) or any(one.name != b"infe" for one in entries)):
        malformed("HEIF item list that contradicts itself")
    for one in entries:
        if one.name != b"infe":
            meta.unknown.append(one)
            continue
        entry = Cursor(view, one.start, one.end)
        version, flags = entry.version(3)
        if version < 2:
            malformed("HEIF item of an unknown version")
        item = entry.whole(4 if version == 3 else 2)
        if entry.whole(2):
            unsupported("HEIF item that is encrypted")
        kind = entry.take(4)
        texts = bytes(view[entry.at : one.end])
        if item in meta.items or (strict and texts != b"\0"):
            malformed("HEIF item with a name, or named twice")
        meta.items[item] = Item(kind, flags, tuple(texts.split(b"\0")))


def _places(meta: Meta, view: memoryview, box: Box, strict: bool) -> None:
    cursor = Cursor(view, box.start, box.end)
    version, flags = cursor.version(2)
    sizes = cursor.whole(2)
    offset, length, base, index = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    if {offset, length, base} - {0, 4, 8} or (version and index not in (0, 4, 8)):
        malformed("HEIF locations of an unknown size")
    if strict and (sizes != 0x4400 or not version or flags):
        malformed("HEIF locations of a form that is not allowed")
    wide, total = (4 if version == 2 else 2), 0
    for _ in range(cursor.whole(wide)):
        number = cursor.whole(wide)
        method = cursor.whole(2) if version else 0
        if cursor.whole(2):
            unsupported("HEIF picture in another file")
        start, count = cursor.whole(base), cursor.whole(2)
        total += count
        if total > _MOST or method & 15 > 2 or (strict and (count != 1 or method > 1)):
            malformed("HEIF locations of a form that is not allowed")
        places = [
            (
                method & 15,
                cursor.whole(index if version else 0),
                start + cursor.whole(offset),
                cursor.whole(length),
            )
            for _ in range(count)
        ]
        item = meta.items.get(number)
        if strict and (item is None or item.places):
            malformed("HEIF location of no item")
        if item is not None and not item.places:
            item.places = places
    cursor.close(strict)


def _links(meta: Meta, view: memoryview, box: Box, strict: bool) -> None:
    cursor = Cursor(view, box.start, box.end)
    wide = 4 if cursor.version(1)[0] else 2
    for one in children(view, cursor.at, box.end):
        link = Cursor(view, one.start, one.end)
        source = link.whole(wide)
        to = tuple(link.whole(wide) for _ in range(link.whole(2)))
        link.close(strict)
        meta.links.append((one.name, source, to))
        meta.targets.setdefault((one.name, source), []).extend(to)


def _properties(meta: Meta, view: memoryview, box: Box, strict: bool) -> None:
    inner = children(view, box.start, box.end)
    if strict and [one.name for one in inner] != [b"ipco", b"ipma"]:
        malformed("HEIF properties of a form that is not allowed")
    first = next((one for one in inner if one.name == b"ipco"), None)
    meta.store = children(view, first.start, first.end) if first else []
    meta.unknown += [one for one in inner if one.name not in (b"ipco", b"ipma")]
    for one in inner:
        if one.name != b"ipma":
            continue
        cursor = Cursor(view, one.start, one.end)
        version, flags = cursor.version(1)
        size = 2 if flags & 1 else 1
        for _ in range(cursor.whole(4)):
            number = cursor.whole(4 if version else 2)
            values = [cursor.whole(size) for _ in range(cursor.whole(1))]
            _associate(meta, number, list(_indices(values, 8 * size - 1, len(meta.store))), strict)
        cursor.close(strict)


def _indices(values: list[int], top: int, most: int) -> Iterator[tuple[int, bool]]:
    """Split associations into the index, from 0, and whether it must be understood."""
    for value in values:
        index = value & (1 << top) - 1
        if index > most:
            malformed("HEIF item with a property that is not there")
        if index:
            yield index - 1, bool(value >> top)


def _associate(meta: Meta, number: int, found: list[tuple[int, bool]], strict: bool) -> None:
    item = meta.items.get(number)
    if strict and (item is None or item.properties or not found):
        malformed("HEIF properties of no item")
    if item is not None:
        item.properties += [index for index, _ in found]
        meta.marks |= set(found)


def _stored(meta: Meta, _view: memoryview, box: Box, _strict: bool) -> None:
    meta.idat = (box.start, box.end)


_PARSERS = {
    b"hdlr": _kind_of_items,
    b"pitm": _primary,
    b"iinf": _infos,
    b"idat": _stored,
    b"iloc": _places,
    b"iref": _links,
    b"iprp": _properties,
}
