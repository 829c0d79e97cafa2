"""A HEIF file written from scratch: ftyp, meta, mdat, and nothing beside or between them."""

from struct import pack

from medrelease.sanitise.heif.boxes import box, full_box
from medrelease.sanitise.heif.pictures import Picture
from medrelease.sanitise.heif.properties import ESSENTIAL
from medrelease.sanitise.refusal import too_large
from medrelease.sanitise.target import Target
from medrelease.terms.words import Format

_STORED = frozenset({b"grid", b"iden"})
"""Items whose data lies in the meta box itself, as cameras write them."""


def write(pictures: list[Picture], form: Format, target: Target) -> None:
    """Write the pictures; the first is the main one. Raises too_large from 4 GiB on."""
    head = _brands(pictures, form)
    sizes = [sum(map(len, one.pieces)) for one in pictures if one.type not in _STORED]
    if len(head) + sum(sizes) > 0xFFFF0000:
        raise too_large("The HEIF file is larger than 4 GiB.")
    lead = len(head) + len(_meta(pictures, 0)) + 8
    target.write(head + _meta(pictures, lead) + pack(">I4s", 8 + sum(sizes), b"mdat"))
    for one in pictures:
        if one.type not in _STORED:
            for piece in one.pieces:
                target.write(piece)


def _brands(pictures: list[Picture], form: Format) -> bytes:
    """The file type box; `heix` where the coding is beyond HEVC's first and still profile."""
    if form is Format.AVIF:
        return box(b"ftyp", b"avif", bytes(4), b"avif", b"mif1", b"miaf")
    records = [whole for one in pictures for name, whole in one.properties if name == b"hvcC"]
    plain = all(record[9] & 31 in (1, 3) for record in records)
    brand = b"heic" if plain else b"heix"
    return box(b"ftyp", brand, bytes(4), brand, b"mif1")


def _meta(pictures: list[Picture], start: int) -> bytes:
    """The meta box where the coded data begins at `start` bytes into the file."""
    wide = len(pictures) > 0xFFFF
    number = ">I" if wide else ">H"
    parts_of_others = {tile for one in pictures for tile in one.tiles}
    names = []
    for one in pictures:
        hidden = int(one.number in parts_of_others)
        entry = pack(number, one.number) + bytes(2) + one.type + b"\0"
        names.append(full_box(b"infe", 3 if wide else 2, hidden, entry))
    parts = [
        full_box(b"hdlr", 0, 0, bytes(4), b"pict", bytes(12), b"\0"),
        full_box(b"pitm", 0, 0, pack(">H", 1)),
        full_box(b"iinf", int(wide), 0, pack(number, len(pictures)), *names),
    ]
    if references := _references(pictures, number):
        parts.append(full_box(b"iref", int(wide), 0, *references))
    parts += [_properties(pictures, number), _locations(pictures, start, number)]
    stored = b"".join(
        bytes(piece) for one in pictures if one.type in _STORED for piece in one.pieces
    )
    if stored:
        parts.append(box(b"idat", stored))
    return full_box(b"meta", 0, 0, *parts)


def _references(pictures: list[Picture], number: str) -> list[bytes]:
    """One box for each kind of reference of each item."""
    found = []
    for one in pictures:
        kinds = ((b"dimg", one.tiles), (b"auxl", one.alpha_of), (b"prem", one.premultiplied))
        for name, to in kinds:
            if to:
                listed = b"".join(pack(number, other) for other in to)
                found.append(box(name, pack(number, one.number), pack(">H", len(to)), listed))
    return found


def _properties(pictures: list[Picture], number: str) -> bytes:
    """Every property once, and which item has which."""
    every = [whole for one in pictures for _, whole in one.properties]
    places = {whole: index for index, whole in enumerate(dict.fromkeys(every), 1)}
    code, mark = (">H", 0x8000) if len(places) > 0x7F else (">B", 0x80)
    rows = []
    for one in pictures:
        listed = [
            pack(code, places[whole] | (mark if name in ESSENTIAL else 0))
            for name, whole in one.properties
        ]
        if len(listed) > 0xFF:
            raise too_large("A HEIF item has too many properties.")
        rows.append(pack(number, one.number) + bytes((len(listed),)) + b"".join(listed))
    flags = int(len(places) > 0x7F)
    ipma = full_box(b"ipma", int(number == ">I"), flags, pack(">I", len(rows)), *rows)
    return box(b"iprp", box(b"ipco", *places), ipma)


def _locations(pictures: list[Picture], start: int, number: str) -> bytes:
    """Where each item's data lies: derived ones in idat, coded ones in mdat, in order."""
    rows, stored = [], 0
    for one in pictures:
        size = sum(map(len, one.pieces))
        if not size:
            continue
        inside = one.type in _STORED
        place = stored if inside else start
        rows.append(pack(number, one.number) + pack(">HHHII", int(inside), 0, 1, place, size))
        if inside:
            stored += size
        else:
            start += size
    version = 2 if number == ">I" else 1
    return full_box(b"iloc", version, 0, b"\x44\0", pack(number, len(rows)), *rows)
