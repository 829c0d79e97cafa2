"""Writing in a frame: what is masked, what may stay, and that a blind net is noticed."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from corpora import pictures, small_print
from medrelease.pixels import models, page, reading, writing
from medrelease.pixels.components import Line, cover
from medrelease.pixels.deciding import Wish
from medrelease.pixels.faults import SelfTestFailed
from medrelease.pixels.models import TextModels
from medrelease.pixels.reading import Reading
from medrelease.pixels.writing import Writing

HC = "012 345 6789"


@pytest.fixture(scope="module")
def nets() -> TextModels:
    """The two nets, loaded once."""
    return models.load()


def picture(*texts: tuple[str, int, int], scale: float = 0.8) -> NDArray[np.uint8]:
    """A plain grey picture with white texts at (column, row)."""
    frame = np.full((240, 400), 90, np.uint8)
    for text, x, y in texts:
        cv2.putText(frame, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale, 250, 2, cv2.LINE_AA)
    return frame


@pytest.mark.parametrize(
    ("text", "mean", "shape", "doubtful"),
    [
        ("\u96c6", 0.9, (24, 20), True),
        ("", 0.0, (24, 20), True),
        ("\u25cf", 0.7, (60, 20), False),
        ("K", 0.6, (24, 20), False),
        ("K", 0.4, (24, 20), True),
        ("\u738b\u660e", 0.9, (24, 20), False),
    ],
)
def test_what_is_a_blot(text: str, mean: float, shape: tuple[int, int], doubtful: bool) -> None:
    """One odd sign as high as it is long is none of writing, however likely; two signs are."""
    line = Line(50.0, 50.0, *shape, 0.0, 0.99)
    assert reading.is_doubtful(Reading(text, mean, mean), line, 0.002) is doubtful


@pytest.mark.parametrize(("share", "likelihood"), [(0.002, 0.8), (0.02, 0.95)])
def test_what_is_a_knot(share: float, likelihood: float) -> None:
    """What reads as letters is doubtful where it is both large and not likely."""
    line = Line(50.0, 50.0, 90.0, 80.0, 0.0, likelihood)
    assert not reading.is_doubtful(Reading("DN", 0.9, 0.9), line, share)
    unlikely = replace(line, likelihood=0.8)
    assert reading.is_doubtful(Reading("DN", 0.9, 0.9), unlikely, 0.02)


def test_reflections_stay_as_they_are(nets: TextModels) -> None:
    """Bright spots on tissue are not masked; a line of writing among them is."""
    rng = np.random.default_rng(3)
    frame = np.ascontiguousarray(pictures.smooth(5, 360, 480))
    for _ in range(6):
        place = tuple(int(v) for v in rng.integers((40, 150), (440, 330)))
        axes = tuple(int(v) for v in rng.integers(3, 9, 2))
        cv2.ellipse(frame, place, axes, float(rng.uniform(0, 180)), 0, 360, (250, 248, 240), -1)
    assert not writing.find_writing(nets, frame, Wish()).masks
    cv2.putText(frame, "SMITH 12/03", (40, 60), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (250,) * 3, 2)
    found = writing.find_writing(nets, frame, Wish())
    assert found.masks
    assert max(mask.bottom for mask in found.masks) < 100


def test_a_line_is_covered_and_nothing_else(nets: TextModels) -> None:
    """Every pixel of the text lies in a mask; the masks take little beside it."""
    frame = picture(("SMITH 12/03/1956", 30, 120))
    found = writing.find_writing(nets, frame, Wish())
    covered = np.zeros(frame.shape, bool)
    for mask in found.masks:
        covered[mask.top : mask.bottom, mask.left : mask.right] = True
    assert found.self_test
    assert covered[frame > 150].all()
    assert covered.mean() < 0.25
    assert (
        writing.still_sees(nets, np.where(covered, 0, frame).astype(np.uint8), found.masks, Wish())
        == 0
    )


def test_a_term_of_the_list_stays_where_it_is_alone(nets: TextModels) -> None:
    """A side marker is kept, unless it is not on the list or is an identifier itself."""
    frame = picture(("R", 300, 60), scale=1.4)
    assert writing.find_writing(nets, frame, Wish(("R",))).kept == 1
    assert writing.find_writing(nets, frame, Wish(("R",))).masks == ()
    assert writing.find_writing(nets, frame, Wish(("L",))).masks
    assert writing.still_sees(nets, frame, (), Wish(("R",))) == 0
    name = picture(("SMITH", 60, 120))
    assert writing.still_sees(nets, name, (), Wish(("R",))) > 0
    assert writing.still_sees(nets, name, (), Wish(("SMITH",))) == 0


def test_identifiers_and_numbers_are_recognised(nets: TextModels) -> None:
    """A name of the register is counted, an H&C number that passes its check is returned."""
    frame = picture(("Margaret Smith", 30, 80), (HC, 30, 160))
    found = writing.find_writing(nets, frame, Wish(("SMITH",), ("SMITH", "0123456789")))
    assert found.identifiers == 2
    assert found.hc == (HC,)
    assert found.kept == 0


def test_a_net_that_sees_nothing_fails_its_self_test(nets: TextModels) -> None:
    """Where the known text beside the picture is not seen, no result is given."""

    def blind(batch: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.zeros((len(batch), 1, *batch.shape[2:]), np.float32)

    sightless = replace(nets, detector=blind)
    assert not writing.find_writing(sightless, picture(("SMITH", 30, 80)), Wish()).self_test
    with pytest.raises(SelfTestFailed):
        writing.still_sees(sightless, picture(("SMITH", 30, 80)), (), Wish())


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_noise_gradients_and_tiny_frames_stay_as_they_are(
    nets: TextModels, depth: type[np.unsignedinteger]
) -> None:
    """Nothing is masked or seen in them, whatever their size and depth."""
    rng = np.random.default_rng(11)
    top = int(np.iinfo(depth).max)
    frames = [rng.integers(0, top, shape).astype(depth) for shape in ((1, 1), (24, 16), (48, 64))]
    coarse = rng.integers(0, top, (4, 6, 3)).astype(depth)
    frames.append(np.asarray(cv2.resize(coarse, (48, 32), interpolation=cv2.INTER_CUBIC), depth))
    frames.append(np.tile(np.linspace(0, top, 160).astype(depth), (40, 1)))
    frames.append(np.full((2, 300), top // 3, depth))
    for frame in frames:
        found = writing.find_writing(nets, frame, Wish(("L", "R")))
        assert found == Writing((), 0, 0, ())
        assert writing.still_sees(nets, frame, found.masks, Wish(("L", "R"))) == 0


def lines_left(nets: TextModels, size: tuple[int, int], seed: int, each: int) -> list[int]:
    """Heights of the lines of a photograph of `size` that are not covered."""
    made = small_print.photograph(size, seed, each)
    shown = page.Shown(page.Page(None, page.Single(made.frame)))
    frame = shown[0]
    found = writing.find_writing(nets, frame, Wish())
    masks = [shown.stored(mask, frame.shape) for mask in found.masks]
    covered = cover(masks, made.frame.shape)
    return [line.height for line in made.lines if covered[line.pixels].mean() < 0.95]


def test_small_writing_is_found_at_the_scale_of_24_megapixels(
    nets: TextModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines of 12 pixels and more, on paper and skin, with a quarter of the pixels looked at."""
    monkeypatch.setattr(page, "MOST_LOOKED_AT", 750_000)
    monkeypatch.setattr(writing, "MAIN_BUDGET", 375_000)
    assert lines_left(nets, (1000, 1500), 1, 1) == []


@pytest.mark.full
def test_small_writing_is_found_on_24_megapixels(nets: TextModels) -> None:
    """Of 40 lines on 6000 by 4000 pixels at most two of the smallest are missed."""
    left = lines_left(nets, (4000, 6000), 2, 4)
    assert len(left) <= 2
    assert all(height <= 16 for height in left)
