"""Whether the eyes of a face are covered: by a bar, by patches, by blur or by coarse pixels.

Open eyes are the part of a face with the most detail. Behind a bar they are even: no pixel near
either eye differs from its neighbours. Behind blur or coarse pixels they are less sharp than the
nose and the mouth of the same face, whatever the sharpness of the picture.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from medrelease.pixels.seeing import Picture

SIDE, APART = 128, 48
"""The upright crop in which a face is looked at, and the distance of the eyes in it."""
_LEFT, _TOP = (SIDE - APART) // 2, 44

EVEN, BLURRED, EQUAL = 0.68, 0.55, 0.25
"""Limits of the three measures; of LFW's open eyes 2 in 100 pass one of them."""
TALLEST = 66
"""Rows of the crop that a bar may take; what is even beyond them is a ground, not a bar."""
SEEN, LIKELY = 0.3, 0.45
"""Likelihoods from which blur and coarse pixels are looked for, and a bar is believed as it is."""
_SOME_DETAIL = 0.3
"""Grey levels; a face without any cannot be told from one that is blurred all over."""


@dataclass(frozen=True, slots=True)
class Face:
    """What the net says of one face, in pixels of the frame as (columns, rows).

    `box` has its four corners; `marks` are the eyes, the nose and the corners of the mouth, as
    the net saw them; `turn` is by how many degrees the frame was turned for it.
    """

    likelihood: float
    box: NDArray[np.float64]
    marks: NDArray[np.float64]
    turn: int

    @property
    def middle(self) -> NDArray[np.float64]:
        """The middle of the box."""
        return np.asarray(self.box.mean(axis=0), np.float64)

    @property
    def size(self) -> float:
        """The mean of the box's width and height."""
        first, second, third = self.box[:3]
        return float(np.hypot(*(second - first)) + np.hypot(*(third - second))) / 2


def upright(picture: Picture, face: Face) -> Picture:
    """The face, upright and with its eyes in their places, as (SIDE, SIDE, 3)."""
    left, right = face.marks[:2]
    along = right - left
    apart = max(float(np.hypot(*along)), 1.0)
    # Shrunk first where it is large: an affine map alone would skip pixels.
    shrink = min(1.0, 1.5 * APART / apart)
    reach = 2.2 * apart
    middle = (left + right) / 2
    corner = np.maximum(np.floor(middle - reach), 0).astype(int)
    end = np.ceil(middle + reach).astype(int)
    part = picture[corner[1] : max(end[1], corner[1] + 1), corner[0] : max(end[0], corner[0] + 1)]
    if part.size == 0:
        return np.zeros((SIDE, SIDE, 3), np.uint8)
    if shrink < 1:
        size = (max(1, round(part.shape[1] * shrink)), max(1, round(part.shape[0] * shrink)))
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    place = (left - corner + 0.5) * shrink - 0.5
    along = along * shrink
    down = np.array((-along[1], along[0]))
    source = np.array((place, place + along, place + down), np.float32)
    goal = np.array(((0, 0), (APART, 0), (0, APART)), np.float32) + np.array(
        (_LEFT, _TOP), np.float32
    )
    turn = cv2.getAffineTransform(source, goal)
    crop = cv2.warpAffine(part, turn, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(crop, np.uint8)


def covered(picture: Picture, face: Face) -> bool:
    """Whether both eyes of a face are covered, by a bar, by patches, by blur or coarsely."""
    crop = upright(picture, face)
    spread = _spread(crop)
    if _barred(spread) and (face.likelihood >= LIKELY or _uneven(spread)):
        return True
    # Blur and coarse pixels hide little from the net; what it hardly sees is no such face.
    return face.likelihood >= SEEN and (_sharpness(crop) <= BLURRED or _coarse(crop))


def _spread(crop: Picture) -> NDArray[np.uint8]:
    """The largest difference within 5 x 5 pixels, of the channel where it is largest."""
    square = np.ones((5, 5), np.uint8)
    spread = cv2.subtract(cv2.dilate(crop, square), cv2.erode(crop, square))
    return np.asarray(spread.max(axis=2), np.uint8)


def _uneven(spread: NDArray[np.uint8]) -> bool:
    """Whether the face below the eyes is no drawing of even patches."""
    below = spread[_TOP + 20 : SIDE - 10, _LEFT - 6 : _LEFT + APART + 7]
    return float((below <= 8).mean()) < 0.45


def _barred(spread: NDArray[np.uint8]) -> bool:
    """Whether even places that end inside the face lie over both eyes."""
    flat = (spread <= 8).astype(np.uint8)
    even = cv2.boxFilter(flat.astype(np.float32), -1, (19, 11))
    _, places, boxes, _ = cv2.connectedComponentsWithStats(flat, connectivity=4)
    for x in (_LEFT, _LEFT + APART):
        # The net misplaces what it cannot see.
        window = even[_TOP - 12 : _TOP + 14, x - 8 : x + 9]
        row, column = np.unravel_index(int(window.argmax()), window.shape)
        place = places[row + _TOP - 12, column + x - 8]
        top, height = boxes[place, cv2.CC_STAT_TOP], boxes[place, cv2.CC_STAT_HEIGHT]
        ends = top > 0 and top + height < SIDE and height <= TALLEST
        if window[row, column] < EVEN or not place or not ends:
            return False
    return True


def _sharpness(crop: Picture) -> float:
    """The detail around the eyes, as a share of what the places below them have."""
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY).astype(np.float32)
    detail = cv2.absdiff(cv2.GaussianBlur(grey, (0, 0), 2.0), cv2.GaussianBlur(grey, (0, 0), 3.2))
    mean = cv2.boxFilter(detail, -1, (27, 15))
    around = (mean[_TOP, _LEFT] + mean[_TOP, _LEFT + APART]) / 2
    below = np.median(mean[_TOP + 20 : SIDE - 10, _LEFT - 6 : _LEFT + APART + 7])
    return float(around) / float(below) if below >= _SOME_DETAIL else 1.0


def _coarse(crop: Picture) -> bool:
    """Whether neighbours are equal far more often in the band of the eyes than below it."""
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    equal = cv2.absdiff(grey[:, 1:], grey[:, :-1]) < 1
    eyes = float(equal[_TOP - 12 : _TOP + 13, 16 : SIDE - 16].mean())
    below = float(equal[_TOP + 28 : _TOP + 68, _LEFT - 10 : _LEFT + APART + 10].mean())
    return eyes >= EQUAL and eyes >= 1.8 * below
