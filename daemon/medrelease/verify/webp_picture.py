"""What a WebP picture shows, and that every stream of it is needed to its end.

The decoder is libwebp in Pillow. A stream of a clean file may not be changed near its end
without the picture changing: then nothing stands behind what is shown.
"""

import hashlib
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from medrelease.verify.refusal import malformed
from medrelease.verify.webp_chunks import File, canonical
from medrelease.verify.webp_frame import Frame

Pixels = NDArray[np.uint8]
"""Shape (rows, columns, 4): red, green, blue, alpha."""

_UNREAD, _PROBED = 4, 8
_FAULTS = (OSError, ValueError, EOFError)


def warm() -> None:
    """Load the decoder by using it once, before the walls close."""
    sample = io.BytesIO()
    Image.new("RGBA", (2, 2)).save(sample, "WEBP", lossless=True)
    with Image.open(sample, formats=("WEBP",)) as image:
        image.load()


def pixels(frame: Frame) -> Pixels:
    """Return the pixels of one frame. Raises Refusal(malformed) where it has none."""
    found = _decoded(frame)
    if found is None:
        malformed("WebP picture that cannot be decoded")
    return found


def _decoded(frame: Frame) -> Pixels | None:
    alone = File(frame.size, [Frame(frame.size, frame.parts, frame.tag, frame.plane)])
    try:
        with Image.open(io.BytesIO(canonical(alone)), formats=("WEBP",)) as image:
            return np.array(image.convert("RGBA"))
    except _FAULTS:
        return None


def visible(found: Pixels) -> Pixels:
    """Return pixels with the colour of those zeroed whose alpha is zero; changes them in place."""
    found[found[..., 3] == 0] = 0
    return found


def prove_nothing_hidden(frame: Frame) -> None:
    """Refuse colour under zero alpha, and a stream that goes on behind what is shown.

    Raises Refusal(malformed).
    """
    found = pixels(frame)
    if frame.translucent and found[found[..., 3] == 0].any():
        malformed("WebP colour under zero alpha")
    shown = hashlib.sha256(found.data).digest()
    del found
    for number, part in enumerate((*frame.parts, frame.plane)):
        plane = number == len(frame.parts)
        if plane and (not part or part[0] & 3 == 0):
            continue
        end, start = max(0, len(part) - _UNREAD), max(int(plane), len(part) - _UNREAD - _PROBED)
        if end <= start:
            continue
        inverted = bytes(255 - octet for octet in part[start:end])
        changed = part[:start] + inverted + part[end:]
        parts = frame.parts if plane else (
            *frame.parts[:number], changed, *frame.parts[number + 1 :]
        )  # fmt: skip
        other = _decoded(Frame(frame.size, parts, frame.tag, changed if plane else frame.plane))
        if other is not None and hashlib.sha256(other.data).digest() == shown:
            malformed("WebP picture data that shows nothing")
