"""RLE frames of a DICOM object, decoded (PS3.5 Annex G)."""

from medrelease.verify.dicom_frames import Digest
from medrelease.verify.refusal import incomplete, malformed


def rle(frame: memoryview, digest: Digest, *, cells: int, strict: bool) -> None:
    """An RLE frame, decoded: `cells` bytes a segment."""
    words = [int.from_bytes(frame[n : n + 4], "little") for n in range(0, 64, 4)]
    if len(frame) < 64 or not 1 <= words[0] <= 15:
        malformed("an RLE frame has no header")
    starts = words[1 : words[0] + 1]
    if strict and any(words[words[0] + 1 :]):
        malformed("an RLE header names segments that it does not count")
    for start, end in zip(starts, [*starts[1:], len(frame)], strict=True):
        data = bytes(frame[start:end])
        plain, used = _unpacked(data, cells)
        if strict and data[used:] not in (b"", b"\0"):
            malformed("bytes follow the last pixel of an RLE segment")
        digest.update(plain)


def rle_segments(frame: bytes, cells: int) -> list[bytes]:
    """The segments of an RLE frame, each decoded to `cells` bytes. Raises Refusal."""
    words = [int.from_bytes(frame[n : n + 4], "little") for n in range(0, 64, 4)]
    if len(frame) < 64 or not 1 <= words[0] <= 15:
        malformed("an RLE frame has no header")
    ends = [*words[2 : words[0] + 1], len(frame)]
    return [
        _unpacked(frame[start:end], cells)[0]
        for start, end in zip(words[1 : words[0] + 1], ends, strict=True)
    ]


def _unpacked(data: bytes, cells: int) -> tuple[bytes, int]:
    plain, at = bytearray(), 0
    while len(plain) < cells:
        if at + 1 >= len(data):
            incomplete("an RLE segment is cut")
        head = data[at]
        if head < 128:
            plain += data[at + 1 : at + 2 + head]
            at += 2 + head
        elif head == 128:
            at += 1
        else:
            plain += data[at + 1 : at + 2] * (257 - head)
            at += 2
    return bytes(plain[:cells]), at
