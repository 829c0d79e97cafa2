"""Islands: codes are told by quiet zone and texture alone; what has only one of them is not."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from corpora import burned, grounds, textless
from corpora import codes as drawn
from medrelease.pixels import islands, views
from medrelease.pixels.places import looks

MATRIX = tuple(name for name in drawn.FORMATS if name not in drawn.LINEAR)


def found(frame: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
    """The corners of all islands of a frame."""
    grey = next(views.windows(views.brightness(frame)))
    return [place.quad(3) for seen in looks(grey) for place in islands.islands(seen)]


def scrambled(name: str, seed: int, *, light: bool = False) -> tuple[NDArray[np.uint8], float]:
    """A code that no decoder reads, its modules shuffled, on skin, and the share it takes."""
    rng = np.random.default_rng(seed)
    shape = drawn.drawn(name, 1, rng)
    shape = np.kron(rng.permuted(shape, axis=0), np.ones((4, 4), np.uint8))
    if light:
        shape = 255 - shape
    skin = grounds.skin(rng)
    paper = np.pad(shape, 20, constant_values=0 if light else 255)
    skin[60 : 60 + paper.shape[0], 70 : 70 + paper.shape[1]] = np.clip(paper, 20, 235)[..., None]
    return skin, shape.size / (skin.shape[0] * skin.shape[1])


@pytest.mark.parametrize("light", [False, True])
@pytest.mark.parametrize("name", ["QRCode", "DataMatrix", "Aztec", "MicroQRCode"])
def test_what_does_not_decode_is_told_by_its_modules(name: str, light: bool) -> None:
    """Shuffled modules on a quiet zone are an island of the code's size, dark or light."""
    frame, share = scrambled(name, 3, light=light)
    areas = [cv2.contourArea(quad) / frame[..., 0].size for quad in found(frame)]
    assert any(0.9 * share <= area <= 1.5 * share for area in areas)


def test_most_drawn_matrix_codes_are_islands() -> None:
    """Of codes on any ground, faint, aslant and blurred, nine in ten need no decoder."""
    hits = []
    for number, name in enumerate(MATRIX * 2):
        made = drawn.coded(name, number)
        covered = np.zeros(made.area.shape, np.uint8)
        for quad in found(made.frame):
            cv2.fillConvexPoly(covered, np.round(quad).astype(np.int32), 1)
        hits.append((covered[made.area] > 0).mean() >= 0.95)
    assert sum(hits) >= 0.85 * len(hits)


@pytest.mark.parametrize(
    ("kind", "seed"),
    [("folds", 200), ("scalp", 200), ("teeth", 200), ("teeth", 203), ("instruments", 101)],
)
def test_no_cloth_hair_teeth_or_coil_is_an_island(kind: str, seed: int) -> None:
    """Pictures that an earlier rule took for codes: periodic, round, or without a quiet zone."""
    assert found(textless.picture(kind, seed)) == []


def test_a_colour_chart_is_no_code() -> None:
    """Patches between straight gaps that cross the whole of it are no modules."""
    assert found(textless.picture("colour chart", 108)) == []


def test_a_line_of_writing_is_no_code() -> None:
    """A side marker and a date burned into a radiograph are left to the finder of writing."""
    for seed in range(3):
        assert found(burned.sample("xray8", seed).frame) == []
