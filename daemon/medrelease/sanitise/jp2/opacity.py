"""Colour under zero opacity of a JPEG 2000 picture: cleared, and the picture coded anew."""

import io
from collections import Counter

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from medrelease.sanitise.jp2.boxes import box
from medrelease.sanitise.jp2.codestream import Stream, read_stream
from medrelease.sanitise.refusal import malformed, unsupported

_FAULTS = (OSError, ValueError, EOFError)


def warm() -> None:
    """Load decoder and encoder by using them once, before the walls close."""
    _recoded(np.zeros((4, 4, 4), np.uint8))


def without_hidden(stream: Stream, head: bytes, coded: bytes, actions: Counter[str]) -> bytes:
    """The codestream of the picture without colour under zero opacity, as it is where none is."""
    extent = stream.extent
    if set(extent.depths) != {7} or len(extent.depths) not in (2, 4):
        raise unsupported("JPEG 2000 pictures with transparency of this depth are not supported.")
    try:
        with Image.open(io.BytesIO(head + box(b"jp2c", coded)), formats=("JPEG2000",)) as image:
            pixels = np.array(image)
    except _FAULTS:
        raise malformed("The JPEG 2000 picture cannot be decoded.") from None
    hidden = (pixels[..., -1] == 0) & pixels[..., :-1].any(axis=2)
    if not hidden.any():
        return coded
    actions["hidden-colour"] += int(np.count_nonzero(hidden))
    pixels[hidden] = 0
    return _recoded(pixels)


def _recoded(pixels: NDArray[np.uint8]) -> bytes:
    """The clean codestream of pixels coded without loss, shape (rows, columns, 2 or 4)."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG2000", irreversible=False, no_jp2=True)
    return read_stream(buffer.getbuffer(), Counter())[0].written()
