"""The grammar of HEVC's parameter sets (ISO/IEC 23008-2 section 7.3.2), to their last bit.

Extensions, buffering parameters and further sub-streams are no part of a still picture, and are
refused on both sides: nothing could be proved of them.
"""

from dataclasses import dataclass

from medrelease.verify.bit_string import BitString
from medrelease.verify.refusal import malformed, unsupported

VPS, SPS, PPS = 32, 33, 34
RANGE_ONLY = (0, 0x80)


@dataclass(frozen=True, slots=True)
class Sequence:
    """What an SPS says: `record` is the fixed part of the configuration that follows from it.

    `shown` is width and height that are shown, `hidden` the most that one side hides.
    """

    number: int
    parent: int
    record: bytes
    shown: tuple[int, int]
    hidden: int
    coding: "Blocks"


@dataclass(frozen=True, slots=True)
class Blocks:
    """How an SPS has blocks coded; sizes are binary logarithms (7.4.3.2)."""

    size: tuple[int, int]
    chroma: int
    bits: tuple[int, int]
    blocks: tuple[int, int]
    transforms: tuple[int, int]
    depth: int
    offsets: int
    pcm: tuple[int, int, int, int, int]
    order: int
    references: tuple[int, ...]
    distant: tuple[int, int]
    temporal: int
    extension: int


def payload(unit: bytes) -> bytes:
    """Return what a NAL unit holds, without header and emulation prevention bytes."""
    return unit[2:].replace(b"\0\0\3", b"\0\0")


def no_extension(found: int) -> None:
    if found:
        unsupported("HEVC header with an extension")


def _tier(b: BitString, sublayers: int) -> bytes:
    """profile_tier_level; returns its general part."""
    general = b.u(96).to_bytes(12, "big")
    present = [b.u(2) for _ in range(sublayers)]
    if sublayers:
        b.u(16 - 2 * sublayers)
    for two in present:
        b.u(88 if two & 2 else 0)
        b.u(8 if two & 1 else 0)
    return general


def _tick(b: BitString) -> None:
    b.u(64)
    if b.u(1):
        b.ue()


def video(b: BitString) -> int:
    """Read a VPS; return its number."""
    number = b.u(4)
    b.u(8)
    sublayers = b.u(3)
    b.u(17)
    _tier(b, sublayers)
    b.several(3 * (sublayers + 1 if b.u(1) else 1))
    layer, sets = b.u(6), b.ue()
    if sets > 1023:
        malformed("HEVC header out of range")
    b.u(sets * (layer + 1))
    if b.u(1):
        _tick(b)
        no_extension(b.ue())
    no_extension(b.u(1))
    b.prove_stop()
    return number


def sequence(b: BitString) -> Sequence:
    """Read an SPS."""
    parent, sublayers, nested = b.u(4), b.u(3), b.u(1)
    general = _tier(b, sublayers)
    number, chroma = b.ue(), b.ue()
    if chroma == 3:
        no_extension(b.u(1))
    width, height = b.ue(), b.ue()
    edge = b.several(4) if b.u(1) else [0, 0, 0, 0]
    luma, chrominance, order = b.several(3)
    if chroma > 3 or max(luma, chrominance) > 8 or order > 12:
        malformed("HEVC header out of range")
    b.several(3 * (sublayers + 1 if b.u(1) else 1))
    sizes = b.several(6)
    if b.u(1) and b.u(1):
        scales(b)
    b.u(1)
    offsets = b.u(1)
    pcm = _samples(b)
    references = _references(b)
    distant = _distant(b, order)
    temporal = b.u(1)
    b.u(1)
    if b.u(1):
        _display(b)
    extension = _extension(b, 9)
    b.prove_stop()
    coding = Blocks(
        (width, height),
        chroma,
        (luma + 8, chrominance + 8),
        (sizes[0] + 3, sizes[0] + 3 + sizes[1]),
        (sizes[2] + 2, sizes[2] + 2 + sizes[3]),
        sizes[5],
        offsets,
        pcm,
        order + 4,
        references,
        distant,
        temporal,
        extension,
    )
    x, y = {0: (1, 1), 1: (2, 2), 2: (2, 1), 3: (1, 1)}[chroma]
    cut = [edge[0] * x, edge[1] * x, edge[2] * y, edge[3] * y]
    tail = (0xFC, 0xFC | chroma, 0xF8 | luma, 0xF8 | chrominance, 0, 0)
    rates = (sublayers + 1) << 3 | nested << 2 | 3
    record = b"\1" + general + b"\xf0\0" + bytes((*tail, rates, 3))
    shown = (width - cut[0] - cut[1], height - cut[2] - cut[3])
    return Sequence(number, parent, record, shown, max(cut), coding)


def _samples(b: BitString) -> tuple[int, int, int, int, int]:
    """Return whether samples may be written uncoded; their bits, and the sizes of such blocks."""
    if not b.u(1):
        return 0, 0, 0, 0, 0
    luma, chroma = b.u(4) + 1, b.u(4) + 1
    least, more = b.several(2)
    b.u(1)
    return 1, least + 3, least + 3 + more, luma, chroma


def _distant(b: BitString, order: int) -> tuple[int, int]:
    """Return whether there are long-term references, and of how many the SPS knows."""
    if not b.u(1):
        return 0, 0
    count = limited(b.ue(), 32)
    for _ in range(count):
        b.u(order + 5)
    return 1, count


def _extension(b: BitString, size: int) -> int:
    """Return the range extension's flags, the only extension that a still picture has."""
    if not b.u(1):
        return 0
    kinds = b.u(8)
    if kinds not in RANGE_ONLY:
        no_extension(kinds)
    return b.u(size if kinds else 0)


def limited(value: int, most: int) -> int:
    if value > most:
        malformed("HEVC header out of range")
    return value


def scales(b: BitString) -> None:
    """scaling_list_data: coefficients, and from 16 x 16 on one more for the mean."""
    for coefficients, matrices in ((16, 6), (64, 6), (65, 6), (65, 2)):
        for _ in range(matrices):
            b.several(coefficients if b.u(1) else 1)


def _references(b: BitString) -> tuple[int, ...]:
    """Return of each short-term reference picture set of an SPS how many pictures it has."""
    counts: list[int] = []
    for index in range(limited(b.ue(), 64)):
        counts.append(reference_set(b, counts[-1] if index else None))
    return tuple(counts)


def reference_set(b: BitString, before: int | None) -> int:
    """Read a set, alone or told from one with `before` pictures; return how many it has."""
    if before is not None and b.u(1):
        b.u(1)
        b.ue()
        return sum(1 for _ in range(before + 1) if b.u(1) or b.u(1))
    count = limited(sum(b.several(2)), 32)
    for _ in range(count):
        b.ue()
        b.u(1)
    return count


def _display(b: BitString) -> None:
    """vui_parameters (Annex E)."""
    if b.u(1) and b.u(8) == 255:
        b.u(32)
    if b.u(1):
        b.u(1)
    if b.u(1):
        b.u(4)
        b.u(24 if b.u(1) else 0)
    b.several(2 if b.u(1) else 0)
    b.u(3)
    b.several(4 if b.u(1) else 0)
    if b.u(1):
        _tick(b)
        no_extension(b.u(1))
    if b.u(1):
        b.u(3)
        b.several(5)
