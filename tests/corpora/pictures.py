"""Pictures for the pixel step as a whole: smooth ones, and the same with a line of writing."""

import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]


def smooth(seed: int, rows: int = 300, columns: int = 400) -> Pixels:
    """A smooth picture in colour that depends on the seed only, shape (rows, columns, 3)."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(60, 160, (6, 8, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_CUBIC), np.uint8)


def labelled(seed: int, text: str, rows: int = 300, columns: int = 400) -> Pixels:
    """The same with a white line of text a third down, and nothing else."""
    picture = smooth(seed, rows, columns)
    place = (columns // 12, rows // 3)
    cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.8, (255,) * 3, 2, cv2.LINE_AA)
    return picture


def text_pixels(seed: int, text: str, rows: int = 300, columns: int = 400) -> NDArray[np.bool_]:
    """Where the label of `labelled` stands, shape (rows, columns)."""
    changed = labelled(seed, text, rows, columns) != smooth(seed, rows, columns)
    return np.asarray(changed.any(axis=2))


def as_image(picture: Pixels) -> Image.Image:
    """The same as Pillow has it."""
    return Image.fromarray(picture)


def saved(picture: Pixels, form: str, **options: object) -> bytes:
    """The bytes of a file of a format that Pillow writes."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, form, **options)
    return buffer.getvalue()


def opened(data: bytes) -> Pixels:
    """The pixels of a file that Pillow reads."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
