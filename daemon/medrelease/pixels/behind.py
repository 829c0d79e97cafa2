"""What may lie behind a bar: its place filled from above and below, with two eyes drawn in it.

A net that is trained on open eyes hardly sees a face behind a high bar. Shown eyes where the bar
may hide them it does, and it sees none where a label lies on skin or an X-ray: two eyes alone
make no face. Such a view is shown to the net only, and is never kept.
"""

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from medrelease.pixels.bars import Bar
from medrelease.pixels.seeing import Picture

SIDE, APART = 192, 44
"""Sides of a view, and the distance of the eyes drawn in it."""
_X, _Y = SIDE // 2, round(SIDE * 0.4)
"""Where the middle of the bar comes to lie."""
NEAR = 0.4
"""How far from an eye drawn the net may see it, as a share of their distance."""


class Guess(NamedTuple):
    """A view with eyes, how its pixels map to the frame's, and the eyes there, (2, 2)."""

    picture: Picture
    back: NDArray[np.float64]
    eyes: NDArray[np.float64]
    turn: int

    def agrees(self, marks: NDArray[np.float64]) -> bool:
        """Whether a face with these marks, in pixels of the frame, looks with these eyes."""
        apart = float(np.hypot(*(self.eyes[1] - self.eyes[0])))
        return bool(np.abs(marks[:2] - self.eyes).max() <= NEAR * apart)


def guesses(picture: Picture, bar: Bar) -> Iterator[Guess]:
    """The surroundings of a bar, upright and upside down, for each distance of the eyes."""
    for span in bar.spans:
        for half in (0, 180):
            yield _guess(picture, bar, span * bar.length, bar.angle + half)


def _guess(picture: Picture, bar: Bar, apart: float, angle: float) -> Guess:
    scale = APART / apart
    shrink = min(1.0, 1.5 * scale)
    if shrink < 1:  # an affine map alone would skip pixels
        reach = 1.5 * SIDE / scale
        corner = np.maximum(np.floor(bar.middle - reach), 0).astype(int)
        end = np.ceil(bar.middle + reach).astype(int)
        part = picture[corner[1] : max(end[1], 1), corner[0] : max(end[0], 1)]
        size = (max(1, round(part.shape[1] * shrink)), max(1, round(part.shape[0] * shrink)))
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    else:
        corner, part = np.zeros(2, int), picture
    cosine, sine = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    turning = np.array(((cosine, sine), (-sine, cosine)))
    goal = np.array((_X, _Y), np.float64)
    place = (bar.middle - corner + 0.5) * shrink - 0.5
    matrix = turning * (scale / shrink)
    there = np.column_stack((matrix, goal - matrix @ place))
    view = cv2.warpAffine(
        part, there, (SIDE, SIDE), borderMode=cv2.BORDER_CONSTANT, borderValue=(128,) * 3
    )
    way = turning.T / scale
    back = np.column_stack((way, bar.middle - way @ goal))
    along = np.array((cosine, sine)) * (apart / 2)
    drawn = _with_eyes(np.asarray(view, np.uint8), bar.length * scale, bar.height * scale)
    return Guess(drawn, back, np.array((bar.middle - along, bar.middle + along)), round(angle))


def _with_eyes(view: Picture, length: float, height: float) -> Picture:
    """The view without its bar, with two eyes and brows where the bar was."""
    half = height / 2 + 2
    top, bottom = max(0, int(_Y - half)), min(SIDE - 1, int(np.ceil(_Y + half)))
    left, right = max(0, int(_X - length / 2 - 2)), min(SIDE, int(_X + length / 2 + 3))
    face = np.s_[_X - 31 : _X + 31]
    above = np.median(view[max(0, top - 9) : max(1, top - 1), face], axis=(0, 1))
    below = np.median(view[min(SIDE - 1, bottom + 1) : bottom + 14, face], axis=(0, 1))
    share = np.linspace(0, 1, bottom - top + 1)[:, None, None]
    filled = view.astype(np.float32)
    filled[top : bottom + 1, left:right] = (1 - share) * above + share * below
    dark = np.zeros((SIDE, SIDE), np.float32)
    for x in (_X - APART // 2, _X + APART // 2):
        cv2.ellipse(dark, (x, _Y - 11), (12, 3), 0, 0, 360, 0.55, -1)
        cv2.ellipse(dark, (x, _Y), (10, 5), 0, 0, 360, 0.7, -1)
    dark = np.asarray(cv2.GaussianBlur(dark, (0, 0), 2.0), np.float32)[..., None]
    shade = (above + below) / 8
    return np.asarray(np.clip(filled * (1 - dark) + dark * shade, 0, 255), np.uint8)
