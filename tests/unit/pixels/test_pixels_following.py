"""Following: the mask reaches the end of a code that was found in part only."""

import numpy as np
from numpy.typing import NDArray

from corpora import codes as drawn
from medrelease.pixels import codes, following
from medrelease.pixels.components import cover


def paper(shape: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A code on white, in the middle of grey."""
    return np.pad(np.pad(shape, 30, constant_values=245), 50, constant_values=120)


def corners(left: float, top: float, right: float, bottom: float) -> NDArray[np.float32]:
    """The four corners of an upright part."""
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)


def test_two_thirds_of_a_bar_code_are_followed_to_both_ends() -> None:
    """From the middle of the bars to within three pixels of the first and of the last."""
    rng = np.random.default_rng(2)
    for name in ("Code128", "EAN13", "ITF", "DataBar"):
        frame = paper(drawn.drawn(name, 2, rng))
        rows, columns = frame.shape
        width = columns - 160
        part = corners(80 + width / 6, 80, 80 + 5 * width / 6, rows - 80)
        whole = following.along(frame, part, following.BARS)
        assert abs(whole[0, 0] - 80) <= 3
        assert abs(whole[1, 0] - (columns - 80)) <= 3


def test_what_ends_in_a_quiet_zone_is_not_followed() -> None:
    """A whole code stays as it is, however busy the picture is behind its paper."""
    rng = np.random.default_rng(4)
    shape = drawn.drawn("PDF417", 3, rng)
    frame = rng.integers(0, 255, (shape.shape[0] + 160, shape.shape[1] + 160)).astype(np.uint8)
    frame[40:-40, 40:-40] = 245
    frame[80:-80, 80:-80] = shape
    given = corners(80, 80, frame.shape[1] - 80, frame.shape[0] - 80)
    whole = following.along(frame, given, following.STACKED)
    assert np.abs(whole - given).max() <= following.STACKED.spread


def test_a_torn_pdf417_is_masked_up_to_the_edge() -> None:
    """Of a code whose end lies beyond the picture all that shows is covered."""
    rng = np.random.default_rng(6)
    frame = paper(drawn.drawn("PDF417", 4, rng))
    area = np.zeros(frame.shape, np.bool_)
    area[80:-80, 80:-80] = True
    cut = frame.shape[1] - 80 - 120
    frame, area = frame[:, :cut], area[:, :cut]
    found = cover(list(codes.find_codes(frame).regions), frame.shape)
    assert found[area].mean() >= 0.98


def test_light_stacked_and_bar_codes_are_covered() -> None:
    """Codes that the decoder reads dark on light only are found light on dark."""
    rng = np.random.default_rng(8)
    for name in ("PDF417", "MicroPDF417", "Code128"):
        frame = np.asarray(255 - paper(drawn.drawn(name, 3, rng)), np.uint8)
        area = np.zeros(frame.shape, np.bool_)
        area[80:-80, 80:-80] = True
        found = cover(list(codes.find_codes(frame).regions), frame.shape)
        assert found[area].mean() >= 0.98
