"""BMP: every version and depth, and refusal of whatever no pixel shows."""

import struct

import pytest

from corpora import photos_bmp as bmp
from corpora.cleaned import cleaned
from medrelease.terms.flow import Hold
from medrelease.terms.words import Proof, Reason
from medrelease.verify import Accepted

FAITHFUL = dict(bmp.faithful(1))
PLANTED = {name: data for name, data, _ in bmp.planted(1)}
HELD = {name: (data, reason) for name, data, reason in bmp.held(1)}


@pytest.mark.parametrize("name", FAITHFUL)
def test_what_the_cleaner_writes_is_accepted(prove, name):
    """Every version and depth is proved identical, and a second cleaning changes nothing."""
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
    assert prove(data, FAITHFUL["bmp 40 24"]).reason == reason


@pytest.mark.parametrize("name", ["bmp 40 24", "bmp 40 8", "bmp runs 4", "bmp fields 56 16"])
def test_a_changed_sample_is_seen(prove, name):
    """One bit of the picture that differs is a changed picture."""
    finished = bytearray(cleaned(FAITHFUL[name])[1])
    start = struct.unpack_from("<I", finished, 10)[0]
    finished[start + 3] ^= 16
    verdict = prove(FAITHFUL[name], bytes(finished))
    assert verdict.reason is Reason.MALFORMED


@pytest.mark.parametrize(("at", "what"), [(38, "resolution"), (22, "picture")])
def test_how_it_is_shown_is_compared(prove, at, what):
    """Another resolution, or the rows the other way up, is seen."""
    finished = bytearray(cleaned(FAITHFUL["bmp 40 24"])[1])
    value = struct.unpack_from("<i", finished, at)[0]
    struct.pack_into("<i", finished, at, -value if at == 22 else value + 1)
    assert what in prove(FAITHFUL["bmp 40 24"], bytes(finished)).detail


def test_alpha_that_is_zero_everywhere_hides_nothing(prove):
    """Viewers show such a picture opaque, so that its colours stay."""
    masks = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    data = bmp.assembled(124, 32, bmp.rows(1, 32), compression=3, masks=masks)
    finished = cleaned(data)[1]
    assert finished[-4000:] == data[-4000:]
    assert isinstance(prove(data, finished), Accepted)
