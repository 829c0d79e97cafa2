"""What was seen in the pixels meets the policy: which hold comes first, and what it permits."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from corpora.routes import route
from medrelease.policy.row import Row
from medrelease.release.case import Case
from medrelease.release.deciding import authorise
from medrelease.terms.flow import Claim, Examined, Hold, Mask, Probe, Stamp
from medrelease.terms.route import Route
from medrelease.terms.words import Consent, Format, Identifiability, Pixels, Purpose, Reason

DESK: Any = SimpleNamespace(today=lambda: date(2026, 11, 23))
CLAIM = Claim("", "r", b"a", Stamp(0, 0, 1, 0, 0, 1, 0), "outbox", leased=False)
US = Probe(Format.DICOM, "0" * 64, 1, "1.2.840.10008.5.1.4.1.1.6.1", "US")
TEACHING = route(Purpose.TEACHING)
CARE = replace(TEACHING, name="clinician", purpose=Purpose.CARE, hsc=True)
ROW = Row("23 02210", consent=frozenset({Consent.RECORD}))
CONSENTED = Row("23 02210", consent=frozenset({Consent.RECORD, Consent.TEACHING}))
WRITTEN = Examined(masks=(Mask(None, 0, 0, 1, 1),), text=1)


def case(route: Route, row: Row, seen: Examined | None, **more: Any) -> Case:
    """A case of an ultrasound image."""
    return Case(CLAIM, route, probe=US, row=row, examined=seen, **more)


@pytest.mark.parametrize(
    ("route", "row", "seen", "expected"),
    [
        (TEACHING, ROW, None, Pixels.NOT_EXAMINED),
        (TEACHING, ROW, Examined(), Pixels.EXAMINED),
        (TEACHING, ROW, WRITTEN, Pixels.EXAMINED),
        (TEACHING, ROW, Examined(face=True), Reason.RECOGNISABLE_FACE),
        (TEACHING, CONSENTED, Examined(face=True), Pixels.EXAMINED),
        (CARE, ROW, Examined(face=True), Pixels.EXAMINED),
        (TEACHING, ROW, Examined(eyes_covered=True), Reason.EYES_COVERED),
        (TEACHING, CONSENTED, Examined(eyes_covered=True), Reason.EYES_COVERED),
        (CARE, ROW, Examined(eyes_covered=True), Pixels.EXAMINED),
        (replace(CARE, text="hold"), ROW, WRITTEN, Reason.RESIDUAL_TEXT),
        (replace(CARE, text="keep"), ROW, None, Pixels.NOT_EXAMINED),
        (TEACHING, Row("23 02210"), None, Reason.CONSENT_MISSING),
    ],
)
def test_what_is_seen_decides_by_purpose_and_basis(
    route: Route, row: Row, seen: Examined | None, expected: Reason | Pixels
) -> None:
    """Faces hold where nobody may be recognised, covered eyes everywhere but for care."""
    decided = authorise(DESK, case(route, row, seen))
    if isinstance(expected, Reason):
        assert isinstance(decided, Hold)
        assert decided.reason is expected
    else:
        assert isinstance(decided, Case)
        assert decided.permit is not None
        assert decided.permit.pixels is expected


def test_nothing_is_promised_of_pixels_that_nobody_has_seen() -> None:
    """A file on its way to the look is called identifiable, whatever it may become."""
    before = authorise(DESK, case(TEACHING, ROW, None))
    after = authorise(DESK, case(TEACHING, ROW, Examined()))
    assert isinstance(before, Case)
    assert isinstance(after, Case)
    assert before.permit is not None
    assert after.permit is not None
    assert before.permit.identifiability is Identifiability.IDENTIFIABLE_CODED
    assert after.permit.identifiability is Identifiability.PSEUDONYMISED


def test_a_second_person_is_asked_last_and_for_each_thing_by_itself() -> None:
    """What the pixels show comes before a route's approval, and each agreement skips its own."""
    asks = replace(TEACHING, approval="required", text="hold")
    decided = authorise(DESK, case(asks, CONSENTED, WRITTEN))
    assert isinstance(decided, Hold)
    assert decided.reason is Reason.RESIDUAL_TEXT
    agreed = {"user": "a", "uid": 1, "reason": "", "for": ["residual-text"]}
    decided = authorise(DESK, case(asks, CONSENTED, WRITTEN, approval=agreed))
    assert isinstance(decided, Hold)
    assert decided.reason is Reason.APPROVAL_NEEDED
    both = agreed | {"for": ["approval-needed", "residual-text"]}
    assert isinstance(authorise(DESK, case(asks, CONSENTED, WRITTEN, approval=both)), Case)
