"""What holds of every format whose file is written in one clean form, byte for byte."""

import pytest

from corpora import photos_bmp, photos_gif, photos_jp2, photos_webp
from corpora.cleaned import cleaned
from medrelease.terms.flow import Hold
from medrelease.terms.words import Proof
from medrelease.verify import Accepted

FORMATS = (photos_bmp, photos_gif, photos_jp2, photos_webp)
FAITHFUL = {name: data for each in FORMATS for name, data in each.faithful(1)}
PLANTED = {name: data for each in FORMATS for name, data, _ in each.planted(1)}
HELD = {name: (data, reason) for each in FORMATS for name, data, reason in each.held(1)}


@pytest.mark.parametrize("name", FAITHFUL)
def test_what_the_cleaner_writes_is_accepted(prove, name):
    """A clean file is proved identical in its coded picture, and a second cleaning is a copy."""
    finished = cleaned(FAITHFUL[name])[1]
    assert prove(FAITHFUL[name], finished).proof is Proof.CODED_IDENTICAL
    assert cleaned(finished)[1] == finished


@pytest.mark.parametrize("name", PLANTED)
def test_a_soiled_file_is_refused_and_its_cleaned_form_accepted(prove, name):
    """Whatever a hiding place holds, the file as it came is no finished file."""
    data = PLANTED[name]
    assert isinstance(prove(data, data), Hold)
    assert isinstance(prove(data, cleaned(data)[1]), Accepted)


@pytest.mark.parametrize("name", HELD)
def test_broken_sources_are_held_for_the_same_reason(prove, name):
    """The prover comes to the cleaner's opinion of a file that is cut or contradicts itself."""
    data, reason = HELD[name]
    verdict = prove(data, data)
    assert verdict.reason == ("format-not-supported" if name == "gif signature" else reason)
