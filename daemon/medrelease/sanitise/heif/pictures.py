"""The pictures that a viewer shows of a HEIF file: the main one, its tiles and their alpha.

Each is cleaned, and they are numbered anew from the main one on. Everything else among the items
(thumbnails, second pictures, gain maps, depth, Exif, XMP) is left where it is.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from struct import pack

from medrelease.sanitise.heif.av1 import clean_av1
from medrelease.sanitise.heif.boxes import Fields
from medrelease.sanitise.heif.coded import Coded
from medrelease.sanitise.heif.hevc import clean_hevc
from medrelease.sanitise.heif.items import MAX_ITEMS, Catalogue, Item
from medrelease.sanitise.heif.properties import ALPHA, auxiliary_type, rebuild, size_of
from medrelease.sanitise.refusal import malformed, too_large, unsupported

_Clean = Callable[[memoryview, memoryview, Counter[str]], Coded]
_CODECS: dict[bytes, tuple[bytes, _Clean]] = {
    b"hvc1": (b"hvcC", clean_hevc),
    b"av01": (b"av1C", clean_av1),
}
_MAX_PIXELS = 1 << 31


@dataclass(frozen=True, slots=True)
class Picture:
    """One item as it is written; `properties` are (name, whole box), `pieces` its data."""

    number: int
    type: bytes
    tiles: tuple[int, ...]
    alpha_of: tuple[int, ...]
    premultiplied: tuple[int, ...]
    properties: list[tuple[bytes, bytes]]
    pieces: list[bytes | memoryview]


def shown(catalogue: Catalogue, view: memoryview, actions: Counter[str]) -> list[Picture]:
    """Every picture that is shown, the main one first, cleaned. Raises refusals."""
    order = _order(catalogue)
    numbers = {number: index for index, number in enumerate(order, 1)}
    pictures = [_picture(catalogue, view, number, numbers, actions) for number in order]
    if sum(len(piece) for one in pictures for piece in one.pieces) > 2 * len(view):
        raise malformed("The HEIF items share their data.")
    _count_dropped(catalogue, set(order), actions)
    return pictures


def _order(catalogue: Catalogue) -> list[int]:
    """The main item, what it is made of, and the alpha of each, once."""
    alphas: dict[int, list[int]] = {}
    for kind, source, to in catalogue.references:
        if kind == b"auxl" and auxiliary_type(catalogue.properties.get(source, [])) in ALPHA:
            for one in to:
                alphas.setdefault(one, []).append(source)
    order: dict[int, None] = {}
    waiting = [catalogue.primary]
    while waiting:
        number = waiting.pop()
        if number in order:
            continue
        if number not in catalogue.items or len(order) > MAX_ITEMS:
            raise malformed("A HEIF item refers to one that is not there.")
        order[number] = None
        further = (*catalogue.targets(b"dimg", number), *alphas.get(number, ()))
        waiting += reversed(further)
    return list(order)


def _picture(
    catalogue: Catalogue,
    view: memoryview,
    number: int,
    numbers: dict[int, int],
    actions: Counter[str],
) -> Picture:
    """One item, cleaned."""
    item = catalogue.items[number]
    listed = catalogue.properties.get(number, [])
    size = size_of(listed)
    if not min(size) or size[0] * size[1] > _MAX_PIXELS:
        raise too_large("The HEIF picture is larger than two gigapixels, or of no size.")
    tiles = catalogue.targets(b"dimg", number)
    pieces, configuration = _content(catalogue, view, item, tiles, actions)
    premultiplied = catalogue.targets(b"prem", number)
    return Picture(
        numbers[number],
        item.type,
        tuple(numbers[one] for one in tiles),
        tuple(numbers[one] for one in catalogue.targets(b"auxl", number) if one in numbers),
        tuple(numbers[one] for one in premultiplied if one in numbers),
        rebuild(listed, configuration, actions),
        pieces,
    )


def _content(
    catalogue: Catalogue,
    view: memoryview,
    item: Item,
    tiles: tuple[int, ...],
    actions: Counter[str],
) -> tuple[list[bytes | memoryview], tuple[bytes, bytes] | None]:
    """An item's cleaned data, and its (name, content) of the coding configuration."""
    if item.protected:
        raise unsupported("Encrypted HEIF pictures are not supported.")
    listed = catalogue.properties.get(item.number, [])
    size = size_of(listed)
    if item.type == b"grid":
        return [_grid(catalogue, catalogue.data(view, item.number), tiles, size)], None
    if item.type == b"iden" and len(tiles) == 1:
        return [], None
    if item.type not in _CODECS or tiles:
        raise unsupported("HEIF pictures of this coding are not supported.")
    name, clean = _CODECS[item.type]
    record = next((one.data for one in listed if one.name == name), None)
    if record is None:
        raise malformed("A HEIF picture does not say how it is coded.")
    coded = clean(record, catalogue.data(view, item.number), actions)
    if coded.size != size:
        raise malformed("A HEIF picture has another size than declared.")
    return coded.pieces, (name, coded.configuration)


def _grid(
    catalogue: Catalogue, data: memoryview, tiles: tuple[int, ...], size: tuple[int, int]
) -> bytes:
    """The grid of 23008-12 6.6.2.3.2, whose every tile must lie in the picture."""
    fields = Fields(data)
    version, flags = fields.number(1), fields.number(1)
    rows, columns = fields.number(1) + 1, fields.number(1) + 1
    wide = 4 if flags & 1 else 2
    across, down = fields.number(wide), fields.number(wide)
    if version or (across, down) != size or len(tiles) != rows * columns:
        raise malformed("The tiles of a HEIF picture contradict themselves.")
    sizes = {size_of(catalogue.properties.get(one, [])) for one in tiles}
    if len(sizes) != 1:
        raise malformed("The tiles of a HEIF picture have different sizes.")
    width, height = sizes.pop()
    fits = (columns - 1) * width < across <= columns * width
    if not fits or not (rows - 1) * height < down <= rows * height:
        raise malformed("The tiles of a HEIF picture do not fit it.")
    code = ">4BII" if max(size) > 0xFFFF else ">4BHH"
    return pack(code, 0, int(max(size) > 0xFFFF), rows - 1, columns - 1, across, down)


def _count_dropped(catalogue: Catalogue, kept: set[int], actions: Counter[str]) -> None:
    """Count the items that are left out, by what they are."""
    thumbnails = {source for kind, source, _ in catalogue.references if kind == b"thmb"}
    for number, item in catalogue.items.items():
        if number in kept:
            continue
        if number in thumbnails:
            actions["thumbnail"] += 1
        elif item.type in (b"Exif", b"mime", b"uri "):
            actions[{b"Exif": "exif", b"mime": "xmp"}.get(item.type, "item")] += 1
        elif item.type in _CODECS or item.type in (b"grid", b"iovl", b"iden", b"tmap", b"jpeg"):
            actions["second-picture"] += 1
        else:
            actions["item"] += 1
