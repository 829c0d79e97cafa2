"""What was seen in a picture: what holds it, what an approval skips, and what is blanked."""

from dataclasses import replace

import pytest

from corpora.routes import route
from medrelease.policy import picture
from medrelease.terms.flow import Examined, Hold, Mask
from medrelease.terms.route import Route
from medrelease.terms.words import Purpose, Reason

ROUTE = route(Purpose.TEACHING)
HOLDING = route(Purpose.TEACHING, text="hold")
MASK = Mask(0, 1, 2, 3, 4)
WRITTEN = Examined(masks=(MASK,), text=1, masked_share=0.1)
NOBODY: frozenset[Reason] = frozenset()


def reason(found: Hold | None) -> Reason | None:
    """The reason of a hold."""
    return found.reason if found else None


@pytest.mark.parametrize(
    ("seen", "route", "expected"),
    [
        (Examined(), ROUTE, None),
        (Examined(), HOLDING, None),
        (Examined(kept=2), HOLDING, None),
        (WRITTEN, ROUTE, None),
        (WRITTEN, HOLDING, Reason.RESIDUAL_TEXT),
        (replace(WRITTEN, residual=1), ROUTE, Reason.RESIDUAL_TEXT),
        (Examined(residual=1), HOLDING, Reason.RESIDUAL_TEXT),
        (replace(WRITTEN, masked_share=0.2), ROUTE, None),
        (replace(WRITTEN, masked_share=0.21), ROUTE, Reason.MASK_TOO_LARGE),
        (replace(WRITTEN, unmaskable=True), ROUTE, Reason.MASK_NOT_POSSIBLE),
        (replace(WRITTEN, unmaskable=True), HOLDING, Reason.RESIDUAL_TEXT),
        (replace(WRITTEN, identification_frame=True), ROUTE, Reason.IDENTIFICATION_FRAME),
        (Examined(face=True, eyes_covered=True), ROUTE, None),
    ],
)
def test_what_is_seen_holds_as_the_route_says(
    seen: Examined, route: Route, expected: Reason | None
) -> None:
    """Each finding holds for its own reason, and faces are not this rule's business."""
    assert reason(picture.judge(seen, route, NOBODY)) is expected


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (Examined(), None),
        (Examined(face=True), None),
        (Examined(face=True, eyes_covered=True), Reason.EYES_COVERED),
        (replace(WRITTEN, eyes_covered=True), Reason.EYES_COVERED),
        (WRITTEN, Reason.RESIDUAL_TEXT),
        (Examined(identification_frame=True), Reason.IDENTIFICATION_FRAME),
    ],
)
def test_what_holds_a_file_on_no_route(seen: Examined, expected: Reason | None) -> None:
    """Covered eyes hold it, as every route but care would; a plain face does not."""
    assert reason(picture.judge_alone(seen, HOLDING)) is expected


def test_an_approval_skips_its_own_hold_alone() -> None:
    """A picture with three faults needs three agreements, and none helps where no mask can be."""
    seen = replace(WRITTEN, identification_frame=True, residual=2, masked_share=0.5)
    agreed: frozenset[Reason] = frozenset()
    for expected in (Reason.IDENTIFICATION_FRAME, Reason.RESIDUAL_TEXT, Reason.MASK_TOO_LARGE):
        assert reason(picture.judge(seen, ROUTE, agreed)) is expected
        agreed |= {expected}
    assert picture.judge(seen, ROUTE, agreed) is None
    agreed |= {Reason.APPROVAL_NEEDED}
    assert reason(picture.judge(replace(seen, unmaskable=True), ROUTE, agreed)) is (
        Reason.MASK_NOT_POSSIBLE
    )


def test_only_redaction_blanks() -> None:
    """Where writing is left to a person nothing is blanked, and the record does not say so."""
    assert picture.masks(WRITTEN, ROUTE) == (MASK,)
    assert picture.masks(WRITTEN, HOLDING) == ()
    assert picture.masks(None, ROUTE) == ()
    seen = replace(WRITTEN, codes=2, devices=4, identifiers=1, kept=3)
    assert picture.actions(seen, ROUTE) == {
        "text-masked": 1,
        "codes-masked": 2,
        "device-masked": 4,
        "identifiers-masked": 1,
        "text-kept": 3,
    }
    assert picture.actions(seen, HOLDING)["text-left"] == 1


def test_an_object_says_that_nothing_is_left_only_where_that_is_so() -> None:
    """Writing that a person let pass is not denied by the object itself."""
    assert picture.leaves_nothing(WRITTEN, ROUTE)
    assert not picture.leaves_nothing(replace(WRITTEN, residual=1), ROUTE)
    assert not picture.leaves_nothing(WRITTEN, HOLDING)
    assert picture.leaves_nothing(Examined(kept=1), HOLDING)
