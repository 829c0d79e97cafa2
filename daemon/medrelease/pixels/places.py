"""Places in a frame that may be a code: runs of parallel bars, and fields of black and white.

Found liberally, at three sizes, and each told with the direction in which its edges run, so that
it can be cut out upright. Whether there is a code is for a decoder and for `textures` to say.
"""

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from medrelease.pixels.turning import cut, directions
from medrelease.pixels.views import Grey

SIZES = (1000, 500, 250)
"""Longest sides at which a frame is looked at, as bars may be as wide as the window for them."""
MOST = 40
"""Places of one kind and size that are told, the largest first: grass has hundreds."""
NARROWEST, SHORTEST, FILLED = 12.0, 24.0, 0.35
"""Sides of a place in pixels as it is looked at, and the share of its box that it fills."""

Box = tuple[tuple[float, float], tuple[float, float], float]
"""Middle (column, row), size along and across the angle, and the angle in degrees."""


class Place(NamedTuple):
    """A box in the frame as it was looked at (`seen`), `scale` pixels of it to one of the frame."""

    seen: Grey
    scale: float
    box: Box
    bars: bool

    def quad(self, more: float = 0.0) -> NDArray[np.float32]:
        """Its corners in pixels of the frame, with `more` pixels as looked at on every side."""
        middle, (width, height), angle = self.box
        grown = (middle, (width + 2 * more, height + 2 * more), angle)
        return np.asarray(cv2.boxPoints(grown), np.float32) / np.float32(self.scale)


def places(grey: Grey) -> Iterator[Place]:
    """Every such place of a frame."""
    for longest in SIZES:
        scale = min(2.0, longest / max(grey.shape))
        if max(grey.shape) < longest / 2 and longest < SIZES[0]:
            continue
        size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        seen = np.asarray(cv2.resize(grey, size, interpolation=how), np.uint8)
        slopes = [
            np.asarray(cv2.Sobel(seen, cv2.CV_32F, *axes, ksize=3), np.float32)
            for axes in ((1, 0), (0, 1))
        ]
        for marks, bars in ((_parallel(*slopes), True), (_modules(seen), False)):
            for contour in _largest(marks):
                box = _box(contour, slopes, 2 if bars else 4)
                width, height = box[1]
                small = min(width, height) < NARROWEST or max(width, height) < SHORTEST
                if not small and cv2.contourArea(contour) >= FILLED * width * height:
                    yield Place(seen, scale, box, bars)


def upright(grey: Grey, box: Box, more: float = 0.0, scale: float = 1.0) -> Grey:
    """A box cut out upright with `more` pixels on every side, then `scale` times as large."""
    (x, y), (width, height), angle = box
    size = (max(8, round((width + 2 * more) * scale)), max(8, round((height + 2 * more) * scale)))
    along, across = directions(angle)
    corner = np.array((x, y)) - along * (width / 2 + more) - across * (height / 2 + more)
    corners = (corner, corner + along * (width + 2 * more), corner + across * (height + 2 * more))
    return np.asarray(cut(grey, corners, size), np.uint8)


def _largest(marks: Grey) -> list[cv2.typing.MatLike]:
    contours, _ = cv2.findContours(marks, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return sorted(contours, key=lambda contour: -cv2.contourArea(contour))[:MOST]


def _parallel(x: NDArray[np.float32], y: NDArray[np.float32]) -> Grey:
    """Where all gradients around run along one line (the structure tensor's coherence)."""
    window = (17, 17)
    xx, yy, xy = (cv2.blur(part, window) for part in (x * x, y * y, x * y))
    coherence = np.sqrt((xx - yy) ** 2 + 4 * xy**2) / (xx + yy + 1)
    edges = cv2.blur((np.hypot(x, y) > 30).astype(np.float32), window)
    return _closed(((coherence > 0.75) & (edges > 0.4)).astype(np.uint8), 7)


def contrast(grey: Grey) -> Grey:
    """By how many levels it is both darker and brighter than its middle within every few pixels."""
    low = cv2.erode(grey, np.ones((9, 9), np.uint8))
    high = cv2.dilate(grey, np.ones((9, 9), np.uint8))
    middle = cv2.blur(grey, (25, 25))
    return np.asarray(cv2.min(cv2.subtract(middle, low), cv2.subtract(high, middle)), np.uint8)


def _modules(grey: Grey) -> Grey:
    """Where both black and white lie within every few pixels, along both axes."""
    return _closed((contrast(grey) > 18).astype(np.uint8), 19)


def _closed(marks: NDArray[np.uint8], least: int) -> Grey:
    closed = cv2.morphologyEx(marks, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((least, least), np.uint8))
    return np.asarray(opened, np.uint8)


def _box(contour: cv2.typing.MatLike, slopes: list[NDArray[np.float32]], fold: int) -> Box:
    """The box around a contour along the direction of its gradients.

    Directions are averaged `fold` times their angle: 2 for bars, whose gradients run along one
    line, 4 for modules, whose gradients run along two that are square to each other.
    """
    left, top, width, height = cv2.boundingRect(contour)
    inside = np.zeros((height, width), np.uint8)
    cv2.drawContours(inside, [contour], -1, 1, cv2.FILLED, offset=(-left, -top))
    part = np.s_[top : top + height, left : left + width]
    slope = (slopes[0][part] + 1j * slopes[1][part])[inside > 0]
    total = np.sum(slope**fold / np.maximum(np.abs(slope), 1.0) ** (fold - 2))
    angle = float(np.angle(total)) / fold
    along = np.array((np.cos(angle), np.sin(angle)))
    across = np.array((-along[1], along[0]))
    points = np.asarray(contour, np.float64)[:, 0, :]
    u, v = points @ along, points @ across
    middle = along * (u.max() + u.min()) / 2 + across * (v.max() + v.min()) / 2
    size = (float(np.ptp(u)) + 1, float(np.ptp(v)) + 1)
    return (float(middle[0]), float(middle[1])), size, float(np.degrees(angle))
