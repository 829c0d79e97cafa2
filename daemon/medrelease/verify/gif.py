"""GIF files: the source as it came, and the finished one proved block by block.

A frame's codes are compared up to its last pixel; where they were made anew the indices are. The
colours compared are those that a visible pixel names.
"""

import hashlib
from functools import partial

import numpy as np
from numpy.typing import NDArray

from medrelease.verify.gif_blanked import blanked, meant
from medrelease.verify.gif_blocks import File, Image, read
from medrelease.verify.gif_lzw import Picture, decoded
from medrelease.verify.reading import Reading
from medrelease.verify.refusal import malformed

Flags = NDArray[np.bool_]


def read_source(view: memoryview) -> Reading:
    """Read a dropped GIF. Raises Refusal(incomplete | malformed | limits-exceeded)."""
    return _reading(read(view, finished=False), finished=False)


def read_finished(view: memoryview) -> Reading:
    """Prove a finished GIF. Raises Refusal(malformed | incomplete) naming what is not allowed."""
    return _reading(read(view, finished=True), finished=True)


def _reading(file: File, *, finished: bool) -> Reading:
    """Decode the frames, and put together what both sides have in common."""
    coded, shown_pixels = hashlib.sha256(), hashlib.sha256()
    shared = np.zeros(256, np.bool_)
    if file.palette:
        shared[file.background] = True
    for image in file.images:
        picture = decoded(image.data, image.minimum, image.place[2] * image.place[3])
        if finished and not picture.tidy:
            malformed("GIF picture data beyond the last pixel")
        named = _named(image, picture, file)
        if image.palette:
            coded_palette = _palette(image.palette, named, finished=finished)
        else:
            coded_palette = b""
            shared |= named
        shape = repr((image.place, image.interlaced)).encode() + coded_palette
        coded.update(shape + bytes((image.minimum,)) + picture.codes)
        shown_pixels.update(shape + picture.indices)
    palette = _palette(file.palette, shared, finished=finished)
    coded.update(palette)
    shown_pixels.update(palette)
    digest = shown_pixels.hexdigest()
    return Reading(
        tuple(file.texts),
        coded.hexdigest(),
        counts={"frames": len(file.images)} if finished else {},
        shown=_shown(file),
        coded=tuple(image.span for image in file.images) if finished else (),
        pixels=lambda: digest,
        blanked=partial(blanked, file, strict=finished),
        meant=partial(meant, file),
    )


def _named(image: Image, picture: Picture, file: File) -> Flags:
    """Which palette entries a frame shows, shape (256,)."""
    named = np.zeros(256, np.bool_)
    named[np.frombuffer(picture.indices, np.uint8)] = True
    if named[len(image.palette or file.palette) // 3 :].any():
        malformed("GIF pixel beyond the palette")
    if image.control[2] >= 0:
        named[image.control[2]] = False
    return named


def _palette(palette: bytes, named: Flags, *, finished: bool) -> bytes:
    """A palette with the colours zeroed that nothing names; refuse a finished one that has any."""
    table = np.frombuffer(palette, np.uint8).reshape(-1, 3).copy()
    hidden = ~named[: len(table)]
    if finished and table[hidden].any():
        malformed("GIF palette with colours that no pixel shows")
    table[hidden] = 0
    return table.tobytes()


def _shown(file: File) -> tuple[tuple[str, str], ...]:
    """Screen, loop count, and disposal, delay and transparency of each frame, as pairs."""
    return (
        ("frames", str(len(file.images))),
        ("screen", repr((file.screen, file.background))),
        ("loop count", str(file.loop)),
        *(
            (f"timing of frame {number}", repr(image.control))
            for number, image in enumerate(file.images)
        ),
    )
