"""From a map of likelihood to the places where writing stands.

The net marks the core of a line only; each connected core is therefore grown by about its own
short side. A flood may hide a line of writing, so it is split, and nothing is dropped here.
A slanted line is cut into upright slices, so that its mask does not take a whole corner.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from medrelease.pixels.region import Region, within
from medrelease.pixels.seeing import Look

SMALLEST = 4
"""Net pixels of a core below which it is a speck."""
FLOOD = 0.02
"""Share of a view from which a core is a flood; a core is about a third of its grown line."""
SPLITS = (0.4, 0.65, 0.85)
"""The thresholds at which a flood is split."""


@dataclass(frozen=True, slots=True)
class Line:
    """One core, grown: its middle, length and height, its angle in degrees, and its likelihood.

    In pixels of the frame; `length` runs along the angle, which lies in (-90, 90].
    """

    x: float
    y: float
    length: float
    height: float
    angle: float
    likelihood: float

    def corners(self) -> NDArray[np.float32]:
        """Its four corners, as (4, 2) columns and rows."""
        box = ((self.x, self.y), (self.length, self.height), self.angle)
        return np.asarray(cv2.boxPoints(box), np.float32)

    def bounds(self, shape: tuple[int, ...]) -> Region:
        """The upright rectangle around it, cut to a frame of `shape`."""
        box = self.corners()
        left, top = box.min(axis=0)
        right, bottom = box.max(axis=0)
        return within(float(left), float(top), float(right), float(bottom), shape)


def lines(seen: Look, threshold: float, grow: float) -> list[Line]:
    """Every core above `threshold`, grown by `grow` times its short side on all four sides.

    A core that floods the view is split at higher thresholds, since a line of writing in it
    stands out; what stays whole at the highest is given as it is.
    """
    cores = (seen.likelihood > threshold).astype(np.uint8)
    contours, _ = cv2.findContours(cores, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in contours:
        for core in _split(seen.likelihood, contour, list(SPLITS)):
            if cv2.contourArea(core) >= SMALLEST:
                found.append(_line(seen, core, grow))
    return found


def _split(
    likelihood: NDArray[np.float32], core: cv2.typing.MatLike, higher: list[float]
) -> list[cv2.typing.MatLike]:
    """The cores that a flooding core falls into, itself where it does not flood."""
    if cv2.contourArea(core) < FLOOD * likelihood.size or not higher:
        return [core]
    x, y, width, height = cv2.boundingRect(core)
    inside = np.zeros((height, width), np.uint8)
    cv2.drawContours(inside, [core], -1, 1, cv2.FILLED, offset=(-x, -y))
    part = (likelihood[y : y + height, x : x + width] > higher[0]) & (inside > 0)
    inner, _ = cv2.findContours(
        part.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE, offset=(x, y)
    )
    return [found for one in inner for found in _split(likelihood, one, higher[1:])]


def _line(seen: Look, contour: cv2.typing.MatLike, grow: float) -> Line:
    (x, y), (width, height), angle = cv2.minAreaRect(contour)
    if width < height:
        width, height, angle = height, width, angle - 90
    angle = 90 - (90 - angle) % 180  # a line has no direction: (-90, 90]
    margin = 2 * (grow * height + 2)
    scale = 1 / seen.scale
    return Line(
        (x + 0.5) * scale,
        (y + 0.5) * scale,
        (width + margin) * scale,
        (height + margin) * scale,
        angle,
        _peak(seen.likelihood, contour),
    )


def regions(line: Line, shape: tuple[int, ...]) -> list[Region]:
    """The upright rectangles that cover a line: one, or slices of it where it is slanted."""
    radians = np.deg2rad(line.angle)
    slope = min(abs(np.sin(radians)), abs(np.cos(radians)))
    whole = line.bounds(shape)
    if slope * line.length < 0.75 * line.height:
        return [whole]
    count = int(np.ceil(slope * line.length / (0.5 * line.height)))
    step = np.array((np.cos(radians), np.sin(radians))) * line.length / count
    found = []
    for place in range(count):
        x, y = np.array((line.x, line.y)) + step * (place - (count - 1) / 2)
        part = Line(x, y, line.length / count, line.height, line.angle, line.likelihood)
        found.append(part.bounds(shape))
    return found


def cover(found: list[Region], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """The pixels of a frame that a list of regions covers."""
    covered = np.zeros(shape[:2], np.bool_)
    for region in found:
        covered[region.top : region.bottom, region.left : region.right] = True
    return covered


def _peak(likelihood: NDArray[np.float32], contour: cv2.typing.MatLike) -> float:
    x, y, width, height = cv2.boundingRect(contour)
    return float(likelihood[y : y + height, x : x + width].max())
