"""Samples of any kind become frames in which nothing that a sample can say is lost."""

import numpy as np
import pytest

from medrelease.pixels import samples


@pytest.mark.parametrize(
    "kind", ["uint8", "int8", "uint16", "int16", ">u2", ">i2", "uint32", "int32", "float32", "f8"]
)
def test_every_kind_of_number_keeps_its_order(kind: str) -> None:
    """A brighter sample is brighter in the frame, whatever numbers the file stores."""
    values = np.arange(100, dtype=kind).reshape(10, 10)
    if np.dtype(kind).kind in "if":
        values -= np.array(50, kind)
    (frame,) = samples.frames(values)
    assert frame.dtype in (np.uint8, np.uint16)
    assert (np.diff(frame.reshape(-1).astype(np.int64)) > 0).all()


def test_a_few_outliers_do_not_hide_the_rest() -> None:
    """Wide numbers are shown twice: by their whole range and by that of most of them."""
    values = np.random.default_rng(1).normal(0, 1, (80, 80)).astype(np.float32)
    values[0, 0] = 1e9
    values[0, 1] = np.nan
    whole, inner = samples.frames(values)
    assert int(whole.max()) == 65535
    assert float(np.std(whole[1:])) < 1
    assert float(np.std(inner[1:])) > 1000


def test_samples_that_are_no_colour_are_looked_at_too() -> None:
    """Writing in alpha or in a fifth sample alone shows in a frame of its own."""
    colour = np.zeros((8, 8, 4), np.uint8)
    assert [frame.shape for frame in samples.frames(colour)] == [(8, 8, 3)]
    colour[2, 2, 3] = 255
    assert [frame.shape for frame in samples.frames(colour)] == [(8, 8, 3), (8, 8)]
    five = np.random.default_rng(2).integers(0, 255, (8, 8, 5), dtype=np.uint8)
    assert [frame.shape for frame in samples.frames(five)] == [(8, 8)] * 5
    two = np.random.default_rng(3).integers(0, 255, (8, 8, 2), dtype=np.uint8)
    assert [frame.shape for frame in samples.frames(two)] == [(8, 8)] * 2


def test_inks_are_shown_as_light() -> None:
    """Full black ink is black, no ink is white."""
    inks = np.zeros((1, 2, 4), np.uint8)
    inks[0, 1, 3] = 255
    (frame,) = samples.frames(inks, cmyk=True)
    assert frame.tolist() == [[[255] * 3, [0] * 3]]
