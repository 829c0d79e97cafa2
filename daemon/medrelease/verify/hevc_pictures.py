"""The grammar of HEVC's picture parameter sets (ISO/IEC 23008-2 section 7.3.2.3), bit for bit."""

from dataclasses import dataclass

from medrelease.verify import hevc_headers as headers
from medrelease.verify.bit_string import BitString


@dataclass(frozen=True, slots=True)
class Picture:
    """What a PPS says; `columns` and `rows` are the tiles' sizes in blocks, None: even ones."""

    number: int
    parent: int
    dependent: int
    output: int
    extra: int
    hides_signs: int
    qp: int
    skips: int
    group: int | None
    chroma_offsets: int
    bypasses: int
    synchronised: int
    tiles: tuple[int, int]
    columns: tuple[int, ...] | None
    rows: tuple[int, ...] | None
    across: int
    overrides: int
    unfiltered: int
    most_skipped: int
    cross: int
    chroma_group: int
    chroma_list: int | None


def picture(b: BitString) -> Picture:
    """Read a PPS."""
    number, parent = b.several(2)
    dependent, output, extra, signs = b.u(1), b.u(1), b.u(3), b.u(1)
    b.u(1)
    b.several(2)
    qp = 26 + signed(b)
    b.u(1)
    skip = b.u(1)
    group = b.ue() if b.u(1) else None
    b.several(2)
    chroma_offsets = b.u(1)
    b.u(2)
    bypasses, tiled, synchronised = b.u(1), b.u(1), b.u(1)
    tiles, columns, rows = _tiles(b) if tiled else ((1, 1), None, None)
    across = b.u(1)
    overrides = unfiltered = 0
    if b.u(1):
        overrides, unfiltered = b.u(1), b.u(1)
        b.several(0 if unfiltered else 2)
    if b.u(1):
        headers.scales(b)
    b.u(1)
    b.ue()
    headers.no_extension(b.u(1))
    further = _range(b, skip)
    b.prove_stop()
    return Picture(
        *(number, parent, dependent, output, extra, signs, qp, skip, group, chroma_offsets),
        *(bypasses, synchronised, tiles, columns, rows, across, overrides, unfiltered),
        *further,
    )


def signed(b: BitString) -> int:
    """Read a signed Exp-Golomb number (9.2.2)."""
    number = b.ue()
    return (number + 1) // 2 if number & 1 else -(number // 2)


def _tiles(b: BitString) -> tuple[tuple[int, int], tuple[int, ...] | None, tuple[int, ...] | None]:
    """Return how many tiles stand beside and below each other; the sizes of all but the last."""
    columns, rows = (headers.limited(value, 1024) for value in b.several(2))
    even = b.u(1)
    sizes = [value + 1 for value in b.several(0 if even else columns + rows)]
    b.u(1)
    told = (None, None) if even else (tuple(sizes[:columns]), tuple(sizes[columns:]))
    return (columns + 1, rows + 1), *told


def _range(b: BitString, skip: int) -> tuple[int, int, int, int | None]:
    """Return what pps_range_extension says: most_skipped, cross, chroma_group, chroma_list."""
    plain = (2, 0, 0, None)
    if not b.u(1):
        return plain
    kinds = b.u(8)
    if kinds not in headers.RANGE_ONLY:
        headers.no_extension(kinds)
    if not kinds:
        return plain
    skipped, cross, group, count = 2 + (b.ue() if skip else 0), b.u(1), 0, None
    if b.u(1):
        group, count = b.ue(), headers.limited(b.ue(), 5)
        b.several(2 * (count + 1))
    b.several(2)
    return skipped, cross, group, count
