"""JPEG 2000 files: the source as it came, and the finished one proved byte for byte.

A finished file must be the clean form of what it shows (ISO/IEC 15444-1): its boxes, the segments
of its codestream, and in each tile not a byte behind the last packet.
"""

import hashlib
import io
from contextlib import suppress
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from medrelease.verify import codecs, icc, jp2_boxes, jp2_stream
from medrelease.verify.coded import same_bytes
from medrelease.verify.jp2_boxes import START, Described
from medrelease.verify.jp2_stream import Coded
from medrelease.verify.masks import Cover, Masks, prove_within, rectangles
from medrelease.verify.reading import Reading
from medrelease.verify.refusal import Refusal, malformed, unsupported
from medrelease.verify.runs import printable

_FAULTS = (OSError, ValueError, EOFError)
_BARE = {
    1: (17, ""),
    2: (17, "0000 0000 0001 0001 0001 0000"),
    3: (16, ""),
    4: (16, "0000 0000 0001 0001 0000 0002 0002 0000 0003 0003 0001 0000"),
}
"""How a codestream without a file around it is shown: space, and what its channels are."""


def warm() -> None:
    """Load the decoder by using it once, before the walls close."""
    sample = io.BytesIO()
    Image.new("RGBA", (4, 4)).save(sample, "JPEG2000")
    with Image.open(sample, formats=("JPEG2000",)) as image:
        image.load()


def read_source(view: memoryview) -> Reading:
    """Read a dropped file. Raises Refusal of every kind but residual-identifier."""
    if view[:12] == START:
        described = jp2_boxes.read(view)
        coded = jp2_stream.read(view[described.stream[0] : described.stream[1]])
        jp2_boxes.prove_declared(described, coded.size, coded.depths)
        behind = bytes(view[described.stream[0] + coded.end : described.stream[1]])
    else:
        coded = jp2_stream.read(view)
        described = _bare(len(coded.depths))
        behind = bytes(view[coded.end :])
    found: list[str | bytes] = [*described.texts, *coded.texts, *printable(behind)]
    for start, end in described.others:
        # of a picture that is not shown the comments speak; coded data would by chance
        with suppress(Refusal):
            found += jp2_stream.read(view[start:end]).texts
    if described.profile:
        found += icc.texts(described.profile)
    return _reading(described, coded, found, finished=False)


def _bare(components: int) -> Described:
    if components not in _BARE:
        unsupported("JPEG 2000 codestream of so many components")
    space, channels = _BARE[components]
    listed = bytes.fromhex(channels)
    counted = (len(listed) // 6).to_bytes(2, "big") + listed if listed else b""
    return Described(b"\1\0\0" + space.to_bytes(4, "big"), counted)


def read_finished(view: memoryview) -> Reading:
    """Prove a finished file. Raises Refusal(malformed | incomplete) naming what is not allowed."""
    if view[:12] != START:
        malformed("JPEG 2000 codestream without a file around it")
    described = jp2_boxes.read(view)
    coded = jp2_stream.read(view[described.stream[0] : described.stream[1]])
    head = jp2_boxes.canonical(described, coded.size, coded.depths)
    if not _is(view, [head + jp2_boxes.box_head(b"jp2c", coded.length), *coded.pieces]):
        malformed("JPEG 2000 file in a form that is not allowed")
    fields = jp2_boxes.prove_fields(described)
    if described.translucent:
        pixels = _pixels(described, coded)
        if pixels[pixels[..., -1] == 0].any():
            malformed("JPEG 2000 colour under zero opacity")
    return _reading(described, coded, fields, finished=True)


def _is(view: memoryview, pieces: list[bytes | memoryview]) -> bool:
    """Return whether a file is these pieces and nothing more."""
    at = 0
    for piece in pieces:
        part = view[at : at + len(piece)]
        if len(part) != len(piece) or not same_bytes(part, memoryview(piece)):
            return False
        at += len(piece)
    return at == len(view)


def _pixels(described: Described, coded: Coded) -> NDArray[np.uint8]:
    """Return the samples, shape (rows, columns, channels). Raises Refusal(malformed)."""
    head = jp2_boxes.canonical(described, coded.size, coded.depths)
    head += jp2_boxes.box_head(b"jp2c", coded.length)
    try:
        with Image.open(io.BytesIO(head + coded.clean), formats=("JPEG2000",)) as image:
            return np.array(image)
    except _FAULTS:
        malformed("JPEG 2000 picture that cannot be decoded")


def _shown_pixels(described: Described, coded: Coded) -> str:
    """Return a SHA-256 over the samples, colour under zero opacity left out."""
    pixels = _pixels(described, coded)
    if described.translucent:
        pixels[pixels[..., -1] == 0] = 0
    return hashlib.sha256(
        repr((pixels.shape, pixels.dtype.str)).encode() + pixels.tobytes()
    ).hexdigest()


def _blanked(described: Described, coded: Coded, masks: Masks, *, strict: bool) -> str:
    """Return a SHA-256 over the samples that no mask covers."""
    wide, high = coded.size
    prove_within(masks, [(wide, high)])
    samples = np.asarray(codecs.decode("jpeg2k_decode", coded.clean))
    if samples.shape[:2] != (high, wide):
        malformed("JPEG 2000 picture of another size than its header says")
    samples = samples.reshape(high, wide, -1).copy()
    if described.translucent:
        samples[samples[..., -1] == 0] = 0
    cover = Cover(rectangles(masks, 0, wide, high), strict=strict)
    digest = hashlib.sha256(repr((samples.shape, samples.dtype.str)).encode())
    cover.feed(digest, samples, range(wide), range(high))
    return digest.hexdigest()


def _reading(
    described: Described, coded: Coded, found: list[str | bytes], *, finished: bool
) -> Reading:
    """Put together what both sides have in common."""
    start, clean = described.stream[0], hashlib.sha256()
    for piece in coded.pieces:
        clean.update(piece)
    return Reading(
        tuple(found),
        clean.hexdigest(),
        shown=(
            ("size", repr((coded.size, coded.depths))),
            ("colour", icc.rendering(described.profile) or described.colour.hex()),
            ("channels", described.channels.hex()),
            ("resolution", described.resolution.hex()),
        ),
        coded=((start, start + coded.length),) if finished else (),
        streams=(described.profile,) if finished and described.profile else (),
        blanked=partial(_blanked, described, coded, strict=finished),
        pixels=(lambda: _shown_pixels(described, coded)) if described.translucent else None,
    )
