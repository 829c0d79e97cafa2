"""HEIC and AVIF files with one marker in each hiding place; boxes written by hand, from a seed.

The coded pictures come from pillow-heif and Pillow; everything around them is put together here.
"""

import functools
import io
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pillow_heif
from PIL import Image

from corpora.photos_base import Planted, icc_profile, marker, picture, saved

pillow_heif.register_heif_opener()

SIZE = (96, 64)
ALPHA = b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0"
DEPTH = b"urn:mpeg:mpegB:cicp:systems:auxiliary:depth\0"


def box(name: bytes, *parts: bytes) -> bytes:
    """A box."""
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), name) + body


def full(name: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    """A full box."""
    return box(name, struct.pack(">I", version << 24 | flags), *parts)


@dataclass(frozen=True)
class Item:
    """One item: type, data, properties as (whole box, essential), name; `inside` puts it in idat.

    `gap` lies in the middle of its data, which then has two extents.
    """

    type: bytes
    data: bytes
    properties: tuple[tuple[bytes, bool], ...] = ()
    name: bytes = b"\0"
    inside: bool = False
    gap: bytes = b""
    protected: int = 0


@dataclass(frozen=True)
class File:
    """A HEIF file before it is written, with room for foreign bytes everywhere.

    Where `shared`, items that have an equal property have the same one, as cameras write them.
    """

    items: dict[int, Item]
    brands: bytes = b"heic\0\0\0\0heicmif1"
    references: tuple[tuple[bytes, int, tuple[int, ...]], ...] = ()
    handler: bytes = b"\0"
    meta: bytes = b""
    properties: bytes = b""
    between: bytes = b""
    idle: bytes = b""
    idle_inside: bytes = b""
    tail: bytes = b""
    primary: int = 1
    shared: bool = False

    def written(self) -> bytes:
        """The file's bytes."""
        head = box(b"ftyp", self.brands) + self.between
        lead = len(head) + len(self._meta(0)) + 8
        body = b"".join(
            item.data[:5] + item.gap + item.data[5:]
            for item in self.items.values()
            if not item.inside
        )
        return head + self._meta(lead) + box(b"mdat", body + self.idle) + self.tail

    def _meta(self, start: int) -> bytes:
        tiles = {one for kind, _, to in self.references if kind == b"dimg" for one in to}
        infes = [
            full(
                b"infe",
                struct.pack(">HH4s", number, item.protected, item.type) + item.name,
                version=2,
                flags=int(number in tiles),
            )
            for number, item in self.items.items()
        ]
        references = [
            box(kind, struct.pack(f">HH{len(to)}H", source, len(to), *to))
            for kind, source, to in self.references
        ]
        stored = b"".join(item.data for item in self.items.values() if item.inside)
        parts = [
            full(b"hdlr", bytes(4), b"pict", bytes(12), self.handler),
            full(b"pitm", struct.pack(">H", self.primary)),
            self._locations(start),
            full(b"iinf", struct.pack(">H", len(infes)), *infes),
            full(b"iref", *references) if references else b"",
            self._properties(),
            box(b"idat", stored + self.idle_inside) if stored or self.idle_inside else b"",
            self.meta,
        ]
        return full(b"meta", *parts)

    def _properties(self) -> bytes:
        boxes, rows = list[bytes](), b""
        for number, item in self.items.items():
            rows += struct.pack(">HB", number, len(item.properties))
            for whole, essential in item.properties:
                if not self.shared or whole not in boxes:
                    boxes.append(whole)
                place = boxes.index(whole) + 1 if self.shared else len(boxes)
                rows += bytes((place | 0x80 * essential,))
        ipma = full(b"ipma", struct.pack(">I", len(self.items)), rows)
        return box(b"iprp", box(b"ipco", *boxes, self.properties), ipma)

    def _locations(self, start: int) -> bytes:
        rows, stored = b"", 0
        for number, item in self.items.items():
            place = stored if item.inside else start
            size, cut = len(item.data), 5
            rows += struct.pack(">HHHH", number, item.inside, 0, 2 if item.gap else 1)
            if item.gap:
                rows += struct.pack(">II", place, cut)
                rows += struct.pack(">II", place + cut + len(item.gap), size - cut)
            else:
                rows += struct.pack(">II", place, size)
            if item.inside:
                stored += size
            else:
                start += size + len(item.gap)
        return full(b"iloc", b"\x44\0", struct.pack(">H", len(self.items)), rows, version=1)


def content(data: bytes, name: bytes) -> bytes:
    """The content of the first box of a name, wherever it lies."""
    at = data.index(name)
    return data[at + 4 : at - 4 + int.from_bytes(data[at - 4 : at])]


@functools.cache
def encoded(form: str, seed: int, mode: str = "RGB") -> tuple[bytes, bytes]:
    """(configuration, coded data) of a seeded picture: form is "heic" or "avif"."""
    image = picture(seed, SIZE).convert(mode)
    data = saved(image, "HEIF" if form == "heic" else "AVIF", quality=60)
    return content(data, b"hvcC" if form == "heic" else b"av1C"), content(data, b"mdat")


def coded(form: str, seed: int, *further: tuple[bytes, bool], mode: str = "RGB") -> Item:
    """An item of a seeded picture with its size, depth and configuration."""
    configuration, data = encoded(form, seed, mode)
    kind, name = (b"hvc1", b"hvcC") if form == "heic" else (b"av01", b"av1C")
    depths = b"\3\x08\x08\x08" if mode == "RGB" else b"\1\x08"
    properties = (
        (full(b"ispe", struct.pack(">II", *SIZE)), False),
        (full(b"pixi", depths), False),
        (box(name, configuration), True),
    )
    return Item(kind, data, properties + further)


def plain(form: str, seed: int, *further: tuple[bytes, bool]) -> File:
    """A file of one picture."""
    brands = {"heic": b"heic\0\0\0\0heicmif1", "avif": b"avif\0\0\0\0avifmif1miaf"}[form]
    return File({1: coded(form, seed, *further)}, brands)


def with_item(form: str, seed: int, item: Item, kind: bytes = b"cdsc") -> File:
    """A file of one picture, and an item that refers to it."""
    file = plain(form, seed)
    return replace(file, items={**file.items, 2: item}, references=((kind, 2, (1,)),))


def with_alpha(form: str, seed: int, urn: bytes = ALPHA) -> File:
    """A file of a picture and an auxiliary one."""
    item = coded(form, seed + 1, (full(b"auxC", urn), False), mode="L")
    return with_item(form, seed, item, b"auxl")


def grid(form: str, seed: int, *further: tuple[bytes, bool]) -> File:
    """A file of 2 x 2 tiles that reach beyond the picture by a few rows and columns."""
    size = (2 * SIZE[0] - 6, 2 * SIZE[1] - 10)
    payload = struct.pack(">4BHH", 0, 0, 1, 1, *size)
    whole = Item(
        b"grid",
        payload,
        ((full(b"ispe", struct.pack(">II", *size)), False), *further),
        inside=True,
    )
    tiles = {number: coded(form, seed + number) for number in range(1, 5)}
    file = replace(plain(form, seed), items={**tiles, 5: whole}, primary=5)
    return replace(file, references=((b"dimg", 5, (1, 2, 3, 4)),))


def flat(side: int, across: int) -> File:
    """A HEIC grid of one even tile of `side` pixels square, `across` times in both directions."""
    even = saved(Image.new("RGB", (side, side), (90, 120, 150)), "HEIF", quality=50)
    tile = Item(
        b"hvc1",
        content(even, b"mdat"),
        (
            (full(b"ispe", struct.pack(">II", side, side)), False),
            (box(b"hvcC", content(even, b"hvcC")), True),
        ),
    )
    whole, last = side * across, across - 1
    size = (full(b"ispe", struct.pack(">II", whole, whole)), False)
    payload = struct.pack(">4B", 0, whole > 0xFFFF, last, last)
    payload += struct.pack(">II" if whole > 0xFFFF else ">HH", whole, whole)
    tiles = tuple(range(2, 2 + across * across))
    items = {1: Item(b"grid", payload, (size,), inside=True), **dict.fromkeys(tiles, tile)}
    return File(items, references=((b"dimg", 1, tiles),), shared=True)


def unit(kind: int, body: bytes, layer: int = 0) -> bytes:
    """A length-prefixed HEVC unit."""
    head = struct.pack(">H", kind << 9 | layer << 3 | 1)
    return struct.pack(">I", 2 + len(body)) + head + body


def obu(kind: int, body: bytes) -> bytes:
    """An AV1 unit that says its size."""
    return bytes((kind << 3 | 2, len(body))) + body


def around(file: File, before: bytes = b"", after: bytes = b"") -> File:
    """A file whose main picture has more in its coded data."""
    item = file.items[1]
    return replace(file, items={**file.items, 1: replace(item, data=before + item.data + after)})


def with_configuration(file: File, change: Callable[[bytes], bytes]) -> File:
    """A file whose coding configuration is changed by a function of its content."""
    item = file.items[1]
    whole, essential = item.properties[2]
    changed = (box(whole[4:8], change(whole[8:])), essential)
    properties = (*item.properties[:2], changed, *item.properties[3:])
    return replace(file, items={**file.items, 1: replace(item, properties=properties)})


def _message_array(mark: bytes, configuration: bytes) -> bytes:
    """A configuration with one more array: a message."""
    body = struct.pack(">H", 39 << 9 | 1) + b"\5" + bytes((len(mark),)) + mark + b"\x80"
    more = struct.pack(">BHH", 39, 1, len(body)) + body
    return configuration[:22] + bytes((configuration[22] + 1,)) + configuration[23:] + more


def slack_behind_sps(mark: bytes, configuration: bytes) -> bytes:
    """A configuration whose SPS goes on behind its stop bit."""
    at, found = 23, bytearray(configuration[:23])
    for _ in range(configuration[22]):
        kind = configuration[at] & 63
        size = int.from_bytes(configuration[at + 3 : at + 5])
        raw = configuration[at + 5 : at + 5 + size] + (mark if kind == 33 else b"")
        found += configuration[at : at + 3] + struct.pack(">H", len(raw)) + raw
        at += 5 + size
    return bytes(found)


def _exif(mark: bytes) -> bytes:
    text = mark + b"\0"
    block = struct.pack(">4sIHHHII", b"MM\0*", 8, 1, 270, 2, len(text), 26) + bytes(4) + text
    return struct.pack(">I", 6) + b"Exif\0\0" + block


def _xmp(mark: bytes) -> bytes:
    return b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:li>' + mark + b"</rdf:li></x:xmpmeta>"


def _places(form: str, seed: int, mark: bytes) -> dict[str, File]:
    """Every hiding place that a HEIF container offers."""
    file, other = plain(form, seed), coded(form, seed + 7)
    noise = mark * 20
    link = full(b"url ", mark + b"\0")
    depth = (*other.properties, (full(b"auxC", DEPTH), False))
    xmp = Item(b"mime", _xmp(mark), name=b"\0application/rdf+xml\0")
    sub_type = with_alpha(form, seed, ALPHA + mark)
    return {
        "exif item": with_item(form, seed, Item(b"Exif", _exif(mark))),
        "exif item in idat": with_item(form, seed, Item(b"Exif", _exif(mark), inside=True)),
        "xmp item": with_item(form, seed, xmp),
        "xmp item in two pieces": with_item(form, seed, replace(xmp, gap=b"-")),
        "uri item": with_item(form, seed, Item(b"uri ", b"", name=b"\0urn:" + mark + b"\0")),
        "item content type": with_item(
            form, seed, replace(xmp, data=b"-", name=b"\0" + mark + b"\0")
        ),
        "private item": with_item(form, seed, Item(b"prvt", mark)),
        "thumbnail": with_item(form, seed, Item(b"jpeg", noise, other.properties), b"thmb"),
        "second picture": with_item(form, seed, Item(b"jpeg", noise, other.properties), b"base"),
        "tone map": with_item(form, seed, Item(b"tmap", noise, other.properties), b"base"),
        "depth": with_item(
            form,
            seed,
            replace(other, name=mark + b"\0", properties=depth),
            b"auxl",
        ),
        "unreferenced item": replace(
            file, items={**file.items, 9: replace(other, name=mark + b"\0")}
        ),
        "item name": replace(file, items={1: replace(file.items[1], name=mark + b"\0")}),
        "name behind the item's name": replace(
            file, items={1: replace(file.items[1], name=b"\0" + mark)}
        ),
        "type name": replace(file, handler=mark + b"\0"),
        "brands": replace(file, brands=file.brands + mark),
        "unused property": replace(file, properties=box(b"prvt", mark)),
        "unused uuid property": replace(file, properties=box(b"uuid", bytes(16) + mark)),
        "description property": plain(form, seed, (full(b"udes", mark + b"\0"), False)),
        "mastering display": plain(form, seed, (box(b"mdcv", mark + b"1234"), False)),
        "property tail": plain(form, seed, (box(b"irot", b"\0" + mark), True)),
        "pixel aspect tail": plain(
            form, seed, (box(b"pasp", struct.pack(">II", 1, 1), mark), False)
        ),
        "colour tail": plain(
            form, seed, (box(b"colr", b"nclx", struct.pack(">HHHB", 1, 13, 6, 128), mark), False)
        ),
        "alpha sub-type": sub_type,
        "icc description": plain(
            form, seed, (box(b"colr", b"prof", icc_profile(mark, "description")), False)
        ),
        "icc slack": plain(form, seed, (box(b"colr", b"rICC", icc_profile(mark, "slack")), False)),
        "uuid in meta": replace(file, meta=box(b"uuid", bytes(16) + mark)),
        "free in meta": replace(file, meta=box(b"free", mark)),
        "entity groups": replace(
            file, meta=box(b"grpl", full(b"altr", struct.pack(">III", 77, 1, 1), mark))
        ),
        "data references": replace(
            file, meta=box(b"dinf", full(b"dref", struct.pack(">I", 1), link))
        ),
        "free between": replace(file, between=box(b"free", mark)),
        "skip between": replace(file, between=box(b"skip", mark)),
        "uuid between": replace(file, between=box(b"uuid", bytes(16) + mark)),
        "motion photo box": replace(file, tail=box(b"mpvd", mark)),
        "unknown box": replace(file, tail=box(b"prvt", mark)),
        "second meta": replace(file, tail=full(b"meta", box(b"free", mark))),
        "second mdat": replace(file, tail=box(b"mdat", mark)),
        "motion photo trailer": replace(
            file, tail=box(b"ftyp", b"mp42\0\0\0\0") + box(b"moov", mark)
        ),
        "trailer": replace(file, tail=b"\xff\xff\xff\xff" + mark),
        "short trailer": replace(file, tail=mark),
        "unclaimed data": replace(file, idle=mark),
        "gap in the data": replace(file, items={1: replace(file.items[1], gap=mark)}),
        "unclaimed stored data": replace(file, idle_inside=mark),
        "grid tail": _grid_tail(form, seed, mark),
        "exif beside a grid": _grid_exif(form, seed, mark),
    }


def _grid_tail(form: str, seed: int, mark: bytes) -> File:
    file = grid(form, seed)
    whole = file.items[5]
    return replace(file, items={**file.items, 5: replace(whole, data=whole.data + mark)})


def _grid_exif(form: str, seed: int, mark: bytes) -> File:
    file = grid(form, seed)
    references = (*file.references, (b"cdsc", 6, (5,)))
    items = {**file.items, 6: Item(b"Exif", _exif(mark))}
    return replace(file, items=items, references=references)


def _units(form: str, seed: int, mark: bytes) -> dict[str, File]:
    """Every hiding place between the coded units."""
    file = plain(form, seed)
    if form == "avif":
        return {
            "metadata unit": around(file, b"", obu(5, b"\4" + mark + b"\x80")),
            "padding unit": around(file, obu(15, mark + b"\x80")),
            "reserved unit": around(file, obu(9, mark)),
            "tile list": around(file, b"", obu(8, mark)),
            "delimiter": around(file, obu(2, mark)),
            "configuration units": with_configuration(
                file, lambda record: record[:4] + obu(5, mark)
            ),
        }
    return {
        "message": around(file, unit(39, b"\5\x14" + mark + b"\x80")),
        "message behind": around(file, b"", unit(40, b"\5\x14" + mark + b"\x80")),
        "delimiter": around(file, unit(35, mark)),
        "filler": around(file, b"", unit(38, mark)),
        "reserved unit": around(file, b"", unit(41, mark)),
        "private unit": around(file, unit(48, mark)),
        "further layer": around(file, b"", unit(1, mark, layer=1)),
        "end of sequence": around(file, b"", unit(36, mark)),
        "configuration message": with_configuration(file, functools.partial(_message_array, mark)),
        "configuration tail": with_configuration(file, lambda record: record + mark),
    }


def planted(seed: int) -> list[Planted]:
    """(hiding place, file, marker) for every place of both formats."""
    found = []
    for form in ("heic", "avif"):
        for build in (_places, _units):
            names = build(form, seed, b"-")
            for place in names:
                mark = marker(form, place)
                found.append((f"{form} {place}", build(form, seed, mark)[place].written(), mark))
    return found


def held(seed: int) -> list[tuple[str, bytes, str]]:
    """(name, file, reason) of files that may not be cleaned."""
    heic, avif = plain("heic", seed), plain("avif", seed)
    crop = box(b"clap", struct.pack(">8I", 20, 1, 20, 1, 0, 1, 0, 1))
    twice = around(heic, heic.items[1].data)
    no, bad = "format-not-supported", "malformed"
    first = heic.items[1]
    slack = with_configuration(heic, functools.partial(slack_behind_sps, b"-"))
    layered = Item(b"iovl", b"-" * 20, heic.items[1].properties)
    return [
        ("heic sequence", replace(heic, tail=box(b"moov", bytes(8))).written(), no),
        ("heic of a jpeg", replace(heic, items={1: replace(first, type=b"jpeg")}).written(), no),
        ("heic of layers", replace(heic, items={1: layered}).written(), no),
        ("heic encrypted", replace(heic, items={1: replace(first, protected=1)}).written(), no),
        ("heic unknown essential", plain("heic", seed, (box(b"prvt", b"-"), True)).written(), no),
        ("heic cropped", plain("heic", seed, (crop, True)).written(), no),
        ("heic two pictures", twice.written(), bad),
        ("heic sps slack", slack.written(), bad),
        ("heic with the other brand", replace(heic, brands=avif.brands).written(), bad),
        ("heic without its item", replace(heic, primary=7).written(), bad),
        ("avif two frames", around(avif, b"", avif.items[1].data[2:]).written(), no),
        ("heic cut", heic.written()[:-40], "incomplete"),
        ("avif cut", avif.written()[:300], "incomplete"),
    ]


def faithful(seed: int) -> list[tuple[str, bytes]]:
    """(name, file) of pictures whose every property must survive."""
    image = picture(seed, (97, 65))
    found = [
        ("heic odd size", saved(image, "HEIF")),
        ("heic small", saved(picture(seed, (48, 30)), "HEIF")),
        ("heic clear small", saved(picture(seed, (33, 17)).convert("RGBA"), "HEIF")),
        ("heic grey", saved(image.convert("L"), "HEIF")),
        ("heic lossless", saved(image, "HEIF", quality=-1, chroma=444)),
        ("heic icc", saved(image, "HEIF", icc_profile=icc_profile(b"-"))),
        ("heic alpha", with_alpha("heic", seed).written()),
        ("heic grid", grid("heic", seed).written()),
        ("heic ten bit", ten_bit(seed)),
        ("avif odd size", saved(image, "AVIF")),
        ("avif fine", saved(image, "AVIF", quality=95, subsampling="4:4:4")),
        ("avif icc", saved(image, "AVIF", icc_profile=icc_profile(b"-"))),
        ("avif alpha", with_alpha("avif", seed).written()),
        ("avif grid", grid("avif", seed).written()),
    ]
    for turn in range(4):
        turned = (box(b"irot", bytes((turn,))), True)
        found.append((f"heic turned {turn}", plain("heic", seed, turned).written()))
        found.append((f"avif turned {turn}", plain("avif", seed, turned).written()))
    mirrored = (box(b"imir", b"\1"), True)
    found.append(("heic mirrored", plain("heic", seed, turned, mirrored).written()))
    return found


def ten_bit(seed: int) -> bytes:
    """A HEIC of ten bits a sample."""
    wide = np.asarray(picture(seed, SIZE)).astype(np.uint16) * 257
    sink = io.BytesIO()
    pillow_heif.from_bytes("RGB;16", SIZE, wide.tobytes()).save(sink, quality=90)
    return sink.getvalue()
