"""Real files: none crashes anything, no name or number survives, whole images are released."""

import io
import os
import re
import subprocess
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from shutil import which

import imagecodecs
import numpy as np
import pytest
from pydicom.encaps import get_frame
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from corpora import dicom_real
from corpora.dicom_cleaning import descriptor, proved
from medrelease.sanitise import Options, sanitise
from medrelease.terms.flow import Hold
from medrelease.terms.words import Reason
from medrelease.verify import Accepted

FULL = bool(os.environ.get("MEDRELEASE_FULL"))
LARGEST = 3 << 20
"""Bytes of the files that a run without --full looks at."""

OPTIONS = Options("23 02210", b"k" * 32, "23 02210")
MARK = 0.95
ROUTES = (
    (),
    ("clean-descriptors", "retain-longitudinal-modified-dates"),
    ("retain-safe-private", "clean-structured-content", "clean-graphics"),
)


@cache
def _files() -> list[Path]:
    found = dicom_real.files()
    return found if FULL else [path for path in found if path.stat().st_size < LARGEST][::2]


def _cleaned(data: bytes, asked: tuple[str, ...] = ()) -> bytes | Hold:
    source, target = descriptor(data), descriptor(b"")
    try:
        said = sanitise(source, target, replace(OPTIONS, dicom_options=frozenset(asked)))
        if isinstance(said, Hold):
            return said
        return os.pread(target, os.lseek(target, 0, os.SEEK_END), 0)
    finally:
        os.close(source)
        os.close(target)


@pytest.mark.filterwarnings("ignore")
def test_whole_images_are_released_and_nobody_is_named() -> None:
    """Of the images that pydicom decodes 95 % are released with their pixels; no name survives."""
    released, images, left = 0, 0, []
    for path in _files():
        data = path.read_bytes()
        dataset = dicom_real.read(data)
        before = dicom_real.pixels(dataset)
        images += before is not None
        finished = _cleaned(data)
        if isinstance(finished, Hold):
            continue
        if not isinstance(proved(data, finished), Accepted):
            continue
        left += [path.name for text in dicom_real.identities(dataset) if text.encode() in finished]
        after = dicom_real.pixels(dicom_real.read(finished))
        if before is not None:
            assert after is not None, path.name
            assert np.array_equal(before, after), path.name
            released += 1
    assert left == []
    assert images > 40
    assert released >= MARK * images, (released, images)


def test_cut_and_lengthened_files_are_held() -> None:
    """Each file that is released whole is held when it is cut or when something is appended."""
    passed, looked = [], 0
    for path in _files():
        data = path.read_bytes()
        if isinstance(_cleaned(data), Hold):
            continue
        looked += 1
        wrong = {f"cut {share}": data[: len(data) * share // 100] for share in (10, 50, 99)}
        wrong |= {f"with {tail!r}": data + tail for tail in (b"A", b"QUIXOTE", bytes(2), bytes(8))}
        wrong |= {"twice": data + data}
        passed += [
            f"{path.name} {how}"
            for how, each in wrong.items()
            if not isinstance(_cleaned(each), Hold)
        ]
    assert passed == []
    assert looked > 40


def test_what_is_held_has_a_reason_for_a_person() -> None:
    """No file of the set ends as a defect."""
    said = {path.name: _cleaned(path.read_bytes()) for path in _files()}
    held = {name: each.reason for name, each in said.items() if isinstance(each, Hold)}
    assert held
    assert Reason.DEFECT not in held.values()


@pytest.mark.skipif(which("dciodvfy") is None, reason="dicom3tools is not installed")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("asked", ROUTES, ids=["basic", "cleaned", "private"])
def test_dciodvfy_finds_no_error_that_the_source_did_not_have(
    asked: tuple[str, ...], tmp_path: Path
) -> None:
    """Line by line, UIDs aside, an output has no error that its source does not have too."""
    found: list[str] = []
    looked = 0
    for path in _files() if FULL else _files()[len(asked) :: 5]:
        data = path.read_bytes()
        finished = _cleaned(data, asked)
        if isinstance(finished, Hold):
            continue
        looked += 1
        added = _errors(finished, tmp_path) - _errors(_inflated(data), tmp_path)
        found += [f"{path.name} {error}" for error in added]
    assert found == []
    assert looked > 6


def _errors(data: bytes, folder: Path) -> Counter[str]:
    path = folder / "object.dcm"
    path.write_bytes(data)
    done = subprocess.run(["dciodvfy", str(path)], capture_output=True, check=False)
    lines = (done.stdout + done.stderr).decode("latin-1").splitlines()
    errors = (line for line in lines if line.startswith("Error"))
    return Counter(re.sub(r"<[0-9.]+>", "<UID>", line) for line in errors)


def _inflated(data: bytes) -> bytes:
    """A deflated object as dciodvfy can read it; any other as it is."""
    dataset = dicom_real.read(data)
    meta = getattr(dataset, "file_meta", None)
    if (
        dataset is None
        or meta is None
        or (meta.get("TransferSyntaxUID") != DeflatedExplicitVRLittleEndian)
    ):
        return data
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    buffer = io.BytesIO()
    dataset.save_as(buffer)
    return buffer.getvalue()


def _frame(data: bytes) -> bytes:
    dataset = dicom_real.read(data)
    assert dataset is not None
    return bytes(get_frame(dataset.PixelData, 0, number_of_frames=1))


def test_a_scan_that_claims_to_select_coefficients_is_released() -> None:
    """JPEG-lossy.dcm says Se = 0 in a sequential scan of 12 bits; decoders pass over that.

    What goes says 63, and libjpeg decodes the same from both; GDCM's own decoder too, where its
    tools are there. The prover believes no finished object that says 0.
    """
    (path,) = (path for path in dicom_real.files() if path.name == "JPEG-lossy.dcm")
    source = path.read_bytes()
    finished = _cleaned(source)
    assert isinstance(finished, bytes)
    assert isinstance(proved(source, finished), Accepted)
    before, after = _frame(source), _frame(finished)
    ends = [frame.index(b"\xff\xda") + 10 for frame in (before, after)]
    assert before[ends[0] - 3 : ends[0]] == b"\0\0\0"
    assert after[ends[1] - 3 : ends[1]] == b"\0\x3f\0"
    decoded = [imagecodecs.jpeg8_decode(frame) for frame in (before, after)]
    assert decoded[0].shape == (1024, 256)
    assert np.array_equal(*decoded)
    spoiled = finished.replace(after, after[: ends[1] - 2] + b"\0" + after[ends[1] - 1 :])
    assert isinstance(proved(source, spoiled), Hold)


@pytest.mark.skipif(not which("gdcmconv"), reason="gdcmconv (libgdcm-tools) is not installed")
def test_gdcm_decodes_the_same_from_such_a_scan(tmp_path: Path) -> None:
    """A second decoder: GDCM's own libjpeg of 12 bits, over the whole object."""
    (path,) = (path for path in dicom_real.files() if path.name == "JPEG-lossy.dcm")
    finished = _cleaned(path.read_bytes())
    assert isinstance(finished, bytes)
    raw = []
    for number, data in enumerate((path.read_bytes(), finished)):
        coded, plain = tmp_path / f"{number}.dcm", tmp_path / f"{number}.raw.dcm"
        coded.write_bytes(data)
        command = ["gdcmconv", "--raw", str(coded), str(plain)]
        subprocess.run(command, check=True, capture_output=True)
        dataset = dicom_real.read(plain.read_bytes())
        assert dataset is not None
        raw.append(bytes(dataset.PixelData))
    assert len(raw[0]) == 1024 * 256 * 2
    assert raw[0] == raw[1]
