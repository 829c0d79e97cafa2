"""PNG files with one marker in each hiding place; built with Pillow and by hand, from a seed."""

import struct
import zlib

import numpy as np

from corpora.photos_base import Planted, exif_block, icc_profile, marker, picture, saved

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(name: bytes, data: bytes) -> bytes:
    """One chunk with its length and CRC."""
    return struct.pack(">I4s", len(data), name) + data + struct.pack(">I", zlib.crc32(name + data))


def encoded(seed: int, mode: str = "RGB", **options: object) -> bytes:
    """A plain PNG of the seed's picture, encoded by Pillow."""
    return saved(picture(seed).convert(mode), "PNG", **options)


def assembled(
    width: int, height: int, depth: int, colour: int, raw: bytes, **parts: bytes
) -> bytes:
    """A PNG of given filtered rows; `before` and `after` are chunks around IDAT."""
    header = struct.pack(
        ">IIBBBBB", width, height, depth, colour, 0, 0, parts.get("adam7", b"\0")[0]
    )
    idat = chunk(b"IDAT", zlib.compress(raw) + parts.get("tail", b""))
    before, after = parts.get("before", b""), parts.get("after", b"")
    return _SIGNATURE + chunk(b"IHDR", header) + before + idat + after + chunk(b"IEND", b"")


def planted(seed: int) -> list[Planted]:
    """(hiding place, PNG file, marker) for every place that can be cleaned."""
    files: list[Planted] = []
    plain = encoded(seed)
    for place, name, head in _CHUNKS:
        mark = marker("png", place)
        files.append((f"png {place}", _with(plain, chunk(name, head + mark)), mark))
        files.append((f"png {place} late", _late(plain, chunk(name, head + mark)), mark))
    for place, build in _SPECIAL.items():
        mark = marker("png", place)
        files.append((f"png {place}", build(seed, mark), _SPREAD.get(place, bytes)(mark)))
    return files


_CHUNKS = (
    ("text", b"tEXt", b"Author\0"),
    ("international text", b"iTXt", b"Author\0\0\0\0\0"),
    ("xmp", b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0"),
    ("raw profile", b"tEXt", b"Raw profile type iptc\0"),
    ("time", b"tIME", b""),
    ("suggested palette", b"sPLT", b"name\0\x08"),
    ("calibration", b"pCAL", b"unit\0"),
    ("scale", b"sCAL", b"\x01"),
    ("offset", b"oFFs", b""),
    ("histogram", b"hIST", b""),
    ("private", b"prVt", b""),
    ("private unsafe", b"prVT", b""),
    ("registered unknown", b"teSt", b""),
    ("jumbf", b"caBX", b""),
    ("overlong gamma", b"gAMA", b"\0\0\xb1\x8f"),
    ("overlong density", b"pHYs", b""),
    ("overlong significant bits", b"sBIT", b"\x08\x08\x08"),
)


def _with(png: bytes, inserted: bytes) -> bytes:
    """`png` with a chunk behind its header."""
    return png[:33] + inserted + png[33:]


def _late(png: bytes, inserted: bytes) -> bytes:
    """`png` with a chunk before its end chunk."""
    return png[:-12] + inserted + png[-12:]


def _rows(seed: int, mode: str) -> bytes:
    """The rows of the seed's picture, each with filter None."""
    return b"".join(b"\0" + row.tobytes() for row in np.asarray(picture(seed).convert(mode)))


def _compressed_text(seed: int, mark: bytes) -> bytes:
    return _with(encoded(seed), chunk(b"zTXt", b"Author\0\0" + zlib.compress(mark)))


def _compressed_international(seed: int, mark: bytes) -> bytes:
    return _with(encoded(seed), chunk(b"iTXt", b"Author\0\1\0\0\0" + zlib.compress(mark)))


def _exif(seed: int, mark: bytes) -> bytes:
    return _with(encoded(seed), chunk(b"eXIf", exif_block(mark, orientation=6)))


def _profile_name(seed: int, mark: bytes) -> bytes:
    return _with(encoded(seed), chunk(b"iCCP", mark + b"\0\0" + zlib.compress(icc_profile(b"-"))))


def _profile_text(seed: int, mark: bytes) -> bytes:
    data = b"name\0\0" + zlib.compress(icc_profile(mark, "description"))
    return _with(encoded(seed), chunk(b"iCCP", data))


def _profile_tail(seed: int, mark: bytes) -> bytes:
    data = b"name\0\0" + zlib.compress(icc_profile(b"-")) + mark
    return _with(encoded(seed), chunk(b"iCCP", data))


def _surplus_rows(seed: int, mark: bytes) -> bytes:
    return assembled(96, 64, 8, 2, _rows(seed, "RGB") + b"\0" + mark)


def _zlib_tail(seed: int, mark: bytes) -> bytes:
    return assembled(96, 64, 8, 2, _rows(seed, "RGB"), tail=mark)


def _second_stream(seed: int, mark: bytes) -> bytes:
    return assembled(96, 64, 8, 2, _rows(seed, "RGB"), tail=zlib.compress(mark * 3))


def _palette(seed: int, mark: bytes) -> bytes:
    rows = b"".join(b"\0" + bytes((row + column) % 8 for column in range(96)) for row in range(64))
    colours = bytes(range(24)) + (mark * 2)[:21] + bytes(3)
    return assembled(96, 64, 8, 3, rows, before=chunk(b"PLTE", colours))


def _palette_alpha(seed: int, mark: bytes) -> bytes:
    rows = b"".join(b"\0" + bytes((row + column) % 8 for column in range(96)) for row in range(64))
    before = chunk(b"PLTE", bytes(range(96))) + chunk(b"tRNS", bytes(8) + mark)
    return assembled(96, 64, 8, 3, rows, before=before)


def _true_colour_palette(seed: int, mark: bytes) -> bytes:
    return _with(encoded(seed), chunk(b"PLTE", (mark * 2)[:39]))


def _as_colours(mark: bytes) -> bytes:
    """A marker spelled in the RGB of 8-bit pixels of zero alpha."""
    return b"".join(bytes((byte, byte, byte, 0)) for byte in mark)


def _as_greys(mark: bytes) -> bytes:
    """A marker spelled in the grey of 16-bit pixels of zero alpha."""
    return b"".join(mark[at : at + 2] + b"\0\0" for at in range(0, len(mark), 2))


def _hidden_colour(seed: int, mark: bytes) -> bytes:
    row = b"\0" + _as_colours(mark) + b"\x10\x20\x30\xff" * (96 - len(mark))
    return assembled(96, 64, 8, 6, row + _rows(seed, "RGBA")[385:])


def _row_filling(seed: int, mark: bytes) -> bytes:
    """The marker in the seven bits behind the last pixel of each row."""
    return assembled(9, len(mark), 1, 0, b"".join(bytes((0, seed & 0xFF, x & 0x7F)) for x in mark))


def _hidden_grey(seed: int, mark: bytes) -> bytes:
    row = b"\0" + _as_greys(mark) + b"\x10\x20\xff\xff" * (96 - len(mark) // 2)
    return assembled(96, 4, 16, 4, row * 4)


def _after_end(seed: int, mark: bytes) -> bytes:
    return encoded(seed) + mark


def _gap_chunk_after_end(seed: int, mark: bytes) -> bytes:
    return encoded(seed) + chunk(b"tEXt", mark)


_SPECIAL = {
    "compressed text": _compressed_text,
    "compressed international text": _compressed_international,
    "exif": _exif,
    "profile name": _profile_name,
    "profile text": _profile_text,
    "profile tail": _profile_tail,
    "surplus rows": _surplus_rows,
    "zlib tail": _zlib_tail,
    "second stream": _second_stream,
    "unused palette": _palette,
    "unused palette alpha": _palette_alpha,
    "true colour palette": _true_colour_palette,
    "hidden colour": _hidden_colour,
    "hidden grey": _hidden_grey,
    "row filling": _row_filling,
    "after end": _after_end,
    "chunk after end": _gap_chunk_after_end,
}


_SPREAD = {"hidden colour": _as_colours, "hidden grey": _as_greys}


def animated(seed: int) -> bytes:
    """An APNG of two frames."""
    frames = [picture(seed), picture(seed + 1)]
    return saved(frames[0], "PNG", save_all=True, append_images=frames[1:])


def truncated(seed: int) -> bytes:
    """A PNG cut in the middle of its coded data."""
    png = encoded(seed)
    return png[: len(png) * 2 // 3]
