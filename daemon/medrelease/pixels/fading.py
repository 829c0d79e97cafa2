"""Where a line of writing cannot be seen any more, since its ground has its own grey.

Annotation of one grey crosses a radiograph from air to bone, a pen goes on into a shade. Nobody
sees the letters there, yet a few levels of difference are left in the file. Beside each end of a
found line its ground is compared with its ink: where the two are alike the mask goes on.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medrelease.pixels.components import Line
from medrelease.pixels.turning import cut, directions
from medrelease.pixels.views import Frame

CORE = 0.38
"""Share of a grown line's height that its core takes."""
REACH = 6
"""How far a mask goes on at most, in heights of the core."""
PIECES = 4
"""Pieces of ground that are looked at in each such height; as many may be a letter between."""
ALIKE = 0.35
"""Distance of a ground from the ink, as a share of the line's contrast, below which it hides it."""
LETTERS = 1.5
"""Height of letters as a multiple of the core."""
PLAIN = 1.2
"""Times the spread of its ground by which ink differs from it; with less it is not plain."""


def hidden(grey: Frame, line: Line) -> Line | None:
    """The line with the ground beside its ends that would hide more of it; None where none does.

    `grey` is (rows, columns).
    """
    core = max(4.0, CORE * line.height)
    inner = line.length / 2 - (line.height - core) / 2
    ink, contrast = _ink(_strip(grey, line, -inner, 2 * inner, line.height))
    if contrast <= 0:
        return None
    more = []
    for sign in (-1, 1):
        last = 0
        for number in range(1, PIECES * REACH + 1):
            start, end = (inner + core * (number - 1 + step) / PIECES for step in (0, 1))
            if number - last > PIECES + 1 or not _inside(grey, line, sign * end):
                break
            piece = _strip(grey, line, min(sign * start, sign * end), end - start, core)
            if abs(float(np.median(piece)) - ink) < ALIKE * contrast:
                last = number
        more.append(max(0.0, inner + core * last / PIECES - line.length / 2))
    if more == [0.0, 0.0]:
        return None
    along, _ = directions(line.angle)
    x, y = np.array((line.x, line.y)) + along * (more[1] - more[0]) / 2
    return replace(line, x=float(x), y=float(y), length=line.length + sum(more))


def _ink(strip: NDArray[np.float32]) -> tuple[float, float]:
    """The level of a line's ink, and how far its ground is from it, 0 where that is not plain.

    The ground is what lies above and below the letters, and may change along the line: it is told
    for each piece about as long as high.
    """
    rows, columns = strip.shape
    margin = round(rows * (1 - LETTERS * CORE) / 2)
    found = []
    for block in np.array_split(strip, max(1, round(columns / rows)), axis=1):
        around = np.concatenate((block[:margin], block[rows - margin :]))
        ground = np.median(around)
        spread = np.median(np.abs(around - ground))
        found.append((*np.quantile(block[margin : rows - margin], (0.06, 0.94)), ground, spread))
    low, high, ground, spread = np.array(found, np.float64).T
    darker = float((ground - low).sum()) > float((high - ground).sum())
    ink = low if darker else high
    contrast = float(np.median(ground - low if darker else high - ground))
    plain = contrast > PLAIN * float(np.median(spread))
    return float(np.median(ink)), contrast if plain else 0.0


def _inside(grey: Frame, line: Line, at: float) -> bool:
    """Whether a place that far along a line from its middle lies in the frame."""
    x, y = np.array((line.x, line.y)) + directions(line.angle)[0] * at
    return bool(0 <= x < grey.shape[1] and 0 <= y < grey.shape[0])


def _strip(
    grey: Frame, line: Line, start: float, length: float, height: float
) -> NDArray[np.float32]:
    """The part of a frame along a line that begins at `start` from its middle, upright."""
    along, down = directions(line.angle)
    corner = np.array((line.x, line.y)) + along * start - down * height / 2
    corners = corner, corner + along * length, corner + down * height
    size = (max(2, round(length)), max(2, round(height)))
    return np.asarray(cut(grey, corners, size), np.float32)
