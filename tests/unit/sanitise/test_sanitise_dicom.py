"""The DICOM sanitiser on whole objects: nothing planted survives, the picture does."""

import io
import os
import subprocess
import zlib
from collections import Counter
from pathlib import Path
from shutil import which

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.uid import UID

from corpora import dicoms
from corpora.dicom_cleaning import LABEL, cleaned, descriptor
from medrelease.sanitise.dicom import probe_dicom
from medrelease.sanitise.headerless import looks_headerless
from medrelease.sanitise.refusal import Refusal
from medrelease.sanitise.source import Source
from medrelease.terms.words import Reason

PLANTED = (dicoms.MARKER, dicoms.DATE, dicoms.UID_ROOT, dicoms.NUMBER, "194711", "731946177")
REAL = (
    "CT_small.dcm",
    "MR_small.dcm",
    "MR_small_RLE.dcm",
    "MR_small_jp2klossless.dcm",
    "JPEG2000.dcm",
    "SC_rgb_jpeg_dcmtk.dcm",
    "examples_palette.dcm",
    "examples_ybr_color.dcm",
    "examples_overlay.dcm",
    "liver_1frame.dcm",
    "rtdose_1frame.dcm",
    "SC_rgb_small_odd.dcm",
    "MR_small_jpeg_ls_lossless.dcm",
    "MR_small_bigendian.dcm",
    "image_dfl.dcm",
    "ExplVR_BigEnd.dcm",
    "SC_rgb_rle_2frame.dcm",
)


def _read(data: bytes) -> pydicom.Dataset:
    return pydicom.dcmread(io.BytesIO(data))


def _forms(text: str) -> list[bytes]:
    return [text.lower().encode(codec) for codec in ("ascii", "utf-16-le", "utf-16-be")]


def _real(name: str) -> bytes:
    path = get_testdata_file(name)
    assert isinstance(path, str)
    return Path(path).read_bytes()


@pytest.mark.parametrize("kind", dicoms.KINDS)
def test_nothing_planted_survives(kind: str) -> None:
    """Of a marker in every row of the table and every odd place no byte is left."""
    finished, said = cleaned(dicoms.make(kind))
    low = finished.lower()
    assert [m for m in (*PLANTED, dicoms.HC_NUMBER) for form in _forms(m) if form in low] == []
    assert said.alerts == ("preamble-mz",)


@pytest.mark.parametrize("kind", dicoms.KINDS)
def test_nothing_planted_survives_any_option_but_those_that_keep_it(kind: str) -> None:
    """Clean Descriptors and Modified Dates leave no marker and no date as it was."""
    finished, _ = cleaned(
        dicoms.make(kind), "clean-descriptors", "retain-longitudinal-modified-dates"
    )
    low = finished.lower()
    assert [m for m in (dicoms.MARKER, dicoms.DATE) if m.lower().encode() in low] == []
    assert _read(finished).StudyDate


@pytest.mark.parametrize("kind", dicoms.KINDS)
def test_the_picture_and_its_terms_stay(kind: str) -> None:
    """Pixels are the same, and so is what an image needs to be read and found."""
    data = dicoms.make_plain(kind)
    before, after = _read(data), _read(cleaned(data)[0])
    assert np.array_equal(before.pixel_array, after.pixel_array)
    for keyword in ("Modality", "BodyPartExamined", "Manufacturer", "ImageType", "InstanceNumber"):
        assert after[keyword].value == before[keyword].value
    if kind == "ct":
        for keyword in ("PixelSpacing", "ImagePositionPatient", "RescaleSlope", "PatientPosition"):
            assert after[keyword].value == before[keyword].value


def test_the_object_says_what_was_done() -> None:
    """The markers of E.1.1 stand, the patient is the label, the meta names the object."""
    finished, _ = cleaned(dicoms.make_plain("ct"), "clean-descriptors")
    found = _read(finished)
    assert finished[:128] == bytes(128)
    assert (str(found.PatientName), found.PatientID) == (LABEL, LABEL)
    assert found.PatientIdentityRemoved == "YES"
    assert found.LongitudinalTemporalInformationModified == "REMOVED"
    codes = [item.CodeValue for item in found.DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113105"]
    assert found.StudyDescription == "Chest of"
    assert found.file_meta.MediaStorageSOPInstanceUID == found.SOPInstanceUID
    assert "BurnedInAnnotation" not in found


@pytest.mark.parametrize("said", [b"YES", b"NO", b""])
def test_pixels_and_faces_are_spoken_of_only_as_proved(said: bytes) -> None:
    """What the source said of its pixels stands until somebody has looked; then they are clean."""
    image = dicoms.image("photo")
    for tag in (0x00280301, 0x00280302):
        image[tag] = dicoms.element(tag, "CS", said)
    data = dicoms.file(image)
    before = _read(cleaned(data, "clean-pixel-data")[0])
    assert (before.get("BurnedInAnnotation") or "").encode() == said
    looked = _read(cleaned(data, "clean-pixel-data", pixels_examined=True)[0])
    assert looked.BurnedInAnnotation == "NO"
    assert (looked.get("RecognizableVisualFeatures") or "").encode() == said
    both = _read(cleaned(data, pixels_examined=True, faces_excluded=True)[0])
    assert both.RecognizableVisualFeatures == "NO"
    assert [item.CodeValue for item in looked.DeidentificationMethodCodeSequence] == [
        "113100",
        "113101",
    ]


def test_uids_are_the_same_on_another_run_and_others_on_another_route() -> None:
    """References between instances and days hold on one route, and nowhere else."""
    first = _read(cleaned(dicoms.make_plain("ct", 1))[0])
    again = _read(cleaned(dicoms.make_plain("ct", 1))[0])
    second = _read(cleaned(dicoms.make_plain("ct", 2))[0])
    other = _read(cleaned(dicoms.make_plain("ct", 1), key=b"o" * 32)[0])
    assert first.SOPInstanceUID == again.SOPInstanceUID != second.SOPInstanceUID
    assert first.StudyInstanceUID == second.StudyInstanceUID
    assert first.StudyInstanceUID != other.StudyInstanceUID
    assert UID(first.StudyInstanceUID).is_valid


@pytest.mark.parametrize("name", REAL)
def test_real_objects_keep_their_pixels_and_lose_their_names(name: str) -> None:
    """Objects of every transfer syntax come out with equal pixels, without names and UIDs."""
    data = _real(name)
    finished, _ = cleaned(data)
    before, after = _read(data), _read(finished)
    assert np.array_equal(before.pixel_array, after.pixel_array)
    for keyword in ("PatientName", "PatientID", "StudyInstanceUID", "SOPInstanceUID"):
        value = str(before.get(keyword, ""))
        assert len(value) < 6 or value.encode() not in finished
    assert not any(element.tag.is_private for element in after.iterall())


@pytest.mark.parametrize("name", REAL)
def test_cut_and_lengthened_files_are_held(name: str) -> None:
    """A file cut anywhere, or with bytes behind its end, is refused."""
    data = _real(name)
    size = len(data)
    wrong = [data[: size * share // 100] for share in (10, 50, 99)]
    wrong += [data[:-2], data + b"A", data + b"\0\0", data + b"QUIXOTE", data + data]
    for each in wrong:
        with pytest.raises(Refusal):
            cleaned(each)


@pytest.mark.skipif(which("dciodvfy") is None, reason="dicom3tools is not installed")
@pytest.mark.parametrize("name", [*REAL, *dicoms.KINDS])
def test_no_error_that_the_source_did_not_have(name: str, tmp_path: Path) -> None:
    """dciodvfy finds no more errors in the output than in the source."""
    data = dicoms.make_plain(name) if name in dicoms.KINDS else _real(name)
    assert len(_errors(cleaned(data)[0], tmp_path)) <= len(_errors(data, tmp_path))


def _errors(data: bytes, tmp_path: Path) -> list[str]:
    path = tmp_path / "object.dcm"
    path.write_bytes(data)
    done = subprocess.run(["dciodvfy", str(path)], capture_output=True, check=False)
    lines = (done.stdout + done.stderr).decode("latin-1").splitlines()
    return [line for line in lines if line.startswith("Error")]


def test_what_is_no_image_is_held() -> None:
    """Reports, plans, directories and waveforms are held as not supported."""
    for name in ("test-SR.dcm", "rtplan.dcm", "DICOMDIR", "waveform_ecg.dcm"):
        with pytest.raises(Refusal) as refused:
            cleaned(_real(name))
        assert refused.value.reason is Reason.FORMAT_NOT_SUPPORTED


def test_a_label_of_a_slide_is_an_identification_frame() -> None:
    """An instance whose Image Type says LABEL or OVERVIEW is held for a person."""
    for flavour in (b"LABEL", b"OVERVIEW"):
        elements = dicoms.image("sc")
        elements[0x00080008] = dicoms.element(0x00080008, "CS", b"DERIVED\\PRIMARY\\" + flavour)
        with pytest.raises(Refusal) as refused:
            cleaned(dicoms.file(elements))
        assert refused.value.reason is Reason.IDENTIFICATION_FRAME


def test_video_is_held() -> None:
    """A transfer syntax of moving pictures is not cleaned."""
    with pytest.raises(Refusal) as refused:
        cleaned(dicoms.file(dicoms.image("us"), "1.2.840.10008.1.2.4.100"))
    assert refused.value.reason is Reason.FORMAT_NOT_SUPPORTED


def test_deflated_and_headerless_objects_come_out_in_explicit_little_endian() -> None:
    """Other containers are read, and one is written."""
    whole = dicoms.make_plain("ct")
    body = b"".join(value for _, value in sorted(dicoms.image("ct").items()))
    engine = zlib.compressobj(wbits=-15)
    deflated = dicoms.file(dicoms.image("ct"), "1.2.840.10008.1.2.1.99")[: -len(body)]
    deflated += engine.compress(body) + engine.flush()
    assert looks_headerless(memoryview(body))
    assert cleaned(body)[0] == cleaned(deflated)[0] == cleaned(whole)[0]
    with pytest.raises(Refusal):
        cleaned(deflated + b"QUIXOTE")


def test_unused_high_bits_are_cleared() -> None:
    """An overlay in the four bits above twelve stored bits goes, the twelve bits stay."""
    elements = dicoms.image("ct")
    pixels = bytearray(elements[0x7FE00010])
    pixels[13::2] = bytes(b | 0xA0 for b in pixels[13::2])
    marked = dicoms.file(elements | {0x7FE00010: bytes(pixels)})
    finished, said = cleaned(marked)
    assert finished == cleaned(dicoms.file(elements))[0]
    assert said.actions["pixel-high-bits"] == 1


def test_signed_pixels_keep_their_sign() -> None:
    """A negative sample whose sign fills the cell is left alone."""
    elements = dicoms.image("ct")
    elements[0x00280103] = dicoms.element(0x00280103, "US", b"\1\0")
    values = np.arange(-768, 768, dtype="<i2")
    elements[0x7FE00010] = dicoms.element(0x7FE00010, "OW", values.tobytes())
    assert np.array_equal(_read(cleaned(dicoms.file(elements))[0]).pixel_array.ravel(), values)


def test_retained_values_stay_under_their_options() -> None:
    """Each option that retains keeps just what it is for."""
    data = dicoms.make_plain("ct")
    plain = _read(cleaned(data)[0])
    dates = _read(cleaned(data, "retain-longitudinal-full-dates")[0])
    uids = _read(cleaned(data, "retain-uids")[0])
    sex = _read(cleaned(data, "retain-patient-characteristics")[0])
    assert (plain.StudyDate, dates.StudyDate) == ("", dicoms.DATE)
    assert uids.StudyInstanceUID == f"{dicoms.UID_ROOT}.2"
    assert (plain.PatientSex, sex.PatientSex) == ("", "M")
    assert dates.PatientBirthDate == ""


def test_a_text_that_is_kept_is_written_in_utf_8() -> None:
    """An institution's name in Latin-1 is written anew, and the character set says so."""
    elements = dicoms.image("ct")
    elements[0x00080080] = dicoms.element(
        0x00080080, "LO", "Spital Zürich\0QUIXOTE".encode("latin-1")
    )
    found = _read(cleaned(dicoms.file(elements), "retain-institution-identity")[0])
    assert found.InstitutionName == "Spital Zürich"
    assert found.SpecificCharacterSet == "ISO_IR 192"


def test_probe_reads_class_modality_and_number() -> None:
    """The first look gives the SOP class, the modality and a PatientID that reads as a number."""
    fd = descriptor(dicoms.make_plain("photo"))
    facts = probe_dicom(Source(fd))
    os.close(fd)
    assert facts.sop_class_uid == "1.2.840.10008.5.1.4.1.1.77.1.4"
    assert (facts.modality, facts.patient_id_digits) == ("XC", dicoms.HC_NUMBER)


def test_mutants_of_a_header_never_crash() -> None:
    """Bytes changed at random end in a clean object or a refusal, never in another exception."""
    rng = np.random.default_rng(5)
    data = np.frombuffer(dicoms.make_plain("ct"), np.uint8)
    seen: Counter[str] = Counter()
    for _ in range(200):
        mutant = data.copy()
        mutant[rng.integers(132, 900, 3)] = rng.integers(0, 256, 3)
        try:
            cleaned(mutant.tobytes())
            seen["clean"] += 1
        except Refusal as refusal:
            seen[str(refusal.reason)] += 1
    assert seen["clean"]
    assert len(seen) > 1
