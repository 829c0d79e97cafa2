"""The header of an AV1 key frame, bit for bit, and where the tiles behind it stand.

Source: the AV1 bitstream specification, sections 5.9 and 5.11.
"""

from dataclasses import dataclass

from medrelease.verify.bit_string import BitString
from medrelease.verify.refusal import malformed, unsupported

SELECT = 2
_MOST_WIDE, _MOST_AREA, _MOST_TILES = 4096, 4096 * 2304, 64
_FEATURES = ((8, 1), (6, 1), (6, 1), (6, 1), (6, 1), (3, 0), (0, 0), (0, 0))
"""Bits of each feature of a segment, and whether it has a sign (5.9.14)."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """What a sequence header says that frame headers are read by (5.5)."""

    size: tuple[int, int]
    widths: tuple[int, int]
    reduced: int
    frame_ids: int
    large_blocks: int
    screen: int
    integer: int
    order: int
    tools: tuple[int, int, int]
    mono: int
    halved: tuple[int, int]
    separate: int
    grain: int
    record: bytes


@dataclass(slots=True)
class Frame:
    """A frame header: how many tiles there are, and how they say their length."""

    size: tuple[int, int] = (0, 0)
    scaled: bool = False
    copies: int = 0
    tiles: int = 1
    tile_bits: int = 0
    length_size: int = 4
    lossless: bool = False
    graded: int = 0


def header(b: BitString, sequence: Sequence) -> Frame:
    """Read a frame header to its last bit. Raises Refusal(malformed | format-not-supported)."""
    frame = Frame()
    if not sequence.reduced and b.u(4) != 1:
        unsupported("AVIF picture of more than one frame")
    still = b.u(1)
    screen = b.u(1) if sequence.screen == SELECT else sequence.screen
    if screen and sequence.integer == SELECT:
        b.u(1)
    b.u(sequence.frame_ids)
    other_size = 0 if sequence.reduced else b.u(1)
    b.u(sequence.order)
    _size(b, sequence, frame, other_size)
    if screen and not frame.scaled:
        frame.copies = b.u(1)
    if not (sequence.reduced or still):
        b.u(1)
    _tiles(b, sequence, frame)
    _quantisation(b, sequence, frame)
    _filters(b, sequence, frame)
    if not frame.lossless:
        b.u(1)
    b.u(1)
    if sequence.grain and b.u(1):
        _grain(b, sequence)
    return frame


def _size(b: BitString, sequence: Sequence, frame: Frame, other: int) -> None:
    """frame_size, superres_params and render_size (5.9.5 to 5.9.8)."""
    width, height = sequence.size
    if other:
        width, height = (b.u(bits) + 1 for bits in sequence.widths)
    if sequence.tools[0] and b.u(1):
        part = b.u(3) + 9
        scaled = (width * 8 + part // 2) // part
        width, frame.scaled = scaled, scaled != width
    frame.size = (width, height)
    if b.u(1):
        b.u(32)


def _log2(unit: int, target: int) -> int:
    """tile_log2 (5.9.16): the least power of two of `unit` that reaches `target`."""
    found = 0
    while unit << found < target:
        found += 1
    return found


def _tiles(b: BitString, sequence: Sequence, frame: Frame) -> None:
    """tile_info (5.9.15)."""
    shift = 5 if sequence.large_blocks else 4
    across, down = (-(-2 * ((side + 7) >> 3) >> shift) for side in frame.size)
    widest = _MOST_WIDE >> (shift + 2)
    least = _log2(widest, across)
    area = max(least, _log2(_MOST_AREA >> 2 * (shift + 2), across * down))
    if b.u(1):
        columns = _even(b, across, least)
        rows = _even(b, down, max(area - columns[1], 0))
    else:
        columns, wide = _uneven(b, across, widest)
        whole = across * down >> (area + 1 if area else 0)
        rows, _ = _uneven(b, down, max(whole // wide, 1))
    frame.tiles, frame.tile_bits = columns[0] * rows[0], columns[1] + rows[1]
    if max(columns[0], rows[0]) > _MOST_TILES:
        malformed("AVIF picture of too many tiles")
    if frame.tile_bits:
        b.u(frame.tile_bits)
        frame.length_size = b.u(2) + 1


def _even(b: BitString, blocks: int, least: int) -> tuple[int, int]:
    """Return count and logarithm of tiles of one size."""
    found, most = least, _log2(1, min(blocks, _MOST_TILES))
    while found < most and b.u(1):
        found += 1
    size = (blocks + (1 << found) - 1) >> found
    return -(-blocks // size), found


def _uneven(b: BitString, blocks: int, most: int) -> tuple[tuple[int, int], int]:
    """Return count and logarithm of tiles that each say their size, and the largest size."""
    start = count = largest = 0
    while start < blocks:
        size = _fewer(b, min(blocks - start, most)) + 1
        start, count, largest = start + size, count + 1, max(largest, size)
    return (count, _log2(1, count)), largest


def _fewer(b: BitString, values: int) -> int:
    """ns(n) of 4.10.7."""
    bits = values.bit_length()
    short = (1 << bits) - values
    value = b.u(bits - 1)
    return value if value < short else (value << 1) - short + b.u(1)


def _signed(b: BitString, bits: int) -> int:
    """su(n) of 4.10.6."""
    value = b.u(bits)
    return value - (1 << bits) if value >> (bits - 1) else value


def _quantisation(b: BitString, sequence: Sequence, frame: Frame) -> None:
    """quantization_params, segmentation_params, delta_q_params, delta_lf_params."""
    base = b.u(8)
    deltas = [_delta(b)]
    if not sequence.mono:
        apart = b.u(1) if sequence.separate else 0
        deltas += [_delta(b) for _ in range(4 if apart else 2)]
    if b.u(1):
        b.u(8)
        b.u(4 if sequence.separate else 0)
    steps = _segments(b, base) if b.u(1) else [base]
    frame.lossless = not any(steps) and not any(deltas)
    frame.graded = b.u(1) if base else 0
    if frame.graded:
        b.u(2)
        if not frame.copies and b.u(1):
            b.u(3)


def _delta(b: BitString) -> int:
    return _signed(b, 7) if b.u(1) else 0


def _segments(b: BitString, base: int) -> list[int]:
    """Return the quantiser index of each of the eight segments."""
    found = []
    for _ in range(8):
        step = base
        for feature, (bits, sign) in enumerate(_FEATURES):
            if b.u(1):
                value = _signed(b, bits + 1) if sign else b.u(bits)
                step = step if feature else min(max(base + value, 0), 255)
        found.append(step)
    return found


def _filters(b: BitString, sequence: Sequence, frame: Frame) -> None:
    """loop_filter_params, cdef_params and lr_params."""
    planes = 1 if sequence.mono else 3
    if frame.lossless or frame.copies:
        plain = frame.copies or not frame.scaled
    else:
        plain = False
        levels = b.u(12)
        b.u(12 if planes > 1 and levels else 0)
        b.u(3)
        if b.u(1) and b.u(1):
            for _ in range(10):
                b.u(7 if b.u(1) else 0)
        if sequence.tools[1]:
            b.u(2)
            b.u((1 << b.u(2)) * (12 if planes > 1 else 6))
    if plain or not sequence.tools[2]:
        return
    kinds = [b.u(2) for _ in range(planes)]
    if any(kinds):
        if b.u(1) and not sequence.large_blocks:
            b.u(1)
        if all(sequence.halved) and any(kinds[1:]):
            b.u(1)


def _grain(b: BitString, sequence: Sequence) -> None:
    """film_grain_params of a frame that has grain (5.9.30)."""
    b.u(16)
    luma = b.u(4)
    b.u(16 * luma)
    linked = 0 if sequence.mono else b.u(1)
    blue = red = 0
    if not (sequence.mono or linked or (all(sequence.halved) and not luma)):
        blue = b.u(4)
        b.u(16 * blue)
        red = b.u(4)
        b.u(16 * red)
    b.u(2)
    lag = b.u(2)
    near = 2 * lag * (lag + 1)
    b.u(8 * near if luma else 0)
    further = near + (1 if luma else 0)
    for points in (blue, red):
        b.u(8 * further if linked or points else 0)
    b.u(4)
    for points in (blue, red):
        b.u(25 if points else 0)
    b.u(2)


def tiles(group: memoryview, frame: Frame, numbers: list[int]) -> list[tuple[int, int]]:
    """Return where the tiles of a group stand in it (5.11.1); their numbers are appended."""
    start, first, last = 0, 0, frame.tiles - 1
    if frame.tiles > 1:
        b = BitString(bytes(group[: 1 + frame.tile_bits // 4]))
        if b.u(1):
            first, last = b.u(frame.tile_bits), b.u(frame.tile_bits)
        start = b.prove_zeros()
    if first != len(numbers) or not first <= last < frame.tiles:
        malformed("AVIF picture whose tiles contradict themselves")
    found = []
    for _ in range(first, last):
        size = int.from_bytes(group[start : start + frame.length_size], "little") + 1
        start += frame.length_size
        found.append((start, start + size))
        start += size
    found.append((start, len(group)))
    if any(begin >= end for begin, end in found) or start >= len(group):
        malformed("AVIF picture whose tiles contradict themselves")
    numbers += range(first, last + 1)
    return found
