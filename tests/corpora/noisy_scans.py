"""JPEG pictures of some kilobytes of coded data each, and what can happen to that data."""

import io
import random

import numpy as np
from PIL import Image


def coded(size: tuple[int, int], mode: str = "RGB", **how: object) -> bytes:
    """A noisy picture of some kilobytes."""
    noise = np.random.default_rng(size[0]).normal(128, 30, (size[1], size[0], len(mode)))
    pixels = noise.clip(0, 255).astype(np.uint8)
    image = Image.fromarray(pixels[:, :, 0] if mode == "L" else pixels)
    file = io.BytesIO()
    image.save(file, "JPEG", **{"quality": 85, "subsampling": 2, **how})
    return file.getvalue()


PICTURES = {
    "whole MCUs": coded((320, 256)),
    "blocks beyond the edges": coded((325, 249)),
    "not subsampled": coded((256, 192), subsampling=0),
    "half subsampled": coded((256, 192), subsampling=1),
    "grey": coded((320, 256), "L"),
    "own tables": coded((320, 256), optimize=True),
    "intervals": coded((320, 256), restart_marker_rows=2),
    "progressive": coded((320, 256), progressive=True),
    "fine": coded((256, 192), quality=100),
}


def changed(picture: bytes, draw: random.Random) -> bytes:
    """A picture with one change somewhere in the coded data of its last scan."""
    data = bytearray(picture)
    at = draw.randrange(picture.rindex(b"\xff\xda") + 14, len(data) - 2)
    match draw.randrange(6):
        case 0:
            data[at] ^= 1 << draw.randrange(8)
        case 1:
            data[at:at] = b"Jane Doe"
        case 2:
            del data[at : at + draw.randrange(1, 90)]
        case 3:
            data[at : at + 30] = bytes(30)
        case 4:
            data[at:at] = draw.choice((b"\xff", b"\xff\xff", b"\xff\0", b"\xff\xd0"))
        case 5:
            data[-2:-2] = draw.randbytes(draw.randrange(1, 200)).replace(b"\xff", b"")
    return bytes(data)
