"""BMP: every version and depth, and refusal of whatever no pixel shows."""

import struct

import pytest

from corpora import photos_bmp as bmp
from corpora.cleaned import cleaned
from medrelease.terms.words import Reason
from medrelease.verify import Accepted

FAITHFUL = dict(bmp.faithful(1))


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
