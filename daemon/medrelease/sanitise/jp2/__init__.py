"""JPEG 2000 by an allow-list of boxes, marker segments and packets; a bare codestream gets a file.

The codestream's packets are carried over. Where colour lies under zero opacity the picture is
coded anew, without loss, with that colour cleared.
"""

import io
from collections import Counter

import numpy as np
from PIL import Image

from medrelease.sanitise.jp2.boxes import SIGNATURE, box, plain_colour, read_shown, write_head
from medrelease.sanitise.jp2.codestream import Stream, read_stream
from medrelease.sanitise.options import Options
from medrelease.sanitise.refusal import Refusal, malformed, unsupported
from medrelease.sanitise.source import Source
from medrelease.sanitise.target import Target
from medrelease.terms.flow import Sanitised
from medrelease.terms.words import Format, Reason

_FAULTS = (OSError, ValueError, EOFError)


def warm() -> None:
    """Load decoder and encoder by using them once, before the walls close."""
    _recoded(np.zeros((4, 4, 4), np.uint8))


def clean(source: Source, target: Target, options: Options) -> Sanitised:
    """Write the picture of `source` to `target`, and nothing else that is in the file.

    Raises a refusal: incomplete, malformed, format-not-supported, limits-exceeded or
    mask-not-possible.
    """
    if options.masks:
        raise Refusal(Reason.MASK_NOT_POSSIBLE, "Writing in a JPEG 2000 picture stays there.")
    actions: Counter[str] = Counter()
    if bytes(source.view[: len(SIGNATURE)]) == SIGNATURE:
        shown, view = read_shown(source.view, actions)
        stream, end = read_stream(view, actions)
    else:
        view = source.view
        stream, end = read_stream(view, actions)
        shown = plain_colour(len(stream.extent.depths))
    actions["trailer-bytes"] += len(view) - end
    head = write_head(stream.extent, shown)
    coded = stream.written()
    if shown.translucent:
        coded = _opaque(stream, head, coded, actions)
    target.write(head + box(b"jp2c", coded))
    return Sanitised(Format.JP2, dict(+actions))


def _opaque(stream: Stream, head: bytes, coded: bytes, actions: Counter[str]) -> bytes:
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


def _recoded(pixels: np.typing.NDArray[np.uint8]) -> bytes:
    """The clean codestream of pixels coded without loss, shape (rows, columns, 2 or 4)."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG2000", irreversible=False, no_jp2=True)
    return read_stream(buffer.getbuffer(), Counter())[0].written()
