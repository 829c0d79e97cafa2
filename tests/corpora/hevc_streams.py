"""HEVC still pictures coded by hand: uncoded samples, tiles, rows and slices of every kind.

A small arithmetic encoder (ISO/IEC 23008-2, 9.3.4) for what x265 does not write. Each picture is
64 x 64 in blocks of 16; a block is either written as samples or predicted with nothing added.
"""

import re
import struct
from dataclasses import dataclass, field, replace
from pathlib import Path

import medrelease
from corpora.photos_heif import File, Item, box, full

SIDE, ACROSS = 64, 4
_SOURCE = Path(medrelease.__file__).parent / "verify" / "slices" / "reader.c"
SPLIT, PREV, CHROMA, LUMA_CODED, CHROMA_CODED = 2, 7, 8, 12, 14


def _numbers(name: str) -> list[int]:
    """A table of the standard, as the package's C source has it; libde265 is the judge of it."""
    body = re.search(name + r"\[[^=]*= \{(.*?)\};", _SOURCE.read_text(), re.DOTALL)
    assert body is not None
    return [int(each) for each in re.findall(r"\d+", body[1])]


@dataclass
class Bits:
    """Bits written one behind the other."""

    text: str = ""

    def u(self, width: int, value: int) -> "Bits":
        """A number of so many bits."""
        self.text += f"{value:0{width}b}" if width else ""
        return self

    def ue(self, *values: int) -> "Bits":
        """Numbers as Exp-Golomb codes."""
        for value in values:
            code = f"{value + 1:b}"
            self.text += "0" * (len(code) - 1) + code
        return self

    def stopped(self) -> bytes:
        """The bits behind which a stop bit and zeros fill the last byte."""
        text = self.text + "1"
        text += "0" * (-len(text) % 8)
        return int(text, 2).to_bytes(len(text) // 8)


class Encoder:
    """The arithmetic encoder with the contexts of an intra slice."""

    def __init__(self, qp: int = 26) -> None:
        self._low_ranges, self._after = _numbers("LOW_RANGES"), _numbers("AFTER_LEAST")
        self.states = [self._begun(value, qp) for value in _numbers("INITIAL")]
        self.text = ""
        self.begin()

    @staticmethod
    def _begun(value: int, qp: int) -> list[int]:
        slope, base = (value >> 4) * 5 - 45, ((value & 15) << 3) - 16
        before = min(max((slope * qp >> 4) + base, 1), 126)
        return [before - 64, 1] if before > 63 else [63 - before, 0]

    def begin(self) -> None:
        """Start anew at a byte's begin; contexts stay."""
        self.low, self.range, self.waiting, self.first = 0, 510, 0, True

    def bin(self, context: int, value: int) -> None:
        """A bin that a context models."""
        state = self.states[context]
        least = self._low_ranges[4 * state[0] + (self.range >> 6 & 3)]
        self.range -= least
        if value != state[1]:
            self.low += self.range
            self.range = least
            if not state[0]:
                state[1] ^= 1
            state[0] = self._after[state[0]]
        else:
            state[0] = min(state[0] + 1, 62)
        self._renormalise()

    def bypass(self, value: int) -> None:
        """A bin of even chances."""
        self.low = (self.low << 1) + value * self.range
        self._settle(1024)

    def terminate(self, value: int) -> None:
        """A bin that may end the data: then the stop bit is written, and zeros to the byte."""
        self.range -= 2
        if not value:
            self._renormalise()
            return
        self.low += self.range
        self.range = 2
        self._renormalise()
        self._put(self.low >> 9 & 1)
        self.text += f"{(self.low >> 7 & 3) | 1:02b}"
        self.text += "0" * (-len(self.text) % 8)

    def _settle(self, whole: int) -> None:
        if self.low >= whole:
            self.low -= whole
            self._put(1)
        elif self.low < whole // 2:
            self._put(0)
        else:
            self.low -= whole // 2
            self.waiting += 1

    def _renormalise(self) -> None:
        while self.range < 256:
            self._settle_half()
            self.range <<= 1
            self.low <<= 1

    def _settle_half(self) -> None:
        if self.low < 256:
            self._put(0)
        elif self.low >= 512:
            self.low -= 512
            self._put(1)
        else:
            self.low -= 256
            self.waiting += 1

    def _put(self, bit: int) -> None:
        if self.first:
            self.first = False
        else:
            self.text += str(bit)
        self.text += str(1 - bit) * self.waiting
        self.waiting = 0


@dataclass(frozen=True)
class Shape:
    """How a picture is divided: tiles, rows as substreams, where slices begin, and what kind.

    `raw` are the blocks that are written as samples; `more` lies behind the data of the first
    substream, or of the picture where there is but one.
    """

    tiles: tuple[int, int] = (1, 1)
    rows: bool = False
    slices: tuple[int, ...] = (0,)
    dependent: bool = False
    raw: frozenset[int] = frozenset(range(ACROSS * ACROSS))
    chroma: int = 1
    more: bytes = b""
    order: list[int] = field(default_factory=list)


def file(shape: Shape) -> File:
    """A HEIC file of one such picture."""
    tiles = [ACROSS // count for count in shape.tiles]
    order = sorted(
        range(ACROSS * ACROSS),
        key=lambda at: (at // ACROSS // tiles[1], at % ACROSS // tiles[0], at),
    )
    shape = replace(shape, order=order)
    sets = [(32, _video()), (33, _sequence(shape)), (34, _picture(shape))]
    record = b"\1" + _PROFILE + b"\xf0\0\xfc" + bytes((0xFC | shape.chroma,)) + b"\xf8\xf8\0\0\x0f"
    record += b"\3"
    for kind, body in sets:
        unit = struct.pack(">H", kind << 9 | 1) + _prevented(body)
        record += struct.pack(">BHH", 0x80 | kind, 1, len(unit)) + unit
    kept: dict[str, list[list[int]]] = {}
    slices = [_slice(shape, number, kept) for number in range(len(shape.slices))]
    data = b"".join(struct.pack(">I", len(unit)) + unit for unit in slices)
    size = (full(b"ispe", struct.pack(">II", SIDE, SIDE)), False)
    return File({1: Item(b"hvc1", data, (size, (box(b"hvcC", record), True)))})


_PROFILE = bytes((4,)) + struct.pack(">I", 0x08000000) + b"\x9e\0\0\0\0\0" + bytes((93,))


def _prevented(plain: bytes) -> bytes:
    """Bytes with those put in between that keep start codes out (7.4.2)."""
    return re.sub(rb"\x00\x00(?=[\x00-\x03])", b"\0\0\3", plain)


def _video() -> bytes:
    bits = Bits().u(4, 0).u(2, 3).u(6, 0).u(3, 0).u(1, 1).u(16, 0xFFFF)
    bits.u(96, int.from_bytes(_PROFILE)).u(1, 1).ue(0, 0, 0)
    return bits.u(6, 0).ue(0).u(1, 0).u(1, 0).stopped()


def _sequence(shape: Shape) -> bytes:
    bits = Bits().u(4, 0).u(3, 0).u(1, 1).u(96, int.from_bytes(_PROFILE)).ue(0, shape.chroma)
    if shape.chroma == 3:
        bits.u(1, 0)
    bits.ue(SIDE, SIDE).u(1, 0).ue(0, 0, 4).u(1, 1).ue(0, 0, 0)
    bits.ue(0, 1, 0, 2, 0, 0).u(1, 0).u(1, 0).u(1, 0)
    bits.u(1, 1).u(4, 7).u(4, 7).ue(0, 1).u(1, 1)  # samples of eight bits in blocks of 8 and 16
    return bits.ue(0).u(1, 0).u(1, 0).u(1, 0).u(1, 0).u(1, 0).stopped()


def _picture(shape: Shape) -> bytes:
    bits = Bits().ue(0, 0).u(1, int(shape.dependent)).u(1, 0).u(3, 0).u(1, 0).u(1, 0).ue(0, 0, 0)
    bits.u(1, 0).u(1, 0).u(1, 0).ue(0, 0).u(1, 0).u(1, 0).u(1, 0).u(1, 0)
    tiled = shape.tiles != (1, 1)
    bits.u(1, int(tiled)).u(1, int(shape.rows))
    if tiled:
        bits.ue(shape.tiles[0] - 1, shape.tiles[1] - 1).u(1, 1).u(1, 0)
    return bits.u(1, 0).u(1, 1).u(1, 0).u(1, 1).u(1, 0).u(1, 0).ue(0).u(1, 0).u(1, 0).stopped()


def _slice(shape: Shape, number: int, kept: dict[str, list[list[int]]]) -> bytes:
    """One slice segment; a dependent one takes over the contexts of the one before."""
    dependent = shape.dependent and number > 0
    if not dependent:
        kept.clear()
    starts = [*shape.slices, ACROSS * ACROSS]
    blocks = [shape.order[at] for at in range(starts[number], starts[number + 1])]
    pieces = _pieces(shape, blocks, kept)
    if shape.more and number == 0:
        pieces[0] += shape.more
    bits = Bits().u(1, int(number == 0)).u(1, 0).ue(0)
    if number:
        if shape.dependent:
            bits.u(1, int(dependent))
        bits.u(4, blocks[0])
    if not dependent:
        bits.ue(2).ue(0)
    if shape.tiles != (1, 1) or shape.rows:
        sizes = [len(_prevented(piece)) for piece in pieces[:-1]]
        bits.ue(len(sizes))
        if sizes:
            bits.ue(15)
            for size in sizes:
                bits.u(16, size - 1)
    plain = bits.stopped() + b"".join(pieces)
    return struct.pack(">H", 20 << 9 | 1) + _prevented(plain)


def _pieces(shape: Shape, blocks: list[int], kept: dict[str, list[list[int]]]) -> list[bytes]:
    """The substreams of a slice segment; `kept` are contexts that are carried over (9.3.1)."""
    encoder, found = _begun(shape, blocks[0], kept, "segment"), list[bytes]()
    for place, block in enumerate(blocks):
        _block(encoder, shape, block)
        if shape.rows and _column(shape, block) == 1:
            kept["row"] = [list(state) for state in encoder.states]
        last = place + 1 == len(blocks)
        encoder.terminate(int(last))
        if last or _divided(shape, block, blocks[place + 1]):
            if not last:
                encoder.terminate(1)
            found.append(int("1" + encoder.text, 2).to_bytes(len(encoder.text) // 8 + 1)[1:])
            kept["segment"] = encoder.states
            if not last:
                encoder = _begun(shape, blocks[place + 1], kept, "none")
    return found


def _begun(shape: Shape, block: int, kept: dict[str, list[list[int]]], before: str) -> Encoder:
    """An encoder at the begin of a substream that starts with a block."""
    encoder = Encoder()
    tiles = [ACROSS // count for count in shape.tiles]
    begins_row = _column(shape, block) == 0
    begins_tile = begins_row and block // ACROSS % tiles[1] == 0
    if begins_tile:
        return encoder
    source = "row" if shape.rows and begins_row else before
    if source in kept:
        encoder.states = [list(state) for state in kept[source]]
    return encoder


def _column(shape: Shape, block: int) -> int:
    """The column of a block within its tile."""
    return block % ACROSS % (ACROSS // shape.tiles[0])


def _divided(shape: Shape, block: int, following: int) -> bool:
    tiles = [ACROSS // count for count in shape.tiles]
    places = [
        (at // ACROSS // tiles[1], at % ACROSS // tiles[0], at // ACROSS if shape.rows else 0)
        for at in (block, following)
    ]
    return places[0] != places[1]


def _block(encoder: Encoder, shape: Shape, block: int) -> None:
    encoder.bin(SPLIT, 0)
    if block not in shape.raw:
        encoder.terminate(0)
        encoder.bin(PREV, 1)
        encoder.bypass(0)
        if shape.chroma:
            encoder.bin(CHROMA, 0)
            for _ in range(4 if shape.chroma == 2 else 2):
                encoder.bin(CHROMA_CODED, 0)
        encoder.bin(LUMA_CODED + 1, 0)
        return
    encoder.terminate(1)
    luma = bytes((40 + 11 * block + at % 7) % 256 for at in range(256))
    colour = {0: 0, 1: 128, 2: 256, 3: 512}[shape.chroma]
    encoder.text += "".join(f"{each:08b}" for each in luma + bytes([128]) * colour)
    encoder.begin()
