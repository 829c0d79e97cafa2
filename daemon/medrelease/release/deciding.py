"""May it go? The policy's question, asked before the work and again before publishing."""

from dataclasses import replace

from medrelease.policy.kinds import dicom_kind
from medrelease.policy.rules import Question, decide
from medrelease.release.case import Case
from medrelease.release.desk import Counsel
from medrelease.release.identifying import identify
from medrelease.terms.faults import Transient
from medrelease.terms.flow import Hold
from medrelease.terms.words import Format, Wait


def authorise(desk: Counsel, case: Case) -> Case | Hold:
    """Ask the policy with what the case knows now."""
    is_dicom = case.probe is not None and case.probe.format is Format.DICOM
    kind = None
    if case.probe is not None and is_dicom:
        kind = dicom_kind(case.probe.sop_class_uid, case.probe.modality)
    decision = decide(
        Question(
            route=case.route,
            row=case.row,
            dicom_kind=kind,
            is_dicom=is_dicom,
            today=desk.today(),
            pixels_examined=False,
            face=None,
            approved=case.approval is not None,
        )
    )
    return decision if isinstance(decision, Hold) else replace(case, permit=decision)


def authorise_again(desk: Counsel, case: Case) -> Case | Hold:
    """Ask once more on the register as it is just before publishing (DESIGN.md section 3).

    `case` was consulted anew. Raises Transient where the register now says another number than
    the one that the file was cleaned and coded for: the file goes back to waiting.
    """
    again = identify(desk, case)
    if isinstance(again, Hold):
        return again
    if again.identity != case.identity:
        raise Transient(Wait.UNSTABLE, "the register changed while a file was being worked on")
    return authorise(desk, again)
