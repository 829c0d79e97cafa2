"""What a HEIF picture stores beside what it shows: it may fill up a block, and say no more."""

import io

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from corpora import photos_behind
from corpora.cleaned import cleaned
from corpora.photos_base import picture, saved
from medrelease.terms.flow import Hold
from medrelease.terms.words import Reason
from medrelease.verify import Accepted, libheif

HIDDEN = photos_behind.beside_the_picture(1)
SIZES = [(1, 1), (16, 16), (33, 17), (48, 48), (64, 48), (100, 30), (40, 64)]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("quality", [10, 80, -1])
def test_pictures_smaller_than_a_block_are_released(prove, size, quality):
    """What an encoder fills up with the last row and column, and cuts off, holds nothing."""
    for mode in ("RGB", "RGBA"):
        image = picture(3, size).convert(mode)
        data = saved(image, "HEIF", quality=quality)
        verdict = prove(data, cleaned(data)[1])
        assert isinstance(verdict, Accepted), verdict


@pytest.mark.parametrize("name", HIDDEN)
def test_another_picture_beside_the_one_that_is_shown_is_held(prove, name):
    """Beyond the aperture and under full transparency nothing but filling may stand."""
    outcome, finished = cleaned(HIDDEN[name])
    assert not isinstance(outcome, Hold)
    told = prove(HIDDEN[name], finished)
    assert isinstance(told, Hold)
    assert told.reason is Reason.FORMAT_NOT_SUPPORTED


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
@pytest.mark.parametrize("under", [0, 255])
def test_transparency_over_one_colour_is_released(prove, kind, under):
    """A cut-out on an even ground is what it seems, whatever its edge is blurred into."""
    pixels = np.asarray(picture(2, (128, 96)).convert("RGBA")).copy()
    y, x = np.mgrid[0:96, 0:128]
    outside = (x - 64) ** 2 + (y - 48) ** 2 > 40**2
    pixels[outside] = (under, under, under, 0)
    for quality in (40, 90):
        data = saved(Image.fromarray(pixels), kind, quality=quality)
        verdict = prove(data, cleaned(data)[1])
        assert isinstance(verdict, Accepted), verdict


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
def test_a_fade_to_transparency_is_released(prove, kind):
    """Single columns of full transparency are no room for a picture."""
    pixels = np.asarray(picture(2, (128, 96)).convert("RGBA")).copy()
    pixels[..., 3] = np.arange(128) * 2
    data = saved(Image.fromarray(pixels), kind, quality=90)
    verdict = prove(data, cleaned(data)[1])
    assert isinstance(verdict, Accepted), verdict


def test_the_whole_stored_picture_is_decoded():
    """Neither crop nor turn is applied, and opacity comes with it."""
    image = picture(4, (100, 30)).convert("RGBA")
    stored = libheif.decode(saved(image, "HEIF", quality=-1, chroma=444))
    assert stored.shape == (64, 100, 4)
    with Image.open(io.BytesIO(saved(image, "HEIF"))) as shown:
        assert shown.size == (100, 30)


def test_ten_bits_are_looked_at_as_eight():
    """The hidden colour of a deep AVIF is truly there."""
    decoded = imagecodecs.avif_decode(HIDDEN["avif of ten bits under transparency"])
    assert decoded.dtype == np.uint16
    assert np.ptp(decoded[40:60, :, 0]) > 200
