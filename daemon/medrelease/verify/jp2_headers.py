"""What the headers of a JPEG 2000 codestream say (ISO/IEC 15444-1 A.5, A.6), for the prover.

Each segment adds to what is known of a tile, and tells what of itself is in the clean form.
"""

import struct
from dataclasses import dataclass, replace

from medrelease.terms.words import Reason
from medrelease.verify.jp2_places import Grid, Order, Style
from medrelease.verify.refusal import Refusal, malformed, unsupported
from medrelease.verify.runs import printable

_MOST = 1 << 28
_LISTS = (0x55, 0x57, 0x58)
IDLE = (0x63, 0x64, *_LISTS)
"""Markers of comments and of lists of lengths, which no decoder needs: CRG, COM, TLM, PLM, PLT."""


@dataclass(frozen=True, slots=True)
class State:
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


def size_of(segment: bytes) -> tuple[State, bytes, tuple[int, int]]:
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
    return State(grid, number), segment[38::3], (right - left, bottom - top)


def heed(
    state: State, code: int, body: bytes, texts: list[str], *, first: bool
) -> tuple[State, bytes | None]:
    """Return the state after a segment, and what of the segment is in the clean form."""
    wide = 2 if state.number > 256 else 1
    if code in IDLE:
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


def _coding_style(state: State, body: bytes, *, first: bool) -> State:
    """Read COD (Table A.12); a tile's stands above the main header's COC."""
    flags, order, layers, mixed = struct.unpack_from(">BBHB", body)
    if flags & 0xF8 or order > 4 or mixed > 1 or not layers:
        malformed("JPEG 2000 coding style out of range")
    style = _style(body[5:], listed=bool(flags & 1))
    whole = Order(order, 0, 33, 0, state.number, layers)
    own = state.own if first else ()
    return replace(state, style=style, order=whole, marked=bool(flags & 4), own=own)


def _component_style(state: State, body: bytes, wide: int) -> State:
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


def _steps(state: State, body: bytes, skip: int) -> bytes:
    """Return a quantization segment without the steps that no level needs."""
    if len(body) <= skip or body[skip] % 32 > 2:
        malformed("JPEG 2000 quantization out of range")
    deepest = max(style.levels for style in state.styles())
    sizes = (1 + 3 * deepest, 2, 2 + 6 * deepest)
    return body[: skip + 1 + sizes[body[skip] % 32]]


def _changes(state: State, body: bytes, wide: int) -> tuple[Order, ...]:
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
