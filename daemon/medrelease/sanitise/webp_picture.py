"""The pixels of a WebP picture: surplus behind its streams cut, hidden colour and masks cleared.

No marker tells where an entropy-coded stream ends, so the decoder (libwebp in Pillow) is asked:
bytes that may be anything without the picture changing are no part of it. What has to be coded
anew is coded without loss, so that every pixel that shows stays as it was.
"""

import hashlib
import io
from collections import Counter
from collections.abc import Sequence
from struct import pack

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from medrelease.sanitise.blanking import Box, mask_not_possible
from medrelease.sanitise.refusal import malformed
from medrelease.sanitise.webp_coded import Coded, read_coded

Pixels = NDArray[np.uint8]
"""(rows, columns, 4): red, green, blue, alpha."""

_LOOSE, _WINDOW = 4, 8
"""Bytes at the end of a stream that an encoder may leave unread, and those before them."""

_PADDINGS = (2, 4, 8)
"""Zeros behind a stream that was cut: a decoder reads ahead, and takes an early end for a fault."""

_BLACK = (0, 0, 0, 255)
_FAULTS = (OSError, ValueError, EOFError)


def warm() -> None:
    """Load decoder and encoder by using them once, before the walls close."""
    _pixels(_recoded(np.full((2, 2, 4), 128, np.uint8)))


def settle(coded: Coded, blank: Sequence[Box], counts: Counter[str]) -> Coded:
    """The picture that is written for `coded`, with the boxes of `blank` filled.

    Raises refusals: malformed where it cannot be decoded, mask-not-possible where it is lossy.
    """
    if blank and not coded.lossless:
        raise mask_not_possible("Writing in a lossy WebP picture stays there.")
    try:
        pixels = _pixels(coded)
    except _FAULTS:
        raise malformed("A WebP picture cannot be decoded.") from None
    hidden = _clear_hidden(pixels) if coded.translucent else 0
    counts["hidden-colour"] += hidden
    for box in blank:
        pixels[box.top : box.bottom, box.left : box.right] = _BLACK
    if blank or hidden:
        return _recoded(pixels)
    return _without_surplus(coded, _digest(pixels), counts)


def is_opaque(coded: Coded, box: Box) -> bool:
    """Whether every pixel of a box hides what lies beneath it. Raises a malformed refusal."""
    try:
        alpha = _pixels(coded)[box.top : box.bottom, box.left : box.right, 3]
    except _FAULTS:
        raise malformed("A WebP picture cannot be decoded.") from None
    return bool((alpha == 255).all())


def _pixels(coded: Coded) -> Pixels:
    """What a viewer makes of the picture. Raises OSError, ValueError or EOFError where nothing."""
    body = coded.chunks()
    if coded.alpha:
        size = (coded.width - 1).to_bytes(3, "little") + (coded.height - 1).to_bytes(3, "little")
        body = pack("<4sIB3x", b"VP8X", 10, 0x10) + size + body
    file = pack("<4sI4s", b"RIFF", 4 + len(body), b"WEBP") + body
    with Image.open(io.BytesIO(file), formats=("WEBP",)) as image:
        return np.array(image.convert("RGBA"))


def _clear_hidden(pixels: Pixels) -> int:
    """Zero the colour where alpha is zero; how many pixels had one."""
    hidden = (pixels[..., 3] == 0) & pixels[..., :3].any(axis=2)
    pixels[hidden] = 0
    return int(np.count_nonzero(hidden))


def _digest(pixels: Pixels) -> bytes:
    return hashlib.sha256(np.ascontiguousarray(pixels).data).digest()


def _recoded(pixels: Pixels) -> Coded:
    """The pixels coded without loss, those of zero alpha as they are."""
    opaque = bool((pixels[..., 3] == 255).all())
    image = Image.fromarray(np.ascontiguousarray(pixels[..., :3]) if opaque else pixels)
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", lossless=True, exact=True, quality=40, method=1)
    file = buffer.getbuffer()
    size = int.from_bytes(file[16:20], "little")
    return read_coded(bytes(file[12:16]), file[20 : 20 + size], None, Counter())


def _without_surplus(coded: Coded, shown: bytes, counts: Counter[str]) -> Coded:
    """The picture with each of its streams cut where the decoder stops reading it."""
    for number, stream in enumerate(coded.parts()):
        window = slice(max(0, len(stream) - _LOOSE - _WINDOW), max(0, len(stream) - _LOOSE))
        other = bytes(byte ^ 0xFF for byte in stream[window])
        changed = stream[: window.start] + other + stream[window.stop :]
        if not other or not _shows(coded.with_part(number, changed), shown):
            continue
        needed = _needed(coded, number, stream, shown)
        cuts = (coded.with_part(number, stream[:needed] + bytes(more)) for more in _PADDINGS)
        cut = next((one for one in cuts if _shows(one, shown)), None)
        if cut is None:
            raise malformed("A WebP picture has bytes behind it that cannot be cut.")
        counts["surplus-bytes"] += len(stream) - needed
        coded = cut
    return coded


def _needed(coded: Coded, number: int, stream: bytes, shown: bytes) -> int:
    """The length of a stream's shortest beginning that shows the picture, with zeros behind."""
    short, enough = -1, len(stream)
    while enough - short > 1:
        middle = (short + enough) // 2
        tried = stream[:middle] + bytes(len(stream) - middle)
        if _shows(coded.with_part(number, tried), shown):
            enough = middle
        else:
            short = middle
    return enough


def _shows(coded: Coded, shown: bytes) -> bool:
    """Whether the decoder makes of this picture the pixels of the digest `shown`."""
    try:
        pixels = _pixels(coded)
    except _FAULTS:
        return False
    return _digest(pixels) == shown
