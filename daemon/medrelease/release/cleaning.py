"""Two steps: sanitise in one worker, and have another prove the finished file cold."""

from medrelease.release import answers, labour, operations
from medrelease.release.case import Case, subject_code, subject_of
from medrelease.release.desk import Desk
from medrelease.terms.flow import Hold, Sanitised, Verified
from medrelease.terms.words import Event, Proof, Reason

_CHANGED = "The file changed while it was being worked on."


def patient_label(desk: Desk, case: Case) -> str:
    """What a released DICOM object shows as patient: job number on hsc routes, else the code.

    A study's team gets the code wherever it sits (DESIGN.md section 2, rule 11).
    """
    if case.identity is not None and case.route.hsc and case.route.study is None:
        return case.identity.job
    return subject_code(desk, case)


def clean(desk: Desk, case: Case) -> tuple[str, Sanitised] | Hold:
    """Write a sanitised copy into the work folder; returns its name there and what was done."""
    if case.identity is None or case.probe is None:
        return Hold(Reason.IDENTITY_MISSING)
    answer = labour.run(
        desk,
        case.claim,
        operations.suited("clean", case.probe, blanked=bool(case.masks)),
        writes=True,
        check=answers.read_sanitised,
        options={
            "patient_label": patient_label(desk, case),
            "route_key": desk.subject_key(case.route, subject_of(case.identity)).hex(),
            "subject": subject_of(case.identity),
            "dicom_options": sorted(case.route.dicom_options),
            "hsc": case.route.hsc,
            "masks": answers.plain_masks(case.masks),
            "pixels_examined": case.shows_no_writing,
            "faces_excluded": case.shows_no_face,
        },
    )
    if isinstance(answer, Hold):
        return answer
    sanitised = answers.read_sanitised(answer)
    if isinstance(sanitised, Hold):
        return sanitised
    for alert in sanitised.alerts:
        desk.trail.append(
            Event.SECURITY_ALERT,
            {
                "release_id": case.claim.release_id,
                "route": case.route.name,
                "actions": {alert: 1},
            },
        )
    return str(answer["work"]), sanitised


def known_identifiers(case: Case) -> tuple[str, ...]:
    """What the register and the path say of the patient, to be searched for in the output."""
    found: list[str] = []
    if case.identity is not None:
        found += [case.identity.job, *([case.identity.hc] if case.identity.hc else [])]
    if case.probe is not None and case.probe.dicom_hc:
        found.append(case.probe.dicom_hc)
    if case.row is not None and case.row.clinician:
        found.append(case.row.clinician)
    return tuple(found)


def prove(desk: Desk, case: Case, work: str, sanitised: Sanitised) -> Verified | Hold:
    """Let the verifier read source and finished file; what it accepts may be published."""
    if case.probe is None:
        return Hold(Reason.INCOMPLETE, _CHANGED)
    answer = labour.run(
        desk,
        case.claim,
        operations.suited("prove", case.probe, blanked=bool(case.masks)),
        finished=work,
        check=answers.read_proved,
        options={
            "identifiers": known_identifiers(case),
            "published": [patient_label(desk, case)],
            "format": sanitised.format.value,
            "dicom_options": sorted(case.route.dicom_options),
            "masks": answers.plain_masks(case.masks),
        },
    )
    if isinstance(answer, Hold):
        return answer
    proved = answers.read_proved(answer)
    if isinstance(proved, Hold):
        return proved
    if proved.source_sha256 != case.probe.sha256:
        # the bytes that were cleaned and those that were looked at must be the same
        return Hold(Reason.INCOMPLETE, _CHANGED)
    if case.masks and proved.proof is Proof.CODED_IDENTICAL:
        return Hold(Reason.MASK_NOT_POSSIBLE, "nothing was blanked in the finished file")
    return Verified(
        claim=case.claim,
        work=work,
        format=proved.format,
        sha256=proved.sha256,
        size=proved.size,
        source_sha256=proved.source_sha256,
        proof=proved.proof,
        actions={**sanitised.actions, **proved.actions},
    )
