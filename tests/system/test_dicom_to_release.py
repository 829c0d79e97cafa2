"""DICOM objects of every make, dropped on the service: each ends as released or as held."""

import io
import os

import pydicom

from corpora import dicom_real, dicoms
from corpora.dicom_answers import source
from corpora.sites import FOLDER, Site

FULL = bool(os.environ.get("MEDRELEASE_FULL"))
LARGEST = 1 << 20
STATE = "1.2.840.10008.5.1.4.1.1.11.1"
NOT_FROM_HERE = frozenset({"defect", "worker-failed"})


def test_every_real_file_ends_as_released_or_held(site: Site) -> None:
    """Whole, broken and foreign files go through one look; none ends as a defect of the service."""
    found = [path for path in dicom_real.files() if FULL or path.stat().st_size < LARGEST]
    chosen = found if FULL else found[::9]
    for number, path in enumerate(chosen):
        site.drop(f"{FOLDER}/image {number + 1}/{number}.dcm", path.read_bytes())
    assert site.once().returncode == 3
    reasons = site.held()
    assert not NOT_FROM_HERE & set(reasons.values()), reasons
    released = site.released()
    assert len(released) + len(reasons) == len(chosen)
    assert len(released) > len(chosen) // 3
    for name in released:
        data = site.release(name)
        assert data[:132] == bytes(128) + b"DICM"
        assert pydicom.dcmread(io.BytesIO(data)).PatientIdentityRemoved == "YES"


def test_documents_go_where_the_route_has_their_option(site: Site) -> None:
    """A report and a presentation state leave clean, and claim nothing of pixels."""
    asked = 'options = ["clean-structured-content", "clean-graphics"]'
    site.edit(r"options = \[\]", asked)
    report = next(path for path in dicom_real.files() if path.name == "reportsi.dcm")
    site.drop(f"{FOLDER}/image 1/a.dcm", report.read_bytes())
    site.drop(f"{FOLDER}/image 2/b.dcm", source(STATE, 1)[0])
    assert site.once().returncode == 0, site.held()
    for name in site.released():
        data = site.release(name)
        assert dicoms.MARKER.encode() not in data
        codes = pydicom.dcmread(io.BytesIO(data)).DeidentificationMethodCodeSequence
        assert [code.CodeValue for code in codes] == ["113100", "113103", "113104"]
        assert "BurnedInAnnotation" not in pydicom.dcmread(io.BytesIO(data))
    assert len(site.released()) == 2
