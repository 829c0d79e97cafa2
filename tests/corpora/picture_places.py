"""What of a released file is not coded picture: there a marker is a leak, whatever came in.

A mutation may well make a marker part of the picture itself, which is nobody's fault.
"""

import re
import struct
from collections.abc import Callable, Iterator

_CODED = re.compile(rb"\xff\xda.*?(?=\xff[^\0\xd0-\xd7])|\xff\xdb\0\x43.{65}", re.DOTALL)
_PIXEL_DATA = b"\xe0\x7f\x10\x00"
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 11: 4, 12: 8, 13: 4, 16: 8}
_OFFSETS = {273: 279, 324: 325}


def beside_picture(data: bytes) -> bytes:
    """The bytes of a released file without its coded picture data and its palettes."""
    for start, strip in _STRIPPED.items():
        if data.startswith(start):
            return strip(data)
    if data[4:8] in (b"ftyp", b"jP  "):
        return _without_boxes(data)
    return _without_pixel_data(data) if data[128:132] == b"DICM" else data


def _jpeg(data: bytes) -> bytes:
    return _CODED.sub(b"", data)


def _png(data: bytes) -> bytes:
    rest, at = data[:8], 8
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4])
        if data[at + 4 : at + 8] not in (b"IDAT", b"PLTE"):
            rest += data[at:end]
        at = end
    return rest + data[at:]


def _bmp(data: bytes) -> bytes:
    (size,) = struct.unpack_from("<I", data, 14)
    head = data[: 14 + size]
    if size < 124:
        return head
    offset, length = struct.unpack_from("<II", data, 14 + 112)
    return head + (data[14 + offset :] if length else b"")


def _gif(data: bytes) -> bytes:
    def table(flags: int) -> int:
        return 3 << (flags & 7) + 1 if flags & 0x80 else 0

    rest, at = data[:13], 13 + table(data[10])
    while at < len(data):
        if data[at] == 0x2C:
            rest, at = rest + data[at : at + 10], at + 10 + table(data[at + 9]) + 1
            at = _behind_blocks(data, at)
        elif data[at] == 0x21:
            end = _behind_blocks(data, at + 2)
            rest, at = rest + data[at:end], end
        else:
            return rest + data[at:]
    return rest


def _behind_blocks(data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        at += 1 + data[at]
    return at + 1


def _webp(data: bytes) -> bytes:
    return data[:12] + b"".join(_webp_chunks(data, 12, len(data)))


def _webp_chunks(data: bytes, at: int, end: int) -> Iterator[bytes]:
    while at + 8 <= end:
        name, size = struct.unpack_from("<4sI", data, at)
        body, last = at + 8, at + 8 + size
        if name == b"ANMF":
            yield data[at : body + 16]
            yield from _webp_chunks(data, body + 16, last)
        elif name not in (b"VP8 ", b"VP8L", b"ALPH"):
            yield data[at:last]
        at = last + size % 2
    yield data[at:end]


def _without_boxes(data: bytes) -> bytes:
    rest, at = b"", 0
    while at + 8 <= len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        end = at + size if size else len(data)
        if name == b"jp2c":
            rest += re.sub(rb"\xff\x93.*?(?=\xff\x90\0\n|\xff\xd9$)", b"", data[at:end], flags=16)
        elif name != b"mdat":
            rest += data[at:end]
        at = max(end, at + 8)
    return rest + data[at:]


def _tiff(data: bytes) -> bytes:
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    word, count_word, entry = ("Q", "Q", 20) if big else ("I", "H", 12)
    (at,) = struct.unpack_from(order + word, data, 8 if big else 4)
    left = bytearray(data)
    while at:
        (count,) = struct.unpack_from(order + count_word, data, at)
        first = at + struct.calcsize("=" + count_word)
        tags = {}
        for number in range(count):
            place = first + number * entry
            tag, kind, many = struct.unpack_from(order + "HH" + word, data, place)
            wide, here = _SIZES[kind] * many, place + 4 + struct.calcsize("=" + word)
            if wide > struct.calcsize("=" + word):
                (here,) = struct.unpack_from(order + word, data, here)
            tags[tag] = (here, kind, many)
            if tag in (320, 347):
                left[here : here + wide] = bytes(wide)
        for tag, sizes in _OFFSETS.items():
            if tag in tags and sizes in tags:
                ranges = zip(*(_numbers(data, order, *tags[t]) for t in (tag, sizes)), strict=True)
                for start, length in ranges:
                    left[start : start + length] = bytes(length)
        (at,) = struct.unpack_from(order + word, data, first + count * entry)
    return bytes(left)


def _numbers(data: bytes, order: str, here: int, kind: int, many: int) -> tuple[int, ...]:
    letter = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q"}[kind]
    return struct.unpack_from(f"{order}{many}{letter}", data, here)


def _without_pixel_data(data: bytes) -> bytes:
    at = data.rfind(_PIXEL_DATA)
    return data if at < 0 else data[:at]


_STRIPPED: dict[bytes, Callable[[bytes], bytes]] = {
    b"\xff\xd8": _jpeg,
    b"\x89PNG": _png,
    b"BM": _bmp,
    b"GIF8": _gif,
    b"RIFF": _webp,
    b"II": _tiff,
    b"MM": _tiff,
}
