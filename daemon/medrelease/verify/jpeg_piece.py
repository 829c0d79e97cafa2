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
    part: tuple[int, int] | None = None,
) -> str:
    """Return a SHA-256 over the coefficients that no mask covers, as `values_digest` does.

    `found` are the masks in pixels of the stream, which must be of `size` (wide, high); `tables`
    the stream's tables where they stand outside of it; what lies beyond its first `part` (wide,
    high), by whole blocks, does not count. Raises Refusal.
    """
    frame = _read((memoryview(tables), data) if tables else (data,))
    if (frame.width, frame.height) != size or not frame.scans:
        malformed("a JPEG stream has another size than what holds it says")
    masks = _masks(found)
    left, top = behind(frame, part or size)
    beyond = [(left, 0, size[0], size[1])] if left < size[0] else []
    beyond += [(0, top, size[0], size[1])] if top < size[1] else []
    if not beyond:
        return values_digest(data, frame, masks, strict=strict)
    if strict and masks:
        values_digest(data, frame, masks, strict=True)
    return values_digest(data, frame, (*masks, *_masks(beyond)), strict=False)


def _masks(found: list[Rectangle]) -> tuple[Mask, ...]:
    return tuple(
        Mask(None, left, top, right - left, bottom - top) for left, top, right, bottom in found
    )


def behind(frame: Frame, part: tuple[int, int]) -> tuple[int, int]:
    """Return the column and row behind the last blocks of a frame that hold some of `part`."""
    (across, down), (wide, high) = frame.mcu(), part
    left = min(-(-wide // across) * across, frame.width)
    return left, min(-(-high // down) * down, frame.height)


def _read(streams: tuple[memoryview, ...]) -> Frame:
    frame, unread = Frame(), hashlib.sha256()
    for stream in streams:
        for segment in walk.segments(stream, strict=False):
            frame.feed(segment, unread)
    return frame
