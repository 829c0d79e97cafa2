"""Pictures with a marker behind the last symbol that they are coded with: decoders never read it.

Nothing can be cut there without knowing where the symbols end, so these files can only be held.
"""

import functools
import struct
from collections.abc import Callable
from dataclasses import replace

import imagecodecs
import numpy as np
from PIL import Image

from corpora.photos_base import Planted, marker, picture, saved
from corpora.photos_heif import File, Item, around, box, content, full, grid, obu, plain, with_alpha

Change = Callable[[bytes], bytes]


def planted(seed: int) -> list[Planted]:
    """(hiding place, file, marker) for every place behind coded symbols."""
    files: list[Planted] = []
    for place, build in _PLACES.items():
        mark = marker("behind", place)
        files.append((place, build(seed, mark), mark))
    return files


def units(data: bytes) -> list[bytes]:
    """The length-prefixed HEVC units of an item."""
    found, at = [], 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4])
        found.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return found


def joined(parts: list[bytes]) -> bytes:
    """Units with their lengths in front of them."""
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def changed(file: File, number: int, change: Change) -> bytes:
    """A file of whose item the last slice is changed."""
    item = file.items[number]
    *others, last = units(item.data)
    items = {**file.items, number: replace(item, data=joined([*others, change(last)]))}
    return replace(file, items=items).written()


def heic(image: Image.Image, **parameters: str) -> File:
    """A HEIC of one picture, coded by x265 with parameters of its own."""
    told = {f"x265:{name.replace('_', '-')}": value for name, value in parameters.items()}
    data = saved(image, "HEIF", quality=60, enc_params=told)
    size = (full(b"ispe", struct.pack(">II", *image.size)), False)
    configuration = (box(b"hvcC", content(data, b"hvcC")), True)
    return File({1: Item(b"hvc1", content(data, b"mdat"), (size, configuration))})


def rows_of_blocks(seed: int) -> File:
    """A HEIC each row of whose blocks of 16 pixels is a substream."""
    return heic(picture(seed, (192, 128)), ctu="16", wpp="1")


def in_first_row(unit: bytes, mark: bytes) -> bytes:
    """A slice with bytes at the end of its first substream, whose length says so.

    Written for what x265 writes: an IDR slice with both offsets, and no emulation prevention in
    its header.
    """
    bits = "".join(f"{byte:08b}" for byte in unit[2:])
    at = 2

    def number() -> int:
        nonlocal at
        zeros = bits.index("1", at) - at
        at += 2 * zeros + 1
        return int(bits[at - zeros - 1 : at], 2) - 1

    for _ in ("picture set", "type"):
        number()
    at += 2
    number()
    at += 1
    count, width = number(), number() + 1
    first = int(bits[at : at + width], 2) + 1
    end = at + count * width
    end += 8 - end % 8
    size = f"{first + len(mark) - 1:0{width}b}"
    assert len(size) == width
    head = bits[:at] + size + bits[at + width : end]
    coded = bytes(int(head[place : place + 8], 2) for place in range(0, end, 8))
    start = 2 + end // 8
    return unit[:2] + coded + unit[start : start + first] + mark + unit[start + first :]


def obus(data: bytes) -> list[tuple[int, bytes]]:
    """Kind and content of the AV1 units of an item, each of which says its size."""
    found, at = [], 0
    while at < len(data):
        kind, at, size, shift = data[at] >> 3, at + 1, 0, 0
        while True:
            size |= (data[at] & 127) << shift
            at, shift = at + 1, shift + 7
            if data[at - 1] < 128:
                break
        found.append((kind, data[at : at + size]))
        at += size
    return found


def sized(kind: int, body: bytes) -> bytes:
    """An AV1 unit of any size."""
    rest, size = len(body), b""
    while rest > 127:
        rest, size = rest >> 7, size + bytes((rest & 127 | 128,))
    return bytes((kind << 3 | 2,)) + size + bytes((rest,)) + body


def longer(file: File, number: int, mark: bytes) -> bytes:
    """An AVIF file with bytes at the end of an item's last tile."""
    item = file.items[number]
    *others, (kind, body) = obus(item.data)
    data = b"".join(sized(*other) for other in others) + sized(kind, body + mark)
    return replace(file, items={**file.items, number: replace(item, data=data)}).written()


def avif(image: Image.Image, **options: object) -> File:
    """An AVIF of one picture."""
    data = saved(image, "AVIF", quality=60, speed=9, **options)
    size = (full(b"ispe", struct.pack(">II", *image.size)), False)
    properties = (size, (full(b"pixi", b"\3\x08\x08\x08"), False))
    configuration = (box(b"av1C", content(data, b"av1C")), True)
    item = Item(b"av01", content(data, b"mdat"), (*properties, configuration))
    return File({1: item}, b"avif\0\0\0\0avifmif1miaf")


@functools.cache
def in_first_tile(seed: int, mark: bytes) -> bytes:
    """An AVIF of two tiles with bytes at the end of the first, whose length says so.

    Where that length stands is found by trying: the picture must be shown as before.
    """
    file = avif(picture(seed, (256, 256)), tile_rows=1, autotiling=False)
    shown = imagecodecs.avif_decode(file.written())
    *head, (kind, body) = obus(file.items[1].data)
    for width in (1, 2, 3, 4):
        for at in range(4, 60):
            size = int.from_bytes(body[at : at + width], "little") + 1
            end = at + width + size
            if not size > 40 < len(body) - end or size + len(mark) > 1 << 8 * width:
                continue
            told = (size - 1 + len(mark)).to_bytes(width, "little")
            changed = body[:at] + told + body[at + width : end] + mark + body[end:]
            data = b"".join(sized(*other) for other in head) + sized(kind, changed)
            written = replace(file, items={1: replace(file.items[1], data=data)}).written()
            try:
                if np.array_equal(imagecodecs.avif_decode(written), shown):
                    return written
            except imagecodecs.AvifError:
                continue
    raise AssertionError("no length of a tile was found")


_PLACES: dict[str, Callable[[int, bytes], bytes]] = {
    "heic behind a slice": lambda seed, mark: changed(
        plain("heic", seed), 1, lambda unit: unit + mark
    ),
    "heic behind a slice and a zero word": lambda seed, mark: changed(
        plain("heic", seed), 1, lambda unit: unit + b"\0\0\3" + mark
    ),
    "heic behind a slice of a tile": lambda seed, mark: changed(
        grid("heic", seed), 3, lambda unit: unit + mark
    ),
    "heic behind a slice of the alpha": lambda seed, mark: changed(
        with_alpha("heic", seed), 2, lambda unit: unit + mark
    ),
    "heic behind one of four slices": lambda seed, mark: changed(
        heic(picture(seed, (256, 256)), slices="4"), 1, lambda unit: unit + mark
    ),
    "heic behind a row of blocks": lambda seed, mark: changed(
        rows_of_blocks(seed), 1, lambda unit: in_first_row(unit, mark)
    ),
    "avif behind a tile": lambda seed, mark: longer(plain("avif", seed), 1, mark),
    "avif behind a tile of a grid": lambda seed, mark: longer(grid("avif", seed), 3, mark),
    "avif behind a tile of the alpha": lambda seed, mark: longer(with_alpha("avif", seed), 2, mark),
    "avif behind one of two tiles": in_first_tile,
    "avif tiles of no frame": lambda seed, mark: around(
        plain("avif", seed), b"", obu(4, mark)
    ).written(),
    "heic slice of no block": lambda seed, mark: _with_slice(plain("heic", seed), mark),
}


def _with_slice(file: File, mark: bytes) -> bytes:
    """A further slice of the picture's own kind that codes no block that is missing."""
    item = file.items[1]
    more = units(item.data)[0][:2] + b"\x40" + mark
    return replace(file, items={1: replace(item, data=item.data + joined([more]))}).written()


def beside_the_picture(seed: int) -> dict[str, bytes]:
    """Pictures that store another one: beyond what is shown, and under full transparency."""
    image = picture(seed, (128, 64))
    drawn = np.asarray(image).copy()
    drawn[40:60:4, 10:100] = 255 - drawn[40:60:4, 10:100]
    whole = Image.fromarray(drawn)
    shown = struct.pack(">4I4i", 128, 1, 20, 1, 0, 1, -22, 1)
    clear = np.dstack([drawn, np.where(np.arange(64) < 32, 255, 0)[:, None].repeat(128, 1)])
    clear_image = Image.fromarray(clear.astype(np.uint8))
    deep = bytes(
        imagecodecs.avif_encode(clear.astype(np.uint16) * 4, level=90, bitspersample=10, speed=9)
    )
    found = {"avif of ten bits under transparency": deep}
    for form, build in (("heic", heic), ("avif", avif)):
        file = build(whole)
        item = file.items[1]
        cut = (*item.properties, (box(b"clap", shown), True))
        found[f"{form} beyond the aperture"] = replace(
            file, items={1: replace(item, properties=cut)}
        ).written()
        kind = "HEIF" if form == "heic" else "AVIF"
        found[f"{form} under transparency"] = saved(clear_image, kind, quality=90)
    return found
