"""May it go? The policy's question, asked before the work, on what was seen, and once more."""

from dataclasses import replace

from medrelease.policy import picture
from medrelease.policy.kinds import dicom_kind
from medrelease.policy.rules import Question, decide
from medrelease.release.case import Case
from medrelease.release.desk import Counsel
from medrelease.release.identifying import identify
from medrelease.terms.faults import Transient
from medrelease.terms.flow import Examined, Hold, Permit
from medrelease.terms.words import Format, Identifiability, Pixels, Reason, Wait


def authorise(desk: Counsel, case: Case) -> Case | Hold:
    """Ask the policy with what the case knows now.

    Before the pixels of a file that is to be examined have been, only what nothing in them could
    mend holds it; after that, what was seen is judged before a second person is asked for.
    """
    seen = case.examined
    if not case.route.examines:
        decision = _ask(desk, case, None, approved=Reason.APPROVAL_NEEDED in case.agreed)
    elif seen is None:
        decision = _unseen(_ask(desk, case, Examined(), approved=True))
    else:
        decision = _ask(desk, case, seen, approved=True)
        if isinstance(decision, Permit):
            judged = picture.judge(seen, case.route, case.agreed)
            approved = Reason.APPROVAL_NEEDED in case.agreed
            decision = judged or _ask(desk, case, seen, approved=approved)
    return decision if isinstance(decision, Hold) else replace(case, permit=decision)


def _ask(desk: Counsel, case: Case, seen: Examined | None, *, approved: bool) -> Permit | Hold:
    is_dicom = case.probe is not None and case.probe.format is Format.DICOM
    kind = None
    if case.probe is not None and is_dicom:
        kind = dicom_kind(case.probe.sop_class_uid, case.probe.modality)
    return decide(
        Question(
            route=case.route,
            row=case.row,
            dicom_kind=kind,
            is_dicom=is_dicom,
            today=desk.today(),
            pixels_examined=seen is not None,
            face=seen.face if seen else None,
            eyes_covered=seen.eyes_covered if seen else None,
            approved=approved,
        )
    )


def _unseen(decision: Permit | Hold) -> Permit | Hold:
    """A permit for more work: nothing is promised of pixels that nobody has seen yet."""
    if isinstance(decision, Hold):
        return decision
    least = Identifiability.IDENTIFIABLE_CODED
    return replace(decision, identifiability=least, pixels=Pixels.NOT_EXAMINED)


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
