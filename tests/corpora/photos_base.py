"""What the photograph generators share: pictures, markers, Exif blocks and ICC profiles."""

import hashlib
import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageCms

Planted = tuple[str, bytes, bytes]
"""(name of the hiding place, file, marker)"""


def marker(*place: str) -> bytes:
    """A marker of 20 printable bytes, its own for each hiding place."""
    return b"MARK" + hashlib.sha256(" ".join(place).encode()).hexdigest()[:16].encode()


def picture(seed: int, size: tuple[int, int] = (96, 64)) -> Image.Image:
    """A smooth RGB picture with some noise; `size` is width and height in pixels."""
    random = np.random.default_rng(seed)
    width, height = size
    ramp = np.add.outer(np.arange(height) * 2, np.arange(width)) % 256
    planes = np.stack([ramp, ramp[::-1], 255 - ramp], axis=-1)
    noise = random.integers(0, 9, planes.shape)
    return Image.fromarray(np.clip(planes + noise, 0, 255).astype(np.uint8))


def holds(data: bytes, mark: bytes) -> bool:
    """Whether a file holds a marker: raw, as UTF-16, or inside any zlib stream in it."""
    forms = (mark, *(mark.decode("latin-1").encode(wide) for wide in ("utf-16-le", "utf-16-be")))
    return any(form in layer for layer in (data, *_inflated(data)) for form in forms)


def _inflated(data: bytes) -> list[bytes]:
    """Every zlib stream that begins at any byte; PNG's picture data is joined first."""
    found = []
    for layer in (data, _joined_idat(data)):
        at = layer.find(b"\x78")
        while at >= 0:
            engine = zlib.decompressobj()
            plain = b""
            try:
                while not engine.eof and at + len(plain) < len(layer) + (1 << 24):
                    piece = engine.decompress(engine.unconsumed_tail or layer[at:], 1 << 16)
                    plain += piece
                    if not piece:
                        break
            except zlib.error:
                piece = b""
            if len(plain) > 8:
                found.append(plain + engine.unused_data)
            at = layer.find(b"\x78", at + 1)
    return found


def _joined_idat(data: bytes) -> bytes:
    joined, at = b"", 8
    while data[:4] == b"\x89PNG" and at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        if data[at + 4 : at + 8] == b"IDAT":
            joined += data[at + 8 : at + 8 + length]
        at += 12 + length
    return joined


def icc_profile(mark: bytes, place: str = "") -> bytes:
    """An sRGB profile with the marker in its description, copyright, a private tag or slack."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    (count,) = struct.unpack_from(">I", profile, 128)
    table = [struct.unpack_from(">4sII", profile, 132 + 12 * index) for index in range(count)]
    values = {name: profile[offset : offset + size] for name, offset, size in table}
    text = b"text" + bytes(4) + mark + b"\0"
    names = {"description": b"desc", "copyright": b"cprt", "private": b"zzzz"}
    if place in names:
        values[names[place]] = text
    head, body = b"", b""
    start = 132 + 12 * len(values)
    for name, value in values.items():
        slack = mark if place == "slack" and name == b"wtpt" else b""
        head += struct.pack(">4sII", name, start + len(body), len(value))
        body += value + slack + bytes(-len(value + slack) % 4)
    table_bytes = struct.pack(">I", len(values)) + head
    return struct.pack(">I", start + len(body)) + profile[4:128] + table_bytes + body


def exif_block(
    mark: bytes,
    place: str = "ifd0",
    *,
    orientation: int = 1,
    thumbnail: bytes = b"",
    everywhere: bool = False,
) -> bytes:
    """A little-endian Exif block with the marker in one directory, or in all of them."""
    here = {place} if not everywhere else {"ifd0", "exif", "maker-note", "gps", "gap", "interop"}
    block = bytearray(b"II*\0" + struct.pack("<I", 8))

    def text(where: str) -> bytes:
        return (mark if where in here else b"Acme") + b"\0"

    ifd0 = [(271, 2, text("ifd0")), (274, 3, struct.pack("<H", orientation))]
    gps = [(27, 7, text("gps"))]
    interop = [(1, 2, text("interop"))]
    exif = [(36867, 2, b"2026:01:02 03:04:05\0"), (37500, 7, text("maker-note"))]
    exif += [(42033, 2, text("exif"))]
    ifd1 = [(270, 2, text("ifd1"))]
    if thumbnail:
        ifd1 += [(513, 4, b""), (514, 4, struct.pack("<I", len(thumbnail)))]
    link = _append_directory(block, ifd0, pointers=(34665, 34853))
    _set_pointer(block, 34665, _append(block, exif, pointers=(40965,)))
    _set_pointer(block, 34853, _append(block, gps))
    _set_pointer(block, 40965, _append(block, interop))
    if "gap" in here:
        block += mark
    if thumbnail or place == "ifd1":
        struct.pack_into("<I", block, link, _append(block, ifd1))
        if thumbnail:
            _set_pointer(block, 513, len(block))
            block += thumbnail
    return bytes(block)


def _append(block: bytearray, entries: list[tuple[int, int, bytes]], pointers=()) -> int:
    start = len(block)
    _append_directory(block, entries, pointers)
    return start


def _append_directory(
    block: bytearray, entries: list[tuple[int, int, bytes]], pointers: tuple[int, ...] = ()
) -> int:
    """Append a directory of inline or following values; returns where its link stands."""
    everything = sorted([*entries, *((tag, 4, bytes(4)) for tag in pointers)])
    start = len(block)
    behind = start + 2 + 12 * len(everything) + 4
    head, tail = struct.pack("<H", len(everything)), b""
    sizes = {2: 1, 3: 2, 4: 4, 7: 1}
    for tag, kind, value in everything:
        count = max(1, len(value) // sizes[kind])
        field = value.ljust(4, b"\0")
        if len(value) > 4:
            field = struct.pack("<I", behind + len(tail))
            tail += value + bytes(len(value) & 1)
        head += struct.pack("<HHI", tag, kind, count) + field
    block += head + bytes(4) + tail
    return behind - 4


def _set_pointer(block: bytearray, tag: int, offset: int) -> None:
    """Fill in the LONG value of the entry with this tag."""
    at = block.index(struct.pack("<HHI", tag, 4, 1))
    struct.pack_into("<I", block, at + 8, offset)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """A picture encoded by Pillow."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
