"""HEIC and AVIF files: the source as it came, and the finished one proved to its last byte.

Sources: ISO/IEC 14496-12, ISO/IEC 23008-12, the AV1 image file format. A finished file is a file
type box, a meta box and one box of coded data, each byte of which an item of the picture claims.
"""

from medrelease.terms.words import Reason
from medrelease.verify import (
    exif,
    heif_hidden,
    heif_items,
    heif_picture,
    heif_properties,
    icc,
    xmp,
)
from medrelease.verify.heif_boxes import Box, box_at
from medrelease.verify.heif_items import Meta
from medrelease.verify.heif_picture import Walked
from medrelease.verify.reading import Reading
from medrelease.verify.refusal import Refusal, incomplete, malformed, unsupported
from medrelease.verify.runs import decode, printable

_PLAIN, _AHEAD = b"heic\0\0\0\0heicmif1", b"heix\0\0\0\0heixmif1"
_AVIF = b"avif\0\0\0\0avifmif1miaf"
_MOST_BOXES = 64
_KINDS = (b"dimg", b"auxl", b"prem")
_SHOWING = (b"irot", b"imir", b"clap", b"pasp", b"pixi", b"clli", b"mdcv")


def read_source(view: memoryview) -> Reading:
    """Read a dropped file. Raises Refusal(incomplete | malformed | format-not-supported)."""
    boxes, tail = _top(view)
    if any(box.name == b"moov" for box in boxes):
        unsupported("HEIF image sequence")
    first = next((box for box in boxes if box.name == b"meta"), None)
    if first is None:
        malformed("HEIF file that does not describe its picture")
    meta = heif_items.read(view, first, strict=False)
    walked = heif_picture.walk(view, meta, strict=False)
    texts: list[str | bytes] = [*walked.texts, *printable(bytes(view[tail:]))]
    for box in [*boxes, *meta.unknown]:
        if box is not first and box.name not in (b"ftyp", b"mdat"):
            texts += printable(bytes(view[box.start : box.end]))
    texts += _item_texts(view, meta, set(walked.order))
    texts += _idle(view, meta, boxes)
    return _reading(view, meta, walked, texts, finished=False)


def _top(view: memoryview) -> tuple[list[Box], int]:
    """Return the boxes of the file, and where a trailer begins that is none."""
    found: list[Box] = []
    at = 0
    while at < len(view):
        box = box_at(view, at, len(view))
        if box is None or (box.name == b"ftyp" and at):
            if (
                not any(one.name == b"meta" for one in found)
                or bytes(view[at + 4 : at + 8]) == b"mdat"
            ):
                incomplete("a HEIF box is cut")
            break
        found.append(box)
        at = box.end
        if len(found) > _MOST_BOXES:
            raise Refusal(Reason.LIMITS_EXCEEDED, "HEIF file with too many boxes")
    return found, at


def _item_texts(view: memoryview, meta: Meta, kept: set[int]) -> list[str | bytes]:
    """Return names of items, the texts of those that are no pictures, and of properties."""
    texts: list[str | bytes] = []
    for number, item in meta.items.items():
        texts += [decode(text) for text in item.texts]
        if number in kept or item.type in (b"hvc1", b"av01", *heif_picture.DERIVED):
            continue
        data = b"".join(view[start:end] for start, end in meta.spans(view, number))
        if item.type == b"Exif":
            start = 4 + int.from_bytes(data[:4], "big")
            texts += [*printable(data), *exif.texts(memoryview(data)[start:])]
        else:
            texts += [*printable(data), *xmp.texts(data)]
    for box in meta.store:
        content = bytes(view[box.start : box.end])
        if content[:4] in (b"prof", b"rICC"):
            texts += icc.texts(content[4:])
        elif box.name == b"auxC":
            texts += printable(content[4:].partition(b"\0")[2])
        elif box.name not in (b"hvcC", b"av1C"):
            texts += printable(content[4:])
    return texts


def _idle(view: memoryview, meta: Meta, boxes: list[Box]) -> list[str]:
    """Return the printable runs of the coded data that no item claims."""
    claimed = sorted(span for number in meta.items for span in meta.spans(view, number))
    found: list[str] = []
    homes = [(box.start, box.end) for box in boxes if box.name == b"mdat"]
    for start, end in [*homes, meta.idat]:
        at = start
        for first, last in [*claimed, (end, end)]:
            if at < first and start <= first <= end:
                found += printable(bytes(view[at:first]))
            at = max(at, last) if start <= first < end else at
    return found


def read_finished(view: memoryview) -> Reading:
    """Prove a finished file. Raises Refusal(malformed | incomplete) naming what is not allowed."""
    boxes, end = _top(view)
    if end != len(view) or [box.name for box in boxes] != [b"ftyp", b"meta", b"mdat"]:
        malformed("HEIF file with boxes or bytes that are not allowed")
    brands, described, coded = boxes
    if (brands.start, described.start, coded.start) != (8, brands.end + 8, described.end + 8):
        malformed("HEIF box with a length in a form that is not allowed")
    meta = heif_items.read(view, described, strict=True)
    walked = heif_picture.walk(view, meta, strict=True)
    _prove_brands(bytes(view[brands.start : brands.end]), meta, view)
    _prove_items(meta, walked)
    _prove_cover(view, meta, walked, coded)
    fields = _prove_store(view, meta)
    heif_hidden.prove(view, meta)
    return _reading(view, meta, walked, fields, finished=True)


def _prove_brands(brands: bytes, meta: Meta, view: memoryview) -> None:
    """Refuse brands that do not follow from how the pictures are coded."""
    codings = {item.type for item in meta.items.values()} - set(heif_picture.DERIVED)
    profiles = {view[box.start + 1] & 31 for box in meta.store if box.name == b"hvcC"}
    heic = _PLAIN if profiles <= {1, 3} else _AHEAD
    if len(codings) != 1 or brands != {b"hvc1": heic, b"av01": _AVIF}.get(codings.pop()):
        malformed("HEIF brands that do not fit the picture")


def _prove_items(meta: Meta, walked: Walked) -> None:
    """Refuse an item that is not shown, a number out of order, a reference of another kind."""
    if walked.order != list(meta.items) or walked.order != [*range(1, len(walked.order) + 1)]:
        malformed("HEIF item that is not part of the picture")
    if len({(kind, number) for kind, number, _ in meta.links}) != len(meta.links):
        malformed("HEIF reference that is told twice")
    for kind, number, to in meta.links:
        if kind not in _KINDS or not {number, *to} <= meta.items.keys() or not to:
            malformed("HEIF reference that is not allowed")
    tiles = {one for kind, _, to in meta.links if kind == b"dimg" for one in to}
    if any(item.flags != int(number in tiles) for number, item in meta.items.items()):
        malformed("HEIF item with a mark that is not allowed")
    needed = {index for item in meta.items.values() for index in item.properties}
    if needed != set(range(len(meta.store))):
        malformed("HEIF property of no item")
    for index, essential in meta.marks:
        if essential != (meta.store[index].name in heif_properties.REQUIRED):
            malformed("HEIF property with a mark that is not allowed")


def _prove_cover(view: memoryview, meta: Meta, walked: Walked, coded: Box) -> None:
    """Refuse a byte of coded or stored data that no item claims, or that two do."""
    derived = [one for one in walked.order if meta.items[one].type in heif_picture.DERIVED]
    stored = [span for one in derived for span in meta.spans(view, one)]
    for spans, (at, end) in ((walked.coded, (coded.start, coded.end)), (stored, meta.idat)):
        starts, ends = [start for start, _ in spans], [stop for _, stop in spans]
        if [*starts, end] != [at, *ends]:
            malformed("HEIF data that no item claims")


def _prove_store(view: memoryview, meta: Meta) -> list[str | bytes]:
    """Refuse a property that is not in its clean form; return the texts of profiles."""
    fields: list[str | bytes] = []
    contents = [(box.name, bytes(view[box.start : box.end])) for box in meta.store]
    if len(set(contents)) != len(contents):
        malformed("HEIF property that is there twice")
    for number, item in meta.items.items():
        extent = heif_picture.size(view, meta, number)
        boxes = [meta.store[index] for index in item.properties]
        counted = len(list(heif_properties.listed(view, boxes, extent)))
        if counted != sum(box.name not in (b"hvcC", b"av1C") for box in boxes):
            malformed("HEIF property that says nothing new")
        for index in item.properties:
            name, content = contents[index]
            if name in (b"hvcC", b"av1C"):
                continue
            if content != heif_properties.canonical(view, meta.store[index], extent):
                malformed("HEIF property that is not allowed")
            if content[:4] == b"prof":
                fields += icc.prove_clean(content[4:])
    configurations = [name for name, _ in contents if name in (b"hvcC", b"av1C")]
    if len(set(configurations)) > 1:
        malformed("HEIF configuration of another coding")
    return fields


def _reading(
    view: memoryview,
    meta: Meta,
    walked: Walked,
    texts: list[str | bytes],
    *,
    finished: bool,
) -> Reading:
    """Put together what both sides have in common."""
    return Reading(
        tuple(texts),
        walked.digest,
        counts={"items": len(meta.items)} if finished else {},
        shown=_shown(view, meta),
        coded=tuple(sorted(walked.coded)) if finished else (),
    )


def _shown(view: memoryview, meta: Meta) -> tuple[tuple[str, str], ...]:
    """Return how the main picture is turned, cropped and coloured, in the order it says so."""
    extent = heif_picture.size(view, meta, meta.primary)
    turns, colours = [], []
    boxes = [meta.store[index] for index in meta.items[meta.primary].properties]
    for name, value in heif_properties.listed(view, boxes, extent):
        if name in _SHOWING:
            turns.append(f"{name.decode()} {value.hex()}")
        elif value[:4] == b"prof":
            colours.append(icc.rendering(value[4:]))
        elif name == b"colr":
            colours.append(value.hex())
    return (("orientation", " ".join(turns)), ("colour", " ".join(colours)))
