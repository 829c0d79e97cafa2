"""Frames of DICOM objects that are coded as JPEG: their scans hold the picture and nothing else."""

import io
from pathlib import Path
from struct import pack

import imagecodecs
import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.encaps import encapsulate, generate_frames

from corpora import detector, jpeg_coefficients, masked_dicoms
from corpora.masked import cleaned_under, proved_under
from corpora.photos_base import saved
from corpora.photos_jpeg import segment
from corpora.photos_jpeg_scan import planted
from medrelease.terms.flow import Hold, Sanitised
from medrelease.terms.words import Proof, Reason
from medrelease.verify import Accepted

SAMPLE = Path(pydicom.__file__).parent / "data" / "test_files" / "SC_rgb_jpeg_dcmtk.dcm"
SCANS = {name: (data, mark) for name, data, mark in planted(1) if "progressive" not in name}


def holding(jpeg: bytes) -> bytes:
    """A secondary capture whose one frame is this JPEG stream."""
    dataset = pydicom.dcmread(SAMPLE)
    with Image.open(io.BytesIO(jpeg)) as picture:
        dataset.Columns, dataset.Rows = picture.size
        grey = picture.mode == "L"
    dataset.SamplesPerPixel = 1 if grey else 3
    dataset.PhotometricInterpretation = "MONOCHROME2" if grey else "YBR_FULL_422"
    if grey:
        del dataset.PlanarConfiguration
    dataset.PixelData = encapsulate([jpeg])
    buffer = io.BytesIO()
    dataset.save_as(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("name", [name for name in SCANS if "names of" not in name])
def test_a_marker_in_a_scan_does_not_leave(name: str) -> None:
    """What is hidden in a frame's scan is gone, the coefficients are the same, and it is proved."""
    jpeg, mark = SCANS[name]
    source = holding(jpeg)
    outcome, finished = cleaned_under(source, ())
    assert isinstance(outcome, Sanitised), outcome
    verdict = proved_under(source, finished, ())
    assert isinstance(verdict, Accepted), verdict
    assert verdict.proof is Proof.PIXELS_IDENTICAL
    assert detector.found(source, mark)
    assert not detector.found(finished, mark)
    frame = next(
        generate_frames(pydicom.dcmread(io.BytesIO(finished)).PixelData, number_of_frames=1)
    )
    before, after = jpeg_coefficients.read(jpeg), jpeg_coefficients.read(frame)
    assert all((a == b).all() for a, b in zip(before.planes, after.planes, strict=True))


def test_a_frame_cut_late_is_incomplete() -> None:
    """A frame whose scan ends before its picture does is held, although its end is marked."""
    plain = SCANS["jpeg behind the blocks grey 0"][0].replace(b"MARK", b"")
    end = plain.index(b"\xff\xd9")
    outcome, _ = cleaned_under(holding(plain[: end - 120] + b"\xff\xd9"), ())
    assert isinstance(outcome, Hold)
    assert outcome.reason is Reason.INCOMPLETE


_LETTERS = bytes(letter for letter in b"ABCDEGHIPQRSTUVY" if letter & 15 < 11)
_NOTE = b"MARKsancho20101224aa"
_STEPS = segment(0xDB, b"\3" + (_NOTE * 4)[:64])
_CODES = segment(0xC4, b"\3" + bytes(7) + bytes((len(_LETTERS),)) + bytes(8) + _LETTERS)
_GREY = np.random.default_rng(3).integers(0, 255, (masked_dicoms.ROWS, masked_dicoms.COLUMNS), "u1")


def _lossless() -> bytes:
    return bytes(imagecodecs.ljpeg_encode(_GREY))


def _blocks() -> bytes:
    return saved(Image.fromarray(_GREY), "JPEG")


def _ls() -> bytes:
    return bytes(imagecodecs.jpegls_encode(_GREY))


def _behind(jpeg: bytes, what: bytes) -> bytes:
    return jpeg[:2] + what + jpeg[2:]


def _in_scan(jpeg: bytes) -> bytes:
    return jpeg[:-2] + _NOTE + jpeg[-2:]


_DECODED = {
    "blocks": (imagecodecs.jpeg8_decode, _blocks()),
    "lossless": (imagecodecs.jpegsof3_decode, _lossless()),
    "JPEG-LS": (imagecodecs.jpegls_decode, _ls()),
}

IN_FRAMES = {
    "blocks, steps": (_behind(_blocks(), _STEPS), "50", _NOTE),
    "blocks, codes": (_behind(_blocks(), _CODES), "50", _LETTERS),
    "blocks, density": (
        _behind(_blocks()[:2] + _blocks()[20:], segment(0xE0, b"JFIF\0Sancho1\0\0")),
        *("50", b"Sancho1"),
    ),
    "blocks, Adobe": (_behind(_blocks(), segment(0xEE, b"AdobeSancho\0")), "50", b"Sancho"),
    "lossless, steps": (_behind(_lossless(), _STEPS), "70", _NOTE),
    "lossless, codes": (_behind(_lossless(), _CODES), "70", _LETTERS),
    "lossless, scan": (_in_scan(_lossless()), "70", _NOTE),
    "lossless of any predictor, scan": (_in_scan(_lossless()), "57", _NOTE),
    "JPEG-LS, parameters": (_behind(_ls(), segment(0xF8, b"\5" + _NOTE)), "80", _NOTE),
    "JPEG-LS, transform": (_behind(_ls(), segment(0xE8, b"mrfxS")), "80", b"mrfxS"),
}


def _object(jpeg: bytes, syntax: str, cells: np.ndarray = _GREY) -> bytes:
    """A DICOM object of one coded frame."""
    even = jpeg + bytes(len(jpeg) % 2)
    items = pack("<HHI", 0xFFFE, 0xE000, 0) + pack("<HHI", 0xFFFE, 0xE000, len(even)) + even
    uid = f"1.2.840.10008.1.2.4.{syntax}"
    colour = "RGB" if cells.ndim == 3 else "MONOCHROME2"
    return masked_dicoms.made(cells, colour, uid, raw=items)


@pytest.mark.parametrize("what", [b"J", b"\0\0", _NOTE, b"\x7f" * 3], ids=repr)
def test_bytes_behind_the_last_sample_of_jpeg_ls_hold_the_object(what: bytes) -> None:
    """Only CharLS knows where such a scan ends, and it says what is left."""
    jpeg = _ls()
    source = _object(jpeg[:-2] + what + jpeg[-2:], "80")
    outcome, finished = cleaned_under(source, ())
    assert not isinstance(outcome, Hold)
    verdict = proved_under(source, finished, ())
    assert isinstance(verdict, Hold)
    assert verdict.reason is Reason.MALFORMED


@pytest.mark.parametrize("near", [0, 3])
@pytest.mark.parametrize("kind", ["noise", "flat", "wide", "colour"])
def test_jpeg_ls_of_every_kind_is_released(kind: str, near: int) -> None:
    """Runs, noise, more than eight bits, three samples, with loss and without."""
    shape = (masked_dicoms.ROWS, masked_dicoms.COLUMNS)
    random = np.random.default_rng(1)
    cells = {
        "noise": _GREY,
        "flat": np.full(shape, 77, np.uint8),
        "wide": random.integers(0, 4096, shape, np.uint16),
        "colour": random.integers(0, 256, (*shape, 3), np.uint8),
    }[kind]
    room = cells.nbytes * 3 + 4000
    jpeg = bytes(imagecodecs.jpegls_encode(cells, level=near, out=room))
    source = _object(jpeg, "81" if near else "80", cells)
    outcome, finished = cleaned_under(source, ())
    assert not isinstance(outcome, Hold), outcome
    assert isinstance(proved_under(source, finished, ()), Accepted)


@pytest.mark.parametrize("where", IN_FRAMES)
def test_nothing_hides_beside_the_samples_of_a_frame(where: str) -> None:
    """Tables that no scan reads, fields of no use and bytes behind the last sample go."""
    jpeg, syntax, mark = IN_FRAMES[where]
    source = _object(jpeg, syntax)
    assert mark in source
    outcome, finished = cleaned_under(source, ())
    assert isinstance(outcome, Sanitised), outcome
    assert mark not in finished
    verdict = proved_under(source, finished, ())
    assert isinstance(verdict, Accepted), verdict
    assert verdict.proof is Proof.CODED_IDENTICAL
    assert not isinstance(proved_under(source, source, ()), Accepted)
    frame = next(
        generate_frames(pydicom.dcmread(io.BytesIO(finished)).PixelData, number_of_frames=1)
    )
    decode, plain = _DECODED[where.split(",", maxsplit=1)[0].split(maxsplit=1)[0]]
    assert np.array_equal(decode(frame), decode(plain))
    assert cleaned_under(finished, ())[1].count(b"\xff\xd8") == finished.count(b"\xff\xd8")


@pytest.mark.parametrize("cut", [3, 40, 400])
def test_a_lossless_frame_cut_late_is_incomplete(cut: int) -> None:
    """A lossless scan that ends before its last sample is held by both rooms."""
    jpeg = _lossless()[: -2 - cut].rstrip(b"\xff") + b"\xff\xd9"
    even = jpeg + bytes(len(jpeg) % 2)
    items = pack("<HHI", 0xFFFE, 0xE000, 0) + pack("<HHI", 0xFFFE, 0xE000, len(even)) + even
    source = masked_dicoms.made(_GREY, "MONOCHROME2", "1.2.840.10008.1.2.4.70", raw=items)
    outcome, _ = cleaned_under(source, ())
    assert isinstance(outcome, Hold)
    assert outcome.reason in (Reason.INCOMPLETE, Reason.MALFORMED)
