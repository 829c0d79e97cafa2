"""Encapsulated pixel data (PS3.5 section A.4): one fragment a frame, each codestream cleaned."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import accumulate, pairwise
from struct import pack, unpack

from medrelease.sanitise.dicom import codestream
from medrelease.sanitise.dicom.codestream import Pieces
from medrelease.sanitise.dicom.masking import Blanking
from medrelease.sanitise.dicom.masking_coded import recoder
from medrelease.sanitise.dicom.meta import element_header
from medrelease.sanitise.dicom.shape import Shape
from medrelease.sanitise.dicom.syntax import Coding, Syntax
from medrelease.sanitise.refusal import incomplete, malformed, too_large
from medrelease.sanitise.source import forget
from medrelease.sanitise.target import Target

_GROWTH = 128
"""Bytes by which a cleaned frame may be longer than it was: its item, padding of RLE segments."""

_STARTS = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51")


def write_encapsulated(
    fragments: list[memoryview],
    shape: Shape,
    syntax: Syntax,
    target: Target,
    counts: Counter[str],
    *,
    blanking: Blanking | None,
) -> None:
    """Write Pixel Data with its frames cleaned and an offset table built anew."""
    cleaners: dict[Coding, Callable[[memoryview, Counter[str]], Pieces]] = {
        Coding.JPEG: codestream.jpeg,
        Coding.JPEG_LS: partial(codestream.jpeg, lossless_ls=True),
        Coding.JPEG_2000: codestream.jpeg_2000,
        Coding.RLE: partial(_rle, shape=shape),
    }
    clean = cleaners[syntax.coding]
    recode = recoder(syntax.coding, syntax.uid) if blanking else None
    frames = _frames(fragments, shape.frames)
    most = sum(8 + len(fragment) for fragment in fragments) + _GROWTH * len(frames)
    if blanking:
        most += 2 * shape.frame_length * len(blanking.frames)
    tables = _Tables(len(frames), target, long=most > 0xFFFFFFFF)
    lengths = []
    for number, frame in enumerate(frames):
        pieces = clean(_joined(frame), counts)
        if blanking and recode and number in blanking.frames:
            anew = recode(b"".join(pieces), blanking, number)
            pieces = clean(memoryview(anew), Counter())
        length = sum(map(len, pieces))
        target.write(pack("<HHI", 0xFFFE, 0xE000, _item_length(length)))
        for piece in pieces:
            target.write(piece)
        target.write(bytes(length & 1))
        lengths.append(length + (length & 1))
        for fragment in frame:
            forget(fragment)
    target.write(pack("<HHI", 0xFFFE, 0xE0DD, 0))
    tables.fill(lengths)


class _Tables:
    """The offset tables of the frames, of which room is left in the target until they are known.

    The Basic Offset Table (PS3.5 section A.4); where its 32 bits do not reach, the Extended Offset
    Table and its lengths (PS3.3 section C.7.6.3.1.8).
    """

    def __init__(self, frames: int, target: Target, *, long: bool) -> None:
        self._target, self._long = target, long
        self._places = []
        for tag in (0x7FE00001, 0x7FE00002) if long else ():
            target.write(element_header(tag, b"OV", 8 * frames))
            self._places.append(target.tell())
            target.write(bytes(8 * frames))
        target.write(element_header(0x7FE00010, b"OB", 0xFFFFFFFF))
        target.write(pack("<HHI", 0xFFFE, 0xE000, 0 if long else 4 * frames))
        if not long:
            self._places.append(target.tell())
            target.write(bytes(4 * frames))

    def fill(self, lengths: list[int]) -> None:
        """Write the tables for frames of these lengths in bytes."""
        ends = list(accumulate(8 + length for length in lengths))
        offsets = [0, *ends[:-1]]
        code = f"<{len(lengths)}{'Q' if self._long else 'I'}"
        for place, numbers in zip(self._places, (offsets, lengths), strict=False):
            self._target.pwrite(pack(code, *numbers), place)


def _item_length(length: int) -> int:
    if length > 0xFFFFFFFE - 1:
        raise too_large("A frame of the pixel data is larger than 4 GiB.")
    return length + (length & 1)


def _rle(frame: memoryview, counts: Counter[str], *, shape: Shape) -> Pieces:
    return codestream.rle(frame, shape.rows * shape.columns, counts)


def _joined(fragments: list[memoryview]) -> memoryview:
    """The codestream of a frame; one in several fragments is put together in memory."""
    return fragments[0] if len(fragments) == 1 else memoryview(b"".join(fragments))


def _frames(fragments: list[memoryview], count: int) -> list[list[memoryview]]:
    """The fragments of each frame; `fragments` begins with the Basic Offset Table."""
    if not fragments or len(fragments) - 1 < count:
        raise incomplete("the encapsulated pixel data")
    table, coded = fragments[0], fragments[1:]
    if len(coded) == count:
        return [[fragment] for fragment in coded]
    if count == 1:
        return [coded]
    starts = _by_table(table, coded, count) or _by_signature(coded)
    if len(starts) != count or starts[0]:
        raise malformed("The fragments of the pixel data do not make the declared frames.")
    return [coded[a:b] for a, b in pairwise([*starts, len(coded)])]


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
