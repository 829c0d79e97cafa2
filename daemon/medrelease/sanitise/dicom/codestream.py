"""JPEG, JPEG-LS and JPEG 2000 codestreams of a frame, without anything that is not the picture.

Each function takes one frame's codestream and gives the pieces of it that stay, as slices: what
codes the pixels stays bit for bit. Sources: ISO/IEC 10918-1 Annex B, 14495-1 Annex C, 15444-1
Annex A.
"""

from collections import Counter
from struct import unpack

from medrelease.sanitise.dicom.jpeg_frame import FrameOfJpeg, Pieces
from medrelease.sanitise.jp2.codestream import read_stream
from medrelease.sanitise.jpeg_blank import rebuilt
from medrelease.sanitise.refusal import Refusal, incomplete, malformed
from medrelease.terms.words import Reason

__all__ = ["Pieces", "jpeg", "jpeg_2000", "rle"]

_J2K_MAIN = frozenset(
    {0x50, 0x51, 0x52, 0x53, 0x55, 0x56, 0x57, 0x59, 0x5C, 0x5D, 0x5E, 0x5F, 0x60, 0x63}
)
_J2K_TILE = frozenset({0x52, 0x53, 0x58, 0x5C, 0x5D, 0x5E, 0x5F, 0x61})
_COMMENT = 0x64


def jpeg(frame: memoryview, counts: Counter[str], *, lossless_ls: bool = False) -> Pieces:
    """A JPEG or JPEG-LS frame without application data, comments, stray bytes and what follows.

    Where a scan of DCT blocks or of lossless samples holds anything else, it is written anew with
    the same ones; of JPEG-LS the scans are not looked into.
    """
    if bytes(frame[:2]) != b"\xff\xd8":
        raise malformed("A frame of the pixel data is no JPEG codestream.")
    told = FrameOfJpeg(frame, counts, lossless_ls)
    position = 2
    while True:
        marker, position = _marker(frame, position)
        if marker == 0xD9:
            counts["frame-tail"] += any(frame[position:].tobytes().strip(b"\0\xff"))
            told.count_unused()
            return [rebuilt(frame, counts)] if told.blocks else [*told.pieces, b"\xff\xd9"]
        stop = position + _length(frame, position)
        position = told.take(marker, frame[position + 2 : stop], stop)


def _marker(frame: memoryview, position: int) -> tuple[int, int]:
    """The marker at `position`, after fill bytes, and the offset behind it."""
    if position >= len(frame):
        raise incomplete("a JPEG frame")
    if frame[position] != 0xFF:
        raise malformed("A JPEG frame has bytes between its segments.")
    while position < len(frame) and frame[position] == 0xFF:
        position += 1
    if position >= len(frame):
        raise incomplete("a JPEG frame")
    return frame[position], position + 1


def _length(frame: memoryview, position: int) -> int:
    length = int.from_bytes(frame[position : position + 2], "big")
    if position + max(length, 2) > len(frame):
        raise incomplete("a frame of the pixel data")
    if length < 2:
        raise malformed("A segment in a frame of the pixel data has no length.")
    return length


def jpeg_2000(frame: memoryview, counts: Counter[str]) -> Pieces:
    """A JPEG 2000 frame: the segments that code the picture, and each tile up to its last packet.

    High-throughput coding and packet headers that stand elsewhere are not walked over: there the
    segments decide alone.
    """
    found: Counter[str] = Counter()
    try:
        stream, end = read_stream(frame, found)
    except Refusal as refusal:
        if refusal.reason is not Reason.FORMAT_NOT_SUPPORTED:
            raise
        return _by_segments(frame, counts)
    surplus = found.pop("surplus-bytes", 0)
    counts["frame-segment"] += found.total()
    counts["frame-tail"] += bool(surplus or any(frame[end:].tobytes().strip(b"\0")))
    return [stream.written()]


def _by_segments(frame: memoryview, counts: Counter[str]) -> Pieces:
    """A JPEG 2000 frame without comments and without what follows its end.

    In a tile-part's header a comment is blanked instead, so that the tile-part's length and the
    lengths that the main header lists stay true.
    """
    if bytes(frame[:4]) != b"\xff\x4f\xff\x51":
        raise malformed("A frame of the pixel data is no JPEG 2000 codestream.")
    pieces: Pieces = [frame[:2]]
    position = 2
    while True:
        marker, position = _marker_2000(frame, position)
        if marker == 0x90:
            return pieces + _tile_parts(frame, position - 2, counts)
        stop = position + _length(frame, position)
        if marker == _COMMENT:
            counts["frame-segment"] += 1
        elif marker in _J2K_MAIN:
            pieces.append(frame[position - 2 : stop])
        else:
            raise malformed("A JPEG 2000 frame has a segment that does not belong there.")
        position = stop


def _tile_parts(frame: memoryview, position: int, counts: Counter[str]) -> Pieces:
    pieces: Pieces = []
    while True:
        marker, after = _marker_2000(frame, position)
        if marker == 0xD9:
            pieces.append(b"\xff\xd9")
            counts["frame-tail"] += any(frame[after:].tobytes().strip(b"\0"))
            return pieces
        if marker != 0x90 or _length(frame, after) != 10:
            raise malformed("A JPEG 2000 frame has bytes between its tile-parts.")
        length = int.from_bytes(frame[after + 4 : after + 8], "big")
        end = position + length if length else _last_end(frame)
        if end > len(frame) or (length and length < 14):
            raise incomplete("a JPEG 2000 frame")
        pieces.append(frame[position : after + 10])
        pieces += _tile_header(frame, after + 10, end, counts)
        position = end


def _tile_header(frame: memoryview, position: int, end: int, counts: Counter[str]) -> Pieces:
    pieces: Pieces = []
    while True:
        marker, after = _marker_2000(frame, position)
        if marker == 0x93:
            return [*pieces, frame[position:end]]
        stop = after + _length(frame, after)
        if marker == _COMMENT:
            counts["frame-segment"] += 1
            pieces += [frame[position : after + 2], bytes(stop - after - 2)]
        elif marker in _J2K_TILE:
            pieces.append(frame[position:stop])
        else:
            raise malformed("A JPEG 2000 tile-part has a segment that does not belong there.")
        position = stop


def _last_end(frame: memoryview) -> int:
    """Where the last tile-part ends, whose length the codestream leaves open: at EOC."""
    end = frame.tobytes().rstrip(b"\0").rfind(b"\xff\xd9")
    if end < 0:
        raise incomplete("a JPEG 2000 frame")
    return end


def _marker_2000(frame: memoryview, position: int) -> tuple[int, int]:
    if position + 2 > len(frame):
        raise incomplete("a JPEG 2000 frame")
    if frame[position] != 0xFF:
        raise malformed("A JPEG 2000 frame has bytes between its segments.")
    return frame[position + 1], position + 2


def rle(frame: memoryview, cells: int, counts: Counter[str]) -> Pieces:
    """An RLE frame (PS3.5 Annex G) whose segments end with their last pixel.

    `cells` is the number of bytes that each segment decodes to: the pixels of the frame.
    """
    if len(frame) < 64:
        raise incomplete("an RLE frame")
    number, *every = unpack("<16I", frame[:64])
    offsets = every[:number]
    if not 1 <= number <= 15 or offsets != sorted(offsets) or offsets[0] != 64:
        raise malformed("The header of an RLE frame contradicts itself.")
    segments: Pieces = []
    starts, position = [], 64
    for start, stop in zip(offsets, [*offsets[1:], len(frame)], strict=True):
        end = _rle_end(frame[start:stop], cells)
        pad = end & 1
        counts["frame-tail"] += any(frame[start + end : stop])
        starts.append(position)
        segments += [frame[start : start + end], bytes(pad)]
        position += end + pad
    header = [number, *starts, *([0] * (15 - number))]
    return [b"".join(word.to_bytes(4, "little") for word in header), *segments]


def _rle_end(segment: memoryview, cells: int) -> int:
    """The length of the packets that decode to exactly `cells` bytes."""
    data, position, size = segment.tobytes(), 0, len(segment)
    while cells > 0:
        if position >= size:
            raise incomplete("an RLE frame")
        head = data[position]
        if head < 128:
            position += 2 + head
            cells -= 1 + head
        elif head > 128:
            position += 2
            cells -= 257 - head
        else:
            position += 1
    if cells or position > size:
        raise malformed("An RLE segment does not decode to the pixels of its frame.")
    return position
