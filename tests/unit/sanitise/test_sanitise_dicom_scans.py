"""Frames of DICOM objects that are coded as JPEG: their scans hold the picture and nothing else."""

import io
from pathlib import Path

import pydicom
import pytest
from PIL import Image
from pydicom.encaps import encapsulate, generate_frames

from corpora import detector, jpeg_coefficients
from corpora.masked import cleaned_under, proved_under
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
