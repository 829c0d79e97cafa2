"""What kind of image it is: the DICOM object's own word, and the register's (rule 6).

The DICOM tables are facts of PS3.4 B.5 (Standard SOP Classes) and PS3.3 C.7.3.1.1.1
(Modality), put in the kinds of DESIGN.md 5.3. What stands in neither table has no kind.
"""

from medrelease.terms.route import Route
from medrelease.terms.words import Kind

_STORAGE = "1.2.840.10008.5.1.4.1.1."

_MODALITIES = {
    Kind.INTERNAL: ("CT", "MR", "NM", "PT"),
    Kind.X_RAY: ("CR", "DX", "MG", "XA", "RF"),
    Kind.ULTRASOUND: ("US",),
    Kind.ENDOSCOPY: ("ES",),
    Kind.PATHOLOGY_SLIDE: ("SM",),
    Kind.PHOTOGRAPH: ("XC", "OP", "DMS"),
}

_SOP_CLASSES = {
    Kind.INTERNAL: (
        *("2", "2.1", "2.2"),  # CT: plain, enhanced, legacy converted
        *("4", "4.1", "4.3", "4.4"),  # MR: plain, enhanced, colour, legacy converted
        *("20", "128", "128.1", "130"),  # NM; PET: plain, legacy converted, enhanced
    ),
    Kind.X_RAY: (
        *("1", "1.1", "1.1.1"),  # computed; digital for presentation, for processing
        *("1.2", "1.2.1", "1.3", "1.3.1"),  # mammography; intra-oral
        *("12.1", "12.1.1", "12.2", "12.2.1", "12.3"),  # angiographic, fluoroscopic, biplane
        *("13.1.1", "13.1.2"),  # 3D angiographic, craniofacial
        *("13.1.3", "13.1.4", "13.1.5"),  # breast tomosynthesis and projection
    ),
    Kind.ULTRASOUND: ("3", "3.1", "6", "6.1", "6.2"),  # multi-frame, single, volume
    Kind.ENDOSCOPY: ("77.1.1", "77.1.1.1"),  # still, video
    Kind.PATHOLOGY_SLIDE: ("77.1.3", "77.1.6"),  # slide coordinates, whole slide
    Kind.PHOTOGRAPH: (
        *("77.1.4", "77.1.4.1", "77.1.7"),  # still, video, dermoscopic
        *("77.1.5.1", "77.1.5.2", "77.1.5.5", "77.1.5.6"),  # ophthalmic, wide field
    ),
}

KIND_OF_MODALITY = {code: kind for kind, codes in _MODALITIES.items() for code in codes}
KIND_OF_SOP_CLASS = {_STORAGE + end: kind for kind, ends in _SOP_CLASSES.items() for end in ends}

OF_ANY_KIND = frozenset(_STORAGE + end for end in ("77.1.2", "77.1.2.1"))
"""Microscopy, still and video, of a slide or in an operation: only the modality can tell."""

GMC_10 = frozenset(Kind) - {Kind.PHOTOGRAPH}
"""The kinds of GMC, Making and using recordings, paragraph 10."""


def dicom_kind(sop_class_uid: str | None, modality: str | None) -> Kind | None:
    """The kind that a DICOM object says it is, from (0008,0016) and (0008,0060); None if none.

    If either says photograph it is one. Otherwise the SOP Class must say a kind and the
    modality must not say another. Secondary Capture, and every class that is not in the
    table, speak for none, whatever the modality.
    """
    by_class = KIND_OF_SOP_CLASS.get(sop_class_uid or "")
    by_modality = KIND_OF_MODALITY.get((modality or "").strip().upper())
    if Kind.PHOTOGRAPH in (by_class, by_modality):
        return Kind.PHOTOGRAPH
    if sop_class_uid in OF_ANY_KIND:
        return by_modality
    return by_class if by_modality in (None, by_class) else None


def combined_kind(
    dicom_kind: Kind | None, is_dicom: bool, row_kind: Kind | None, route: Route
) -> tuple[Kind | None, bool]:
    """The kind that counts on a route, and whether it rests on the register alone (rule 6).

    A DICOM object speaks for itself; for other files the register's kind counts where the
    route says `gmc10 = "register"`. If either source says photograph, it is one.
    """
    if Kind.PHOTOGRAPH in (dicom_kind, row_kind):
        return Kind.PHOTOGRAPH, False
    if is_dicom:
        return dicom_kind, False
    if route.gmc10 == "register":
        return row_kind, row_kind is not None
    return None, False
