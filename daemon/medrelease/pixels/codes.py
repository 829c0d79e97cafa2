"""Codes in a frame: QR, Data Matrix, Aztec, PDF417 and bar codes.

Three finders, of which each sees what the others miss: zxing-cpp, which decodes; OpenCV's QR
detector, which needs the finder pattern alone; and a filter for the texture of codes too blurred
or torn to be decoded (`textures`). What a code says is never read out of this module.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from medrelease.pixels import textures, views
from medrelease.pixels.region import Region, within
from medrelease.pixels.views import Frame, Grey

LONGEST_SIDE = 2000
"""Frames are looked at for codes at no more than this: 4000 pixels cost 14 s and more."""
FILLS = 0.3
"""Share of the frame that one code takes where the picture is of that code."""

_LINEAR = frozenset({"Code128", "Code39", "Code93", "Codabar", "EAN8", "EAN13", "UPCA", "UPCE"})


@dataclass(frozen=True, slots=True)
class Codes:
    """Where codes stand, and whether one fills so much that the picture is of the code."""

    regions: tuple[Region, ...]
    fills: bool


def find_codes(frame: Frame) -> Codes:
    """Every code in a frame, in pixels of its stored rows."""
    grey = next(views.windows(views.brightness(frame)))
    scale = min(1.0, LONGEST_SIDE / max(grey.shape))
    if scale < 1:
        size = (round(grey.shape[1] * scale), round(grey.shape[0] * scale))
        grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
    corners = [*_finder_patterns(grey), *textures.textures(grey), *_decoded(grey)]
    if 2 * max(grey.shape) <= LONGEST_SIDE:  # small modules are decoded at twice their size only
        twice = np.asarray(cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC))
        corners += [quad / np.float32(2) for quad in _decoded(twice.astype(np.uint8))]
    found = [_region(quad / scale, frame.shape) for quad in corners]
    area = frame.shape[0] * frame.shape[1]
    return Codes(tuple(dict.fromkeys(found)), any(region.area > FILLS * area for region in found))


def _region(quad: NDArray[np.float32], shape: tuple[int, ...]) -> Region:
    """The upright rectangle around four corners, with a quiet zone of a twentieth."""
    (left, top), (right, bottom) = quad.min(axis=0), quad.max(axis=0)
    margin = 2 + 0.05 * max(right - left, bottom - top)
    return within(left - margin, top - margin, right + margin, bottom + margin, shape)


def _decoded(grey: Grey) -> list[NDArray[np.float32]]:
    found = []
    for code in zxingcpp.read_barcodes(grey, return_errors=True):
        place = code.position
        points = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        quad = np.array([(point.x, point.y) for point in points], np.float32)
        quad = quad[quad.any(axis=1)]  # of a torn PDF417 two corners are said to be (0, 0)
        if len(quad) < 4:
            continue
        found.append(_grown(grey, quad) if code.format.name in _LINEAR else quad)
    return found


def _finder_patterns(grey: Grey) -> list[NDArray[np.float32]]:
    seen, quads = cv2.QRCodeDetector().detectMulti(grey)
    return list(np.asarray(quads, np.float32)) if seen and quads is not None else []


def _grown(grey: Grey, quad: NDArray[np.float32]) -> NDArray[np.float32]:
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


def _profile(grey: Grey, points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Grey levels along points, with mean 0 and spread 1 (all 0 where flat)."""
    columns = np.clip(points[:, 0], 0, grey.shape[1] - 1).astype(np.intp)
    rows = np.clip(points[:, 1], 0, grey.shape[0] - 1).astype(np.intp)
    values = grey[rows, columns].astype(np.float32)
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > 2 else np.zeros_like(values)
