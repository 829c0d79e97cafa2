"""How a JPEG 2000 tile is cut into packets (ISO/IEC 15444-1 Annex B), in the order they stand.

From the sizes in SIZ and the choices in COD and COC follow resolutions, subbands, precincts and
code-blocks; from the progression follows which packet stands where.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from medrelease.sanitise.refusal import malformed, too_large

MOST_PACKETS = 500_000
"""Packets and precincts of one tile."""


@dataclass(frozen=True, slots=True)
class Coding:
    """COD or COC of a component: decomposition levels, code-block exponents, style, precincts.

    `precincts` are the exponents (PPx, PPy) of each resolution, the lowest first.
    """

    levels: int
    block: tuple[int, int]
    style: int
    precincts: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Sizes:
    """SIZ: the image area, the tiles' grid, and the sub-sampling of each component."""

    area: tuple[int, int, int, int]
    tile: tuple[int, int]
    tile_offset: tuple[int, int]
    steps: tuple[tuple[int, int], ...]

    @property
    def tiles(self) -> tuple[int, int]:
        """The number of tiles across and down."""
        x_end, y_end = self.area[2:]
        return (
            -(-(x_end - self.tile_offset[0]) // self.tile[0]),
            -(-(y_end - self.tile_offset[1]) // self.tile[1]),
        )

    def bounds(self, number: int) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of a tile on the reference grid (B.3)."""
        row, column = divmod(number, self.tiles[0])
        left = self.tile_offset[0] + column * self.tile[0]
        top = self.tile_offset[1] + row * self.tile[1]
        return (
            max(left, self.area[0]),
            max(top, self.area[1]),
            min(left + self.tile[0], self.area[2]),
            min(top + self.tile[1], self.area[3]),
        )


@dataclass(frozen=True, slots=True)
class Volume:
    """One progression: order 0 to 4, resolutions and components [start, end), and layers."""

    order: int
    resolutions: tuple[int, int]
    components: tuple[int, int]
    layers: int


@dataclass(frozen=True, slots=True)
class Precinct:
    """Where a precinct comes in the order of positions, and its code-blocks in each subband.

    `grids` are (columns, rows) of code-blocks, one pair for each subband.
    """

    component: int
    resolution: int
    number: int
    x: int
    y: int
    grids: tuple[tuple[int, int], ...]


def precincts(sizes: Sizes, tile: int, codings: tuple[Coding, ...]) -> list[Precinct]:
    """Every precinct of a tile. Raises a refusal where there are too many."""
    found: list[Precinct] = []
    for component, coding in enumerate(codings):
        for resolution in range(coding.levels + 1):
            found += _of_resolution(sizes, sizes.bounds(tile), component, coding, resolution)
            if len(found) > MOST_PACKETS:
                raise too_large("The JPEG 2000 picture has too many precincts.")
    return found


def _of_resolution(
    sizes: Sizes,
    bounds: tuple[int, int, int, int],
    component: int,
    coding: Coding,
    resolution: int,
) -> Iterator[Precinct]:
    """The precincts of one resolution of one component (B.5 to B.7)."""
    step_x, step_y = sizes.steps[component]
    shift = coding.levels - resolution
    own = [-(-side // step) for side, step in zip(bounds, (step_x, step_y) * 2, strict=True)]
    left, top, right, bottom = (-(-side >> shift) for side in own)
    if right <= left or bottom <= top:
        return
    wide, high = coding.precincts[resolution]
    columns = range(left >> wide, -(-right >> wide))
    rows = range(top >> high, -(-bottom >> high))
    bands = _bands(own, coding.levels, resolution)
    less = int(resolution > 0)
    block = (min(coding.block[0], wide - less), min(coding.block[1], high - less))
    if min(block) < 0:
        raise malformed("A JPEG 2000 precinct is smaller than what it holds.")
    if len(columns) * len(rows) > MOST_PACKETS:
        raise too_large("The JPEG 2000 picture has too many precincts.")
    for number, (row, column) in enumerate(product(rows, columns)):
        grids = tuple(
            (
                _blocks(column, wide - less, band[0], band[2], block[0]),
                _blocks(row, high - less, band[1], band[3], block[1]),
            )
            for band in bands
        )
        x = max(bounds[0], (column << wide + shift) * step_x)
        y = max(bounds[1], (row << high + shift) * step_y)
        yield Precinct(component, resolution, number, x, y, grids)


def _bands(own: list[int], levels: int, resolution: int) -> list[tuple[int, int, int, int]]:
    """The bounds of the subbands of a resolution (B.5, equation B-15)."""
    depth = levels - resolution + 1 if resolution else levels
    kinds = ((1, 0), (0, 1), (1, 1)) if resolution else ((0, 0),)
    half = 1 << depth - 1 if depth else 0
    found = []
    for x, y in kinds:
        moved = [side - half * kind for side, kind in zip(own, (x, y) * 2, strict=True)]
        left, top, right, bottom = (-(-side >> depth) for side in moved)
        found.append((left, top, right, bottom))
    return found


def _blocks(place: int, size: int, start: int, end: int, block: int) -> int:
    """How many code-blocks of 2^block lie in the part of [start, end) that a precinct covers."""
    first, last = max(start, place << size), min(end, place + 1 << size)
    return (-(-last >> block)) - (first >> block) if last > first else 0


def ordered(found: list[Precinct], volume: Volume) -> Iterator[tuple[Precinct, int]]:
    """The precincts of a progression with the layer of each packet (B.12)."""
    chosen = [
        one
        for one in found
        if volume.resolutions[0] <= one.resolution < volume.resolutions[1]
        and volume.components[0] <= one.component < volume.components[1]
    ]
    if len(chosen) * volume.layers > MOST_PACKETS:
        raise too_large("The JPEG 2000 picture has too many packets.")
    if volume.order == 0:
        chosen.sort(key=lambda p: (p.resolution, p.component, p.number))
        yield from ((one, layer) for layer in range(volume.layers) for one in chosen)
        return
    if volume.order == 1:
        chosen.sort(key=lambda p: (p.resolution, p.component, p.number))
        for resolution in range(*volume.resolutions):
            level = [one for one in chosen if one.resolution == resolution]
            yield from ((one, layer) for layer in range(volume.layers) for one in level)
        return
    if volume.order == 2:
        chosen.sort(key=lambda p: (p.resolution, p.y, p.x, p.component, p.number))
    elif volume.order == 3:
        chosen.sort(key=lambda p: (p.y, p.x, p.component, p.resolution, p.number))
    else:
        chosen.sort(key=lambda p: (p.component, p.y, p.x, p.resolution, p.number))
    yield from ((one, layer) for one in chosen for layer in range(volume.layers))
