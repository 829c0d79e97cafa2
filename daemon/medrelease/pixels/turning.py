"""Directions at an angle, and parts of a picture cut out upright along them."""

import cv2
import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
"""(2,): columns and rows."""


def directions(degrees: float) -> tuple[Vector, Vector]:
    """The unit vectors along an angle, clockwise from the columns, and square to it, downwards."""
    radians = np.deg2rad(degrees)
    along = np.array((np.cos(radians), np.sin(radians)))
    return along, np.array((-along[1], along[0]))


def cut(
    picture: NDArray[np.unsignedinteger],
    corners: tuple[Vector, Vector, Vector],
    size: tuple[int, int],
) -> cv2.typing.MatLike:
    """The part with these upper left, upper right and lower left corners as (columns, rows).

    What lies beyond the picture's edge is like its nearest pixel.
    """
    goal = np.array(((0, 0), (size[0], 0), (0, size[1])), np.float32)
    turn = cv2.getAffineTransform(np.array(corners, np.float32), goal)
    return cv2.warpAffine(picture, turn, size, borderMode=cv2.BORDER_REPLICATE)
