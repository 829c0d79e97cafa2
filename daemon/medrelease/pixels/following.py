"""How far a code goes on beyond what was found of it, across its bars and along its rows.

Decoders tell the line on which they read a bar code, and of a stacked code the part that they
needed; the texture of bars ends at the first wide gap. The mask must cover the whole code.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from medrelease.pixels.views import Grey

Quad = NDArray[np.float32]
"""(4, 2): the columns and rows of four corners, in order: two along the rows, two back."""


class Pattern(NamedTuple):
    """What the lines of a code are like: where they are looked at, as shares of its height, on
    which share of them an edge must be, and the shares of its length without an edge, of light
    and of dark, behind which the code has ended; `spread` are pixels that an edge may take."""

    lines: tuple[float, ...]
    edges: float
    light: float
    dark: float
    spread: int


STACKED = Pattern((0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9), 0.2, 0.06, 0.12, 4)
"""PDF417 (ISO/IEC 15438): no common light column is wider than 3 of at least 69 modules, and no
dark one than 8."""
BARS = Pattern((0.35, 0.5, 0.65), 0.9, 0.1, 0.1, 3)
"""Bar codes: of DataBar (ISO/IEC 24724) a bar takes up to 8 of 96 modules, of others less."""


def across(grey: Grey, quad: Quad) -> Quad:
    """A scan line of a bar code, grown across the bars as far as they go."""
    start, end = (quad[0] + quad[3]) / 2, (quad[1] + quad[2]) / 2
    along = end - start
    length = float(np.hypot(*along))
    if length < 8:
        return quad
    across = np.array((-along[1], along[0]), np.float32) / length
    samples = start + np.linspace(0, 1, int(length) * 2, dtype=np.float32)[:, None] * along
    pattern = _profile(grey, samples)
    ends = []
    for sign in (-1, 1):
        reach, missed = 0, 0
        for offset in range(1, int(length)):
            here = _profile(grey, samples + sign * offset * across)
            missed = 0 if float(np.dot(pattern, here)) / len(pattern) > 0.5 else missed + 1
            if missed > 4:
                break
            reach = offset
        ends.append(sign * reach * across)
    return np.array((start + ends[0], end + ends[0], end + ends[1], start + ends[1]), np.float32)


def along(grey: Grey, quad: Quad, pattern: Pattern) -> Quad:
    """A code with its rows followed on as far as they go: at most once its length either way."""
    lines = np.array(pattern.lines, np.float32)[:, None]
    start = quad[0] + lines * (quad[3] - quad[0])
    way = quad[1] + lines * (quad[2] - quad[1]) - start
    length = int(np.hypot(*way.mean(axis=0)))
    if length < 8:
        return quad
    size = np.array(grey.shape[::-1])
    steps = np.arange(length, dtype=np.float32)[:, None, None] / length
    ends = []
    for points in (start - steps * way, start + way + steps * way):
        inside = int(((points >= 0) & (points < size)).all(axis=2).mean(axis=1).sum())
        ends.append(_followed(_levels(grey, points[:inside]), length, pattern) / length)
    upper, lower = quad[1] - quad[0], quad[2] - quad[3]
    corners = (
        quad[0] - ends[0] * upper,
        quad[1] + ends[1] * upper,
        quad[2] + ends[1] * lower,
        quad[3] - ends[0] * lower,
    )
    return np.array(corners, np.float32)


def _followed(values: NDArray[np.float32], length: int, pattern: Pattern) -> int:
    """How many steps (axis 0) on the last edge stands in front of a quiet zone."""
    low, high = float(values.min(initial=255)), float(values.max(initial=0))
    if len(values) < pattern.spread:
        return 0
    near = np.lib.stride_tricks.sliding_window_view(values, pattern.spread, axis=0)
    steep = near.max(axis=2) - near.min(axis=2) > 0.2 * max(high - low, 40.0)
    edges = steep.mean(axis=1) >= pattern.edges
    bright = values.mean(axis=1) > (low + high) / 2
    last = 0
    for step, edge in enumerate(edges, pattern.spread - 1):
        last = step if edge else last
        if step - last > (pattern.light if bright[step] else pattern.dark) * length:
            break
    return last


def _profile(grey: Grey, points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Grey levels along points, with mean 0 and spread 1 (all 0 where flat)."""
    values = _levels(grey, points)
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > 2 else np.zeros_like(values)


def _levels(grey: Grey, points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Grey levels at points (..., 2) of columns and rows; outside, those of the nearest pixel."""
    nearest = np.clip(points, 0, np.array(grey.shape[::-1]) - 1).astype(np.intp)
    return np.asarray(grey[nearest[..., 1], nearest[..., 0]], np.float32)
