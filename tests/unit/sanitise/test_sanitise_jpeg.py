"""JPEG streams: what is written, what is counted, and what contradicts itself."""

import re

import pytest

from corpora import photos_jpeg
from corpora.cleaned import cleaned
from corpora.photos_jpeg import encoded, segment
from medrelease.terms.flow import Hold, Sanitised
from medrelease.terms.words import Reason


def reason(data: bytes) -> Reason | None:
    """The reason that a file is held for, None where it is cleaned."""
    outcome, _ = cleaned(data)
    return outcome.reason if isinstance(outcome, Hold) else None


def coded(jpeg: bytes) -> bytes:
    """The entropy-coded data of a file's last scan."""
    start = jpeg.rindex(b"\xff\xda")
    start += 2 + int.from_bytes(jpeg[start + 2 : start + 4])
    end = re.search(rb"\xff[^\x00\xd0-\xd7]", jpeg[start:])
    assert end
    return jpeg[start : start + end.start()]


def test_scan_is_carried_over_bit_for_bit() -> None:
    """The coded data of a scan is the same before and after."""
    jpeg = photos_jpeg.camera_jpeg(1, b"name")
    assert coded(cleaned(jpeg)[1]) == coded(jpeg)


def test_plain_file_is_unchanged() -> None:
    """A file that holds nothing but its picture keeps its size, and nothing is counted."""
    jpeg = encoded(1)
    outcome, finished = cleaned(jpeg)
    assert isinstance(outcome, Sanitised)
    assert outcome.actions == {}
    assert len(finished) == len(jpeg)


def test_counts_tell_what_was_dropped() -> None:
    """Comments, unused tables and trailing bytes are counted by kind."""
    jpeg = encoded(1)
    unused = segment(0xDB, b"\x03" + bytes(range(1, 65)))
    outcome, _ = cleaned(
        jpeg[:2] + segment(0xFE, b"a") + segment(0xFE, b"b") + unused + jpeg[2:] + b"12345"
    )
    assert isinstance(outcome, Sanitised)
    assert outcome.actions == {"comment": 2, "unused-table": 1, "trailer-bytes": 5}


def test_rows_beyond_height_are_cut_at_a_restart() -> None:
    """Coded rows behind the last declared one do not survive where restart markers show them."""
    files = {name: data for name, data, _ in photos_jpeg.planted(2)}
    outcome, _ = cleaned(files["jpeg rows beyond height"])
    assert isinstance(outcome, Sanitised)
    assert outcome.actions["surplus-bytes"] > 0


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.99])
def test_cut_file_is_incomplete(share: float) -> None:
    """A file that ends before its end of image is held as incomplete."""
    jpeg = encoded(1)
    assert reason(jpeg[: int(len(jpeg) * share)]) is Reason.INCOMPLETE


def test_cut_scan_with_an_end_is_incomplete() -> None:
    """A file whose scan is all but empty is held although it ends as it should."""
    jpeg = encoded(1)
    start = jpeg.index(b"\xff\xda") + 14
    assert reason(jpeg[: start + 8] + b"\xff\xd9") is Reason.INCOMPLETE


def test_missing_restart_is_incomplete() -> None:
    """A scan with fewer restart markers than its size asks for is held as incomplete."""
    jpeg = encoded(1, restart_marker_rows=1)
    last = jpeg.rindex(b"\xff\xd2")
    assert reason(jpeg[:last] + b"\xff\xd9") is Reason.INCOMPLETE


def test_restart_out_of_turn_is_malformed() -> None:
    """Restart markers must count from 0 to 7 and around."""
    jpeg = encoded(1, restart_marker_rows=1)
    assert reason(jpeg.replace(b"\xff\xd1", b"\xff\xd5", 1)) is Reason.MALFORMED


def test_repeated_scan_is_malformed() -> None:
    """A second sequential scan over the first, which hides a picture, is refused."""
    jpeg = encoded(1)
    start = jpeg.index(b"\xff\xda")
    assert reason(jpeg[:-2] + jpeg[start:]) is Reason.MALFORMED


def test_second_frame_is_malformed() -> None:
    """Two frame headers in one stream are refused."""
    jpeg = encoded(1)
    at = jpeg.index(b"\xff\xc0")
    frame = jpeg[at : at + 19]
    assert reason(jpeg[:at] + frame + jpeg[at:]) is Reason.MALFORMED


def test_symbols_that_no_picture_uses_are_malformed() -> None:
    """Text cannot pass for the symbols of a Huffman table that a scan reads."""
    jpeg = bytearray(encoded(1))
    at = jpeg.index(b"\xff\xc4") + 4 + 17
    jpeg[at : at + 8] = b"ONEILL S"
    assert reason(bytes(jpeg)) is Reason.MALFORMED


@pytest.mark.parametrize("code", [0xC3, 0xC5, 0xC9, 0xCB, 0xCF])
def test_other_processes_are_not_supported(code: int) -> None:
    """Lossless, hierarchical and arithmetic coding are held as not supported."""
    jpeg = encoded(1).replace(b"\xff\xc0", bytes((0xFF, code)), 1)
    assert reason(jpeg) is Reason.FORMAT_NOT_SUPPORTED


def test_huge_declared_size_is_over_the_limit() -> None:
    """A header that declares gigapixels is refused before anything is read."""
    jpeg = bytearray(encoded(1))
    at = jpeg.index(b"\xff\xc0") + 5
    jpeg[at : at + 4] = b"\xff\xff\xff\xff"
    assert reason(bytes(jpeg)) is Reason.LIMITS_EXCEEDED


def test_profile_with_a_missing_chunk_is_malformed() -> None:
    """A colour profile that cannot be put together is refused rather than dropped."""
    head = b"ICC_PROFILE\0"
    jpeg = encoded(1)
    assert reason(jpeg[:2] + segment(0xE2, head + b"\x01\x02data") + jpeg[2:]) is Reason.MALFORMED


def selecting(jpeg: bytes, told: bytes) -> bytes:
    """The file with other coefficients and bits selected in the header of its first scan."""
    at = jpeg.index(b"\xff\xda")
    end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4])
    return jpeg[: end - 3] + told + jpeg[end:]


@pytest.mark.parametrize("told", [b"\0\0\0", b"\x01\x05\x12", b"\xff\xff\xff"])
def test_a_sequential_scan_that_selects_coefficients_gets_a_true_header(told: bytes) -> None:
    """Decoders pass over what such a header says: it is written anew, the picture as it is."""
    jpeg = encoded(1)
    outcome, finished = cleaned(selecting(jpeg, told))
    assert isinstance(outcome, Sanitised)
    assert outcome.actions == {"scans-recoded": 1}
    assert finished == cleaned(jpeg)[1]


def test_a_scan_that_really_tells_less_is_held() -> None:
    """Data of a progressive first scan under a sequential header does not decode as a picture."""
    progressive = encoded(1, progressive=True)
    sequential = progressive.replace(b"\xff\xc2", b"\xff\xc0", 1)
    assert reason(sequential) in (Reason.MALFORMED, Reason.INCOMPLETE)


@pytest.mark.parametrize("place", [0, 4, 63])
def test_a_step_of_zero_is_malformed(place: int) -> None:
    """No quantisation step may be zero: decoders would smooth such a picture in their own ways."""
    jpeg = bytearray(encoded(1))
    jpeg[jpeg.index(b"\xff\xdb") + 5 + place] = 0
    assert reason(bytes(jpeg)) is Reason.MALFORMED
