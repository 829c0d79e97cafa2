"""The items of a HEIF file: what each is, where its data lies, what it refers to.

Source: ISO/IEC 14496-12 section 8.11 (meta, pitm, iinf, iloc, iref, idat) and ISO/IEC 23008-12
section 9 (iprp). Nothing is judged here but what contradicts itself.
"""

from dataclasses import dataclass, field

from medrelease.sanitise.heif.boxes import Box, Fields, boxes
from medrelease.sanitise.refusal import incomplete, malformed, too_large, unsupported

MAX_ITEMS = 1 << 17
_MAX_EXTENTS = 1 << 17
_MAX_PROPERTIES = 1 << 16

Reference = tuple[bytes, int, tuple[int, ...]]
"""(kind, from, to)"""


@dataclass(frozen=True, slots=True)
class Property:
    """One item property as it stands in the file: its box, and whether it must be understood."""

    name: bytes
    data: memoryview
    essential: bool


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its four-letter type, and whether it is encrypted."""

    number: int
    type: bytes
    protected: bool


@dataclass(frozen=True, slots=True)
class _Location:
    """Where an item's data lies: in the file (0), in idat (1) or in another item (2)."""

    method: int
    extents: tuple[tuple[int, int, int], ...]  # (number of the reference, offset, length)


@dataclass(slots=True)
class Catalogue:
    """The meta box of a file, read."""

    primary: int = 0
    items: dict[int, Item] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)
    _targets: dict[tuple[bytes, int], list[int]] = field(default_factory=dict)
    properties: dict[int, list[Property]] = field(default_factory=dict)
    locations: dict[int, _Location] = field(default_factory=dict)
    idat: memoryview = field(default_factory=lambda: memoryview(b""))

    def targets(self, kind: bytes, number: int) -> tuple[int, ...]:
        """The items that an item refers to, in order."""
        return tuple(self._targets.get((kind, number), ()))

    def refer(self, kind: bytes, number: int, to: tuple[int, ...]) -> None:
        """Note that an item refers to others."""
        self.references.append((kind, number, to))
        self._targets.setdefault((kind, number), []).extend(to)

    def data(self, view: memoryview, number: int, depth: int = 0) -> memoryview:
        """An item's data in one piece. Raises refusals."""
        place = self.locations.get(number)
        if place is None or not place.extents:
            raise malformed("A HEIF item does not say where its data lies.")
        if place.method == 2 and depth:
            raise malformed("A HEIF item's data lies in an item that borrows its own.")
        sources = self.targets(b"iloc", number) if place.method == 2 else ()
        pieces = []
        for index, offset, length in place.extents:
            if place.method == 2:
                if not 1 <= (index or 1) <= len(sources):
                    raise malformed("A HEIF item's data lies in an item that is not there.")
                home = self.data(view, sources[(index or 1) - 1], depth + 1)
            else:
                home = self.idat if place.method else view
            end = offset + length if length else len(home)
            if not offset <= end <= len(home):
                raise incomplete("a HEIF item")
            pieces.append(home[offset:end])
        if sum(map(len, pieces)) > len(view):
            raise malformed("The pieces of a HEIF item overlap.")
        return pieces[0] if len(pieces) == 1 else memoryview(b"".join(pieces))


def read_meta(meta: memoryview) -> Catalogue:
    """The catalogue of a meta box's content. Raises refusals."""
    fields = Fields(meta)
    fields.full(range(1))
    found = {box.name: box for box in reversed(list(boxes(fields.rest())))}
    for name in (b"hdlr", b"pitm", b"iinf", b"iloc", b"iprp"):
        if name not in found:
            raise malformed("The HEIF file does not describe its picture.")
    if bytes(found[b"hdlr"].data[8:12]) != b"pict":
        raise unsupported("The HEIF file's items are no pictures.")
    catalogue = Catalogue()
    primary = Fields(found[b"pitm"].data)
    catalogue.primary = primary.number(2 if primary.full(range(2))[0] == 0 else 4)
    _read_items(catalogue, found[b"iinf"])
    _read_locations(catalogue, found[b"iloc"])
    if b"iref" in found:
        _read_references(catalogue, found[b"iref"])
    if b"idat" in found:
        catalogue.idat = found[b"idat"].data
    _read_properties(catalogue, found[b"iprp"])
    if catalogue.primary not in catalogue.items:
        raise malformed("The HEIF file's main picture is not among its items.")
    return catalogue


def _read_items(catalogue: Catalogue, iinf: Box) -> None:
    """8.11.6: the entries of the item information box."""
    fields = Fields(iinf.data)
    fields.number(2 if fields.full(range(2))[0] == 0 else 4)
    for box in boxes(fields.rest()):
        if box.name != b"infe":
            continue
        entry = Fields(box.data)
        version, _ = entry.full(range(2, 4))
        number = entry.number(2 if version == 2 else 4)
        protected = entry.number(2) != 0
        if number in catalogue.items:
            raise malformed("Two HEIF items have the same number.")
        catalogue.items[number] = Item(number, entry.raw(4), protected)


def _read_locations(catalogue: Catalogue, iloc: Box) -> None:
    """8.11.3: where the items' data lies."""
    fields = Fields(iloc.data)
    version, _ = fields.full(range(3))
    sizes = fields.number(2)
    offset_size, length_size = sizes >> 12, sizes >> 8 & 15
    base_size, index_size = sizes >> 4 & 15, sizes & 15 if version else 0
    if {offset_size, length_size, base_size, index_size} - {0, 4, 8}:
        raise malformed("The HEIF file's item locations contradict themselves.")
    wide, total = (4 if version == 2 else 2), 0
    for _ in range(fields.number(wide)):
        number = fields.number(wide)
        method = fields.number(2) & 15 if version else 0
        if fields.number(2):
            raise unsupported("The HEIF file keeps its picture in another file.")
        base, count = fields.number(base_size), fields.number(2)
        total += count
        if total > _MAX_EXTENTS or method > 2:
            raise malformed("The HEIF file's item locations contradict themselves.")
        extents = tuple(
            (
                fields.number(index_size),
                base + fields.number(offset_size),
                fields.number(length_size),
            )
            for _ in range(count)
        )
        catalogue.locations.setdefault(number, _Location(method, extents))


def _read_references(catalogue: Catalogue, iref: Box) -> None:
    """8.11.12: which item refers to which."""
    fields = Fields(iref.data)
    wide = 2 if fields.full(range(2))[0] == 0 else 4
    for box in boxes(fields.rest()):
        one = Fields(box.data)
        source = one.number(wide)
        to = tuple(one.number(wide) for _ in range(one.number(2)))
        catalogue.refer(box.name, source, to)


def _read_properties(catalogue: Catalogue, iprp: Box) -> None:
    """ISO/IEC 23008-12 section 9.3: the properties, and which item has which."""
    inner = list(boxes(iprp.data))
    store = next((list(boxes(box.data)) for box in inner if box.name == b"ipco"), [])
    if len(store) > _MAX_PROPERTIES:
        raise too_large("The HEIF file has too many properties.")
    total = 0
    for ipma in (Fields(box.data) for box in inner if box.name == b"ipma"):
        version, flags = ipma.full(range(2))
        size = 2 if flags & 1 else 1
        for _ in range(ipma.number(4)):
            number = ipma.number(4 if version else 2)
            listed = catalogue.properties.setdefault(number, [])
            for _ in range(ipma.number(1)):
                value = ipma.number(size)
                essential, index = bool(value >> (8 * size - 1)), value & (1 << 8 * size - 1) - 1
                total += 1
                if index > len(store) or total > 16 * MAX_ITEMS:
                    raise malformed("A HEIF item has a property that is not there.")
                if index:
                    kept = store[index - 1]
                    listed.append(Property(kept.name, kept.data, essential))
