"""What a route asks of the cleaning of one file: frozen data, free of paths and configuration."""

from dataclasses import dataclass

from medrelease.terms.flow import Mask


@dataclass(frozen=True, slots=True)
class Options:
    """How one file is to be cleaned.

    `patient_label` stands as PatientID and PatientName in a released DICOM object; UIDs and
    dates are keyed with subkeys of `route_key` (32 bytes), date offsets on `subject`;
    `dicom_options` names options of PS3.15 Annex E; `hsc` says whether the destination lies
    inside health and social care. Photographs need none of these. `masks` are the rectangles to be
    blanked; a format that cannot do so without touching the rest holds the file. `pixels_examined`
    says that the picture was searched for text and codes and that what was found is masked, and
    `faces_excluded` that no face was seen: only then may a DICOM object say so of itself.
    """

    patient_label: str
    route_key: bytes
    subject: str
    dicom_options: frozenset[str] = frozenset()
    hsc: bool = False
    masks: tuple[Mask, ...] = ()
    pixels_examined: bool = False
    faces_excluded: bool = False
