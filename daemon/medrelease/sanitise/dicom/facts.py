"""What an object says of itself before anything is done: class, modality, patient's number."""

from dataclasses import dataclass

from medrelease.identifiers import hc_number
from medrelease.sanitise.dicom.container import open_file
from medrelease.sanitise.dicom.elements import Element
from medrelease.sanitise.dicom.syntax import Coding
from medrelease.sanitise.dicom.values import up_to_nul
from medrelease.sanitise.source import Source

_SOP_CLASS, _MODALITY, _PATIENT_ID = 0x00080016, 0x00080060, 0x00100020


@dataclass(frozen=True, slots=True)
class DicomFacts:
    """`patient_id_digits` is the PatientID in the canonical form of an H&C number, where it
    reads as one (whether its check digit holds is not asked here). `native` says that only a
    native decoder can tell where its coded frames end."""

    sop_class_uid: str | None
    modality: str | None
    patient_id_digits: str | None
    native: bool = False


def probe_dicom(source: Source) -> DicomFacts:
    """The facts of a DICOM object. Raises Refusal where its head cannot be read."""
    opened = open_file(source.view)
    found = {e.tag: e for e in opened.elements(until=_PATIENT_ID)}
    patient_id = text(found, _PATIENT_ID)
    return DicomFacts(
        text(found, _SOP_CLASS),
        text(found, _MODALITY),
        hc_number.parse(patient_id) if patient_id else None,
        opened.syntax.coding is Coding.JPEG_LS,
    )


def text(found: dict[int, Element], tag: int) -> str | None:
    """A short value of the root as text, None where it is absent or empty."""
    element = found.get(tag)
    if element is None or len(element.value) > 128:
        return None
    return up_to_nul(bytes(element.value)).decode("latin-1").strip() or None
