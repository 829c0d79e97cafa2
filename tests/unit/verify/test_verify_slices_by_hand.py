"""The walk over HEVC slices on what x265 does not write: samples, tiles, rows, segments."""

import io
from dataclasses import replace

import numpy as np
import pi_heif
import pytest

from corpora.cleaned import cleaned
from corpora.hevc_streams import ACROSS, Shape, file
from medrelease.terms.flow import Hold
from medrelease.verify import Accepted

SOME = frozenset({0, 3, 6, 9, 10, 15})
SHAPES = {
    "samples": Shape(),
    "samples at times": Shape(raw=SOME),
    "nothing": Shape(raw=frozenset()),
    "tiles": Shape(tiles=(2, 2), raw=SOME),
    "tiles of one column": Shape(tiles=(4, 1), raw=SOME),
    "tiles of samples": Shape(tiles=(2, 2)),
    "rows": Shape(rows=True, raw=SOME),
    "rows of samples": Shape(rows=True),
    "slices": Shape(slices=(0, 3, 9), raw=SOME),
    "dependent segments": Shape(slices=(0, 3, 9), dependent=True, raw=SOME),
    "rows in dependent segments": Shape(slices=(0, 4, 8), dependent=True, rows=True, raw=SOME),
    "grey": Shape(chroma=0, raw=SOME),
    "4:2:2": Shape(chroma=2, raw=SOME),
    "4:4:4": Shape(chroma=3, raw=SOME),
    "rows of tiles": Shape(tiles=(2, 1), rows=True, raw=SOME),
}


def shown(shape: Shape) -> np.ndarray:
    """What libde265 shows of a picture."""
    data = file(shape).written()
    return np.asarray(pi_heif.open_heif(io.BytesIO(data))[0].to_pillow().convert("L"))


@pytest.mark.parametrize("name", sorted(SHAPES.keys() - {"rows of tiles"}))
def test_the_pictures_are_what_they_are_meant_to_be(name: str) -> None:
    """libde265, which is the judge of the encoder, shows the samples of each block as written.

    It does not read rows of tiles.
    """
    pixels = shown(SHAPES[name]).astype(int)
    for block in SHAPES[name].raw:
        x, y = block % ACROSS * 16, block // ACROSS * 16
        steps = pixels[y + 8, x + 2 : x + 6] - pixels[y + 8, x + 1 : x + 5]
        level = 40 + 11 * block
        assert abs(pixels[y + 8, x + 4] - (level + (8 * 16 + 4) % 7)) < 24
        assert np.abs(steps).max() <= 8


@pytest.mark.parametrize("name", SHAPES)
def test_every_division_of_a_picture_is_walked(prove, name: str) -> None:
    """The last symbol of each substream and segment is where it ends."""
    data = file(SHAPES[name]).written()
    verdict = prove(data, cleaned(data)[1])
    assert isinstance(verdict, Accepted), verdict


@pytest.mark.parametrize("name", SHAPES)
def test_bytes_in_every_division_are_seen(prove, name: str) -> None:
    """Behind the first substream, whose length covers them; no decoder shows a difference."""
    soiled = replace(SHAPES[name], more=b"Jane")
    assert np.array_equal(shown(soiled), shown(SHAPES[name]))
    data = file(soiled).written()
    assert isinstance(prove(data, cleaned(data)[1]), Hold)
