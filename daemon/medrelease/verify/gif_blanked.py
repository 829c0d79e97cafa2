"""The colours of a GIF's frames outside of its masks, and what the masks mean frame by frame.

A mask names what is seen while a frame is shown. What that frame leaves open shows the frames
before it (GIF89a section 23), back to one that stays and draws all of the masked part.
"""

import hashlib
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medrelease.terms.flow import Mask
from medrelease.verify.gif_blocks import File, Image
from medrelease.verify.gif_lzw import decoded
from medrelease.verify.masks import Cover, Masks, prove_within, rectangles
from medrelease.verify.refusal import malformed

Indices = NDArray[np.uint8]


def meant(file: File, masks: Masks) -> Masks:
    """Return the masks of single frames, still counted from the screen's corner.

    Raises Refusal(mask-not-possible) for a mask on no frame.
    """
    wide = max(file.screen[0], *(one.place[0] + one.place[2] for one in file.images))
    high = max(file.screen[1], *(one.place[1] + one.place[3] for one in file.images))
    prove_within(masks, [(wide, high)] * len(file.images))
    found = []
    for mask in masks:
        if mask.page is None:
            found += [replace(mask, page=number) for number in range(len(file.images))]
            continue
        whole = rectangles([mask], mask.page, wide, high)[0]
        for number in range(mask.page, -1, -1):
            found.append(replace(mask, page=number))
            image = file.images[number]
            gone = number != mask.page and image.control[0] in (2, 3)
            if not gone and _opaque(image, whole):
                break
    return tuple(found)


def _opaque(image: Image, whole: tuple[int, int, int, int]) -> bool:
    """Return whether a frame draws every pixel of a part of the screen."""
    left, top, wide, high = image.place
    across, down = slice(whole[0] - left, whole[2] - left), slice(whole[1] - top, whole[3] - top)
    if across.start < 0 or down.start < 0 or across.stop > wide or down.stop > high:
        return False
    return image.control[2] < 0 or not (_upright(image)[down, across] == image.control[2]).any()


def _upright(image: Image) -> Indices:
    """Return a frame's indices, shape (rows, columns), in the order of its rows."""
    _, _, wide, high = image.place
    stored = np.frombuffer(decoded(image.data, image.minimum, wide * high).indices, np.uint8)
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
        left, top, wide, high = image.place
        own = [
            Mask(number, mask.left - left, mask.top - top, mask.width, mask.height)
            for mask in masks
            if mask.page in (None, number)
        ]
        found = rectangles(own, number, wide, high)
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
