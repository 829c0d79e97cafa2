"""The calibrated regions of an ultrasound image, and what lies outside of them.

Sequence of Ultrasound Regions (0018,6011), PS3.3 section C.8.5.5: where in the frame the picture,
its traces and its bars stand. What a scanner writes about the patient stands elsewhere.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from medrelease.pixels.components import cover
from medrelease.pixels.region import Region

PICTURES = frozenset({1, 2, 3, 4})
"""Region Spatial Format (0018,6012) of 2D, M-mode, spectral and wave form; 5 is graphics."""
DATA_TYPES = range(0x13)
"""Region Data Type (0018,6014), from none to other physiological."""
MOST_REGIONS = 64
"""Regions of one image; scanners write up to about ten."""
LEAST = 0.15
"""Share of the frame that regions take at least where they are believed."""
DEEPEST = 0.15
"""Share of the rows up to which the strip above all regions is taken for that of the names: the
deepest known one is 0.134. Above it there may be a picture that nobody calibrated."""


class Calibrated(NamedTuple):
    """An item of the sequence: the first and the last column and row, as the object says."""

    left: int
    top: int
    last_column: int
    last_row: int
    spatial_format: int
    data_type: int


def believed(items: tuple[Calibrated, ...], rows: int, columns: int) -> tuple[Region, ...]:
    """The regions of a frame, none where one of them cannot be.

    One wrong region makes its place look like margin, so that it speaks against them all: one that
    is empty or ends outside of the frame (a picture that was scaled later), or of no kind that the
    standard knows. Regions without a picture among them, of next to nothing, or
    beyond number say nothing.
    """
    if len(items) > MOST_REGIONS:
        return ()
    sound = all(
        0 <= item.left < item.last_column < columns
        and 0 <= item.top < item.last_row < rows
        and item.spatial_format in (0, 5, *PICTURES)
        and item.data_type in DATA_TYPES
        for item in items
    )
    if not sound or not any(item.spatial_format in PICTURES for item in items):
        return ()
    regions = [
        Region(
            item.left,
            item.top,
            item.last_column - item.left + 1,
            item.last_row - item.top + 1,
        )
        for item in items
    ]
    return tuple(regions) if float(cover(regions, (rows, columns)).mean()) >= LEAST else ()


def top_strip(regions: tuple[Region, ...], rows: int, columns: int) -> Region | None:
    """The strip above all regions, over the whole width, where it is no deeper than such strips."""
    height = min((region.top for region in regions), default=0)
    return Region(0, 0, columns, height) if 0 < height <= DEEPEST * rows else None


def margins(regions: tuple[Region, ...], rows: int, columns: int) -> tuple[Region, ...]:
    """Upright rectangles outside of every region, that together hold all of that; none without.

    Bands of rows between the edges of regions, and in each band the columns that no region has.
    """
    if not regions:
        return ()
    covered = cover(list(regions), (rows, columns))
    edges = {0, rows, *(r.top for r in regions), *(r.bottom for r in regions)}
    cuts = sorted(edges)
    found = []
    for top, bottom in pairwise(cuts):
        free = np.concatenate(([False], ~covered[top], [False]))
        ends = np.flatnonzero(free[1:] != free[:-1])
        for left, right in ends.reshape(-1, 2):
            found.append(Region(int(left), top, int(right - left), bottom - top))
    return tuple(found)
