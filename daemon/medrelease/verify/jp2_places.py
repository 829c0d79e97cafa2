"""How a JPEG 2000 tile is cut into packets, by the prover's own reading of Annex B.

Tile, component, resolution, subband, precinct, code-block: each is a box inside the last one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from medrelease.terms.words import Reason
from medrelease.verify.refusal import Refusal, malformed

MOST = 500_000
"""Packets of a tile that are walked over."""

Box = tuple[int, int, int, int]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Picture area and tile size on the reference grid, and each component's sub-sampling."""

    area: Box
    tile: tuple[int, int]
    corner: tuple[int, int]
    steps: tuple[tuple[int, int], ...]

    @property
    def across(self) -> int:
        """How many tiles stand side by side."""
        return _up(self.area[2] - self.corner[0], self.tile[0])

    @property
    def count(self) -> int:
        """How many tiles there are."""
        return self.across * _up(self.area[3] - self.corner[1], self.tile[1])

    def box(self, number: int) -> Box:
        """Return the part of the picture's area that a tile covers."""
        x = self.corner[0] + number % self.across * self.tile[0]
        y = self.corner[1] + number // self.across * self.tile[1]
        left, top, right, bottom = self.area
        return (
            max(x, left),
            max(y, top),
            min(x + self.tile[0], right),
            min(y + self.tile[1], bottom),
        )


class Style(NamedTuple):
    """Levels, exponents of the code-blocks, style bits, exponents of each level's precincts."""

    levels: int
    block: tuple[int, int]
    bits: int
    precincts: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Order:
    """One progression: its kind, resolutions and components [from, to), and layers."""

    kind: int
    first: int
    last: int
    start: int
    stop: int
    layers: int


class Place(NamedTuple):
    """A precinct: component, resolution, number, its place on the grid, and the
    columns and rows of code-blocks in each of its subbands."""

    component: int
    resolution: int
    number: int
    y: int
    x: int
    areas: list[tuple[int, int]]


def sequence(places: list[Place], order: Order) -> Iterator[tuple[Place, int]]:
    """Yield precincts and layers as a progression has them (B.12.1)."""
    inside = [
        place
        for place in places
        if order.first <= place.resolution < order.last
        and order.start <= place.component < order.stop
    ]
    if len(inside) * order.layers > MOST:
        raise Refusal(Reason.LIMITS_EXCEEDED, "JPEG 2000 tile with too many packets")
    pairs = [(place, layer) for place in inside for layer in range(order.layers)]
    yield from sorted(pairs, key=lambda pair: _rank(order.kind, *pair))


def _rank(kind: int, place: Place, layer: int) -> tuple[int, ...]:
    """Return by what packets are sorted in a progression: LRCP, RLCP, RPCL, PCRL or CPRL."""
    component, resolution, number, y, x = place[:5]
    if kind == 0:
        return layer, resolution, component, number
    if kind == 1:
        return resolution, layer, component, number
    if kind == 2:
        return resolution, y, x, component, number, layer
    if kind == 3:
        return y, x, component, resolution, number, layer
    return component, y, x, resolution, number, layer


def places(grid: Grid, box: Box, component: int, style: Style, resolution: int) -> Iterator[Place]:
    """Yield the precincts of one resolution, row by row."""
    step = grid.steps[component]
    own = (_up(box[0], step[0]), _up(box[1], step[1]), _up(box[2], step[0]), _up(box[3], step[1]))
    scale = 1 << style.levels - resolution
    here = tuple(_up(side, scale) for side in own)
    if here[2] <= here[0] or here[3] <= here[1]:
        return
    wide, high = (1 << exponent for exponent in style.precincts[resolution])
    halved = 2 if resolution else 1
    block = (
        min(1 << style.block[0], wide // halved), min(1 << style.block[1], high // halved)
    )  # fmt: skip
    if 0 in block:
        malformed("JPEG 2000 precinct smaller than a code-block")
    bands = _bands(own, style.levels, resolution)
    columns = range(here[0] // wide, _up(here[2], wide))
    rows = range(here[1] // high, _up(here[3], high))
    if len(columns) * len(rows) > MOST:
        raise Refusal(Reason.LIMITS_EXCEEDED, "JPEG 2000 tile with too many precincts")
    number = 0
    for row in rows:
        for column in columns:
            areas = []
            for band in bands:
                sides = (wide // halved, high // halved)
                left, right = _part(column, sides[0], band[0], band[2])
                top, bottom = _part(row, sides[1], band[1], band[3])
                across = _touched(left, right, block[0])
                areas.append((across, _touched(top, bottom, block[1])))
            y = max(box[1], row * high * scale * step[1])
            x = max(box[0], column * wide * scale * step[0])
            yield Place(component, resolution, number, y, x, areas)
            number += 1


def _part(place: int, size: int, start: int, end: int) -> tuple[int, int]:
    return max(start, place * size), min(end, (place + 1) * size)


def _touched(start: int, end: int, size: int) -> int:
    """Return how many blocks of a size an interval touches."""
    return _up(end, size) - start // size if end > start else 0


def _bands(own: Box, levels: int, resolution: int) -> list[Box]:
    """Return the subbands of a resolution (equation B-15)."""
    if not resolution:
        return [_band(own, 1 << levels, 0, 0)]
    scale = 1 << levels - resolution + 1
    half = scale // 2
    return [_band(own, scale, x, y) for x, y in ((half, 0), (0, half), (half, half))]


def _band(own: Box, scale: int, x: int, y: int) -> Box:
    left, top, right, bottom = own
    return (
        _up(left - x, scale),
        _up(top - y, scale),
        _up(right - x, scale),
        _up(bottom - y, scale),
    )


def _up(value: int, by: int) -> int:
    """Return a quotient rounded up."""
    return -(-value // by)
