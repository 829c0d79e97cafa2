"""The identification frame: the picture of a label or a code that photographers shoot first.

Masking it would leave an empty card that helps nobody; it is meant to stay at home. Told by a
code that fills the picture, or by writing whose lines span most of it on an even ground, as on a
card or a board. Writing in the corners of an X-ray spans it too, but on no even ground.
"""

import cv2
import numpy as np

from medrelease.pixels import views
from medrelease.pixels.codes import Codes
from medrelease.pixels.components import cover
from medrelease.pixels.region import Region
from medrelease.pixels.views import Frame

SPANNED = 0.5
"""Share of the frame that the hull of all lines takes where the picture is of writing."""
WRITTEN = 0.12
"""Share of the frame that the lines themselves take there."""
UNEVEN = 0.3
"""Spread of the ground between the lines, as a share of the contrast of the writing."""


def is_identification(frame: Frame, found: Codes, masks: tuple[Region, ...]) -> bool:
    """Whether a frame is a picture of a code or of a label; `masks` are those of its writing."""
    if found.fills:
        return True
    written = cover(list(masks), frame.shape)
    if written.mean() < WRITTEN:
        return False
    hull = _hull(written)
    if hull.mean() < SPANNED:
        return False
    grey = next(views.windows(views.brightness(frame)))
    ground, lines = grey[hull & ~written], grey[written]
    if ground.size < 100:
        return True
    low, middle, high = np.percentile(ground, (10, 50, 90))
    contrast = float(np.abs(np.percentile(lines, (2, 98)) - middle).max())
    return float(high - low) < UNEVEN * contrast


def _hull(written: np.typing.NDArray[np.bool_]) -> np.typing.NDArray[np.bool_]:
    """The convex hull of what is covered."""
    rows, columns = np.nonzero(written)
    points = np.column_stack((columns, rows)).astype(np.int32)
    hull = np.zeros(written.shape, np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(points), 1)
    return hull > 0
