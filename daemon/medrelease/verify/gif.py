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
from medrelease.verify.gif_lzw import Measure, codes, decoded, measured
from medrelease.verify.ramp import is_ramp
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
    """Read the frames, and put together what both sides have in common."""
    coded, shared, heads = hashlib.sha256(), np.zeros(256, np.bool_), list[bytes]()
    if file.palette:
        shared[file.background] = True
    for image in file.images:
        picture = measured(image.data, image.minimum, image.place[2] * image.place[3])
        if finished and not picture.tidy:
            malformed("GIF picture data beyond the last pixel")
        named = _named(image, picture, file)
        own = _palette(image.palette, named, finished=finished) if image.palette else b""
        if not image.palette:
            shared |= named
        heads.append(repr((image.place, image.interlaced)).encode() + own)
        coded.update(heads[-1] + bytes((image.minimum,)))
        for piece in codes(image.data, picture.bits):
            coded.update(piece)
    palette = _palette(file.palette, shared, finished=finished)
    coded.update(palette)
    return Reading(
        tuple(file.texts),
        coded.hexdigest(),
        counts={"frames": len(file.images)} if finished else {},
        shown=_shown(file),
        coded=tuple(image.span for image in file.images) if finished else (),
        pixels=partial(_pixels, file, heads, palette),
        blanked=partial(blanked, file, strict=finished),
        meant=partial(meant, file),
    )


def _pixels(file: File, heads: list[bytes], palette: bytes) -> str:
    """The SHA-256 over the indices of all frames, and the colours they name."""
    digest = hashlib.sha256()
    for image, head in zip(file.images, heads, strict=True):
        digest.update(head)
        digest.update(decoded(image.data, image.minimum, image.place[2] * image.place[3]))
    digest.update(palette)
    return digest.hexdigest()


def _named(image: Image, picture: Measure, file: File) -> Flags:
    """Which palette entries a frame shows, shape (256,)."""
    named = np.frombuffer(picture.named, np.uint8) > 0
    if not picture.tidy:  # a last code may go on beyond the picture
        pixels = decoded(image.data, image.minimum, image.place[2] * image.place[3])
        named = np.bincount(np.frombuffer(pixels, np.uint8), minlength=256) > 0
    if named[len(image.palette or file.palette) // 3 :].any():
        malformed("GIF pixel beyond the palette")
    if image.control[2] >= 0:
        named[image.control[2]] = False
    return named


def _palette(palette: bytes, named: Flags, *, finished: bool) -> bytes:
    """A palette with the colours zeroed that nothing names; refuse a finished one that has any."""
    table = np.frombuffer(palette, np.uint8).reshape(-1, 3).copy()
    hidden = ~named[: len(table)]
    if finished and table[hidden].any() and not is_ramp(table):
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
