"""The identification frame: a label or a code that fills the picture, and what is none."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from medrelease.pixels import codes, frames, models, writing
from medrelease.pixels.deciding import Wish
from medrelease.pixels.models import TextModels

LINES = ("SMITH MARGARET", "DOB 12/03/1956", "H&C 012 345 6789", "WARD 7B")


@pytest.fixture(scope="module")
def nets() -> TextModels:
    """The two nets, loaded once."""
    return models.load()


def told(nets: TextModels, frame: NDArray[np.uint8]) -> bool:
    """What is said of a frame once its writing and its codes are found."""
    written = writing.find_writing(nets, frame, Wish())
    return frames.is_identification(frame, codes.find_codes(frame), written.masks)


def card(size: tuple[int, int], scale: float, step: int) -> NDArray[np.uint8]:
    """A white card with four lines of writing."""
    frame = np.full((*size, 3), (236, 234, 228), np.uint8)
    for number, text in enumerate(LINES):
        place = (20, 60 + step * number)
        cv2.putText(frame, text, place, cv2.FONT_HERSHEY_DUPLEX, scale, (30, 30, 40), 3)
    return frame


def test_a_card_that_fills_the_picture_is_told(nets: TextModels) -> None:
    """A photographed label is an identification frame; the same lines in a corner are not."""
    assert told(nets, card((300, 480), 1.3, 70))
    assert not told(nets, card((900, 1400), 0.9, 50))


def test_writing_around_an_image_is_none(nets: TextModels) -> None:
    """Annotation in all four corners spans an X-ray, whose ground is no card."""
    rows, columns = np.mgrid[0:480, 0:640]
    body = 200 * np.exp(-(((rows - 240) / 150) ** 2 + ((columns - 320) / 180) ** 2))
    frame = body.astype(np.uint8)
    for number, place in enumerate(((8, 30), (440, 30), (8, 460), (440, 460))):
        cv2.putText(frame, LINES[number][:11], place, cv2.FONT_HERSHEY_SIMPLEX, 0.8, 250, 2)
    assert not told(nets, frame)


def test_a_picture_without_writing_is_none() -> None:
    """Flat, tiny and noisy frames without codes and lines are no identification frames."""
    rng = np.random.default_rng(2)
    for shape in ((1, 1), (16, 24), (48, 32, 3)):
        frame = rng.integers(0, 255, shape).astype(np.uint8)
        assert not frames.is_identification(frame, codes.find_codes(frame), ())
