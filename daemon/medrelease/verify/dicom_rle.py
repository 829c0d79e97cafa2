"""RLE frames of a DICOM object, decoded (PS3.5 Annex G)."""

from collections.abc import Iterator

from medrelease.verify.dicom_frames import Digest
from medrelease.verify.packbits import unpacked
from medrelease.verify.refusal import incomplete, malformed


def rle(frame: memoryview, digest: Digest, *, cells: int, strict: bool) -> None:
    """An RLE frame, decoded: `cells` bytes a segment."""
    for segment in _segments(frame, strict=strict):
        plain, used = _unpacked(segment, cells)
        if strict and segment[used:] not in (b"", b"\0"):
            malformed("bytes follow the last pixel of an RLE segment")
        digest.update(plain)


def rle_segments(frame: bytes, cells: int) -> list[bytes]:
    """The segments of an RLE frame, each decoded to `cells` bytes. Raises Refusal."""
    return [_unpacked(segment, cells)[0] for segment in _segments(frame, strict=False)]


def _segments(frame: bytes | memoryview, *, strict: bool) -> Iterator[bytes]:
    words = [int.from_bytes(frame[n : n + 4], "little") for n in range(0, 64, 4)]
    if len(frame) < 64 or not 1 <= words[0] <= 15:
        malformed("an RLE frame has no header")
    starts = words[1 : words[0] + 1]
    if strict and any(words[words[0] + 1 :]):
        malformed("an RLE header names segments that it does not count")
    for start, end in zip(starts, [*starts[1:], len(frame)], strict=True):
        yield bytes(frame[start:end])


def _unpacked(segment: bytes, cells: int) -> tuple[bytes, int]:
    plain, used = unpacked(segment, cells)
    if len(plain) < cells:
        incomplete("an RLE segment is cut")
    return plain, used
