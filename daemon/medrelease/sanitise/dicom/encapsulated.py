"""Encapsulated pixel data (PS3.5 section A.4): one fragment a frame, each codestream cleaned."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from struct import pack, unpack

from medrelease.sanitise.dicom import codestream
from medrelease.sanitise.dicom.codestream import Pieces
from medrelease.sanitise.dicom.meta import element_header
from medrelease.sanitise.dicom.shape import Shape
from medrelease.sanitise.dicom.syntax import Coding
from medrelease.sanitise.refusal import incomplete, malformed
from medrelease.sanitise.target import Target

_STARTS = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51")


def write_encapsulated(
    fragments: list[memoryview], shape: Shape, coding: Coding, target: Target, counts: Counter[str]
) -> None:
    """Write Pixel Data with its frames cleaned and a Basic Offset Table built anew."""
    cleaners: dict[Coding, Callable[[memoryview, Counter[str]], Pieces]] = {
        Coding.JPEG: codestream.jpeg,
        Coding.JPEG_LS: partial(codestream.jpeg, lossless_ls=True),
        Coding.JPEG_2000: codestream.jpeg_2000,
        Coding.RLE: partial(_rle, shape=shape),
    }
    clean = cleaners[coding]
    frames = [clean(frame, counts) for frame in _frames(fragments, shape.frames)]
    lengths = [sum(map(len, frame)) for frame in frames]
    offsets, position = [], 0
    for length in lengths:
        offsets.append(position)
        position += 8 + length + (length & 1)
    table = pack(f"<{len(offsets)}I", *offsets) if position <= 0xFFFFFFFF else b""
    target.write(element_header(0x7FE00010, b"OB", 0xFFFFFFFF))
    target.write(pack("<HHI", 0xFFFE, 0xE000, len(table)) + table)
    for frame, length in zip(frames, lengths, strict=True):
        target.write(pack("<HHI", 0xFFFE, 0xE000, length + (length & 1)))
        for piece in frame:
            target.write(piece)
        target.write(bytes(length & 1))
    target.write(pack("<HHI", 0xFFFE, 0xE0DD, 0))


def _rle(frame: memoryview, counts: Counter[str], *, shape: Shape) -> Pieces:
    return codestream.rle(frame, shape.rows * shape.columns, counts)


def _frames(fragments: list[memoryview], count: int) -> list[memoryview]:
    """The codestream of each frame; `fragments` begins with the Basic Offset Table."""
    if not fragments or len(fragments) - 1 < count:
        raise incomplete("the encapsulated pixel data")
    table, coded = fragments[0], fragments[1:]
    if len(coded) == count:
        return coded
    if count == 1:
        return [memoryview(b"".join(coded))]
    starts = _by_table(table, coded, count) or _by_signature(coded)
    if len(starts) != count:
        raise malformed("The fragments of the pixel data do not make the declared frames.")
    ends = [*starts[1:], len(coded)]
    return [memoryview(b"".join(coded[a:b])) for a, b in zip(starts, ends, strict=True)]


def _by_table(table: memoryview, coded: list[memoryview], count: int) -> list[int]:
    """Index of each frame's first fragment by the Basic Offset Table; empty where it says none."""
    if len(table) != 4 * count:
        return []
    places, position = {}, 0
    for index, fragment in enumerate(coded):
        places[position] = index
        position += 8 + len(fragment)
    offsets = unpack(f"<{count}I", table)
    return [places[offset] for offset in offsets if offset in places]


def _by_signature(coded: list[memoryview]) -> list[int]:
    return [n for n, fragment in enumerate(coded) if bytes(fragment[:4]).startswith(_STARTS)]
