"""Codes: every kind is covered, at any turn; what only looks like one is left alone."""

import numpy as np
import pytest

from corpora import codes as drawn
from corpora import faces as people
from corpora import grounds
from medrelease.pixels import codes, models, writing
from medrelease.pixels.components import cover
from medrelease.pixels.models import TextModels
from medrelease.pixels.writing import Wish


@pytest.fixture(scope="module")
def nets() -> TextModels:
    """The two nets, loaded once."""
    return models.load()


def covered(nets: TextModels, format_name: str, seed: int) -> bool:
    """Whether all but a twentieth of a code is masked, as a code or as writing."""
    made = drawn.coded(format_name, seed)
    regions = list(codes.find_codes(made.frame).regions)
    found = cover(regions, made.frame.shape)
    if (found & made.area).sum() < 0.95 * made.area.sum():
        regions += writing.find_writing(nets, made.frame, Wish()).masks
        found = cover(regions, made.frame.shape)
    return bool((found & made.area).sum() >= 0.95 * made.area.sum())


@pytest.mark.parametrize("format_name", drawn.FORMATS)
def test_codes_are_covered(nets: TextModels, format_name: str) -> None:
    """Of each format nearly every code is found: turned, small, blurred, on any ground."""
    assert sum(covered(nets, format_name, seed) for seed in range(4)) == 4


@pytest.mark.full
def test_eight_hundred_codes(nets: TextModels) -> None:
    """Of a hundred codes of each format at least 99 in 100 are covered on the whole."""
    hits = [covered(nets, name, seed) for name in drawn.FORMATS for seed in range(1000, 1100)]
    assert sum(hits) >= 0.99 * len(hits)


def test_a_code_that_fills_the_picture_is_told() -> None:
    """A picture of nothing but a code fills; a small code on skin does not."""
    shape = drawn.drawn("QRCode", 8, np.random.default_rng(1))
    assert codes.find_codes(np.pad(shape, 30, constant_values=255)).fills
    assert not codes.find_codes(drawn.coded("DataMatrix", 1).frame).fills


def test_stripes_and_textures_are_no_codes() -> None:
    """Of skin, tissue, mucosa, speckle, brick, gravel and noise hardly anything is taken."""
    rng = np.random.default_rng(4)
    frames = [make(rng) for make in (grounds.skin, grounds.tissue, grounds.mucosa, grounds.sector)]
    frames += [
        picture
        for name, picture in people.without_faces()
        if name in {"brick", "gravel", "coffee", "chelsea", "grass"}
    ]
    frames.append(rng.integers(0, 255, (64, 96, 3)).astype(np.uint8))
    taken = [cover(list(codes.find_codes(frame).regions), frame.shape).mean() for frame in frames]
    assert max(taken) <= 0.03
    assert sum(taken) <= 0.005 * len(taken)


def test_a_portrait_has_no_codes() -> None:
    """Hair, folds and flags of a photograph of a person are not masked as codes."""
    assert codes.find_codes(people.astronaut().picture).regions == ()
