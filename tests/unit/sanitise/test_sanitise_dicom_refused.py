"""What is no image is held in words that say what it is."""

import pytest

from corpora import dicom_real, dicoms
from corpora.dicom_cleaning import cleaned
from medrelease.sanitise.refusal import Refusal
from medrelease.terms.words import Reason

STORAGE = "1.2.840.10008.5.1.4.1.1."


def said(data: bytes, *options: str) -> str:
    """Why an object is held."""
    with pytest.raises(Refusal) as refusal:
        cleaned(data, *options)
    assert refusal.value.reason is Reason.FORMAT_NOT_SUPPORTED
    assert refusal.value.detail.endswith("drop those.")
    return refusal.value.detail


@pytest.mark.parametrize(
    ("sop_class", "word"),
    [
        (STORAGE + "104.1", "PDF"),
        (STORAGE + "104.2", "document"),
        (STORAGE + "9.1.1", "ECG"),
        (STORAGE + "9.4.1", "sound"),
        (STORAGE + "481.3", "radiotherapy"),
        (STORAGE + "481.5", "radiotherapy"),
        (STORAGE + "66", "raw data"),
        (STORAGE + "66.1", "fit"),
        (STORAGE + "67", "values"),
        (STORAGE + "78.5", "eyes"),
        (STORAGE + "77.1.5.3", "pair"),
        (STORAGE + "88.11", "clean-structured-content"),
        (STORAGE + "11.1", "clean-graphics"),
        ("1.2.840.10008.1.3.10", "DICOMDIR"),
        ("1.2.840.10008.5.1.4.38.1", "laid out"),
        ("1.2.3.4", "known class"),
        ("", "what it is"),
    ],
)
def test_the_note_says_what_the_object_is(sop_class: str, word: str) -> None:
    """Documents, recordings, plans, directories and the rest are called by their name."""
    assert word in said(dicoms.file(dicoms.image_of(sop_class)))


def test_a_real_directory_is_one_whatever_it_calls_itself() -> None:
    """A DICOMDIR names its class in the file meta only: its records tell."""
    found = [path for path in dicom_real.files() if path.name.startswith("DICOMDIR")]
    assert len(found) >= 5
    for path in found:
        assert "DICOMDIR" in said(path.read_bytes())
