"""Masks in JPEG: outside of the MCUs that a mask touches no coefficient changes, inside there is
one DC a component and nothing else; the prover sees both, and a reader of its own kind agrees."""

import io

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from corpora import jpeg_coefficients as third
from corpora.masked import cleaned_under, proved_under
from corpora.photos_base import picture
from corpora.photos_jpeg import camera_jpeg
from medrelease.terms.flow import Hold, Mask, Sanitised
from medrelease.terms.words import Proof, Reason
from medrelease.verify import Accepted


def _made(mode: str, size: tuple[int, int], **options: object) -> bytes:
    buffer = io.BytesIO()
    picture(11, size).convert(mode).save(buffer, "JPEG", **options)
    return buffer.getvalue()


FORMS = {
    "4:2:0": _made("RGB", (75, 53), quality=90),
    "4:2:2": _made("RGB", (64, 48), subsampling=1),
    "4:4:4": _made("RGB", (61, 41), subsampling=0, quality=96),
    "rgb": _made("RGB", (61, 41), keep_rgb=True),
    "grey": _made("L", (50, 33)),
    "cmyk": _made("CMYK", (49, 35)),
    "optimised": _made("RGB", (75, 53), quality=30, optimize=True),
    "restarts": _made("RGB", (75, 53), restart_marker_blocks=2),
    "progressive": _made("RGB", (75, 53), progressive=True, quality=92),
    "progressive grey": _made("L", (50, 33), progressive=True),
    "progressive restarts": _made("RGB", (75, 53), progressive=True, restart_marker_rows=1),
    "progressive cmyk": _made("CMYK", (49, 35), progressive=True),
    "camera": camera_jpeg(5, b"Jane Doe"),
}
RECTANGLE = st.tuples(
    st.integers(0, 48), st.integers(0, 32), st.integers(1, 60), st.integers(1, 60)
)


def under(jpeg: third.Jpeg, masks: list[Mask]) -> list[np.ndarray]:
    """By component, which blocks lie in an MCU that a mask touches; shape (rows, columns)."""
    widest, tallest = (max(pair[n] for pair in jpeg.factors) for n in (0, 1))
    pixels = np.zeros((jpeg.height, jpeg.width), bool)
    for mask in masks:
        pixels[mask.top : mask.top + mask.height, mask.left : mask.left + mask.width] = True
    found = []
    for plane, (across, down) in zip(jpeg.planes, jpeg.factors, strict=True):
        covered = np.zeros(plane.shape[:2], bool)
        for row in range(plane.shape[0]):
            for column in range(plane.shape[1]):
                x, y = column // across * 8 * widest, row // down * 8 * tallest
                covered[row, column] = pixels[y : y + 8 * tallest, x : x + 8 * widest].any()
        found.append(covered)
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(FORMS)), st.lists(RECTANGLE, min_size=1, max_size=3))
def test_outside_every_coefficient_stays_and_inside_one_is_left(name, rectangles):
    """What a third reader finds in source and finished file differs under the masks alone."""
    source, masks = FORMS[name], [Mask(None, *one) for one in rectangles]
    outcome, finished = cleaned_under(source, tuple(masks))
    assert isinstance(outcome, Sanitised), outcome
    before, after = third.read(source), third.read(finished)
    for old, new, covered in zip(before.planes, after.planes, under(before, masks), strict=True):
        assert covered.any()
        assert (old[~covered] == new[~covered]).all()
        assert not new[covered][:, 1:].any()
        assert len(set(new[covered][:, 0].tolist())) == 1
    assert all(set(tail) <= {"1"} and len(tail) < 8 for tail in after.tails)
    verdict = proved_under(source, finished, tuple(masks))
    assert isinstance(verdict, Accepted), verdict
    assert verdict.proof is Proof.PIXELS_IDENTICAL


@pytest.mark.parametrize("name", FORMS)
def test_blanked_pixels_are_black(name):
    """Another library decodes the inside of a mask to one colour: black, where colours are told."""
    outcome, finished = cleaned_under(FORMS[name], (Mask(0, 0, 0, 40, 31),))
    assert isinstance(outcome, Sanitised), outcome
    shown = np.asarray(Image.open(io.BytesIO(finished)))[:24, :30]
    assert (shown == shown[0, 0]).all()
    assert "cmyk" in name or not shown.any()


@pytest.mark.parametrize("name", ["4:2:0", "progressive", "restarts"])
def test_the_prover_refuses_other_masks_than_were_blanked(name):
    """A mask forgotten, one too many, one elsewhere, and coefficients left under one are seen."""
    source = FORMS[name]
    asked = (Mask(0, 3, 2, 20, 9),)
    _, finished = cleaned_under(source, asked)
    _, untouched = cleaned_under(source, ())
    assert isinstance(proved_under(source, finished, asked), Accepted)
    for wrong in ((), (*asked, Mask(0, 50, 40, 5, 5)), (Mask(0, 50, 40, 5, 5),)):
        assert isinstance(proved_under(source, finished, wrong), Hold)
    assert isinstance(proved_under(source, untouched, asked), Hold)


def test_a_mask_outside_of_the_picture_holds_the_file():
    """A rectangle that touches no pixel, or another page, is not passed over."""
    for mask in (Mask(0, 75, 0, 5, 5), Mask(None, 0, 53, 5, 5), Mask(1, 0, 0, 5, 5)):
        outcome, _ = cleaned_under(FORMS["4:2:0"], (mask,))
        assert isinstance(outcome, Hold)
        assert outcome.reason is Reason.MASK_NOT_POSSIBLE
