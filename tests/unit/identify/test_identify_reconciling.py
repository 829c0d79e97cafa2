"""All that speak must agree: who may speak, who may supply, and what a hold tells."""

from dataclasses import replace
from typing import Any

import pytest

from medrelease.identify import PathWords, reconcile
from medrelease.policy.row import Row
from medrelease.terms.flow import Hold, Identity
from medrelease.terms.words import Reason, Speaker

JOB, HC, OTHER = "23 02210", "012 345 6789", "943 476 5919"
WRONG = "012 345 6798"
CARE = frozenset({"job", "image", "hc"})
CODE = frozenset({"subject", "image"})
PATH, REGISTER, DICOM, PIXELS = Speaker


def settle(
    path_hc: str | None = None,
    row_hc: str | None = None,
    *,
    words: dict[str, Any] | None = None,
    row: Row | None = None,
    **asked: Any,
) -> Identity | Hold:
    """Reconcile a path that names the job with what the others say."""
    said = PathWords(jobs=frozenset({JOB}), hcs=frozenset({path_hc} - {None}))  # type: ignore[arg-type]
    if row_hc is not None:
        row = Row(JOB, hc=row_hc)
    given = {"dicom_hc": None, "pixels_hc": None, "needs": CARE, "check": "check-digit"} | asked
    return reconcile(replace(said, **(words or {})), row=row, **given)


def held(decision: Identity | Hold) -> tuple[Reason, str]:
    """Reason and detail of a hold."""
    assert isinstance(decision, Hold)
    return decision.reason, decision.detail


@pytest.mark.parametrize(
    ("path", "row", "dicom", "pixels", "speakers"),
    [
        (HC, None, None, None, (PATH,)),
        (None, HC, None, None, (REGISTER,)),
        (HC, HC, HC, HC, (PATH, REGISTER, DICOM, PIXELS)),
        (HC, None, WRONG, None, (PATH,)),
        (HC, HC, WRONG, WRONG, (PATH, REGISTER)),
        (None, HC, HC, None, (REGISTER, DICOM)),
    ],
)
def test_all_agree(
    path: str | None,
    row: str | None,
    dicom: str | None,
    pixels: str | None,
    speakers: tuple[Speaker, ...],
) -> None:
    """Those who agree are named in order; DICOM and pixels are silent with an invalid number."""
    identity = settle(path, row, dicom_hc=dicom, pixels_hc=pixels)
    assert isinstance(identity, Identity)
    assert identity.hc == HC
    assert identity.spoken["hc"] == speakers
    assert identity.spoken["job"] == ((PATH, REGISTER) if row else (PATH,))


@pytest.mark.parametrize(
    ("path", "row", "dicom", "pixels", "sources"),
    [
        (HC, OTHER, None, None, ("folder or file name", "register")),
        (HC, None, OTHER, None, ("folder or file name", "DICOM")),
        (None, HC, None, OTHER, ("register", "picture")),
        (None, None, HC, OTHER, ("DICOM", "picture")),
        (HC, HC, HC, OTHER, ("folder or file name", "picture")),
    ],
)
def test_a_disagreement_names_sources_and_no_values(
    path: str | None, row: str | None, dicom: str | None, pixels: str | None, sources: tuple[str]
) -> None:
    """A conflict names the two who disagree and neither number."""
    reason, detail = held(settle(path, row, dicom_hc=dicom, pixels_hc=pixels))
    assert reason is Reason.IDENTITY_CONFLICT
    assert all(source in detail for source in sources)
    assert not any(character.isdigit() for character in detail)
    assert "swapped" not in detail


def test_likely_slips_are_called_out() -> None:
    """Numbers one digit or one swap apart are called so, whether or not checks are on."""
    reason, detail = held(settle(WRONG, HC, check="off"))
    assert reason is Reason.IDENTITY_CONFLICT
    assert "one digit or a swapped pair" in detail
    reason, detail = held(settle(WRONG, HC))
    assert reason is Reason.HC_NUMBER_INVALID
    assert "one digit or a swapped pair" in detail


def test_two_jobs_that_are_alike_are_called_a_slip() -> None:
    """So are two job numbers of one path; job numbers of other lengths are just different."""
    for jobs, alike in (({JOB, "23 02201"}, True), ({JOB, "24 00001"}, False), ({JOB, "2"}, False)):
        reason, detail = held(settle(HC, words={"jobs": frozenset(jobs)}))
        assert reason is Reason.IDENTITY_CONFLICT
        assert ("swapped pair" in detail) is alike
        assert not any(character.isdigit() for character in detail)


def test_a_hold_tells_who_spoke() -> None:
    """The record of a hold says who spoke for what, as that of a release does."""
    decision = settle(HC, OTHER, dicom_hc=HC, words={"images": frozenset({1})})
    assert isinstance(decision, Hold)
    assert decision.spoken == {
        "job": (PATH, REGISTER),
        "image": (PATH,),
        "hc": (PATH, REGISTER, DICOM),
    }
    missing = settle(words={"jobs": frozenset()})
    assert isinstance(missing, Hold)
    assert missing.spoken == {"job": (), "image": (), "hc": ()}


@pytest.mark.parametrize(
    ("number", "kind"),
    [("400 000 0004", "NHS"), ("010 120 1234", "CHI"), ("350 123 4560", None)],
)
def test_a_number_of_another_country_is_called_what_it_is(number: str, kind: str | None) -> None:
    """A site that takes H&C numbers only says of an NHS or CHI number that it is one."""
    reason, detail = held(settle(number, check="hc-range"))
    assert reason is Reason.HC_NUMBER_INVALID
    assert (f"{kind} number" in detail) if kind else ("fails its check" in detail)
    if kind:
        assert isinstance(settle(number), Identity)


def test_invalid_numbers_of_path_and_register() -> None:
    """A number of path or register that fails its check holds the file, needed or not."""
    assert "folder" in held(settle(WRONG))[1]
    assert held(settle(WRONG, needs=CODE))[0] is Reason.HC_NUMBER_INVALID
    reason, detail = held(settle(None, WRONG, needs=CODE))
    assert reason is Reason.HC_NUMBER_INVALID
    assert "register" in detail
    assert isinstance(settle(WRONG, check="off"), Identity)
    assert held(settle(HC, check="hc-range"))[0] is Reason.HC_NUMBER_INVALID


def test_dicom_and_pixels_supply_nothing() -> None:
    """A number that only DICOM and the pixels say is not the identity's."""
    assert held(settle(dicom_hc=HC, pixels_hc=HC))[0] is Reason.IDENTITY_MISSING
    identity = settle(dicom_hc=HC, pixels_hc=HC, needs=CODE)
    assert isinstance(identity, Identity)
    assert identity.hc is None
    assert identity.spoken["hc"] == ()


def test_an_empty_cell_is_silent() -> None:
    """A row without an H&C number speaks for the job and lets the path supply the number."""
    identity = settle(HC, row=Row(JOB))
    assert isinstance(identity, Identity)
    assert identity.spoken["job"] == (PATH, REGISTER)
    assert identity.spoken["hc"] == (PATH,)


def test_missing_names_all_that_is_missing() -> None:
    """A hold names both missing numbers; a job number is needed on every route."""
    reason, detail = held(settle(words={"jobs": frozenset()}))
    assert reason is Reason.IDENTITY_MISSING
    assert "job number" in detail
    assert "H&C number" in detail
    assert "job number" in held(settle(HC, words={"jobs": frozenset()}, needs=CODE))[1]
    assert "job number" not in held(settle())[1]


def test_two_numbers_in_one_path() -> None:
    """Two jobs, two images or two H&C numbers in one path are a conflict."""
    for words in (
        {"jobs": frozenset({JOB, "24 00001"})},
        {"images": frozenset({1, 2})},
        {"hcs": frozenset({HC, OTHER})},
    ):
        assert held(settle(HC, words=words))[0] is Reason.IDENTITY_CONFLICT


def test_image_numbers() -> None:
    """The path's image number counts where images are numbered per job, and else is silent."""
    one = {"images": frozenset({7}), "recipient": "Dr Smith"}
    identity = settle(HC, words=one)
    assert isinstance(identity, Identity)
    assert (identity.image, identity.recipient) == (7, "Dr Smith")
    assert identity.spoken["image"] == (PATH,)
    for words in (one, {"images": frozenset({1, 2})}):
        silent = settle(HC, words=words, needs=CODE)
        assert isinstance(silent, Identity)
        assert silent.image is None
        assert silent.spoken["image"] == ()
    both = settle(HC, words=one, needs=CODE | {"job"})
    assert isinstance(both, Identity)
    assert both.image == 7
