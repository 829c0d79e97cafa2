"""The prover's reading of whole slides: levels compared, everything beside them refused."""

import io

import numpy as np
import pytest
import tifffile

from corpora import photos_slide
from corpora.cleaned import cleaned
from medrelease.terms.flow import Hold
from medrelease.terms.words import Format, Proof
from medrelease.verify import Accepted

SOILED = {name: data for name, data, _ in photos_slide.planted(1)}


@pytest.mark.parametrize("name", SOILED)
def test_a_soiled_slide_is_refused_and_its_clean_form_is_not(prove, name):
    """With a marker in any place the slide is refused as finished; cleaned, it is proved."""
    data = SOILED[name]
    assert isinstance(prove(data, data), Hold)
    verdict = prove(data, cleaned(data)[1])
    assert isinstance(verdict, Accepted), verdict
    assert verdict.proof is Proof.CODED_IDENTICAL
    assert verdict.format is (Format.TIFF if "pyramid" in name else Format.SVS)


@pytest.mark.parametrize("coding", ["jpeg", "lzw", "aperio_jp2000_rgb"])
def test_another_slide_or_level_is_refused(prove, coding):
    """A slide with other levels, or one less, is not the source's."""
    source = photos_slide.svs(1, compression=coding)
    for other in (
        photos_slide.svs(2, compression=coding),
        photos_slide.svs(1, compression=coding, count=2),
    ):
        assert isinstance(prove(source, cleaned(other)[1]), Hold)
    assert isinstance(prove(source, cleaned(source)[1]), Accepted)


def test_a_thumbnail_that_shows_something_is_refused(prove):
    """Where the white picture stands, one dark sample refuses the slide."""
    source = photos_slide.svs(1)
    finished = bytearray(cleaned(source)[1])
    with tifffile.TiffFile(io.BytesIO(bytes(finished))) as file:
        start = file.pages[1].dataoffsets[0]
        assert np.all(file.pages[1].asarray() == 255)
    finished[start + 7] = 0
    assert isinstance(prove(source, bytes(finished)), Hold)


def test_another_scale_is_refused(prove):
    """The scale in the description is the source's, digit by digit."""
    source = photos_slide.svs(1)
    finished = cleaned(source)[1]
    assert isinstance(prove(source, finished.replace(b"0.499", b"0.498")), Hold)
