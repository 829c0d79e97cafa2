"""What a line of writing goes on as where its ground has nearly its own grey.

Annotation of one grey crosses a radiograph from air to bone, and is plain at one end only; white
letters meet a white reflection. The strip of the frame in which a found line lies is shown once
more, larger, less its ground and in units of its noise: what is read there beside the line, on one
level with it, belongs to it.
"""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from medrelease.pixels import reading, views
from medrelease.pixels.components import Line, lines
from medrelease.pixels.models import TextModels
from medrelease.pixels.reading import Reading
from medrelease.pixels.seeing import look
from medrelease.pixels.turning import cut, directions
from medrelease.pixels.views import Frame

REACH, GAP = 6.0, 1.5
"""How far beyond each end is looked, and how wide a gap may be, in heights of the grown line."""
SHOWN_HIGH, LONGEST = 72, 1600
"""Rows of a grown line as it is shown, and the most columns of its strip."""
LEVEL, HEIGHTS = 0.3, (0.5, 1.5)
"""How far beside the middle, as a share of the height, and how high a piece of the line is."""
FADING = 0.6
"""Heights by which the mask goes on beyond a piece: the next letter may be fainter still."""
LIKELY = 0.9
"""Likelihood of a piece; beside a line it need not be as surely read as alone."""


def whole(models: TextModels, grey: Frame, line: Line) -> Line | None:
    """The line with what stands before and behind it, None where that is nothing.

    `grey` is (rows, columns). Raises SelfTestFailed.
    """
    before, behind = _room(line, grey.shape)
    scale = min(SHOWN_HIGH / line.height, LONGEST / (before + line.length + behind), 3.0)
    shown = views.fine(_strip(grey, line, before, behind))
    size = (max(8, round(shown.shape[1] * scale)), max(8, round(shown.shape[0] * scale)))
    large = np.asarray(cv2.resize(shown, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    picture = np.asarray(cv2.cvtColor(large, cv2.COLOR_GRAY2RGB), np.uint8)
    start, end = before * scale, (before + line.length) * scale
    high = line.height * scale
    pieces = []
    for piece in lines(look(models, picture), 0.3, 0.8):
        left, right = piece.x - piece.length / 2, piece.x + piece.length / 2
        if left >= start and right <= end:
            continue
        level = abs(piece.y - size[1] / 2) <= LEVEL * high and abs(piece.angle) < 20
        alike = HEIGHTS[0] * high <= piece.height <= HEIGHTS[1] * high
        if level and alike and _continues(reading.read(models, picture, piece), piece):
            pieces.append((left, right))
    first, last = _joined(start, end, pieces, GAP * high)
    if (first, last) == (start, end):
        return None
    first -= FADING * high * (first < start)
    last += FADING * high * (last > end)
    along, _ = directions(line.angle)
    x, y = np.array((line.x, line.y)) + along * ((first + last) - (start + end)) / 2 / scale
    return replace(line, x=float(x), y=float(y), length=(last - first) / scale)


def _continues(said: Reading, piece: Line) -> bool:
    """Whether a place beside a line, on its level and of its height, is more of its writing."""
    letters = any(one.isascii() and one.isalnum() for one in said.text)
    return piece.likelihood >= LIKELY and letters and said.mean >= 0.5


def _joined(
    start: float, end: float, pieces: list[tuple[float, float]], gap: float
) -> tuple[float, float]:
    """From where to where a line goes with every piece that adjoins it, or one that does."""
    for left, right in sorted(pieces, key=lambda piece: -piece[1]):
        if left < start <= right + gap:
            start = left
    for left, right in sorted(pieces):
        if right > end >= left - gap:
            end = right
    return start, end


def _room(line: Line, shape: tuple[int, ...]) -> tuple[float, float]:
    """How far the middle of a line can be followed before and behind it within the frame."""
    along, _ = directions(line.angle)
    found = []
    for sign in (-1, 1):
        end = np.array((line.x, line.y)) + sign * along * line.length / 2
        most = REACH * line.height
        for place, step, size in zip(end, sign * along, (shape[1], shape[0]), strict=True):
            if abs(step) > 1e-6:
                most = min(most, max(0.0, ((size - 1 if step > 0 else 0) - place) / step))
        found.append(float(most))
    return found[0], found[1]


def _strip(grey: Frame, line: Line, before: float, behind: float) -> NDArray[np.unsignedinteger]:
    """The rows around a line, upright, from `before` it to `behind` it, at the frame's scale."""
    along, down = directions(line.angle)
    size = (max(8, round(before + line.length + behind)), max(8, round(1.5 * line.height)))
    corner = np.array((line.x, line.y)) - along * (line.length / 2 + before) - down * size[1] / 2
    corners = corner, corner + along * size[0], corner + down * size[1]
    return np.asarray(cut(grey, corners, size), grey.dtype)
