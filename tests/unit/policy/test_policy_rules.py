"""The rules one by one, each with its paragraph of DESIGN.md section 2."""

from dataclasses import replace
from datetime import date

import pytest

from corpora.routes import route
from medrelease.policy.row import Row
from medrelease.policy.rules import Question, decide
from medrelease.terms.faults import Defect
from medrelease.terms.flow import Hold, Permit
from medrelease.terms.route import Study
from medrelease.terms.words import Basis, Consent, Identifiability, Kind, Pixels, Purpose, Reason

TODAY = date(2026, 11, 23)
ALL = frozenset(Consent)
RECORD = frozenset({Consent.RECORD})


def ask(purpose: Purpose, row: Row | None, **changes: object) -> Permit | Hold:
    """Decide a JPEG whose pixels were examined and show no face, unless told otherwise."""
    question = Question(
        route=route(purpose),
        row=row,
        dicom_kind=None,
        is_dicom=False,
        today=TODAY,
        pixels_examined=True,
        face=False,
        approved=False,
    )
    return decide(replace(question, **changes))


def reason(decision: Permit | Hold) -> Reason | None:
    """Why a file is held; None if it is not."""
    return decision.reason if isinstance(decision, Hold) else None


def row(consent: frozenset[Consent] = ALL, **cells: object) -> Row:
    """A row of the register."""
    return Row("23 02210", consent=consent, **cells)  # type: ignore[arg-type]


@pytest.mark.parametrize("granted", [Consent.TEACHING, Consent.PRINT, Consent.INTERNET])
def test_consent_is_a_set(granted: Consent) -> None:
    """Rule 2: each purpose is permitted by its own word and by no other."""
    for purpose in (Purpose.TEACHING, Purpose.PRINT, Purpose.INTERNET):
        held = reason(ask(purpose, row(RECORD | {granted})))
        assert held is (None if granted == purpose else Reason.CONSENT_MISSING)


def test_expiry_and_beginning_by_the_day() -> None:
    """Rule 4: consent counts on its first and on its last day."""
    assert reason(ask(Purpose.PRINT, row(expires=TODAY, consent_date=TODAY))) is None
    late = row(expires=date(2026, 11, 22))
    assert reason(ask(Purpose.PRINT, late)) is Reason.CONSENT_EXPIRED
    early = row(consent_date=date(2026, 11, 24))
    assert reason(ask(Purpose.PRINT, early)) is Reason.CONSENT_NOT_YET
    assert reason(ask(Purpose.CARE, early)) is None
    assert reason(ask(Purpose.CARE, late)) is None


def test_withdrawal_stops_gmc_10_and_research_but_not_care() -> None:
    """Rule 4: an objection stops every purpose but care, and so does one nobody can read."""
    for objecting in (row(withdrawn=TODAY), row(withdrawn_unreadable=True)):
        assert reason(ask(Purpose.CARE, objecting)) is None
        for purpose in (Purpose.TEACHING, Purpose.RESEARCH):
            decision = ask(purpose, objecting, dicom_kind=Kind.X_RAY, is_dicom=True)
            assert reason(decision) is Reason.CONSENT_WITHDRAWN


def test_gmc_10_outlives_expired_consent() -> None:
    """Rule 3: what never rested on consent goes on when consent has expired."""
    decision = ask(
        Purpose.TEACHING, row(expires=date(2020, 1, 1)), dicom_kind=Kind.X_RAY, is_dicom=True
    )
    assert decision == Permit(Basis.GMC_10, Identifiability.PSEUDONYMISED, Pixels.EXAMINED)


def test_record_is_needed_even_for_care() -> None:
    """Rule 4: a row without `record` holds care too; a job without a row goes for care."""
    teaching_only = row(frozenset({Consent.TEACHING}))
    assert reason(ask(Purpose.CARE, teaching_only)) is Reason.CONSENT_MISSING
    assert reason(ask(Purpose.CARE, None)) is None
    assert reason(ask(Purpose.TEACHING, None)) is Reason.JOB_NOT_REGISTERED


def test_register_kind_needs_the_routes_word_and_a_second_person() -> None:
    """Rule 6: the register's kind counts where the route says so, and then needs approval."""
    slide = row(RECORD, kind=Kind.PATHOLOGY_SLIDE)
    assert reason(ask(Purpose.TEACHING, slide)) is Reason.CONSENT_MISSING
    by_register = route(Purpose.TEACHING, gmc10="register")
    asked = ask(Purpose.TEACHING, slide, route=by_register)
    assert reason(asked) is Reason.APPROVAL_NEEDED
    agreed = ask(Purpose.TEACHING, slide, route=by_register, approved=True)
    assert isinstance(agreed, Permit)
    assert agreed.basis is Basis.GMC_10


def test_publication_on_gmc_10_needs_a_second_person() -> None:
    """Rules 3 and 9: `gmc-10` on print or internet always needs approval."""
    for purpose in (Purpose.PRINT, Purpose.INTERNET):
        xray = {"dicom_kind": Kind.X_RAY, "is_dicom": True}
        assert reason(ask(purpose, row(RECORD), **xray)) is Reason.APPROVAL_NEEDED
        assert reason(ask(purpose, row(RECORD), approved=True, **xray)) is None


def test_approval_comes_last() -> None:
    """Rule 9: nobody is asked to agree to a file that could not go anyway."""
    unexamined = ask(
        Purpose.PRINT, row(RECORD), dicom_kind=Kind.X_RAY, is_dicom=True, pixels_examined=False
    )
    assert reason(unexamined) is Reason.PIXELS_NOT_EXAMINED


def test_unexamined_pixels() -> None:
    """Rule 7: care and consent go with pixels unexamined, and the decision says so."""
    for purpose in (Purpose.CARE, Purpose.TEACHING):
        decision = ask(purpose, row(), pixels_examined=False, face=None)
        assert isinstance(decision, Permit)
        assert decision.pixels is Pixels.NOT_EXAMINED
        assert decision.identifiability is Identifiability.IDENTIFIABLE_CODED
    consented = row(studies=frozenset({"ABC"}))
    trial = route(Purpose.RESEARCH, study=Study("ABC", None, "consent"))
    held = ask(Purpose.RESEARCH, consented, route=trial, pixels_examined=False)
    assert reason(held) is Reason.PIXELS_NOT_EXAMINED


def test_faces_and_eye_bars() -> None:
    """Rule 8: a face is held where nobody may be recognised; covered eyes wherever not care."""
    assert reason(ask(Purpose.TEACHING, row(), face=True)) is None
    assert reason(ask(Purpose.RESEARCH, row(), face=True)) is Reason.RECOGNISABLE_FACE
    assert reason(ask(Purpose.TEACHING, row(), eyes_covered=True)) is Reason.EYES_COVERED
    assert reason(ask(Purpose.RESEARCH, row(), face=True, eyes_covered=True)) is Reason.EYES_COVERED
    assert reason(ask(Purpose.CARE, row(), face=True, eyes_covered=True)) is None


def test_study_end_comes_first() -> None:
    """Rule 11: the day after a study's end its route holds everything, row or no row."""
    over = route(Purpose.RESEARCH, study=Study("ABC", date(2026, 11, 22), "secondary"))
    last_day = route(Purpose.RESEARCH, study=Study("ABC", TODAY, "secondary"))
    assert reason(ask(Purpose.RESEARCH, None, route=over)) is Reason.STUDY_ENDED
    assert reason(ask(Purpose.RESEARCH, row(), route=last_day)) is None


def test_identifiability() -> None:
    """Rule 12: the H&C number in the name, a face, or nobody having looked make identifiable."""
    named = route(Purpose.CARE, hsc=True, filename="{job} -{image}-{hc}")
    cases = [
        (ask(Purpose.CARE, row(), route=named), Identifiability.IDENTIFIABLE_CODED),
        (ask(Purpose.CARE, row()), Identifiability.PSEUDONYMISED),
        (ask(Purpose.TEACHING, row(), face=None), Identifiability.IDENTIFIABLE_CODED),
        (ask(Purpose.TEACHING, row(), face=True), Identifiability.IDENTIFIABLE_CODED),
        (ask(Purpose.TEACHING, row()), Identifiability.PSEUDONYMISED),
        (ask(Purpose.TEACHING, row(), linkage_kept=False), Identifiability.ANONYMISED),
    ]
    for decision, expected in cases:
        assert isinstance(decision, Permit)
        assert decision.identifiability is expected


def test_research_without_a_study_is_a_defect() -> None:
    """A research route without a study is a fault of the program, not a decision."""
    with pytest.raises(Defect):
        ask(Purpose.RESEARCH, row(), route=route(Purpose.RESEARCH, study=None))
