"""A mask goes on where the ground of a line has the grey of its ink, and nowhere else."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from medrelease.pixels import fading
from medrelease.pixels.components import Line

INK = 250


def crossing(depth: type[np.unsignedinteger], hidden: int) -> NDArray[np.unsignedinteger]:
    """White letters from x = 100 to 260 on grey; left of it the ground is `hidden`."""
    frame = np.full((120, 420), 120, np.float32)
    frame += np.random.default_rng(1).normal(0, 2, frame.shape)
    frame[:, :100] = hidden
    drawn = np.zeros(frame.shape, np.uint8)
    cv2.putText(drawn, "5032563 A", (100, 68), cv2.FONT_HERSHEY_SIMPLEX, 0.85, 255, 2)
    frame[drawn > 0] = INK
    levels = frame.clip(0, 255) * (257 if depth == np.uint16 else 1)
    return np.asarray(levels, depth)


LINE = Line(175.0, 59.0, 178.0, 48.0, 0.0, 0.99)
"""As the net sees the letters: grown by about their height."""


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_the_mask_goes_on_over_ground_like_ink(depth: type[np.unsignedinteger]) -> None:
    """Where the ground is as white as the letters four more of them would be covered."""
    longer = fading.hidden(crossing(depth, 246), LINE)
    assert longer is not None
    assert longer.x - longer.length / 2 < 100 - 4 * 14
    assert longer.x + longer.length / 2 == pytest.approx(LINE.x + LINE.length / 2)
    assert longer.height == LINE.height


def test_other_ground_ends_it() -> None:
    """On ground as grey as elsewhere, or black, letters would be seen: nothing more is masked."""
    assert fading.hidden(crossing(np.uint8, 120), LINE) is None
    assert fading.hidden(crossing(np.uint8, 10), LINE) is None


def test_a_place_without_ink_has_nothing_to_go_on() -> None:
    """A line on even ground has no grey of ink."""
    assert fading.hidden(np.full((120, 420), 90, np.uint8), LINE) is None
