"""Photographs that hold nothing but their picture, and the pieces to soil them with.

Pixels come from a seed; Pillow encodes them. What Pillow writes without being asked for metadata
is what a clean file is: picture, size, resolution.
"""

import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageCms

GREETING = "Siobhan O'Neill, ward 7"


def pixels(width: int = 48, height: int = 40, channels: int = 3, seed: int = 1) -> np.ndarray:
    """Return smooth, noisy samples, shape (height, width, channels), uint8."""
    rng = np.random.default_rng(seed)
    ramp = np.linspace(20, 200, width)[None, :, None] + np.linspace(0, 40, height)[:, None, None]
    noisy = ramp + rng.normal(0, 6, (height, width, channels))
    return noisy.clip(0, 255).astype(np.uint8)


def picture(mode: str = "RGB", width: int = 48, height: int = 40, seed: int = 1) -> Image.Image:
    """Return a seeded picture in a Pillow mode."""
    if mode == "P":
        return picture("RGB", width, height, seed).quantize(16)
    if mode == "1":
        return picture("L", width, height, seed).convert("1")
    if mode == "I;16":
        grey = pixels(width, height, 1, seed)[:, :, 0].astype(np.uint16) * 257
        return Image.fromarray(grey)
    channels = len(Image.new(mode, (1, 1)).getbands())
    data = pixels(width, height, channels, seed)
    if mode in ("LA", "RGBA"):
        data[:8, :, -1] = 0
        data[:8, :, :-1] = 0
    return Image.frombytes(mode, (width, height), data.tobytes())


def encoded(form: str, image: Image.Image, **options: object) -> bytes:
    """Return a picture in a file format of Pillow."""
    sink = io.BytesIO()
    image.save(sink, form, **options)
    return sink.getvalue()


def jpeg(mode: str = "RGB", seed: int = 1, **options: object) -> bytes:
    """Return a clean JPEG."""
    return encoded("JPEG", picture(mode, seed=seed), **options)


def png(mode: str = "RGB", seed: int = 1, **options: object) -> bytes:
    """Return a clean PNG."""
    return encoded("PNG", picture(mode, seed=seed), **options)


def tiff(mode: str = "RGB", seed: int = 1, **options: object) -> bytes:
    """Return a clean TIFF."""
    return encoded("TIFF", picture(mode, seed=seed), **options)


def srgb_profile() -> bytes:
    """Return the sRGB profile that lcms writes, with its texts."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def segment(marker: int, payload: bytes) -> bytes:
    """Return one JPEG segment."""
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def with_segment(data: bytes, marker: int, payload: bytes) -> bytes:
    """Return a JPEG with a segment put in front of its first quantisation table."""
    at = data.index(b"\xff\xdb")
    return data[:at] + segment(marker, payload) + data[at:]


def chunk(name: bytes, data: bytes) -> bytes:
    """Return one PNG chunk with its checksum."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def with_chunk(data: bytes, name: bytes, body: bytes) -> bytes:
    """Return a PNG with a chunk put behind its header."""
    return data[:33] + chunk(name, body) + data[33:]


def exif_block(entries: list[tuple[int, int, int, bytes]], order: str = "<") -> bytes:
    """Return a TIFF stream of one directory: entries of (tag, type, count, value bytes)."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    table = struct.pack(order + "H", len(entries))
    at, values = 8 + 2 + 12 * len(entries) + 4, b""
    for tag, kind, count, value in sorted(entries):
        table += struct.pack(order + "HHI", tag, kind, count)
        if len(value) <= 4:
            table += value.ljust(4, b"\0")
        else:
            table += struct.pack(order + "I", at + len(values))
            values += value + b"\0" * (len(value) % 2)
    return head + table + bytes(4) + values


def orientation_entry(turn: int, order: str = "<") -> tuple[int, int, int, bytes]:
    """Return the EXIF entry that turns a picture."""
    return (0x112, 3, 1, struct.pack(order + "H", turn))


def text_entry(tag: int, text: str) -> tuple[int, int, int, bytes]:
    """Return an EXIF entry of a text."""
    raw = text.encode() + b"\0"
    return (tag, 2, len(raw), raw)
