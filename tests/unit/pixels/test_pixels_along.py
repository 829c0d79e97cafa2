"""A line whose ground takes on its grey is followed to its end."""

import cv2
import numpy as np
import pytest

from medrelease.pixels import along, models, writing
from medrelease.pixels.components import Line, cover
from medrelease.pixels.deciding import Wish
from medrelease.pixels.models import TextModels


@pytest.fixture(scope="module")
def nets() -> TextModels:
    """The two nets, loaded once."""
    return models.load()


def test_letters_on_a_ground_of_nearly_their_grey_are_masked(nets: TextModels) -> None:
    """Writing that crosses from bone into air is covered at its faint end too."""
    rng = np.random.default_rng(3)
    ground = np.full((300, 460), 26.0)
    ground[:, 170:] = 150
    ground = cv2.GaussianBlur(ground, (0, 0), 12) + rng.normal(0, 2, ground.shape)
    ink = np.zeros(ground.shape, np.uint8)
    cv2.putText(ink, "ID: 4821 739", (90, 150), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2, cv2.LINE_AA)
    frame = np.where(ink > 100, 30, ground).clip(0, 255).astype(np.uint8)
    masks = writing.find_writing(nets, frame, Wish()).masks
    assert cover(list(masks), frame.shape)[ink > 100].mean() >= 0.98


def test_a_line_that_ends_is_left_as_it_is(nets: TextModels) -> None:
    """Beside a whole line nothing more is taken for writing, in noise and on a plain ground."""
    rng = np.random.default_rng(4)
    for spread in (0.0, 6.0):
        frame = np.full((200, 500), 60, np.float64) + rng.normal(0, spread, (200, 500))
        frame = frame.clip(0, 255).astype(np.uint8)
        cv2.putText(frame, "SMITH", (180, 110), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 220, 2, cv2.LINE_AA)
        assert along.whole(nets, frame, Line(226, 101, 110, 40, 0.0, 1.0)) is None
