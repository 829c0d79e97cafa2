"""The coefficients of a JPEG stream inside another file (DICOM, TIFF), outside of its masks."""

import hashlib

from medrelease.terms.flow import Mask
from medrelease.verify import jpeg_walk as walk
from medrelease.verify.jpeg_frame import Frame
from medrelease.verify.jpeg_values import values_digest
from medrelease.verify.masks import Rectangle
from medrelease.verify.refusal import malformed


def blanked_values(
    data: memoryview,
    found: list[Rectangle],
    size: tuple[int, int],
    *,
    strict: bool,
    tables: bytes = b"",
) -> str:
    """Return a SHA-256 over the coefficients that no mask covers, as `values_digest` does.

    `found` are the masks in pixels of the stream, which must be of `size` (wide, high); `tables`
    the stream's tables where they stand outside of it. Raises Refusal.
    """
    frame = _read((memoryview(tables), data) if tables else (data,))
    if (frame.width, frame.height) != size or not frame.scans:
        malformed("a JPEG stream has another size than what holds it says")
    masks = tuple(
        Mask(None, left, top, right - left, bottom - top) for left, top, right, bottom in found
    )
    return values_digest(data, frame, masks, strict=strict)


def _read(streams: tuple[memoryview, ...]) -> Frame:
    frame, unread = Frame(), hashlib.sha256()
    for stream in streams:
        for segment in walk.segments(stream, strict=False):
            frame.feed(segment, unread)
    return frame
