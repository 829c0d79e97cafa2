"""JPEG 2000 boxes and segments: what is kept, what is coded anew, what is counted."""

import io

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from corpora import photos_jp2 as jp2
from corpora.cleaned import cleaned
from corpora.photos_base import picture, saved
from medrelease.terms.flow import Sanitised


def test_hidden_colour_is_cleared_and_the_rest_stays() -> None:
    """Where opacity is zero colour is zero; every other sample is what it was."""
    data = saved(jp2.translucent(2, hidden=b"SIOBHAN ONEILL"), "JPEG2000")
    outcome, finished = cleaned(data)
    assert isinstance(outcome, Sanitised)
    assert outcome.actions["hidden-colour"] > 0
    before, after = imagecodecs.jpeg2k_decode(data).copy(), imagecodecs.jpeg2k_decode(finished)
    before[before[..., 3] == 0] = 0
    assert np.array_equal(before, after)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_a_bare_codestream_gets_a_file(mode: str) -> None:
    """A codestream without a file around it is released as one that viewers open."""
    image = jp2.translucent(1) if "A" in mode else picture(1)
    data = saved(image.convert(mode), "JPEG2000", no_jp2=True)
    finished = cleaned(data)[1]
    assert data[:2] == b"\xff\x4f"
    assert finished[4:8] == b"jP  "
    with Image.open(io.BytesIO(finished)) as result:
        assert result.mode == mode
        assert np.array_equal(np.asarray(result), np.asarray(image.convert(mode)))


def test_what_is_removed_is_counted() -> None:
    """The record says how many boxes and segments of each kind went."""
    data = jp2.with_box(jp2.encoded(1, comment="one"), b"xml ", b"two")
    data = jp2.with_box(data, b"uuid", bytes(20))
    outcome, _ = cleaned(jp2.in_tile(data, tail=b"four"))
    assert isinstance(outcome, Sanitised)
    expected = {"comment": 1, "xmp": 1, "uuid": 1, "surplus-bytes": 4}
    assert expected.items() <= outcome.actions.items()


@pytest.mark.parametrize("codec", [{"level": 0}, {"level": 30}, {"resolutions": 1}, {"mct": False}])
def test_another_encoder_is_read_too(codec: dict[str, object]) -> None:
    """Files of OpenJPEG under other settings are cleaned and decode to the same samples."""
    samples = np.asarray(picture(5, (201, 133)))
    data = imagecodecs.jpeg2k_encode(samples, **codec)
    outcome, finished = cleaned(data)
    assert isinstance(outcome, Sanitised), outcome
    assert np.array_equal(imagecodecs.jpeg2k_decode(data), imagecodecs.jpeg2k_decode(finished))
