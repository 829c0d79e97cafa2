"""Pictures of every lossless form, from seeds, each with the library that decodes it for a test.

Built by hand where no library writes a form. A decoder here shares no code with the package.
"""

import io
import struct
import zlib
from collections.abc import Callable
from typing import NamedTuple

import cv2
import imagecodecs
import numpy as np
from PIL import Image

from corpora import photos_base, photos_bmp, photos_gif, photos_jp2, photos_png, photos_webp

Pages = list[np.ndarray]
"""Each of shape (rows, columns) or (rows, columns, samples)."""


class Form(NamedTuple):
    """One form of a format: a file, and what decodes files of its form.

    `shared` says that one page shows through another, so that a mask may change all of them;
    `cell` is the coding grid, in pixels, to whose cells a mask grows.
    """

    name: str
    data: bytes
    decode: Callable[[bytes], Pages]
    shared: bool = False
    cell: tuple[int, int] = (1, 1)


def pillow(data: bytes) -> Pages:
    """The pictures of a file as Pillow shows them."""
    with Image.open(io.BytesIO(data)) as image:
        return [np.array(image.convert("RGBA"))]


_PNG = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4))
_ADAM7 += ((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def png(seed: int, width: int = 37, height: int = 29) -> list[Form]:
    """Every colour type and depth, plain and interlaced, with noise under every filter."""
    rng = np.random.default_rng(seed)
    forms = []
    for colour, depths in _PNG.items():
        for depth in depths:
            for interlaced in (False, True):
                passes = _ADAM7 if interlaced else ((0, 0, 1, 1),)
                raw = b""
                for x, y, across, down in passes:
                    columns, rows = -(-(width - x) // across), -(-(height - y) // down)
                    if columns > 0 and rows > 0:
                        raw += _filtered(rng, columns * _SAMPLES[colour] * depth, rows)
                before = b""
                if colour == 3:
                    colours = rng.integers(0, 256, 3 << depth, np.uint8).tobytes()
                    before = photos_png.chunk(b"PLTE", colours)
                    before += photos_png.chunk(b"tRNS", b"\0\x80")
                elif colour == 0:
                    before = photos_png.chunk(b"tRNS", b"\0\0")
                data = photos_png.assembled(
                    width, height, depth, colour, raw, before=before, adam7=bytes((interlaced,))
                )
                name = f"png {colour} {depth} {'interlaced' if interlaced else 'plain'}"
                forms.append(Form(name, data, _png_pages))
    return forms


def _filtered(rng: np.random.Generator, bits: int, rows: int) -> bytes:
    """Noise behind random filter bytes; padding bits come out of the filters as they may."""
    coded = rng.integers(0, 256, (rows, 1 + -(-bits // 8)), np.uint8)
    coded[:, 0] = rng.integers(0, 5, rows)
    return coded.tobytes()


def _png_pages(data: bytes) -> Pages:
    if data[28]:  # interlaced, which imagecodecs does not put together
        return [cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)]
    return [imagecodecs.png_decode(data)]


def deflated(data: bytes) -> bytes:
    """The inflated IDAT stream of a PNG."""
    at, stream = 8, b""
    while at < len(data):
        length = int.from_bytes(data[at : at + 4])
        if data[at + 4 : at + 8] == b"IDAT":
            stream += data[at + 8 : at + 8 + length]
        at += 12 + length
    return zlib.decompress(stream)


def bmp(seed: int) -> list[Form]:
    """Every version and depth, run-length codes included."""
    return [Form(name, data, pillow) for name, data in photos_bmp.faithful(seed)]


def gif(seed: int) -> list[Form]:
    """Single frames and animations: palettes, transparency, partial frames, disposal."""
    forms = [Form(name, data, composed, shared=True) for name, data in photos_gif.faithful(seed)]
    forms += [
        Form(f"gif layers {disposal}", _layers(seed, disposal), composed, shared=True)
        for disposal in (0, 2, 3)
    ]
    return forms


def webp(seed: int) -> list[Form]:
    """Lossless pictures, plain, translucent and moving."""
    noise = np.random.default_rng(seed).integers(0, 256, (29, 37, 4), np.uint8)
    first, *rest = [
        Image.fromarray(np.roll(noise, 5 * number, axis=1)).convert("RGBA") for number in range(4)
    ]
    sink = io.BytesIO()
    first.save(sink, "WEBP", lossless=True, save_all=True, append_images=rest, exact=True)
    found = [
        ("webp", photos_webp.lossless(seed)),
        ("webp alpha", photos_base.saved(first, "WEBP", lossless=True, exact=True)),
        ("webp moving", sink.getvalue()),
        ("webp moving opaque", photos_webp.animated(seed, lossless=True)),
    ]
    return [Form(name, data, composed, shared=True) for name, data in found]


def jp2(seed: int) -> list[Form]:
    """Reversible and lossy pictures, grey and colour, 8 and 16 bit, every progression."""
    names = ("jp2", "jp2 lossy", "jp2 grey", "jp2 grey16", "jp2 alpha", "jp2 offsets", "jp2 RPCL")
    files = dict(photos_jp2.faithful(seed))
    return [Form(name, files[name], _jp2_pages) for name in names]


def _jp2_pages(data: bytes) -> Pages:
    with Image.open(io.BytesIO(data)) as image:
        return [np.array(image)]


def composed(data: bytes) -> Pages:
    """Every frame of a GIF or WebP as a viewer shows it."""
    with Image.open(io.BytesIO(data)) as image:
        found = []
        for number in range(image.n_frames):
            image.seek(number)
            found.append(np.array(image.convert("RGBA")))
        return found


def _layers(seed: int, disposal: int) -> bytes:
    """A full frame, then smaller ones with transparent pixels, interlaced, with own palettes."""
    rng = np.random.default_rng(seed)
    table = rng.integers(1, 256, 48, np.uint8).tobytes()
    screen = b"GIF89a" + struct.pack("<HHBBB", 40, 32, 0xF3, 0, 0) + table
    body = b""
    for left, top, width, height, packed in (
        (0, 0, 40, 32, 0), (4, 3, 30, 25, 0x40), (10, 8, 30, 24, 0xC3), (0, 0, 40, 32, 0x83)
    ):  # fmt: skip
        control = struct.pack("<BHB", disposal << 2 | 1, 10, 5)
        body += photos_gif.extension(0xF9, control)
        body += struct.pack("<B4HB", 0x2C, left, top, width, height, packed)
        body += rng.integers(1, 256, 48, np.uint8).tobytes() if packed & 0x80 else b""
        indices = rng.integers(0, 16, width * height).tolist()
        body += b"\4" + photos_gif.blocks(photos_gif.packed(indices, 4))
    return screen + body + b";"
