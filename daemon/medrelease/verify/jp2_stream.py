"""A JPEG 2000 codestream as the prover reads it (ISO/IEC 15444-1 Annex A): its clean form.

The clean form has the segments that code the picture and each tile up to its last packet; a
finished codestream must be equal to it.
"""

import struct
from dataclasses import dataclass, field, replace

from medrelease.terms.words import Reason
from medrelease.verify.jp2_packets import end_of_packets
from medrelease.verify.jp2_places import Grid, Order, Style
from medrelease.verify.refusal import Refusal, incomplete, malformed, unsupported
from medrelease.verify.runs import printable

_MOST = 1 << 28
_LISTS = (0x55, 0x57, 0x58)
_IDLE = (0x63, 0x64, *_LISTS)


@dataclass(slots=True)
class Coded:
    """A codestream: size, component depths, its clean form, where it ends, and its texts."""

    size: tuple[int, int]
    depths: bytes
    clean: bytes
    end: int
    texts: list[str]


@dataclass(frozen=True, slots=True)
class _State:
    """What the headers have said so far: the tile's header goes on from the main one's."""

    grid: Grid
    number: int
    style: Style | None = None
    order: Order | None = None
    marked: bool = False
    own: tuple[tuple[int, Style], ...] = ()
    changes: tuple[Order, ...] = ()

    def styles(self) -> tuple[Style, ...]:
        """The coding style of every component."""
        chosen = [dict(self.own).get(at, self.style) for at in range(self.number)]
        if None in chosen:
            malformed("JPEG 2000 picture that does not say how it is coded")
        return tuple(one for one in chosen if one is not None)


@dataclass(slots=True)
class _Found:
    """Tiles by number, their parts in the order of the file, and texts of what is left out."""

    tiles: dict[int, "_Tile"] = field(default_factory=dict)
    sequence: list[tuple[int, int]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Tile:
    state: _State
    heads: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)


def read(view: memoryview) -> Coded:
    """Take a codestream apart. Raises Refusal of every kind but residual-identifier."""
    if bytes(view[:4]) != b"\xff\x4f\xff\x51":
        malformed("JPEG 2000 codestream without its size")
    found = _Found()
    segment = _segment(view, 2)
    state, depths, size = _size(segment)
    main = b"\xff\x51" + segment
    at = 4 + len(segment)
    while (code := _code(view, at)) != 0x90:
        segment = _segment(view, at)
        state, kept = _heed(state, code, segment[2:], found.texts, first=True)
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
    pieces = [b"\xff\x4f", main]
    for number, place in found.sequence:
        tile = found.tiles[number]
        body = tile.heads[place] + b"\xff\x93" + tile.bodies[place]
        pieces.append(
            struct.pack(">HHHIBB", 0xFF90, 10, number, 12 + len(body), *tile.marks[place]) + body
        )
    return Coded(size, depths, b"".join([*pieces, b"\xff\xd9"]), at + 2, found.texts)


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


def _size(segment: bytes) -> tuple[_State, bytes, tuple[int, int]]:
    """Read SIZ (Table A.9)."""
    if len(segment) < 41:
        malformed("JPEG 2000 size cut")
    profile = int.from_bytes(segment[2:4], "big")
    right, bottom, left, top, wide, high, tile_left, tile_top = struct.unpack_from(
        ">8I", segment, 4
    )
    number = int.from_bytes(segment[36:38], "big")
    if len(segment) != 38 + 3 * number or number not in range(1, 257):
        malformed("JPEG 2000 size of a wrong length")
    if profile > 15:
        unsupported("JPEG 2000 of an extended kind")
    steps = [(segment[at + 1], segment[at + 2]) for at in range(38, len(segment), 3)]
    if right <= left or bottom <= top or not wide or not high or any(0 in step for step in steps):
        malformed("JPEG 2000 size without an area")
    if not (left - wide < tile_left <= left and top - high < tile_top <= top):
        malformed("JPEG 2000 tiles beside the picture")
    grid = Grid((left, top, right, bottom), (wide, high), (tile_left, tile_top), tuple(steps))
    if (right - left) * (bottom - top) * number > _MOST or grid.count > 65_535:
        raise Refusal(Reason.LIMITS_EXCEEDED, "JPEG 2000 picture too large to prove")
    return _State(grid, number), segment[38::3], (right - left, bottom - top)


def _heed(
    state: _State, code: int, body: bytes, texts: list[str], *, first: bool
) -> tuple[_State, bytes | None]:
    """Return the state after a segment, and what of the segment is in the clean form."""
    wide = 2 if state.number > 256 else 1
    if code in _IDLE:
        texts += printable(body) if code not in _LISTS else []
        return state, None
    if code in (0x60, 0x61):
        unsupported("JPEG 2000 with packed packet headers")
    if code == 0x52 and len(body) >= 10:
        return _coding_style(state, body, first=first), body
    if code in (0x5C, 0x5D):
        return state, _steps(state, body, 0 if code == 0x5C else wide)
    if code == 0x53 and len(body) >= 6 + wide:
        state = _component_style(state, body, wide)
    elif code == 0x5F and body and not len(body) % (5 + 2 * wide):
        state = replace(state, changes=_changes(state, body, wide))
    elif code != 0x5E or len(body) != wide + 2 or body[wide]:
        malformed("JPEG 2000 segment that is not allowed")
    return state, body


def _coding_style(state: _State, body: bytes, *, first: bool) -> _State:
    """Read COD (Table A.12); a tile's stands above the main header's COC."""
    flags, order, layers, mixed = struct.unpack_from(">BBHB", body)
    if flags & 0xF8 or order > 4 or mixed > 1 or not layers:
        malformed("JPEG 2000 coding style out of range")
    style = _style(body[5:], listed=bool(flags & 1))
    whole = Order(order, 0, 33, 0, state.number, layers)
    own = state.own if first else ()
    return replace(state, style=style, order=whole, marked=bool(flags & 4), own=own)


def _component_style(state: _State, body: bytes, wide: int) -> _State:
    """Read COC (Table A.22)."""
    which = int.from_bytes(body[:wide], "big")
    if which >= state.number or body[wide] > 1:
        malformed("JPEG 2000 coding style of no component")
    style = _style(body[wide + 1 :], listed=body[wide] == 1)
    return replace(state, own=(*state.own, (which, style)))


def _style(body: bytes, *, listed: bool) -> Style:
    """Read what COD and COC have in common (Table A.15)."""
    levels, across, down, kind, wavelet = body[:5]
    if levels > 32 or across + down > 8 or kind & 0xC0 or wavelet > 1:
        unsupported("JPEG 2000 code-blocks of this kind")
    if len(body) - 5 != (levels + 1) * listed:
        malformed("JPEG 2000 precincts of a wrong number")
    sizes = tuple((octet % 16, octet // 16) for octet in body[5:])
    return Style(levels, (across + 2, down + 2), kind, sizes or ((15, 15),) * (levels + 1))


def _steps(state: _State, body: bytes, skip: int) -> bytes:
    """Return a quantization segment without the steps that no level needs."""
    if len(body) <= skip or body[skip] % 32 > 2:
        malformed("JPEG 2000 quantization out of range")
    deepest = max(style.levels for style in state.styles())
    sizes = (1 + 3 * deepest, 2, 2 + 6 * deepest)
    return body[: skip + 1 + sizes[body[skip] % 32]]


def _changes(state: _State, body: bytes, wide: int) -> tuple[Order, ...]:
    """Read the progression order changes (Table A.32)."""
    found = []
    for at in range(0, len(body), 5 + 2 * wide):
        entry = body[at : at + 5 + 2 * wide]
        first, start = entry[0], int.from_bytes(entry[1 : 1 + wide], "big")
        layers = int.from_bytes(entry[1 + wide : 3 + wide], "big")
        last, stop = entry[3 + wide], int.from_bytes(entry[4 + wide : 4 + 2 * wide], "big")
        if entry[-1] > 4:
            malformed("JPEG 2000 progression out of range")
        stop = min(stop, state.number) or state.number
        found.append(Order(entry[-1], first, min(last, 33), start, stop, layers))
    return tuple(found)


def _part(view: memoryview, at: int, main: _State, found: _Found) -> int:
    """Read one tile-part; return where it ends."""
    head = _segment(view, at)
    if len(head) != 10:
        malformed("JPEG 2000 tile-part of a wrong length")
    number, size, place, number_of_parts = struct.unpack(">HIBB", head[2:])
    end: int = at + size
    if not size:
        end = at + bytes(view[at:]).find(b"\xff\xd9")
        if end < at:
            incomplete("JPEG 2000 codestream without an end")
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
        if place and code not in _IDLE:
            unsupported("JPEG 2000 coding that changes inside a tile")
        tile.state, kept = _heed(tile.state, code, segment[2:], found.texts, first=False)
        kept_head += _written(code, kept)
        at += 2 + len(segment)
    if at + 2 > end:
        malformed("JPEG 2000 tile-part shorter than its header")
    tile.heads.append(kept_head)
    tile.bodies.append(bytes(view[at + 2 : end]))
    tile.marks.append((place, number_of_parts))
    found.sequence.append((number, place))
    return end


def _shorten(number: int, tile: _Tile) -> None:
    """Take from a tile's last part what stands behind the last packet."""
    state = tile.state
    orders = state.changes or ((state.order,) if state.order else ())
    most = state.order.layers if state.order else 0
    orders = tuple(replace(one, layers=min(one.layers, most)) for one in orders)
    joined = b"".join(tile.bodies)
    end = end_of_packets(
        joined, state.grid, number, styles=state.styles(), orders=orders, marked=state.marked
    )
    surplus = len(joined) - end
    if surplus > len(tile.bodies[-1]):
        malformed("JPEG 2000 tile-part that holds no part of a tile")
    tile.bodies[-1] = tile.bodies[-1][: len(tile.bodies[-1]) - surplus]
