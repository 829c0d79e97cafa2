"""Kinds of images from DICOM's own word and from the register (rule 6)."""

import pydicom.uid
import pytest

from corpora.routes import route
from medrelease.policy import kinds
from medrelease.policy.kinds import combined_kind, dicom_kind
from medrelease.terms.words import Kind, Purpose

CT = "1.2.840.10008.5.1.4.1.1.2"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
ROUTE = route(Purpose.TEACHING)

TELLING = {
    "CT Image": Kind.INTERNAL,
    "MR Image": Kind.INTERNAL,
    "MR Color": Kind.INTERNAL,
    "Nuclear Medicine": Kind.INTERNAL,
    "Positron": Kind.INTERNAL,
    "PET Image": Kind.INTERNAL,
    "X-Ray": Kind.X_RAY,
    "Computed Radiography": Kind.X_RAY,
    "XA Image": Kind.X_RAY,
    "XRF Image": Kind.X_RAY,
    "Breast": Kind.X_RAY,
    "Ultrasound": Kind.ULTRASOUND,
    "US Volume": Kind.ULTRASOUND,
    "Endoscopic": Kind.ENDOSCOPY,
    "Slide": Kind.PATHOLOGY_SLIDE,
    "Photograph": Kind.PHOTOGRAPH,
}


@pytest.mark.parametrize(("uid", "kind"), kinds.KIND_OF_SOP_CLASS.items())
def test_sop_classes_against_the_dictionary(uid: str, kind: Kind) -> None:
    """Each UID of the table is a storage class whose name in pydicom's dictionary fits."""
    name, of = pydicom.uid.UID_dictionary[uid][:2]
    assert of == "SOP Class"
    assert "Storage" in name
    assert [said for word, said in TELLING.items() if word in name][-1] is kind, name


def test_microscopy_has_the_modalitys_kind() -> None:
    """A microscope's picture is a slide where the modality says so, and else of no kind."""
    for uid in kinds.OF_ANY_KIND:
        assert "Microscopic" in pydicom.uid.UID_dictionary[uid][0]
        assert dicom_kind(uid, "SM") is Kind.PATHOLOGY_SLIDE
        assert dicom_kind(uid, "GM") is None


@pytest.mark.parametrize(
    ("sop_class", "modality", "kind"),
    [
        (CT, "CT", Kind.INTERNAL),
        (CT, " ct ", Kind.INTERNAL),
        (CT, None, Kind.INTERNAL),
        (CT, "OT", Kind.INTERNAL),
        (CT, "US", None),
        (CT, "XC", Kind.PHOTOGRAPH),
        (CT, "DMS", Kind.PHOTOGRAPH),
        ("1.2.840.10008.5.1.4.1.1.77.1.4", "CT", Kind.PHOTOGRAPH),
        ("1.2.840.10008.5.1.4.1.1.77.1.6", "SM", Kind.PATHOLOGY_SLIDE),
        ("1.2.840.10008.5.1.4.1.1.6.1", "US", Kind.ULTRASOUND),
        (SECONDARY_CAPTURE, "US", None),
        (SECONDARY_CAPTURE + ".4", "CT", None),
        (SECONDARY_CAPTURE, "XC", Kind.PHOTOGRAPH),
        ("1.2.3", "CT", None),
        (None, "CT", None),
        (None, None, None),
        ("", "", None),
    ],
)
def test_dicom_kind(sop_class: str | None, modality: str | None, kind: Kind | None) -> None:
    """SOP Class and Modality must not disagree; photograph wins; the unknown has no kind."""
    assert dicom_kind(sop_class, modality) is kind


@pytest.mark.parametrize(
    ("said", "is_dicom", "register", "gmc10", "expected"),
    [
        (Kind.X_RAY, True, None, "dicom", (Kind.X_RAY, False)),
        (Kind.X_RAY, True, Kind.ULTRASOUND, "register", (Kind.X_RAY, False)),
        (Kind.X_RAY, True, Kind.PHOTOGRAPH, "dicom", (Kind.PHOTOGRAPH, False)),
        (Kind.PHOTOGRAPH, True, Kind.X_RAY, "register", (Kind.PHOTOGRAPH, False)),
        (None, True, Kind.X_RAY, "register", (None, False)),
        (None, False, Kind.X_RAY, "dicom", (None, False)),
        (None, False, Kind.X_RAY, "register", (Kind.X_RAY, True)),
        (None, False, None, "register", (None, False)),
        (None, False, Kind.PHOTOGRAPH, "off", (Kind.PHOTOGRAPH, False)),
    ],
)
def test_combined_kind(
    said: Kind | None,
    is_dicom: bool,
    register: Kind | None,
    gmc10: str,
    expected: tuple[Kind | None, bool],
) -> None:
    """The register's kind counts for files other than DICOM, where the route says so."""
    asked = route(Purpose.TEACHING, gmc10=gmc10)
    assert combined_kind(said, is_dicom, register, asked) == expected
