"""Writing in a cine loop is found at a fraction of the cost of looking at every frame."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from corpora import cine
from medrelease.pixels import loops, models
from medrelease.pixels.components import cover
from medrelease.pixels.deciding import Wish
from medrelease.pixels.models import TextModels
from medrelease.pixels.region import Region


@pytest.fixture(scope="module")
def nets() -> TextModels:
    """The text nets, loaded once."""
    return models.load()


def test_static_and_passing_writing_is_found_at_a_quarter_of_the_cost(nets: TextModels) -> None:
    """In 100 frames a static line, one of six frames and one of one are covered by few looks."""
    rng = np.random.default_rng(8)
    frames = [rng.integers(20, 60, (96, 192)).astype(np.uint8) for _ in range(100)]
    drawn = {"SMITH": (8, 24, 0, 100), "12/03/1956": (40, 80, 41, 47), "O'NEILL": (90, 24, 70, 71)}
    lines = []
    for text, (x, y, first, end) in drawn.items():
        line = np.zeros((96, 192), np.uint8)
        cv2.putText(line, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 1)
        lines.append(line > 0)
        for frame in frames[first:end]:
            frame[line > 0] = 240
    looks = 0

    def counted(batch: NDArray[np.float32]) -> NDArray[np.float32]:
        nonlocal looks
        looks += 1
        return nets.detector(batch)

    loops.find_in_loop(replace(nets, detector=counted), frames[:1], Wish())
    one, looks = looks, 0
    found = loops.find_in_loop(replace(nets, detector=counted), frames, Wish())
    covered = cover(list(found.masks), (96, 192))
    assert [covered[line].mean() for line in lines] == [1.0, 1.0, 1.0]
    assert looks <= 25 * one


@pytest.mark.parametrize(
    ("kind", "seed"),
    [
        ("ultrasound", 31),
        *(
            pytest.param(kind, seed, marks=pytest.mark.full)
            for kind in cine.KINDS
            for seed in (32, 33, 34)
        ),
    ],
)
def test_lines_of_one_frame_are_found_in_what_moves(nets: TextModels, kind: str, seed: int) -> None:
    """Two static lines and five that one to six of 100 frames show, faint ones among them."""
    made = cine.loop(kind, seed)
    found = loops.find_in_loop(nets, made.frames, Wish())
    covered = cover(list(found.masks), made.frames[0].shape)
    assert len(made.lines) >= 5
    assert all(covered[line.pixels].mean() >= 0.95 for line in made.lines)


def test_a_sheet_takes_each_place_from_the_frame_that_has_most_there() -> None:
    """Two marks of two frames stand in one sheet, and the means and minima are of all frames."""
    frames = [np.full((40, 60), 50 + number, np.uint8) for number in range(25)]
    frames[3][8:14:2, 10:20] = 200
    frames[9][28:34:2, 40:50] = 0
    projections = loops._Projections(frames[0])
    first, second = loops._sheets(frames, projections)
    assert (first.frame[8:14, 10:20] == frames[3][8:14, 10:20]).all()
    assert (first.frame[28:34, 40:50] == frames[9][28:34, 40:50]).all()
    assert (first.mostly_of(Region(10, 8, 10, 6)), first.mostly_of(Region(40, 28, 10, 6))) == (3, 9)
    assert second.frame.min() >= 67
    assert projections.least[28, 40] == 0
    assert projections.mean()[20, 30] == round(np.mean([50 + n for n in range(25)]))


def test_frames_that_show_what_passes_are_looked_at_again() -> None:
    """The frames behind most of it come first; what stands still and what was seen do not count."""
    standing = np.zeros((40, 60), np.bool_)
    standing[:10] = True
    large, small = Region(0, 20, 30, 10), Region(40, 12, 8, 4)
    passing = [(small, 4), (Region(0, 0, 60, 10), 5), (large, 20), (large, 34)]
    assert loops._shown_in(passing, standing, 6) == [20, 4]
    assert loops._shown_in(passing, standing, 1) == [20]


def test_a_short_loop_is_looked_at_frame_by_frame(nets: TextModels) -> None:
    """Nothing is put together of a few frames: a line of the last one is found in it."""
    frames = [np.full((96, 192), 40, np.uint8) for _ in range(4)]
    cv2.putText(frames[3], "SMITH", (8, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 230, 1)
    assert loops.find_in_loop(nets, frames, Wish()).masks
    assert not loops.find_in_loop(nets, frames[:3], Wish()).masks
