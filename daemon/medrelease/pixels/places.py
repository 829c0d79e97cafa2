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
PARTED, MOST_PARTS = 23, 6
"""Pixels of width below which a branching place is parted, and the largest parts that are told."""
WAYS = 6
"""Directions in which bars are sought apart."""
SECTORS = 96
"""Into which directions are told apart for that."""
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
        """Its corners in pixels of the frame, with `more` pixels as looked at on every side: two
        along its angle, two back."""
        middle, (width, height), angle = self.box
        along, across = directions(angle)
        u, v = along * (width / 2 + more), across * (height / 2 + more)
        corners = np.array((-u - v, u - v, u + v, v - u)) + middle
        return np.asarray(corners / self.scale, np.float32)


class Seen(NamedTuple):
    """A frame as it is looked at, `scale` pixels of it to one of the frame, and its slopes."""

    grey: Grey
    scale: float
    slopes: list[NDArray[np.float32]]


def looks(grey: Grey) -> Iterator[Seen]:
    """A frame at every size at which it is looked at."""
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
        yield Seen(seen, scale, slopes)


def places(seen: Seen) -> Iterator[Place]:
    """Every such place of one look."""
    for marks, way in _parallel(*seen.slopes):
        for contour in _largest(marks):
            box = box_around(contour, seen.slopes, 2)
            askew = abs((box[2] - way + 90) % 180 - 90)
            if askew <= 90 / WAYS and _is_large(contour, box):
                yield Place(seen.grey, seen.scale, box, bars=True)
    for contour in _largest(_modules(seen.grey)):
        box = box_around(contour, seen.slopes, 4)
        if _is_large(contour, box):
            yield Place(seen.grey, seen.scale, box, bars=False)


def _is_large(contour: cv2.typing.MatLike, box: Box) -> bool:
    """Whether a place is no speck and fills enough of its box."""
    width, height = box[1]
    small = min(width, height) < NARROWEST or max(width, height) < SHORTEST
    return not small and cv2.contourArea(contour) >= FILLED * width * height


def upright(grey: Grey, box: Box, more: float = 0.0, scale: float = 1.0) -> Grey:
    """A box cut out upright with `more` pixels on every side, then `scale` times as large."""
    (x, y), (width, height), angle = box
    size = (max(8, round((width + 2 * more) * scale)), max(8, round((height + 2 * more) * scale)))
    along, across = directions(angle)
    corner = np.array((x, y)) - along * (width / 2 + more) - across * (height / 2 + more)
    corners = (corner, corner + along * (width + 2 * more), corner + across * (height + 2 * more))
    return np.asarray(cut(grey, corners, size), np.uint8)


def frame_of(plane: Grey) -> Grey:
    """A plane of 1, its rim of 0: cut out upright, it tells what lies beyond the frame."""
    inside = np.zeros(plane.shape, np.uint8)
    inside[1:-1, 1:-1] = 1
    return inside


def _largest(marks: Grey) -> Iterator[cv2.typing.MatLike]:
    """The largest contours; what fills little of its box is parted where it is narrow."""
    contours, _ = cv2.findContours(marks, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for contour in sorted(contours, key=lambda contour: -cv2.contourArea(contour))[:MOST]:
        x, y, width, height = cv2.boundingRect(contour)
        _, box, _ = cv2.minAreaRect(contour)
        if max(box) < 0.7 * SHORTEST:
            continue
        if cv2.contourArea(contour) >= FILLED * box[0] * box[1] or min(width, height) < PARTED:
            yield contour
            continue
        inside = np.zeros((height, width), np.uint8)
        cv2.drawContours(inside, [contour], -1, 1, cv2.FILLED, offset=(-x, -y))
        opened = cv2.morphologyEx(inside, cv2.MORPH_OPEN, np.ones((PARTED, PARTED), np.uint8))
        parts, _ = cv2.findContours(
            opened, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE, offset=(x, y)
        )
        yield from sorted(parts, key=lambda part: -cv2.contourArea(part))[:MOST_PARTS]


def _parallel(x: NDArray[np.float32], y: NDArray[np.float32]) -> Iterator[tuple[Grey, float]]:
    """Where all gradients around run along one line (the structure tensor's coherence), for each
    of `WAYS` directions, in degrees: bars touch what runs another way, as the grain of wood."""
    window = (17, 17)
    xx, yy, xy = (cv2.blur(part, window) for part in (x * x, y * y, x * y))
    coherence = np.sqrt((xx - yy) ** 2 + 4 * xy**2) / (xx + yy + 1)
    edges = cv2.blur((np.hypot(x, y) > 30).astype(np.float32), window)
    strong = (coherence > 0.75) & (edges > 0.4)
    if not strong.any():
        return
    turned = cv2.phase((xx - yy).astype(np.float32), (2 * xy).astype(np.float32))
    sectors = np.where(strong, np.minimum(turned * (SECTORS / (2 * np.pi)), SECTORS - 1), SECTORS)
    sectors = sectors.astype(np.uint8)
    for number in range(WAYS):
        away = (np.arange(256) + 0.5) * WAYS / SECTORS - number + WAYS / 2
        near = (np.abs(away % WAYS - WAYS / 2) < 0.85) & (np.arange(256) < SECTORS)
        marks = np.asarray(cv2.LUT(sectors, near.astype(np.uint8)), np.uint8)
        if marks.any():
            yield _closed(marks, 7), number * 180 / WAYS


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


def box_around(contour: cv2.typing.MatLike, slopes: list[NDArray[np.float32]], fold: int) -> Box:
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
