"""The colours of a GIF's frames outside of its masks, and one colour under them."""

import hashlib
from functools import partial

import numpy as np
from numpy.typing import NDArray

from medrelease.verify.gif_blocks import File, Image
from medrelease.verify.gif_lzw import decoded
from medrelease.verify.layers import Sheet, frame_by_frame, own
from medrelease.verify.masks import Cover, Masks, Rectangle
from medrelease.verify.refusal import malformed

Indices = NDArray[np.uint8]


def meant(file: File, masks: Masks) -> Masks:
    """Return the masks of single frames. Raises Refusal(mask-not-possible) for one on no frame."""
    sheets = [
        Sheet(image.place, image.control[0] in (2, 3), partial(_opaque, image))
        for image in file.images
    ]
    return frame_by_frame(sheets, file.screen[:2], masks)


def _opaque(image: Image, whole: Rectangle) -> bool:
    """Return whether no pixel of a part of a frame is transparent."""
    left, top, right, bottom = whole
    hidden = image.control[2]
    return hidden < 0 or not (_upright(image)[top:bottom, left:right] == hidden).any()


def _upright(image: Image) -> Indices:
    """Return a frame's indices, shape (rows, columns), in the order of its rows."""
    _, _, wide, high = image.place
    stored = np.frombuffer(decoded(image.data, image.minimum, wide * high), np.uint8)
    rows = stored.reshape(high, wide)
    if not image.interlaced:
        return rows
    upright = np.empty_like(rows)
    at = 0
    for first, step in ((0, 8), (4, 8), (2, 4), (1, 2)):
        number = len(range(first, high, step))
        upright[first::step] = rows[at : at + number]
        at += number
    return upright


def blanked(file: File, masks: Masks, *, strict: bool) -> str:
    """Return a SHA-256 over the colours that no mask covers, frame by frame.

    Raises Refusal(malformed) where, if `strict`, what lies under the masks of a frame is not of
    one colour or lets something older show through.
    """
    digest = hashlib.sha256()
    for number, image in enumerate(file.images):
        _, _, wide, high = image.place
        found = own(masks, number, image.place)
        indices = _upright(image)
        for x, y, x_end, y_end in found:
            if strict and (indices[y:y_end, x:x_end] == image.control[2]).any():
                malformed("what was to be blanked shows what lies beneath")
        pixels = _colours(image, file)[indices]
        pure = Cover(found, strict=strict).out(pixels, range(wide), range(high))
        digest.update(repr((image.place, image.interlaced)).encode() + pure.tobytes())
    return digest.hexdigest()


def _colours(image: Image, file: File) -> Indices:
    """Return what each index shows, shape (256, 4): red, green, blue, opaque."""
    table = np.zeros((256, 4), np.uint8)
    palette = np.frombuffer(image.palette or file.palette, np.uint8).reshape(-1, 3)
    table[: len(palette), :3] = palette
    table[: len(palette), 3] = 1
    if image.control[2] >= 0:
        table[image.control[2]] = 0
    return table
