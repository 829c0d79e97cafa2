"""Rows of like marks are told from lines of writing."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from medrelease.pixels import marks, reading
from medrelease.pixels.components import Line
from medrelease.pixels.reading import Reading

LINE = Line(200.0, 40.0, 360.0, 44.0, 0.0, 0.99)


def blank() -> NDArray[np.uint8]:
    """A light picture with a little noise."""
    rng = np.random.default_rng(2)
    return np.asarray(rng.normal(225, 3, (80, 400, 3)).clip(0, 255), np.uint8)


def ticks() -> NDArray[np.uint8]:
    """A ruler: a longer tick at every fifth."""
    picture = blank()
    for number, x in enumerate(range(10, 395, 8)):
        picture[28 : 50 if number % 5 == 0 else 40, x : x + 2] = 30
    return picture


def beats() -> NDArray[np.uint8]:
    """A curve with a peak at even distances."""
    picture = blank()
    x = np.arange(400)
    y = 46 - 18 * np.exp(-((((x % 44) - 22) / 2.5) ** 2))
    line = np.column_stack((x, y)).astype(np.int32)
    cv2.polylines(picture, [line], False, (20, 20, 30), 2, cv2.LINE_AA)
    return picture


def text(said: str) -> NDArray[np.uint8]:
    """A line of print."""
    picture = blank()
    cv2.putText(picture, said, (20, 50), cv2.FONT_HERSHEY_DUPLEX, 0.9, (20, 20, 30), 2)
    return picture


@pytest.mark.parametrize("picture", [ticks(), beats()], ids=["ticks", "beats"])
def test_marks_are_alike(picture: NDArray[np.uint8]) -> None:
    """Ticks and beats fall on themselves, and are no writing where they do not surely read."""
    alike = marks.likeness(picture, LINE)
    assert alike >= reading.ALIKE
    assert reading.is_row(Reading("MMAMI", 0.3, 0.5, alike))
    assert reading.is_doubtful(Reading("MMAMI", 0.3, 0.5, alike), LINE, 0.01)
    assert not reading.speaks(Reading("MMAMI", 0.3, 0.5, alike), LINE)


@pytest.mark.parametrize("said", ["SMITH Margaret", "H&C 068 430 6355", "DOB 11.11.1911"])
def test_letters_are_not(said: str) -> None:
    """Neither names nor numbers do, and a reading that is sure stands against it anyway."""
    alike = marks.likeness(text(said), LINE)
    assert alike < reading.ALIKE
    assert not reading.is_row(Reading(said, 0.3, 0.5, alike))
    assert not reading.is_row(Reading(said, 0.7, 0.9, 0.99))


def test_the_same_sign_over_and_over_names_nobody() -> None:
    """A row of teeth that reads as noughts is none of writing, five noughts may be."""
    assert reading.is_row(Reading("0" * 12, 0.9, 0.95))
    assert not reading.is_row(Reading("0" * 5, 0.9, 0.95))


def test_a_long_stroke_is_none_of_writing() -> None:
    """The rim of a skull reads as nothing or a dash; where strokes come twice it may be letters."""
    assert reading.is_doubtful(Reading("\u4e00", 0.9, 0.9, 0.05), LINE, 0.02)
    assert reading.is_doubtful(Reading("", 0.0, 0.0, 0.05), LINE, 0.02)
    assert not reading.is_doubtful(Reading("", 0.0, 0.0, 0.3), LINE, 0.02)
