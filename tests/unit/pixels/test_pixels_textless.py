"""Photographs and props without writing or codes are left as they are."""

import pytest

from corpora import measuring, textless
from medrelease.pixels import codes, models
from medrelease.pixels.components import cover
from medrelease.pixels.models import TextModels

QUIET = tuple(kind for kind in textless.KINDS if kind not in textless.LIKE_LETTERS)


@pytest.fixture(scope="module")
def nets() -> TextModels:
    """The two nets, loaded once."""
    return models.load()


def test_none_of_it_is_taken_for_a_code() -> None:
    """Of hair, folds, gauze, tiles, teeth and photographs at most a hundredth is masked as one."""
    frames = [textless.picture(kind, 2) for kind in tuple(textless.KINDS)[1::2]]
    taken = [cover(list(codes.find_codes(frame).regions), frame.shape).mean() for frame in frames]
    assert sum(taken) <= 0.01 * len(frames)


def test_little_of_it_is_taken_for_writing(nets: TextModels) -> None:
    """Of one picture of every third kind at most a hundredth is masked and none is held."""
    rows = [measuring.textless(nets, kind, 0, textless.picture(kind, 0)) for kind in QUIET[::3]]
    assert sum(row.masked for row in rows) <= 0.01 * len(rows)
    assert not any(row.held for row in rows)


@pytest.mark.full
@pytest.mark.timeout(7200)
def test_two_hundred_pictures_are_left_whole(nets: TextModels) -> None:
    """Of twelve pictures of every kind from seeds that were not tuned on, each kind is."""
    for kind in QUIET:
        rows = [
            measuring.textless(nets, kind, seed, textless.picture(kind, seed))
            for seed in range(textless.TUNED, textless.TUNED + 12)
        ]
        assert sum(row.masked for row in rows) <= 0.01 * len(rows), kind
        assert sum(row.held for row in rows) <= 0.1 * len(rows), kind
