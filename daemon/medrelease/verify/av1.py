"""AV1 still pictures in canonical form: the sequence header and one frame.

Source: the AV1 bitstream specification, section 5. In a finished file there is no other unit, and
each says its length in the shortest way.
"""

import hashlib

from medrelease.verify import av1_frame, av1_tiles
from medrelease.verify.av1_frame import SELECT, Sequence
from medrelease.verify.bit_string import BitString
from medrelease.verify.refusal import incomplete, malformed, unsupported
from medrelease.verify.runs import printable

_SEQUENCE, _HEADER, _GROUP, _FRAME = 1, 3, 4, 6
_START = 1 << 12
"""Bytes that a frame header has at most."""


def read(
    record: bytes, data: memoryview, digest: "hashlib._Hash", *, strict: bool
) -> tuple[tuple[int, int], list[str]]:
    """Feed one item's picture to a digest; return its size in pixels, and texts beside it."""
    texts = printable(record[4:])
    kinds: list[int] = []
    parts: list[tuple[int, int]] = []
    at = 0
    while at < len(data):
        kind, start, end = _unit(data, at, strict)
        if kind in (_SEQUENCE, _HEADER, _GROUP, _FRAME):
            kinds.append(kind)
            parts.append((start, end))
            digest.update(bytes((kind,)) + (end - start).to_bytes(8, "big"))
            digest.update(data[start:end])
        elif strict:
            malformed("AVIF picture with a unit that is not allowed")
        else:
            texts += printable(bytes(data[start:end]))
        at = end
    whole = kinds[1:2] == [_FRAME] and set(kinds[2:]) <= {_GROUP}
    split = kinds[1:2] == [_HEADER] and set(kinds[2:]) == {_GROUP}
    if kinds[:1] != [_SEQUENCE] or not (whole or split):
        unsupported("AVIF picture of more than one frame")
    told = sequence(BitString(bytes(data[slice(*parts[0])])))
    if strict:
        if record != told.record:
            malformed("AVIF configuration that does not follow from its header")
        tiles = _tiles(data, told, parts[1:], whole=whole)
        av1_tiles.prove(record, bytes(data), told, tiles)
    return told.size, texts


def _tiles(
    data: memoryview, told: Sequence, parts: list[tuple[int, int]], *, whole: bool
) -> list[tuple[int, int]]:
    """Return where the tiles of a frame stand. Raises Refusal where one is missing."""
    start, end = parts[0]
    bits = BitString(bytes(data[start : min(end, start + _START)]))
    frame = av1_frame.header(bits, told)
    groups = parts
    if whole:
        groups = [(start + bits.prove_zeros(), end), *parts[1:]]
    elif start + bits.prove_stopped() == end:
        groups = parts[1:]
    else:
        malformed("AVIF frame header with bytes behind its end")
    found, numbers = [], list[int]()
    for begin, end in groups:
        if begin >= end:
            malformed("AVIF picture whose tiles contradict themselves")
        tiles = av1_frame.tiles(data[begin:end], frame, numbers)
        found += [(begin + first, begin + last) for first, last in tiles]
    if len(numbers) != frame.tiles:
        malformed("AVIF picture whose tiles contradict themselves")
    return found


def _unit(data: memoryview, at: int, strict: bool) -> tuple[int, int, int]:
    """Return type, start and end of the unit at `at`."""
    head = data[at]
    kind, start, end = head >> 3 & 15, at + 1, len(data)
    if head & 4:
        start += 1
        if start > len(data) or data[start - 1]:
            unsupported("AVIF picture in several layers")
    if head & 2:
        value = shift = 0
        while True:
            if start >= len(data) or shift > 56:
                incomplete("AVIF picture cut")
            byte = data[start]
            start, value, shift = start + 1, value | (byte & 127) << shift, shift + 7
            if byte < 128:
                break
        end = start + value
        if strict and value >> (shift - 7) == 0 and shift > 7:
            malformed("AVIF unit whose length is not in its shortest form")
    if strict and head != kind << 3 | 2:
        malformed("AVIF unit with a header that is not allowed")
    if end > len(data):
        incomplete("AVIF picture cut")
    return kind, start, end


def sequence(b: BitString) -> Sequence:
    """Read a sequence header (5.5)."""
    profile, _, short = b.u(3), b.u(1), b.u(1)
    level, tier = (b.u(5), 0) if short else _points(b)
    wide, high = b.u(4) + 1, b.u(4) + 1
    size = (b.u(wide) + 1, b.u(high) + 1)
    ids = b.u(4) + b.u(3) + 3 if not short and b.u(1) else 0
    large = b.u(1)
    b.u(2)
    screen = integer = SELECT
    order = 0
    if not short:
        b.u(4)
        hints = b.u(1)
        b.u(2 * hints)
        screen = SELECT if b.u(1) else b.u(1)
        if screen and not b.u(1):
            integer = b.u(1)
        order = b.u(3) + 1 if hints else 0
    tools = (b.u(1), b.u(1), b.u(1))
    packed, mono, halved, separate = _samples(b, profile)
    grain = b.u(1)
    b.prove_stop()
    record = bytes((0x81, profile << 5 | level, tier << 7 | packed, 0))
    return Sequence(
        *(size, (wide, high), short, ids, large, screen, integer, order),
        *(tools, mono, halved, separate, grain, record),
    )


def _points(b: BitString) -> tuple[int, int]:
    """Return level and tier of the first operating point; a still picture has no timing."""
    if b.u(1):
        unsupported("AVIF header with timing")
    delays, first = b.u(1), None
    for _ in range(b.u(5) + 1):
        b.u(12)
        level = b.u(5)
        tier = b.u(1) if level > 7 else 0
        if delays and b.u(1):
            b.u(4)
        first = first or (level, tier)
    return first or (0, 0)


def _samples(b: BitString, profile: int) -> tuple[int, int, tuple[int, int], int]:
    """Return how the record packs depth, subsampling and position (color_config, 5.5.2).

    Beside it: whether there is no colour, which sides are halved, and whether the two colour
    planes have quantisers of their own.
    """
    deep = b.u(1)
    deepest = b.u(1) if deep and profile == 2 else 0
    grey = 0 if profile == 1 else b.u(1)
    code = (b.u(8), b.u(8), b.u(8)) if b.u(1) else (2, 2, 2)
    lead = deep << 6 | deepest << 5
    if grey:
        b.u(1)
        return lead | 0x1C, 1, (1, 1), 0
    if code == (1, 13, 0):
        x = y = place = 0
    else:
        b.u(1)
        x = {0: 1, 1: 0}.get(profile, 1)
        y = {0: 1, 1: 0}.get(profile, 0)
        if profile == 2 and deepest:
            x = b.u(1)
            y = b.u(1) if x else 0
        place = b.u(2) if x and y else 0
    separate = b.u(1)
    return lead | x << 3 | y << 2 | place, 0, (x, y), separate
