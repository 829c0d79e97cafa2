"""Which coded name: the image's number, and whether these bytes were released before.

The same bytes for the same job keep their number; a number that stands for other bytes is
taken; the same bytes under another patient's number stop the file (DESIGN.md 5.3).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from medrelease.identifiers import hc_number, keyed
from medrelease.identifiers.coded_name import Template
from medrelease.ledger.store import Release
from medrelease.release.case import Case, subject_code
from medrelease.release.desk import Desk
from medrelease.terms.flow import Hold, Verified
from medrelease.terms.route import Route
from medrelease.terms.words import Reason


@dataclass(frozen=True, slots=True)
class Named:
    """The coded name and image number of a release; `earlier` stood under it before."""

    coded_name: str
    image: int
    earlier: Release | None


def name(
    desk: Desk, case: Case, verified: Verified, asked_by_others: frozenset[int]
) -> Named | Hold:
    """Give a verified file its coded name, or say why it cannot have one.

    `asked_by_others` are the numbers that waiting files of the same job name themselves.
    """
    identity = case.identity
    if identity is None:
        return Hold(Reason.IDENTITY_MISSING)
    same = list(same_bytes(desk, verified.source_sha256))
    if any(_other_patient(desk, case, release) for release in same):
        return Hold(Reason.OTHER_PATIENT)
    kept = next((n for r in same if (n := _number_kept(desk, case, r)) is not None), None)
    used = numbers_used(desk, case)
    if kept is not None:
        image = kept
    elif case.route.names_job and identity.image is not None:
        image = identity.image
        if image in used:
            return Hold(Reason.IMAGE_NUMBER_TAKEN)
    else:
        image = next_free(used | asked_by_others)
    coded_name = _format(desk, case, image, verified.format.extension)
    under = [r for r in same if (r.route, r.coded_name) == (case.route.name, coded_name)]
    # the last one: it may have been taken away and written again by a later version
    return Named(coded_name, image, under[-1] if under else None)


def next_free(used: frozenset[int]) -> int:
    """The smallest image number from 1 on that nobody uses."""
    number = 1
    while number in used:
        number += 1
    return number


def numbers_used(desk: Desk, case: Case) -> frozenset[int]:
    """The numbers that the trail names: per job, or per subject on a route without {job}."""
    if case.identity is None:
        return frozenset()
    if case.route.names_job:
        beside = {route.name for route in desk.rules.routes.values() if not route.names_job}
        return frozenset(desk.ledger.numbers_of_job(case.identity.job, beside))
    return frozenset(desk.ledger.numbers_of_subject(case.route.name, subject_code(desk, case)))


def same_bytes(desk: Desk, sha256: str) -> Iterator[Release]:
    """Every earlier release of these source bytes; research routes know them by HMAC only."""
    yield from desk.ledger.same_bytes(sha256)
    for route in desk.rules.routes.values():
        if route.study is not None:
            for key in desk.trail_keys(route):
                yield from desk.ledger.same_bytes(keyed.hmac_hex(key, sha256))


def _number_kept(desk: Desk, case: Case, release: Release) -> int | None:
    """The number these bytes already have in this case's numbering, if any."""
    if case.identity is None:
        return None
    if case.route.names_job:
        theirs = desk.rules.routes.get(release.route or "")
        same_job = release.job_no == case.identity.job and theirs is not None and theirs.names_job
        return release.image_no if same_job else None
    same_subject = release.subject == subject_code(desk, case)
    return release.image_no if release.route == case.route.name and same_subject else None


def _other_patient(desk: Desk, case: Case, release: Release) -> bool:
    """Whether these bytes went out under another H&C number than the case's.

    The trail names no H&C number; the linkage knows whose the code of then was, also where its
    route is no longer configured or its key is an older one. A code that was made from a job,
    when nobody knew the number, says nothing of a patient.
    """
    identity = case.identity
    if identity is None or identity.hc is None or release.subject is None:
        return False
    linked = desk.linkage.find(release.subject)
    if linked is not None:
        return hc_number.parse(linked.subject) not in (None, identity.hc)
    route = desk.rules.routes.get(release.route or "")
    return route is not None and not _own(desk, route, release, identity.hc, identity.job)


def _own(desk: Desk, route: Route, release: Release, hc: str, job: str) -> bool:
    """Whether a code that the linkage lost is that of the H&C number, or of a job."""
    known = release.job_no if route.study is None else job
    subjects = [subject for subject in (hc, known) if subject is not None]
    return any(
        release.subject == keyed.subject_code(key, subject)
        for key in desk.route_keys(route)
        for subject in subjects
    )


def _format(desk: Desk, case: Case, image: int, extension: str) -> str:
    template: Template = desk.rules.templates[case.route.name]
    identity = case.identity
    assert identity is not None  # noqa: S101 - `name` has looked
    return template.format(
        job=identity.job,
        image=image,
        hc=identity.hc,
        subject=subject_code(desk, case),
        study=case.route.study.reference if case.route.study else None,
        extension=extension,
    )
