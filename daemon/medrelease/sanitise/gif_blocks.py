"""The blocks of a GIF file (GIF89a, sections 15 to 27): screen, frames and how they follow.

Comments, application data but the loop count, plain text and unknown extensions are counted and
left out. Plain text counts as hidden, since no viewer of today draws it.
"""

from collections import Counter
from dataclasses import dataclass, field
from struct import pack, unpack_from

from medrelease.sanitise.refusal import malformed, too_large
from medrelease.sanitise.source import take

MAX_PIXELS = 1 << 28
"""Most pixels of all frames together."""

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_CONTROL, _COMMENT, _TEXT, _APPLICATION = 0xF9, 0xFE, 0x01, 0xFF
_LOOPS = frozenset({b"NETSCAPE2.0", b"ANIMEXTS1.0"})
_COUNTED = {_COMMENT: "comment", _TEXT: "plain-text", _APPLICATION: "application-data"}


@dataclass(frozen=True, slots=True)
class Control:
    """How one frame is shown: disposal 0 to 3, delay in 1/100 s, transparent index if any."""

    disposal: int
    delay: int
    transparent: int | None

    def block(self) -> bytes:
        """The graphic control extension that says so (section 23)."""
        packed = self.disposal << 2 | (self.transparent is not None)
        return pack("<BBBBHBB", 0x21, _CONTROL, 4, packed, self.delay, self.transparent or 0, 0)


@dataclass(frozen=True, slots=True)
class Frame:
    """One image: its place on the screen in pixels, its own palette if any, its LZW data.

    `coded` are the data sub-blocks as they lie in the file, with their terminator.
    """

    left: int
    top: int
    width: int
    height: int
    interlaced: bool
    table: bytes
    control: Control | None
    minimum: int
    coded: memoryview

    def descriptor(self) -> bytes:
        """The image descriptor (section 20) without its palette."""
        packed = self.interlaced << 6 | _table_bits(self.table)
        return pack("<B4HB", _IMAGE, self.left, self.top, self.width, self.height, packed)


@dataclass(slots=True)
class Blocks:
    """A whole file: version, screen in pixels, global palette, loop count if any, frames."""

    version: bytes
    width: int
    height: int
    resolution: int
    background: int
    aspect: int
    table: bytes
    loop: int | None = None
    frames: list[Frame] = field(default_factory=list)
    end: int = 0

    def head(self) -> bytes:
        """Header, logical screen descriptor (section 18), its palette and the loop count."""
        later = self.loop is not None or any(frame.control for frame in self.frames)
        version = b"89a" if later else self.version
        packed = self.resolution << 4 | _table_bits(self.table)
        background = self.background if self.background < len(self.table) // 3 else 0
        screen = pack("<HHBBB", self.width, self.height, packed, background, self.aspect)
        head = b"GIF" + version + screen + self.table
        if self.loop is None:
            return head
        return head + b"\x21\xff\x0bNETSCAPE2.0" + pack("<BBHB", 3, 1, self.loop, 0)


def _table_bits(table: bytes) -> int:
    return 0x80 | (len(table) // 3).bit_length() - 2 if table else 0


def read_blocks(view: memoryview, actions: Counter[str]) -> Blocks:
    """All blocks up to the trailer. Raises incomplete, malformed and limit refusals."""
    width, height, packed, background, aspect = unpack_from(
        "<HHBBB", take(view, 6, 7, "the GIF header")
    )
    table = _table(view, 13, packed)
    blocks = Blocks(
        bytes(view[3:6]), width, height, packed >> 4 & 7, background, aspect, table
    )  # fmt: skip
    at, pixels, control = 13 + len(table), 0, None
    while True:
        kind = take(view, at, 1, "the GIF file")[0]
        if kind == _TRAILER:
            blocks.end = at + 1
            if not blocks.frames:
                raise malformed("The GIF file holds no picture.")
            return blocks
        if kind == _IMAGE:
            frame, at = _frame(view, at, blocks, control)
            blocks.frames.append(frame)
            pixels += frame.width * frame.height
            control = None
            if pixels > MAX_PIXELS:
                raise too_large("The GIF frames hold more than 268 megapixels.")
        elif kind == _EXTENSION:
            control, at = _extension(view, at, blocks, control, actions)
        elif kind == 0:
            actions["stray-bytes"] += 1
            at += 1
        else:
            raise malformed("The GIF file has bytes between its blocks.")


def _table(view: memoryview, at: int, packed: int) -> bytes:
    if not packed & 0x80:
        return b""
    return bytes(take(view, at, 6 << (packed & 7), "a GIF palette"))


def _frame(view: memoryview, at: int, blocks: Blocks, control: Control | None) -> tuple[Frame, int]:
    left, top, width, height, packed = unpack_from("<4HB", take(view, at + 1, 9, "a GIF frame"))
    table = _table(view, at + 10, packed)
    at += 10 + len(table)
    minimum = take(view, at, 1, "a GIF frame")[0]
    start, at = at + 1, _end(view, at + 1)
    if not width or not height:
        raise malformed("A GIF frame declares no picture.")
    if left + width > blocks.width or top + height > blocks.height:
        raise malformed("A GIF frame lies beside the screen.")
    if not table and not blocks.table:
        raise malformed("A GIF frame has no palette.")
    interlaced = bool(packed & 0x40)
    coded = view[start:at]
    return Frame(left, top, width, height, interlaced, table, control, minimum, coded), at


def _extension(
    view: memoryview, at: int, blocks: Blocks, control: Control | None, actions: Counter[str]
) -> tuple[Control | None, int]:
    """Take what an extension says of display, or count it; returns the control in force."""
    label = take(view, at + 1, 1, "a GIF extension")[0]
    pieces, end = _pieces(view, at + 2)
    if label == _CONTROL:
        if not pieces or len(pieces[0]) != 4:
            raise malformed("A GIF frame's control block contradicts itself.")
        packed, delay, transparent = unpack_from("<BHB", pieces[0])
        disposal = packed >> 2 & 7
        actions["surplus-bytes"] += sum(map(len, pieces[1:]))
        shown = transparent if packed & 1 else None
        return Control(disposal if disposal <= 3 else 0, delay, shown), end
    loop = _loop(pieces) if label == _APPLICATION else None
    if loop is not None and blocks.loop is None:
        blocks.loop = loop
        return control, end
    actions[_COUNTED.get(label, "unknown-extension")] += 1
    return (None if label == _TEXT else control), end


def _loop(pieces: list[bytes]) -> int | None:
    """The loop count of an application extension of the two names that carry one."""
    if not pieces or pieces[0] not in _LOOPS:
        return None
    counts = [piece for piece in pieces[1:] if len(piece) == 3 and piece[0] & 7 == 1]
    return int.from_bytes(counts[0][1:], "little") if counts else None


def _end(view: memoryview, at: int) -> int:
    """The offset behind the terminator of data sub-blocks (section 15)."""
    while size := take(view, at, 1, "the GIF file")[0]:
        take(view, at + 1, size, "the GIF file")
        at += 1 + size
    return at + 1


def _pieces(view: memoryview, at: int) -> tuple[list[bytes], int]:
    """Data sub-blocks (section 15) up to their terminator, and the offset behind it."""
    pieces = []
    while size := take(view, at, 1, "the GIF file")[0]:
        pieces.append(bytes(take(view, at + 1, size, "the GIF file")))
        at += 1 + size
    return pieces, at + 1
