"""The picture of a HEIF file in canonical form: the main item, its tiles and their alpha.

The digest is over the order in which they are reached from the main item, so that the numbers of
the items do not count. Sources: ISO/IEC 23008-12 section 6.6, 6.4.5.
"""

import hashlib
from dataclasses import dataclass, field

from medrelease.verify import av1, heif_properties, hevc
from medrelease.verify.heif_boxes import Box, Cursor
from medrelease.verify.heif_items import Meta
from medrelease.verify.refusal import malformed, unsupported

_CODINGS = {b"hvc1": (b"hvcC", hevc.read), b"av01": (b"av1C", av1.read)}
DERIVED = (b"grid", b"iden")


@dataclass(slots=True)
class Walked:
    """What was reached: items in order, their ranges of coded data, what lies beside them."""

    order: list[int] = field(default_factory=list)
    coded: list[tuple[int, int]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    digest: str = ""


def first(meta: Meta, number: int, name: bytes) -> Box | None:
    """Return an item's first property of a name, or None."""
    boxes = [meta.store[index] for index in meta.items[number].properties]
    return next((box for box in boxes if box.name == name), None)


def size(view: memoryview, meta: Meta, number: int) -> tuple[int, int]:
    """Return the width and height that an item declares. Raises Refusal(malformed)."""
    box = first(meta, number, b"ispe")
    if box is None:
        malformed("HEIF picture of no size")
    cursor = Cursor(view, box.start, box.end)
    cursor.version(0)
    return cursor.whole(4), cursor.whole(4)


def walk(view: memoryview, meta: Meta, *, strict: bool) -> Walked:
    """Follow the main item to everything that is shown. Raises Refusal."""
    found, digest = Walked(), hashlib.sha256()
    found.order = _reached(view, meta)
    ranks = {number: rank for rank, number in enumerate(found.order)}
    total = 0
    for number in found.order:
        digest.update(_structure(view, meta, number, ranks))
        spans = meta.spans(view, number)
        total += sum(end - start for start, end in spans)
        if total > len(view):
            malformed("HEIF items that share their data")
        found.texts += _item(view, meta, number, digest, strict)
        if meta.items[number].type not in DERIVED:
            found.coded += spans
    found.digest = digest.hexdigest()
    return found


def _reached(view: memoryview, meta: Meta) -> list[int]:
    """Return the main item, its tiles and the alpha pictures, each once, depth first."""
    alphas: dict[int, list[int]] = {}
    for kind, number, to in meta.links:
        if kind == b"auxl" and number in meta.items:
            box = first(meta, number, b"auxC")
            if box and heif_properties.canonical(view, box, (1, 1)) is not None:
                for one in to:
                    alphas.setdefault(one, []).append(number)
    order: dict[int, None] = {}
    waiting = [meta.primary]
    while waiting:
        number = waiting.pop()
        if number not in meta.items:
            malformed("HEIF item that refers to none")
        if number not in order:
            order[number] = None
            waiting += reversed([*meta.linked(b"dimg", number), *alphas.get(number, [])])
    return list(order)


def _structure(view: memoryview, meta: Meta, number: int, ranks: dict[int, int]) -> bytes:
    """Return an item's kind, references and properties, as text that both sides write alike."""
    item = meta.items[number]
    links = [
        (kind, [ranks[one] for one in meta.linked(kind, number) if one in ranks])
        for kind in (b"dimg", b"auxl", b"prem")
    ]
    extent = size(view, meta, number)
    boxes = [meta.store[index] for index in item.properties]
    listed = [
        (name, value)
        for name, value in heif_properties.listed(view, boxes, extent)
        if not (name == b"colr" and value[:4] == b"prof")
    ]
    return repr((item.type, links, listed)).encode()


def _item(
    view: memoryview, meta: Meta, number: int, digest: "hashlib._Hash", strict: bool
) -> list[str]:
    """Feed one item's own data; return the texts beside the picture in it."""
    item, tiles = meta.items[number], meta.linked(b"dimg", number)
    data = _joined(view, meta.spans(view, number))
    if item.type == b"grid":
        digest.update(_grid(view, meta, number, data, strict))
        return []
    if item.type == b"iden" and len(tiles) == 1:
        if strict and len(data):
            malformed("HEIF item with data that it has no use for")
        return []
    if item.type not in _CODINGS or tiles:
        unsupported("HEIF picture of this coding")
    name, read = _CODINGS[item.type]
    box = first(meta, number, name)
    if box is None or box.end - box.start < 4 or (name == b"hvcC" and box.end - box.start < 23):
        malformed("HEIF picture without its configuration")
    record = bytes(view[box.start : box.end])
    extent, texts = read(record, data, digest, strict=strict)
    if extent != size(view, meta, number):
        malformed("HEIF picture of another size than declared")
    return texts


def _joined(view: memoryview, spans: list[tuple[int, int]]) -> memoryview:
    """Return ranges of the file as one."""
    if len(spans) == 1:
        return view[spans[0][0] : spans[0][1]]
    return memoryview(b"".join(view[start:end] for start, end in spans))


def _grid(view: memoryview, meta: Meta, number: int, data: memoryview, strict: bool) -> bytes:
    """Return a grid's rows, columns and size; every tile must be seen, and none be missing."""
    cursor = Cursor(data, 0, len(data))
    version, large = cursor.whole(1), cursor.whole(1)
    rows, columns = cursor.whole(1) + 1, cursor.whole(1) + 1
    wide = 4 if large & 1 else 2
    extent = (cursor.whole(wide), cursor.whole(wide))
    cursor.close(strict)
    if strict and large != int(max(extent) > 0xFFFF):
        malformed("HEIF grid of a form that is not allowed")
    tiles = meta.linked(b"dimg", number)
    sizes = {size(view, meta, one) for one in tiles if one in meta.items}
    if version or len(tiles) != rows * columns or len(sizes) != 1:
        malformed("HEIF grid that contradicts itself")
    if extent != size(view, meta, number):
        malformed("HEIF grid of another size than declared")
    for whole, count, step in zip(extent, (columns, rows), sizes.pop(), strict=True):
        if not (count - 1) * step < whole <= count * step:
            malformed("HEIF grid whose tiles do not fit")
    return repr((rows, columns, extent)).encode()
