"""What is known of one claimed file so far; each step of the journey adds to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from medrelease.identifiers import keyed
from medrelease.policy import picture
from medrelease.policy.row import Row
from medrelease.register import RowInvalid
from medrelease.release.desk import Desk
from medrelease.terms.flow import Claim, Examined, Identity, Mask, Permit, Probe
from medrelease.terms.route import Route
from medrelease.terms.words import Reason


@dataclass(frozen=True, slots=True)
class Case:
    """A claimed file on its route. Fields that a step has not reached yet are None.

    `row` or `row_invalid` is what the register says of the job, `registered` that in a word
    ("present" or "absent"), `said` all of it in one text, to be told from what it says later.
    `approval` tells who agreed as a second person, why, and to which holds (`for`).
    """

    claim: Claim
    route: Route
    user: str | None = None
    probe: Probe | None = None
    identity: Identity | None = None
    row: Row | None = None
    row_invalid: RowInvalid | None = None
    registered: str | None = None
    said: str | None = None
    permit: Permit | None = None
    approval: Mapping[str, Any] | None = None
    examined: Examined | None = None

    @property
    def agreed(self) -> frozenset[Reason]:
        """The holds to whose release a second person has agreed."""
        return frozenset(Reason(reason) for reason in (self.approval or {}).get("for", ()))

    @property
    def masks(self) -> tuple[Mask, ...]:
        """What is to be blanked in the picture."""
        return picture.masks(self.examined, self.route)

    @property
    def shows_no_writing(self) -> bool:
        """Whether the pixels were examined and all writing that was found is blanked."""
        return self.examined is not None and picture.leaves_nothing(self.examined, self.route)

    @property
    def shows_no_face(self) -> bool:
        """Whether the pixels were examined and no face was seen, covered or not."""
        seen = self.examined
        return seen is not None and not seen.face and not seen.eyes_covered


def subject_of(identity: Identity) -> str:
    """The subject: the H&C number where known, else the job (DESIGN.md 5.3)."""
    return identity.hc or identity.job


def subject_code(desk: Desk, case: Case) -> str:
    """The case's subject code on its route, keyed per study for research."""
    if case.identity is None:
        raise ValueError("a subject code needs an identity")
    subject = subject_of(case.identity)
    return keyed.subject_code(desk.subject_key(case.route, subject), subject)


def source_digest(desk: Desk, case: Case) -> str | None:
    """The source's SHA-256 as the trail names it; None before its first look."""
    return trail_digest(desk, case.route, case.probe.sha256) if case.probe else None


def trail_digest(desk: Desk, route: Route, sha256: str) -> str | None:
    """A source's SHA-256 as the trail names it: an HMAC of it per study on research routes.

    None where there is none.
    """
    if route.study is None or not sha256:
        return sha256 or None
    return keyed.hmac_hex(desk.trail_key(route), sha256)
