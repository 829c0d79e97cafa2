"""GIF files with a marker in each hiding place; frames from Pillow, blocks by hand, from a seed."""

import struct

from PIL import Image

from corpora.photos_base import Planted, icc_profile, marker, picture, saved

_FULL = 16


def encoded(seed: int, **options: object) -> bytes:
    """A plain GIF of the seed's picture, encoded by Pillow."""
    return saved(_paletted(picture(seed)), "GIF", **options)


def animated(seed: int, frames: int = 3, **options: object) -> bytes:
    """An animation, each frame of its own colours."""
    first, *rest = [
        _paletted(picture(seed + number).rotate(9 * number)) for number in range(frames)
    ]
    settings = {"duration": 40, "loop": 3, "disposal": 2} | options
    return saved(first, "GIF", save_all=True, append_images=rest, **settings)


def _paletted(image: Image.Image) -> Image.Image:
    return image.quantize(200)


def blocks(data: bytes) -> bytes:
    """Data as sub-blocks with their terminator."""
    pieces = [data[at : at + 255] for at in range(0, len(data), 255)]
    return b"".join(bytes((len(piece),)) + piece for piece in pieces) + b"\0"


def extension(label: int, *pieces: bytes) -> bytes:
    """One extension block."""
    return bytes((0x21, label)) + b"".join(bytes((len(p),)) + p for p in pieces) + b"\0"


def packed(codes: list[int], minimum: int) -> bytes:
    """Uncompressed LZW: every pixel a code, cleared before the codes would widen."""
    clear, width = 1 << minimum, minimum + 1
    gathered, held, since = clear, width, 0
    for code in codes:
        if since == clear - 3:
            gathered |= clear << held
            held, since = held + width, 0
        gathered |= code << held
        held, since = held + width, since + 1
    gathered |= (clear + 1) << held
    return gathered.to_bytes(-(-(held + width) // 8), "little")


def assembled(
    indices: list[int],
    width: int,
    height: int,
    *,
    coded: bytes = b"",
    palette: bytes = b"",
    before: bytes = b"",
    after: bytes = b"",
    tail: bytes = b"",
    flags: int = 0,
    background: int = 0,
) -> bytes:
    """A GIF of one frame of sixteen colours; `before` and `after` are blocks around it."""
    table = palette or bytes(value for level in range(_FULL) for value in (16 * level, 9, 200))
    screen = struct.pack("<HHBBB", width, height, 0xF3 | flags, background, 0)
    frame = struct.pack("<B4HB", 0x2C, 0, 0, width, height, 0)
    data = blocks(coded or packed(indices, 4))
    return b"GIF89a" + screen + table + before + frame + b"\4" + data + after + b";" + tail


def _levels(seed: int) -> list[int]:
    return [value >> 4 for value in picture(seed, (24, 20)).convert("L").tobytes()]


def _one(seed: int, **parts: object) -> bytes:
    return assembled(_levels(seed), 24, 20, **parts)


def faithful(seed: int) -> list[tuple[str, bytes]]:
    """(name, file) of pictures whose every property must survive."""
    image = picture(seed)
    clear = image.convert("RGBA")
    clear.putalpha(image.convert("L").point(lambda level: 255 if level > 90 else 0))
    late = list(range(16)) * 400
    return [
        ("gif", encoded(seed)),
        ("gif straight", encoded(seed, interlace=0)),
        ("gif two colours", saved(image.convert("1"), "GIF")),
        ("gif transparent", saved(clear, "GIF")),
        ("gif animated", animated(seed)),
        ("gif animated shared", animated(seed, disposal=1, loop=0)),
        ("gif animated once", animated(seed, loop=None, duration=[20, 500, 70])),
        ("gif uncompressed", _one(seed)),
        ("gif full table", saved(picture(seed, (400, 300)).quantize(256), "GIF")),
        ("gif deferred", assembled(late, 80, 80)),
        ("gif control", _one(seed, before=extension(0xF9, bytes((0x0D, 9, 0, 3))))),
        ("gif loop of another name", _one(seed, before=extension(0xFF, b"ANIMEXTS1.0", b"\1\7\0"))),
    ]


def planted(seed: int) -> list[Planted]:
    """(hiding place, GIF file, marker) for every place that can be cleaned."""
    files: list[Planted] = []
    for place, build in _PLACES.items():
        mark = marker("gif", place)
        files.append((f"gif {place}", build(seed, mark), mark))
    mark = marker("gif", "unused palette entries")
    few = [min(value, 3) for value in _levels(seed)]
    table = bytes(range(12)) + bytes(3) + mark
    file = assembled(few, 24, 20, palette=table.ljust(48, b"\0"))
    files.append(("gif unused palette entries", file, mark))
    mark = marker("gif", "transparent colour")[:3]
    file = assembled(
        [5] * 480, 24, 20, palette=bytes(15) + mark + bytes(30),
        before=extension(0xF9, b"\1\0\0\5"),
    )  # fmt: skip
    files.append(("gif transparent colour", file, mark))
    mark = marker("gif", "surplus pixels")
    surplus = [nibble for octet in mark for nibble in (octet & 15, octet >> 4)]
    file = _one(seed, coded=packed([*_levels(seed), *surplus], 4))
    files.append(("gif surplus pixels", file, file[-24:-2]))
    return files


def _late(seed: int, block: bytes) -> bytes:
    return _one(seed, after=block)


def _between(seed: int, block: bytes) -> bytes:
    """An animation with a block in front of its second frame."""
    file = animated(seed)
    at = file.rindex(b"\x21\xf9")
    return file[:at] + block + file[at:]


def _xmp(mark: bytes) -> bytes:
    """XMP as Adobe puts it: no sub-blocks, and a ramp of bytes that ends whatever reads it so."""
    magic = b"\1" + bytes(range(255, -1, -1)) + b"\0"
    return b"\x21\xff\x0bXMP DataXMP<x:xmpmeta>" + mark + b"</x:xmpmeta>" + magic


def _slack(seed: int, mark: bytes) -> bytes:
    return _one(seed, coded=packed(_levels(seed), 4) + mark)


_PLACES = {
    "comment": lambda seed, mark: _one(seed, before=extension(0xFE, mark)),
    "comment late": lambda seed, mark: _late(seed, extension(0xFE, mark)),
    "comment in pieces": lambda seed, mark: _one(seed, before=extension(0xFE, b"by ", mark)),
    "comment between frames": lambda seed, mark: _between(seed, extension(0xFE, mark)),
    "application": lambda seed, mark: _one(seed, before=extension(0xFF, b"ACMEPHOTO10", mark)),
    "application name": lambda seed, mark: _one(seed, before=extension(0xFF, mark[:11], mark)),
    "xmp": lambda seed, mark: _one(seed, before=_xmp(mark)),
    "xmp late": lambda seed, mark: _late(seed, _xmp(mark)),
    "icc": lambda seed, mark: _one(
        seed,
        before=b"\x21\xff\x0bICCRGBG1012" + blocks(icc_profile(mark, "description")),
    ),
    "exif": lambda seed, mark: _one(seed, before=extension(0xFF, b"EXIF    1.0", b"II*\0" + mark)),
    "plain text": lambda seed, mark: _one(seed, before=extension(0x01, bytes(12), mark)),
    "plain text between frames": lambda seed, mark: _between(
        seed, extension(0x01, bytes(12), mark)
    ),
    "unknown extension": lambda seed, mark: _one(seed, before=extension(0xCE, mark)),
    "loop surplus": lambda seed, mark: _one(
        seed, before=extension(0xFF, b"NETSCAPE2.0", b"\1\0\0", mark)
    ),
    "second loop": lambda seed, mark: _one(
        seed, before=extension(0xFF, b"NETSCAPE2.0", b"\1\0\0") * 2 + extension(0xFE, mark)
    ),
    "loop without a count": lambda seed, mark: _one(
        seed, before=extension(0xFF, b"NETSCAPE2.0", mark)
    ),
    "control surplus": lambda seed, mark: _one(seed, before=extension(0xF9, b"\4\0\0\0", mark)),
    "behind the end code": _slack,
    "behind the end code in a block": lambda seed, mark: _one(
        seed, coded=packed(_levels(seed), 4).ljust(510, b"\0") + mark
    ),
    "trailer": lambda seed, mark: _one(seed, tail=mark),
    "trailing picture": lambda seed, mark: _one(
        seed, tail=_one(seed + 1, before=extension(0xFE, mark))
    ),
    "trailer of an animation": lambda seed, mark: animated(seed) + mark,
}


def _wide(head: bytes) -> bytes:
    """The head of a file with the largest screen there is."""
    return head[:6] + b"\xff" * 4 + head[10:]


def held(seed: int) -> list[tuple[str, bytes, str]]:
    """(name, file, reason) of GIF files that may not be cleaned."""
    plain = encoded(seed)
    palette = plain[13 : 13 + (6 << (plain[10] & 7))]
    huge = struct.pack("<B4HB", 0x2C, 0, 0, 65535, 65535, 0)
    return [
        ("gif cut", plain[: len(plain) // 2], "incomplete"),
        ("gif without its trailer", plain[:-1], "incomplete"),
        ("gif signature", b"GIF89", "incomplete"),
        ("gif rows missing", _one(seed, coded=packed(_levels(seed)[:-9], 4)), "incomplete"),
        ("gif stray bytes", _one(seed, before=b"stray"), "malformed"),
        ("gif without a frame", plain[:6] + bytes(7) + b";", "malformed"),
        ("gif code before its entry", _one(seed, coded=b"\xf0\xff\xff"), "malformed"),
        ("gif bomb", _wide(plain[:13]) + palette + huge + b"\2\1\x2c\0;", "limits-exceeded"),
        ("gif frame beside the screen", plain[:13] + palette + huge + b"\2\1\x2c\0;", "malformed"),
    ]
