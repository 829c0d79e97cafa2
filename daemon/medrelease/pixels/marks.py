"""How alike the marks of a row are: ticks of a ruler, beats of an ECG, teeth, ridges, stitches.

Moved along itself by the distance of its marks such a row falls on itself. Writing does not, but
for numbers in which one digit stands many times: measured over 324 lines of print and handwriting
the likeness was at most 0.54, and 0.62 where rulers were taken for lines; of ticks, beats and teeth
it was 0.67 and more.
"""

import cv2
import numpy as np
from numpy import fft  # numpy would load it at first use, where a worker can load nothing
from numpy.typing import NDArray

from medrelease.pixels.components import Line
from medrelease.pixels.seeing import Picture
from medrelease.pixels.turning import cut, directions

ROWS, LONGEST = 32, 900
"""The size at which a row is looked at."""
INNER, MARGIN = 0.6, 0.4
"""The share of a grown line's height that is looked at, and what its ends are cut by."""
MOST_MOVED = 0.33
"""How far a row is moved at most, as a share of its length: three marks at least."""
UNLIKE = 0.1
"""Below this a row has been moved off itself, and what follows is another mark."""


def likeness(picture: Picture, line: Line) -> float:
    """The likeness of a line to itself one mark further, at most 1; 0 where there are no marks."""
    row = _row(picture, line)
    row = row - cv2.GaussianBlur(row, (0, 0), ROWS / 2)
    row = row - row.mean(axis=1, keepdims=True)
    length = row.shape[1]
    spectrum = fft.rfft(row, 2 * length, axis=1)
    shared = fft.irfft((np.abs(spectrum) ** 2).sum(axis=0))[: int(MOST_MOVED * length)]
    power = np.concatenate(([0.0], np.cumsum((row**2).sum(axis=0))))
    moved = np.arange(len(shared))
    kept = (power[-1] - power[moved]) * power[length - moved]
    alike = shared / np.sqrt(np.maximum(kept, 1e-6))
    apart = np.flatnonzero(alike < UNLIKE)
    return float(alike[apart[0] :].max()) if apart.size else 0.0


def _row(picture: Picture, line: Line) -> NDArray[np.float32]:
    """The middle of a line, upright and grey, as (ROWS, columns)."""
    along, down = directions(line.angle)
    height = max(6.0, INNER * line.height)
    length = line.length - MARGIN * line.height
    size = (int(np.clip(length * ROWS / height, ROWS / 2, LONGEST)), ROWS)
    along, down = along * length, down * height
    corner = np.array((line.x, line.y)) - along / 2 - down / 2
    part = cut(picture, (corner, corner + along, corner + down), size)
    return np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), np.float32)
