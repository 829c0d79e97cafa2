"""The decision: on what basis a file may go, or for what reason it may not.

Each function is one rule of DESIGN.md section 2 and opens with its number. Rules 1, 13 and 14
are the business of other rooms; rules 10 and 11, on what a name may carry, are settled when the
configuration is read (`identifiers.coded_name.validate`).
"""

from dataclasses import dataclass
from datetime import date

from medrelease.policy.kinds import GMC_10, combined_kind
from medrelease.policy.row import Row
from medrelease.terms.faults import Defect
from medrelease.terms.flow import Hold, Permit
from medrelease.terms.route import Route, Study
from medrelease.terms.words import (
    Basis,
    Consent,
    Identifiability,
    Kind,
    Pixels,
    Purpose,
    Reason,
)

ANONYMISED_BASES = frozenset({Basis.GMC_10, Basis.SECONDARY_RESEARCH})
"""The bases that rest on nobody being able to tell who it is."""


@dataclass(frozen=True, slots=True)
class Question:
    """All that the decision hangs on. `today` is the site's local day.

    `row` is None where a readable register has no such job. `face` and `eyes_covered` are None
    while nobody has looked. `approved`: a second person agreed to this file's release.
    `linkage_kept`: whether the department can find the patient again from the coded name.
    """

    route: Route
    row: Row | None
    dicom_kind: Kind | None
    is_dicom: bool
    today: date
    pixels_examined: bool
    face: bool | None
    approved: bool
    eyes_covered: bool | None = None
    linkage_kept: bool = True


@dataclass(frozen=True, slots=True)
class _Ground:
    """A basis that was found, and whether the kind it rests on is the register's word."""

    basis: Basis
    kind_from_register: bool = False


def decide(question: Question) -> Permit | Hold:
    """May this file go on its route today, and on what basis? (Trust policy; GMC 10 to 17.)

    Raises Defect for a research route without a study, which no configuration can make.
    """
    ground = _ground(question)
    if isinstance(ground, Hold):
        return ground
    return (
        _unexamined(question, ground)
        or _eyes_covered(question)
        or _face(question, ground)
        or _unapproved(question, ground)
        or Permit(
            basis=ground.basis,
            identifiability=_identifiability(question),
            pixels=Pixels.EXAMINED if question.pixels_examined else Pixels.NOT_EXAMINED,
        )
    )


def _ground(question: Question) -> _Ground | Hold:
    """Rule 3: the basis of a release, after all that stops every basis."""
    route, row, today = question.route, question.row, question.today
    study = _study(route)
    if study is not None and study.ends is not None and today > study.ends:
        return Hold(Reason.STUDY_ENDED, "the route's study has ended")
    if row is None:
        return _unregistered(route)
    objection = _unrecorded(row) or _withdrawn(route, row, today)
    if objection is not None:
        return objection
    if route.purpose is Purpose.CARE:
        return _Ground(Basis.CARE)
    if study is not None:
        return _research(row, study, today)
    return _secondary_purpose(question, row)


def _study(route: Route) -> Study | None:
    """Rule 11: a research route names its study; no other route has one."""
    if route.purpose is not Purpose.RESEARCH:
        return None
    if route.study is None:
        raise Defect("a research route without a study")
    return route.study


def _unregistered(route: Route) -> _Ground | Hold:
    """DESIGN.md 5.3: a job that a readable register does not have goes for care only."""
    if route.purpose is Purpose.CARE:
        return _Ground(Basis.CARE)
    return Hold(Reason.JOB_NOT_REGISTERED, "the register has no such job")


def _unrecorded(row: Row) -> Hold | None:
    """Rule 4: without `record` there is no consent to the image itself, not even for care."""
    if Consent.RECORD in row.consent:
        return None
    return Hold(Reason.CONSENT_MISSING, "the register has no consent to record")


def _withdrawn(route: Route, row: Row, today: date) -> Hold | None:
    """Rule 4: a withdrawal is an objection to every purpose but care, from its date on."""
    reached = row.withdrawn is not None and today >= row.withdrawn
    if route.purpose is Purpose.CARE or not (reached or row.withdrawn_unreadable):
        return None
    return Hold(Reason.CONSENT_WITHDRAWN, "the register says that consent was withdrawn")


def _research(row: Row, study: Study, today: date) -> _Ground | Hold:
    """Rule 3: the protocol's written consent, or GMC 17 where the study says so.

    `gmc-10` is no basis for research: a study says itself which of the two it rests on.
    """
    if study.basis == "secondary":
        return _Ground(Basis.SECONDARY_RESEARCH)
    if study.reference not in row.studies:
        return Hold(Reason.STUDY_CONSENT_MISSING, "the register has no consent to the study")
    return _out_of_date(row, today) or _Ground(Basis.STUDY_CONSENT)


def _secondary_purpose(question: Question, row: Row) -> _Ground | Hold:
    """Rules 2, 3 and 5: the purpose itself is consented to, or the kind is one of GMC 10.

    Consent that is not yet, or no longer, in force stops consent and not GMC 10, which never
    rested on it.
    """
    missing = _without_consent(question.route.purpose, row, question.today)
    return _gmc_10(question, row) or missing if missing else _Ground(Basis.CONSENT)


def _without_consent(purpose: Purpose, row: Row, today: date) -> Hold | None:
    """Rule 2: consent is a set of purposes; print does not imply internet, nor internet print."""
    if Consent(purpose.value) not in row.consent:
        return Hold(Reason.CONSENT_MISSING, f"the register has no consent for {purpose.value}")
    return _out_of_date(row, today)


def _out_of_date(row: Row, today: date) -> Hold | None:
    """Rule 4: a `consent_date` in the future is no consent yet; `expires` is its last day."""
    if row.consent_date is not None and row.consent_date > today:
        return Hold(Reason.CONSENT_NOT_YET, "the register's consent begins on a later day")
    if row.expires is not None and today > row.expires:
        return Hold(Reason.CONSENT_EXPIRED, "the register's consent has expired")
    return None


def _gmc_10(question: Question, row: Row) -> _Ground | None:
    """Rules 3 and 6: the kinds of GMC 10 need no separate consent once they are anonymised."""
    if question.route.gmc10 == "off":
        return None
    kind, from_register = combined_kind(
        question.dicom_kind, question.is_dicom, row.kind, question.route
    )
    return _Ground(Basis.GMC_10, from_register) if kind in GMC_10 else None


def _unexamined(question: Question, ground: _Ground) -> Hold | None:
    """Rule 7: until the pixels have been examined, only care and consent may release."""
    if question.pixels_examined or ground.basis in (Basis.CARE, Basis.CONSENT):
        return None
    return Hold(Reason.PIXELS_NOT_EXAMINED, f"{ground.basis.value} needs the pixels examined")


def _eyes_covered(question: Question) -> Hold | None:
    """Rule 8: blacking out the eyes is not anonymity; care alone takes such an image."""
    if not question.eyes_covered or question.route.purpose is Purpose.CARE:
        return None
    return Hold(Reason.EYES_COVERED, "the eyes were covered, which is not anonymity")


def _face(question: Question, ground: _Ground) -> Hold | None:
    """Rule 8: a recognisable face is held where nobody may be recognised, and nowhere else."""
    if ground.basis not in ANONYMISED_BASES or question.face is False:
        return None
    if question.face is None:
        return Hold(Reason.PIXELS_NOT_EXAMINED, "nobody has looked for a face yet")
    return Hold(Reason.RECOGNISABLE_FACE, f"{ground.basis.value} takes no recognisable face")


def _unapproved(question: Question, ground: _Ground) -> Hold | None:
    """Rule 9: a second person agrees, where rule 3, rule 6 or the route asks for it."""
    published = question.route.purpose in (Purpose.PRINT, Purpose.INTERNET)
    if question.approved:
        return None
    if question.route.approval == "required":
        return Hold(Reason.APPROVAL_NEEDED, "the route asks for a second person")
    if ground.basis is Basis.GMC_10 and published:
        return Hold(Reason.APPROVAL_NEEDED, "publication without separate consent")
    if ground.kind_from_register:
        return Hold(Reason.APPROVAL_NEEDED, "the kind of image is the register's word alone")
    return None


def _identifiability(question: Question) -> Identifiability:
    """Rule 12: what the record may call the file; in doubt the least that can be promised.

    A face, or pixels nobody examined, leave a file identifiable on every basis.
    """
    hidden = question.pixels_examined and question.face is False
    if "{hc}" in question.route.filename or not hidden:
        return Identifiability.IDENTIFIABLE_CODED
    if question.linkage_kept:
        return Identifiability.PSEUDONYMISED
    return Identifiability.ANONYMISED
