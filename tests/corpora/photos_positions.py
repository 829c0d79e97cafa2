"""Every kind of segment, chunk, extension, tag and box at every position of a file, with a marker.

The other generators plant where a format is known to hide something; this one takes names and
positions as they come, known to the standards or not. Files that are malformed by it may be held.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace

from corpora import photos_gif, photos_heif, photos_jpeg, photos_png, photos_tiff, photos_webp
from corpora.photos_base import Planted, icc_profile, marker, picture, saved
from corpora.photos_heif import box, full
from corpora.photos_jpeg import segment
from corpora.photos_png import chunk

Named = Iterator[tuple[str, bytes, bytes]]


def planted(seed: int) -> list[Planted]:
    """(hiding place, file, marker) for each name at each position."""
    makers = (_jpeg, _png, _gif, _bmp, _tiff, _webp, _heif, _jp2, _icc)
    return [place for maker in makers for place in maker(seed)]


def _jpeg(seed: int) -> Named:
    """Segments of every marker in front of, between and behind those that code the picture."""
    plain, progressive = photos_jpeg.encoded(seed), photos_jpeg.encoded(seed, progressive=True)
    heads = {0xE0: b"JFXX\0\x13\1\1", 0xE1: b"Exif\0\0", 0xE2: b"MPF\0II*\0", 0xEB: b"JP\0\1"}
    for code in (*range(0xE0, 0xF0), 0xFE):
        for head in (b"", heads.get(code, b"Acme\0")):
            for where in ("first", "frame", "tables", "scan", "end"):
                mark = marker("position jpeg", hex(code), repr(head), where)
                name = f"jpeg {code:02x} {len(head)} before {where}"
                yield name, _before(plain, where, segment(code, head + mark)), mark
            mark = marker("position jpeg", hex(code), repr(head), "scans")
            data = _before(progressive, "scans", segment(code, head + mark))
            yield f"jpeg {code:02x} {len(head)} between scans", data, mark
    for where in ("frame", "tables", "scan", "end"):
        for name, lead in (("stray", b""), ("filled", b"\xff" * 9), ("zeros", b"\0\0\0")):
            mark = marker("position jpeg", name, where)
            yield f"jpeg {name} bytes before {where}", _before(plain, where, lead + mark), mark


def _before(jpeg: bytes, where: str, inserted: bytes) -> bytes:
    scan = jpeg.index(b"\xff\xda")
    places = {
        "first": 2,
        "frame": max(jpeg.find(b"\xff\xc0"), jpeg.find(b"\xff\xc2")),
        "tables": jpeg.index(b"\xff\xc4"),
        "scan": scan,
        "scans": jpeg.find(b"\xff\xc4", scan),
        "end": len(jpeg) - 2,
    }
    at = places[where]
    return jpeg[:at] + inserted + jpeg[at:]


_CHUNKS = (
    b"cHRM gAMA sRGB sBIT bKGD hIST tRNS pHYs sPLT tIME iTXt tEXt zTXt eXIf zxIf oFFs pCAL sCAL "
    b"gIFg gIFt gIFx sTER dSIG cICP mDCV cLLI caBX iDOT vpAg orNT npTc mkBF mkTS prVW prVw skMf "
    b"skRf meTa mETA abcd zzzz exIf iCCP alPh raNd msOG pcLb"
).split()
_SIZES = {b"cHRM": 32, b"pHYs": 9, b"mDCV": 24, b"cLLI": 8, b"tIME": 7, b"oFFs": 9, b"bKGD": 6}


def _png(seed: int) -> Named:
    """Chunks of every name, in front of the picture's data, behind them and behind the end."""
    plain = photos_png.encoded(seed)
    data, end = plain.index(b"IDAT") - 4, len(plain)
    for name in _CHUNKS:
        for where, at in (("header", 33), ("data", data), ("end", end - 12), ("file", end)):
            mark = marker("position png", name.decode(), where)
            yield (
                f"png {name.decode()} around {where}",
                plain[:at] + chunk(name, mark) + plain[at:],
                mark,
            )
        if name in _SIZES:
            mark = (marker("position png", name.decode(), "size") * 2)[4 : 4 + _SIZES[name]]
            yield (
                f"png {name.decode()} of its size",
                plain[:33] + chunk(name, mark) + plain[33:],
                mark,
            )


def _gif(seed: int) -> Named:
    """Extensions of every label and of known applications, in front and behind."""
    plain = photos_gif.encoded(seed)
    front = 13 + (3 << (plain[10] & 7) + 1 if plain[10] & 0x80 else 0)
    names = (b"NETSCAPE2.0", b"ANIMEXTS1.0", b"XMP DataXMP", b"ICCRGBG1012", b"ADOBE:IR1.0")
    names += (b"MGK8BIM0000", b"MGKIPTC0000", b"fractint002", b"C2PA_GIF\1\0\0")
    heads = [bytes((0x21, label)) for label in (*range(0, 256, 17), 1, 0xFE, 0xCE)]
    heads += [b"\x21\xff\x0b" + name for name in names]
    for number, head in enumerate(heads):
        for where, at in (("front", front), ("end", len(plain) - 1)):
            mark = marker("position gif", str(number), where)
            inserted = head + bytes((len(mark),)) + mark + b"\0"
            yield f"gif {head.hex()} {where}", plain[:at] + inserted + plain[at:], mark


def _bmp(seed: int) -> Named:
    """Fields of no use, and headers of every size that say nothing but the marker."""
    plain = saved(picture(seed), "BMP")
    for name, start, end in (
        ("reserved", 6, 10),
        ("size of the file", 2, 6),
        ("size of the picture", 34, 38),
        ("density", 38, 46),
        ("colours", 46, 54),
    ):
        mark = marker("position bmp", name)[4 : 4 + end - start]
        yield f"bmp {name}", plain[:start] + mark + plain[end:], mark
    for size in (52, 56, 64, 108, 124):
        mark = marker("position bmp", str(size))
        more = (mark * 9)[: size - 40]
        lead = plain[:2] + struct.pack("<I", len(plain) + len(more)) + plain[6:10]
        lead += struct.pack("<II", 14 + size, size)
        yield f"bmp header of {size}", lead + plain[18:54] + more + plain[54:], more[:20]


_IDLE_TAGS = (
    *(*range(254, 350), *range(400, 406), 433, 434, 435, *range(512, 522), 559, 700, 999, 18246),
    *(32781, 32932, 32934, 33432, 33434, 33437, 33550, 33628, 33723, 33922, 34118, 34264, 34361),
    *(34377, 34412, 34665, 34735, 34736, 34737, 34852, 34853, 34908, 37500, 37510, 37679, 37724),
    *(40091, 40092, 40093, 40094, 40095, 40965, 42016, 42032, 42033, 42112, 42113, 50215, 50255),
    *(50838, 50839, 50844, 51123, 59932, 65000, 65420, 65535),
)
_NEEDED = {256, 257, 258, 259, 262, 273, 277, 278, 279, 324, 325, 322, 323}


def _tiff(seed: int) -> Named:
    """Tags of every number there is a name for, as text, bytes, short and long numbers."""
    rows = photos_tiff.pixels(seed)
    for tag in sorted(set(_IDLE_TAGS) - _NEEDED):
        for kind, size in ((2, 21), (1, 20), (3, 20), (4, 20), (5, 16)):
            mark = marker("position tiff", str(tag), str(kind))[: min(size, 20)]
            value = (kind, mark.ljust(size, b"\0"))
            page = photos_tiff.page_tags() | {tag: value}
            yield f"tiff {tag} of type {kind}", photos_tiff.assembled([(page, rows)]), mark
    for tag in (256, 257, 258, 259, 262, 277, 278):
        mark = marker("position tiff", str(tag), "longer")
        page = photos_tiff.page_tags()
        kind, value = page[tag]
        page[tag] = (kind, value + mark)
        yield f"tiff {tag} longer", photos_tiff.assembled([(page, rows)]), mark


def _webp(seed: int) -> Named:
    """Chunks of every name in front of the picture and behind it."""
    names = b"EXIF XMP. ICCP ALPH ANIM FRGM NOTE zzzz JUNK LIST C2PA IPTC META exif".split()
    plains = {"lossy": photos_webp.encoded(seed), "whole": photos_webp.lossless(seed)}
    for form, plain in plains.items():
        for each in names:
            name = each.replace(b".", b" ")
            for where in ("behind", "before", "flagged"):
                mark = marker("position webp", form, each.decode(), where)
                beside = {"before": ((name, mark),)} if where == "before" else {}
                more = () if where == "before" else ((name, mark),)
                flags = 0x2C if where == "flagged" else 0
                data = photos_webp.extended(plain, *more, flags=flags, **beside)
                yield f"webp {form} {each.decode()} {where}", data, mark


_BOXES = (
    b"free skip wide uuid udta mfra mere styp pdin prft emsg Exif xml. bxml ipro iinf jumb jumd "
    b"c2pa mpvd sefd samx etyp"
).split()
_PROPERTIES = (
    b"udes altt crtt mdft iscl rref taic cmin cmex lsel a1op a1lx subs rloc cclv amve ndwt reve "
    b"vexu hfov dobr wipe prdi ITUT itai cpat uncC free uuid grpl iden"
).split()


def _heif(seed: int) -> Named:
    """Boxes of every name beside the others, in them, and as properties of the picture."""
    for form in ("heic", "avif"):
        plain = photos_heif.plain(form, seed)
        for each in _BOXES:
            name = each.replace(b".", b" ")
            for field in ("between", "tail", "meta", "properties"):
                mark = marker("position", form, each.decode(), field)
                data = replace(plain, **{field: box(name, mark)}).written()
                yield f"{form} {each.decode()} {field}", data, mark
        for name in _PROPERTIES:
            for wide in (False, True):
                mark = marker("position", form, name.decode(), str(wide))
                one = full(name, mark) if wide else box(name, mark)
                data = photos_heif.plain(form, seed, (one, False)).written()
                yield f"{form} property {name.decode()} {'full' if wide else ''}", data, mark


def _jp2(seed: int) -> Named:
    """Boxes of every name between the others and in the header, segments in both headers."""
    image = picture(seed)
    jp2, bare = saved(image, "JPEG2000"), saved(image, "JPEG2000", no_jp2=True)
    head = jp2.index(b"jp2h") - 4
    end = head + int.from_bytes(jp2[head : head + 4])
    names = b"xml. uuid uinf jp2i free mdat asoc nlst lbl. cref gtso chck mp7b jpch jplh jumb zzzz"
    for each in names.split():
        name = each.replace(b".", b" ")
        mark = marker("position jp2", each.decode())
        inserted = box(name, mark)
        for where, at in (("header", head), ("stream", end), ("end", len(jp2))):
            yield f"jp2 {each.decode()} before {where}", jp2[:at] + inserted + jp2[at:], mark
        longer = struct.pack(">I", end - head + len(inserted))
        inside = jp2[:head] + longer + jp2[head + 4 : end] + inserted + jp2[end:]
        yield f"jp2 {each.decode()} in the header", inside, mark
    tile, data = bare.index(b"\xff\x90"), bare.index(b"\xff\x93")
    for code in (0x55, 0x57, 0x58, 0x63, 0x64, 0x65, 0x6F, 0x74, 0x78):
        mark = marker("position j2k", str(code))
        more = segment(code, mark)
        yield f"jp2 segment {code:02x}", bare[:tile] + more + bare[tile:], mark
        size = int.from_bytes(bare[tile + 6 : tile + 10]) + len(more)
        lead = bare[: tile + 6] + struct.pack(">I", size) + bare[tile + 10 : data]
        yield f"jp2 segment {code:02x} of a tile", lead + more + bare[data:], mark


_TAGS = (
    b"desc cprt dmnd dmdd tech vued view targ pseq psid calt meta dict ncl2 clrt ps2s crdi devs "
    b"scrd scrn bfd. chrm lumi meas bkpt rig0 resp gamt vcgt ndin mmod MSOR dscm Cpdi D2B9 A2B9 "
    b"cicp kTRC aarg zzzz"
).split()


def _icc(seed: int) -> Named:
    """Tags of every name and type in a profile, in the formats that carry one by turns."""
    carriers = (_in_jpeg, _in_png, _in_tiff, _in_webp, _in_heic)
    number = 0
    for each in _TAGS:
        for kind in (b"text", b"desc", b"mluc", b"data", b"curv", b"para", b"XYZ ", b"zxxz"):
            mark = marker("position icc", each.decode(), kind.decode())
            profile = _with_tag(icc_profile(b"-"), each.replace(b".", b" "), kind, mark)
            form, data = carriers[number % len(carriers)](seed, profile)
            number += 1
            yield f"{form} icc {each.decode()} {kind.decode()}", data, mark


def _with_tag(profile: bytes, name: bytes, kind: bytes, mark: bytes) -> bytes:
    """A profile with a tag more, or in place of the one of that name."""
    (count,) = struct.unpack_from(">I", profile, 128)
    rows = [struct.unpack_from(">4sII", profile, 132 + 12 * index) for index in range(count)]
    values = {each: profile[start : start + size] for each, start, size in rows}
    wide = mark.decode().encode("utf-16-be")
    values[name] = {
        b"mluc": kind + bytes(4) + struct.pack(">II4sII", 1, 12, b"enUS", len(wide), 28) + wide,
        b"desc": kind + bytes(4) + struct.pack(">I", len(mark) + 1) + mark + bytes(79),
        b"curv": kind + bytes(4) + struct.pack(">I", len(mark) // 2) + mark,
        b"para": kind + bytes(4) + struct.pack(">HH", 4, 0) + mark + mark,
    }.get(kind, kind + bytes(4) + mark)
    start, table, body = 132 + 12 * len(values), b"", b""
    for each, value in values.items():
        table += struct.pack(">4sII", each, start + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    whole = profile[4:128] + struct.pack(">I", len(values)) + table + body
    return struct.pack(">I", 4 + len(whole)) + whole


def _in_jpeg(seed: int, profile: bytes) -> tuple[str, bytes]:
    jpeg = photos_jpeg.encoded(seed)
    inserted = segment(0xE2, b"ICC_PROFILE\0\1\1" + profile)
    return "jpeg", jpeg[:20] + inserted + jpeg[20:]


def _in_png(seed: int, profile: bytes) -> tuple[str, bytes]:
    png = photos_png.encoded(seed)
    return "png", png[:33] + chunk(b"iCCP", b"x\0\0" + zlib.compress(profile)) + png[33:]


def _in_tiff(seed: int, profile: bytes) -> tuple[str, bytes]:
    page = photos_tiff.page_tags(t34675=(7, profile))
    return "tiff", photos_tiff.assembled([(page, photos_tiff.pixels(seed))])


def _in_webp(seed: int, profile: bytes) -> tuple[str, bytes]:
    plain = photos_webp.encoded(seed)
    return "webp", photos_webp.extended(plain, before=((b"ICCP", profile),), flags=0x20)


def _in_heic(seed: int, profile: bytes) -> tuple[str, bytes]:
    colour = (box(b"colr", b"prof", profile), False)
    return "heic", photos_heif.plain("heic", seed, colour).written()
