"""BMP headers and rows: what is kept bit for bit, what is cleared and counted."""

import struct

import pytest

from corpora import photos_bmp as bmp
from corpora.cleaned import cleaned
from medrelease.terms.flow import Sanitised


@pytest.mark.parametrize("size", [12, 40])
def test_plain_file_is_unchanged(size: int) -> None:
    """A file with nothing to remove comes out byte for byte."""
    data = bmp.assembled(size, 24, bmp.rows(1, 24))
    assert cleaned(data)[1] == data


@pytest.mark.parametrize("size", [16, 40, 52, 56, 64, 108, 124])
def test_the_version_of_the_header_stays(size: int) -> None:
    """A finished file has the header that its source had, and its picture behind it."""
    data = bmp.assembled(size, 24, bmp.rows(1, 24), gap=b"between", tail=b"behind")
    outcome, finished = cleaned(data)
    assert isinstance(outcome, Sanitised)
    assert struct.unpack_from("<II", finished, 10) == (14 + size, size)
    assert finished[14 + size :] == bmp.rows(1, 24)
    assert (outcome.actions["gap-bytes"], outcome.actions["trailer-bytes"]) == (7, 6)


def test_a_palette_that_is_short_is_read_as_far_as_it_goes() -> None:
    """A header that counts no colours has as many as there is room for."""
    few = bytes(byte & 0x0F for byte in bmp.rows(1, 8))
    outcome, finished = cleaned(bmp.assembled(40, 8, few, bmp.palette(8)[: 4 * 16]))
    assert isinstance(outcome, Sanitised)
    assert struct.unpack_from("<I", finished, 46)[0] == 16


def test_runs_without_an_end_code_get_one() -> None:
    """A picture whose rows are all there is whole."""
    data = bmp.assembled(40, 8, bmp.runs(1, 8)[:-2], bmp.palette(8), compression=1)
    outcome, finished = cleaned(data)
    assert isinstance(outcome, Sanitised)
    assert finished.endswith(bmp.runs(1, 8))
