"""Single letters and digits: masked whatever their ground, and never taken for another sign."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from medrelease.pixels import deciding, models, reading, views, writing
from medrelease.pixels.components import Line, cover
from medrelease.pixels.deciding import Place, Wish
from medrelease.pixels.models import TextModels
from medrelease.pixels.reading import Reading
from medrelease.pixels.region import Region

KEEP = Wish(("L", "R"))


@pytest.fixture(scope="module")
def nets() -> TextModels:
    """The two nets, loaded once."""
    return models.load()


def single(
    sign: str, ground: NDArray[np.uint8], ink: int, scale: float = 2.0
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """A sign in the middle of a ground, and its pixels."""
    drawn = np.zeros(ground.shape[:2], np.uint8)
    place = (ground.shape[1] // 2 - 20, ground.shape[0] // 2 + 20)
    cv2.putText(drawn, sign, place, cv2.FONT_HERSHEY_SIMPLEX, scale, 255, 5, cv2.LINE_AA)
    frame = ground.copy()
    frame[drawn > 100] = ink
    return frame, drawn > 100


@pytest.mark.parametrize("sign", ["7", "4", "Q", "M"])
def test_a_single_sign_is_masked(nets: TextModels, sign: str) -> None:
    """A letter or digit that is no term of the list is covered: lying on its side, 7 is an L."""
    ramp = np.tile(np.linspace(60, 140, 300), (260, 1)).astype(np.uint8)
    frame, pixels = single(sign, ramp, 250)
    found = writing.find_writing(nets, frame, KEEP)
    assert cover(list(found.masks), frame.shape)[pixels].all()
    assert found.kept == 0


def test_a_marker_is_still_kept(nets: TextModels) -> None:
    """An upright L that may stay does."""
    frame, pixels = single("L", np.full((260, 300), 70, np.uint8), 250)
    found = writing.find_writing(nets, frame, KEEP)
    assert found.kept == 1
    assert not cover(list(found.masks), frame.shape)[pixels].any()


def test_a_sign_on_a_ground_of_one_level(nets: TextModels) -> None:
    """In 16 bits what stands on a ground that has one level only is not cut off by the window."""
    frame = np.full((260, 300), 1000, np.uint16)
    drawn, pixels = single("7", np.zeros((260, 300), np.uint8), 255, 1.5)
    frame[drawn > 0] = 640
    first = next(views.windows(frame))
    assert first[0, 0] > first[pixels].max() + 60
    found = writing.find_writing(nets, frame, KEEP)
    assert cover(list(found.masks), frame.shape)[pixels].all()


@pytest.mark.parametrize(
    ("likelihoods", "text", "mean", "share", "agreed"),
    [
        ((0.95, 0.95), "\u4e2d", 0.6, 0.03, True),
        ((0.95, 0.5), "\u4e2d", 0.6, 0.03, False),
        ((0.95, 0.95), "\u25cf", 0.6, 0.03, False),
        ((0.95, 0.95), "a", 0.4, 0.03, False),
        ((0.99, 0.99), "a", 0.6, 0.1, True),
        ((0.95, 0.95), "a", 0.6, 0.1, False),
        ((0.99, 0.99), "a", 0.9, 0.3, False),
    ],
)
def test_when_looks_agree(
    likelihoods: tuple[float, float], text: str, mean: float, share: float, agreed: bool
) -> None:
    """Two looks that take a place for likely writing outvote a reader that is not sure of it."""
    place = Place(Region(0, 0, 40, 40))
    for likelihood in likelihoods:
        line = Line(20.0, 20.0, 40.0, 36.0, 0.0, likelihood)
        place.read(Reading(text, mean, mean), line)
    assert place.agreed(line, share) is agreed


@pytest.mark.parametrize(("text", "alike", "agreed"), [(". .", 0.0, True), ("", 0.05, False)])
def test_a_large_line_of_another_script(text: str, alike: float, agreed: bool) -> None:
    """What no look can read is masked where it has the shape of a line, a long stroke is not."""
    place = Place(Region(0, 0, 320, 60))
    line = Line(160.0, 30.0, 320.0, 60.0, 0.0, 0.99)
    for _ in range(2):
        place.read(Reading(text, 0.1, 0.1, alike), line)
    assert place.agreed(line, 0.07) is agreed
    assert not place.agreed(line, 0.25)


def test_one_sign_that_fills_the_picture_is_none(nets: TextModels) -> None:
    """A flood that reads as a letter is not masked, as a letter of that size would be."""
    frame = np.zeros((100, 120, 3), np.uint8)
    line = Line(60.0, 50.0, 100.0, 90.0, 0.0, 0.99)
    assert reading.speaks(Reading("V", 0.95, 0.95), line)
    found = deciding.Found(places=[Place(line.bounds(frame.shape), Reading("V", 0.95, 0.95))])
    found.places[0].settled = True
    deciding.decide(nets, frame, line, Wish(), found, main=False)
    assert not found.masks
