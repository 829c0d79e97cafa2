"""Places that have the texture of a code, for codes that cannot be decoded.

Runs of parallel bars, and fields of black and white modules: too blurred, too small or too torn
for a decoder, but not for whoever has a better one.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from medrelease.pixels.views import Grey

SMALLEST = 100
"""Longest side below which a frame is too small for a texture to say anything."""

MODULES_ACROSS = 12
"""Half of the pixels that a place must have along an axis for distances to be told."""
LIKE_NOTHING, ALIKE = 0.1, 0.25


def textures(grey: Grey) -> list[NDArray[np.float32]]:
    """The corners of every such place, (4, 2) columns and rows.

    Looked at in three sizes, since bars may be as wide as the window in which they are sought.
    """
    found: list[NDArray[np.float32]] = []
    if max(grey.shape) < SMALLEST:
        return found
    for longest in (1000, 500, 250):
        scale = min(2.0, longest / max(grey.shape))
        if max(grey.shape) < longest / 2 and longest < 1000:
            continue
        size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        small = np.asarray(cv2.resize(grey, size, interpolation=how), np.uint8)
        for marks, modules in ((_parallel(small), False), (_modules(small), True)):
            contours, _ = cv2.findContours(marks, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
            for contour in contours:
                box = cv2.minAreaRect(contour)
                (width, height) = box[1]
                filled = cv2.contourArea(contour) / max(width * height, 1)
                if min(width, height) < 12 or max(width, height) < 24 or filled < 0.55:
                    continue
                inner = _cut(small, box)
                coded = _on_white(small, box, inner) and _repeats(inner)
                if coded if modules else _are_bars(inner):
                    grown = (box[0], (width + 14, height + 14), box[2])
                    found.append(np.asarray(cv2.boxPoints(grown), np.float32) / scale)
    return found


def _parallel(grey: Grey) -> NDArray[np.uint8]:
    """Where all gradients around run along one line (the structure tensor's coherence)."""
    x = cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=3)
    y = cv2.Sobel(grey, cv2.CV_32F, 0, 1, ksize=3)
    window = (17, 17)
    xx, yy, xy = (cv2.blur(part, window) for part in (x * x, y * y, x * y))
    coherence = np.sqrt((xx - yy) ** 2 + 4 * xy**2) / (xx + yy + 1)
    edges = cv2.blur((np.hypot(x, y) > 60).astype(np.float32), window)
    marks = ((coherence > 0.8) & (edges > 0.4)).astype(np.uint8)
    marks = np.asarray(cv2.morphologyEx(marks, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)))
    return np.asarray(cv2.morphologyEx(marks, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8)), np.uint8)


def _modules(grey: Grey) -> NDArray[np.uint8]:
    """Where both black and white lie within every few pixels, along both axes."""
    low = cv2.erode(grey, np.ones((9, 9), np.uint8))
    high = cv2.dilate(grey, np.ones((9, 9), np.uint8))
    middle = cv2.blur(grey, (25, 25))
    black, white = cv2.subtract(middle, low), cv2.subtract(high, middle)
    marks = (cv2.min(black, white) > 45).astype(np.uint8)
    marks = np.asarray(cv2.morphologyEx(marks, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)))
    return np.asarray(
        cv2.morphologyEx(marks, cv2.MORPH_OPEN, np.ones((19, 19), np.uint8)), np.uint8
    )


def _cut(grey: Grey, box: cv2.typing.RotatedRect) -> NDArray[np.float32]:
    """The inside of a box, upright, without an eighth at each side."""
    (width, height) = box[1]
    size = (max(8, round(width)), max(8, round(height)))
    corners = cv2.boxPoints(box)[1:4].astype(np.float32)
    goal = np.array(((0, 0), (size[0], 0), (size[0], size[1])), np.float32)
    turn = cv2.getAffineTransform(corners, goal)
    part = cv2.warpAffine(grey, turn, size, borderMode=cv2.BORDER_REPLICATE)
    inner = part[size[1] // 8 : -(size[1] // 8), size[0] // 8 : -(size[0] // 8)]
    return np.asarray(inner, np.float32)


def _are_bars(inner: NDArray[np.float32]) -> bool:
    """Whether all lines through a place are alike and cross many edges: no folds, no hairs."""
    spread = float(inner.var())
    if spread < 400:
        return False
    profile = max((inner.mean(axis=axis) for axis in (0, 1)), key=lambda line: float(line.var()))
    crossings = int(np.count_nonzero(np.diff(profile > profile.mean())))
    return float(profile.var()) > 0.8 * spread and crossings >= 8


def _repeats(inner: NDArray[np.float32]) -> bool:
    """Whether edges come at even distances along one axis, as modules have them: hair has none.

    Measured by the autocorrelation of the edges' profile behind its first trough: of codes 0.28
    and more, of hair, folds and sutures hardly ever above 0.13.
    """
    for axis in (0, 1):
        edges = np.abs(np.diff(inner, axis=1 - axis)).mean(axis=axis)
        edges -= edges.mean()
        half, power = len(edges) // 2, float(edges @ edges)
        if half < MODULES_ACROSS or power < 1:
            continue
        likeness = np.correlate(edges, edges, "full")[len(edges) - 1 :][:half] / power
        trough = int(np.argmax(likeness < LIKE_NOTHING))
        if trough and float(likeness[trough:].max()) >= ALIKE:
            return True
    return False


def _on_white(grey: Grey, box: cv2.typing.RotatedRect, inner: NDArray[np.float32]) -> bool:
    """Whether a place is of two levels (Otsu), each a good part of it, on a white quiet zone."""
    eight = inner.astype(np.uint8)
    level, _ = cv2.threshold(eight, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    dark = eight <= level
    share = float(dark.mean())
    if not 0.3 <= share <= 0.7:
        return False
    apart = float(inner[~dark].mean() - inner[dark].mean())
    if apart < 100 or share * (1 - share) * apart**2 < 0.75 * float(inner.var()):
        return False
    around = np.zeros(grey.shape, np.uint8)
    (width, height) = box[1]
    for more, value in ((20, 1), (10, 0)):
        corners = cv2.boxPoints((box[0], (width + more, height + more), box[2]))
        cv2.fillPoly(around, [np.round(corners).astype(np.int32)], value)
    ring = grey[around > 0]
    if ring.size < 0.6 * 10 * (width + height):  # noise from edge to edge of a small frame
        return False
    return int(np.count_nonzero(ring > level + 0.2 * apart)) > 0.72 * 10 * (width + height)
