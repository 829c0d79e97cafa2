"""A JPEG 2000 codestream as the prover reads it (ISO/IEC 15444-1 Annex A): its clean form.

The clean form has the segments that code the picture and each tile up to its last packet; a
finished codestream must be equal to it.
"""

import struct
from dataclasses import dataclass, field, replace

from medrelease.verify.jp2_headers import IDLE, State, heed, size_of
from medrelease.verify.jp2_packets import end_of_packets
from medrelease.verify.refusal import incomplete, malformed, unsupported

_AT_ONCE = 1 << 20


@dataclass(slots=True)
class Coded:
    """A codestream: size, component depths, its clean form, where it ends, and its texts.

    The clean form is in pieces, most of them slices of the file: it is never held beside it.
    """

    size: tuple[int, int]
    depths: bytes
    pieces: list[bytes | memoryview]
    end: int
    texts: list[str]

    @property
    def length(self) -> int:
        """Bytes of the clean form."""
        return sum(map(len, self.pieces))

    @property
    def clean(self) -> bytes:
        """The clean form in one piece."""
        return b"".join(self.pieces)


@dataclass(slots=True)
class _Found:
    """Tiles by number, their parts in the order of the file, and texts of what is left out."""

    tiles: dict[int, "_Tile"] = field(default_factory=dict)
    sequence: list[tuple[int, int]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Tile:
    state: State
    heads: list[bytes] = field(default_factory=list)
    bodies: list[memoryview] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)


def read(view: memoryview) -> Coded:
    """Take a codestream apart. Raises Refusal of every kind but residual-identifier."""
    if bytes(view[:4]) != b"\xff\x4f\xff\x51":
        malformed("JPEG 2000 codestream without its size")
    found = _Found()
    segment = _segment(view, 2)
    state, depths, size = size_of(segment)
    main = b"\xff\x51" + segment
    at = 4 + len(segment)
    while (code := _code(view, at)) != 0x90:
        segment = _segment(view, at)
        state, kept = heed(state, code, segment[2:], found.texts, first=True)
        main += _written(code, kept)
        at += 2 + len(segment)
    while (code := _code(view, at)) != 0xD9:
        if code != 0x90:
            malformed("JPEG 2000 bytes between tile-parts")
        at = _part(view, at, state, found)
    if sorted(found.tiles) != list(range(state.grid.count)):
        incomplete("JPEG 2000 tile that is not there")
    for number, tile in found.tiles.items():
        _shorten(number, tile)
    pieces: list[bytes | memoryview] = [b"\xff\x4f", main]
    for number, place in found.sequence:
        tile = found.tiles[number]
        head, body = tile.heads[place] + b"\xff\x93", tile.bodies[place]
        length = 12 + len(head) + len(body)
        marks = struct.pack(">HHHIBB", 0xFF90, 10, number, length, *tile.marks[place])
        pieces += [marks + head, body]
    return Coded(size, depths, [*pieces, b"\xff\xd9"], at + 2, found.texts)


def _code(view: memoryview, at: int) -> int:
    if at + 2 > len(view):
        incomplete("JPEG 2000 codestream cut")
    if view[at] != 0xFF:
        malformed("JPEG 2000 bytes between segments")
    return view[at + 1]


def _segment(view: memoryview, at: int) -> bytes:
    """Return the segment of the marker at a place, with its length field."""
    size = int.from_bytes(view[at + 2 : at + 4], "big")
    if at + 4 > len(view) or at + 2 + size > len(view):
        incomplete("JPEG 2000 codestream cut")
    if size < 2:
        malformed("JPEG 2000 segment without a length")
    return bytes(view[at + 2 : at + 2 + size])


def _written(code: int, kept: bytes | None) -> bytes:
    return b"" if kept is None else struct.pack(">BBH", 0xFF, code, 2 + len(kept)) + kept


def _end_marker(view: memoryview, at: int) -> int:
    """Return where the marker that ends a codestream stands."""
    start, place = at, -1
    while place < 0:
        if start >= len(view):
            incomplete("JPEG 2000 codestream without an end")
        place = bytes(view[start : start + _AT_ONCE + 1]).find(b"\xff\xd9")
        start += 0 if place >= 0 else _AT_ONCE
    return start + place


def _part(view: memoryview, at: int, main: State, found: _Found) -> int:
    """Read one tile-part; return where it ends."""
    head = _segment(view, at)
    if len(head) != 10:
        malformed("JPEG 2000 tile-part of a wrong length")
    number, size, place, number_of_parts = struct.unpack(">HIBB", head[2:])
    end: int = at + size
    if not size:
        end = _end_marker(view, at)
    if end > len(view):
        incomplete("JPEG 2000 tile-part cut")
    tile = found.tiles.setdefault(number, _Tile(main))
    if place != len(tile.heads) or (number_of_parts and place >= number_of_parts):
        malformed("JPEG 2000 tile-parts out of order")
    if number >= main.grid.count:
        malformed("JPEG 2000 tile beside the picture")
    at += 12
    kept_head = b""
    while (code := _code(view, at)) != 0x93:
        segment = _segment(view, at)
        if place and code not in IDLE:
            unsupported("JPEG 2000 coding that changes inside a tile")
        tile.state, kept = heed(tile.state, code, segment[2:], found.texts, first=False)
        kept_head += _written(code, kept)
        at += 2 + len(segment)
    if at + 2 > end:
        malformed("JPEG 2000 tile-part shorter than its header")
    tile.heads.append(kept_head)
    tile.bodies.append(view[at + 2 : end])
    tile.marks.append((place, number_of_parts))
    found.sequence.append((number, place))
    return end


def _shorten(number: int, tile: _Tile) -> None:
    """Take from a tile's last part what stands behind the last packet."""
    state = tile.state
    orders = state.changes or ((state.order,) if state.order else ())
    most = state.order.layers if state.order else 0
    orders = tuple(replace(one, layers=min(one.layers, most)) for one in orders)
    joined = tile.bodies[0] if len(tile.bodies) == 1 else memoryview(b"".join(tile.bodies))
    end = end_of_packets(
        joined, state.grid, number, styles=state.styles(), orders=orders, marked=state.marked
    )
    surplus = len(joined) - end
    if surplus > len(tile.bodies[-1]):
        malformed("JPEG 2000 tile-part that holds no part of a tile")
    tile.bodies[-1] = tile.bodies[-1][: len(tile.bodies[-1]) - surplus]
