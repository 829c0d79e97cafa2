"""dciodvfy over objects with every attribute of their IOD: no new error but the table's own."""

import os
import re
import subprocess
from collections import Counter
from pathlib import Path
from shutil import which

import pydicom
import pytest

from corpora import dicom_answers
from corpora.dicom_cleaning import cleaned
from medrelease.sanitise.dicom import iod

FULL = bool(os.environ.get("MEDRELEASE_FULL"))
ROUTES = ((), ("clean-descriptors", "retain-longitudinal-modified-dates"))
_STORAGE = "1.2.840.10008.5.1.4.1.1."
SOME = ("2", "6.1", "7", "12.1", "66.7", "77.1.4", "77.1.5.1", "130")

OF_THE_TABLE = (
    # Table E.1-1 removes these whatever the IOD says (X): Type 2C of an animal's owner
    r"Missing attribute Type 2C Conditional Element=<Responsible(Person|Organization)>",
    # X, and Type 1 in enhanced PET
    r"Missing attribute Type 1 Required Element=<RadiopharmaceuticalStartDateTime>",
    # D, while the attribute that it depends on is X
    r"condition unsatisfied .* Element=<ClinicalTrialProtocolEthicsCommitteeName>",
    # X/Z/U* and Type 2 in ophthalmic photography, where no items are permitted; General
    # Reference, where it is Type 3, permits them not
    r"(Items 0 .*|Multiplicity .*) Element=<SourceImageSequence> Module=<GeneralReference>",
)
"""What dciodvfy has against rows of the table that leave the cleaner no choice."""


def classes() -> list[str]:
    """SOP Classes of images whose attributes PS3.3 lists."""
    if not FULL:
        return [_STORAGE + tail for tail in SOME]
    _, _, known = iod._tables()
    images = [uid for uid, (kind, _) in known.items() if kind == "image"]
    return [uid for uid in images if _has_source(uid)]


def _has_source(sop_class: str) -> bool:
    try:
        dicom_answers.source(sop_class, 1)
    except KeyError:
        return False
    return True


def errors(data: bytes, folder: Path) -> Counter[str]:
    """What dciodvfy calls an error, without UIDs."""
    path = folder / "object.dcm"
    path.write_bytes(data)
    done = subprocess.run(["dciodvfy", str(path)], capture_output=True, check=False)
    lines = (done.stdout + done.stderr).decode("latin-1").splitlines()
    return Counter(
        re.sub(r"<[0-9.]+>", "<UID>", line) for line in lines if line.startswith("Error")
    )


@pytest.mark.skipif(which("dciodvfy") is None, reason="dicom3tools is not installed")
@pytest.mark.parametrize("asked", ROUTES, ids=["basic", "cleaned"])
def test_an_object_with_every_attribute_gets_no_new_error(
    asked: tuple[str, ...], tmp_path: Path
) -> None:
    """Line by line; what the table itself demands against the IOD is listed, and met."""
    found, met = [], set()
    for sop_class in classes():
        data, _ = dicom_answers.source(sop_class, 1)
        finished, _ = cleaned(data, *asked)
        for error in errors(finished, tmp_path) - errors(data, tmp_path):
            known = {form for form in OF_THE_TABLE if re.search(form, error)}
            met |= known
            if not known:
                found.append(f"{sop_class} {error}")
    assert found == []
    assert asked or met == set(OF_THE_TABLE)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("tail", ["66.7", "66.8"])
def test_a_class_that_no_library_knows_yet_stays_itself(tail: str, tmp_path: Path) -> None:
    """The SOP Class of an object is kept where only the project's own tables have it."""
    data, _ = dicom_answers.source(_STORAGE + tail, 1)
    finished, _ = cleaned(data)
    (tmp_path / "object.dcm").write_bytes(finished)
    dataset = pydicom.dcmread(tmp_path / "object.dcm")
    assert dataset.SOPClassUID == dataset.file_meta.MediaStorageSOPClassUID == _STORAGE + tail
