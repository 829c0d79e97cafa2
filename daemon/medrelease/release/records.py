"""The fields of an audit record, made from a case: what is said, and what is only hashed.

On a research route the job number, the image number and the subject are null and every hash
is keyed per study, so that the trail itself links nothing (DESIGN.md 5.5).
"""

import os
from collections.abc import Mapping
from typing import Any

from medrelease.identifiers import keyed
from medrelease.identify import read_path
from medrelease.policy import picture
from medrelease.register import row_bytes
from medrelease.release.case import Case, source_digest, subject_code
from medrelease.release.desk import Desk
from medrelease.terms.flow import Hold, Verified
from medrelease.terms.words import Outcome, Speaker


def of_case(desk: Desk, case: Case) -> dict[str, Any]:
    """What every record of a case says, whatever its event."""
    route, claim = case.route, case.claim
    key = desk.trail_key(route)
    fields: dict[str, Any] = {
        "release_id": claim.release_id,
        "route": route.name,
        "purpose": route.purpose.value,
        "study": route.study.reference if route.study else None,
        "destination": route.destination,
        "attempt": claim.attempt,
        "user": case.user,
        "process": f"medrelease[{os.getpid()}]",
        "policy_sha256": desk.rules.policy_sha256,
        "register": case.registered,
        "approval": _approval(case),
        "source": {
            "sha256": source_digest(desk, case),
            "bytes": claim.stamp.size,
            "kind": case.probe.format.value if case.probe else None,
            "name_hmac": keyed.hmac_hex(key, claim.path),
        },
    }
    if case.row is not None:
        fields["register_row_hmac"] = keyed.hmac_hex(key, row_bytes(case.row))
    if case.identity is not None:
        fields |= _of_identity(desk, case, key)
    if case.permit is not None:
        fields |= {
            "basis": case.permit.basis.value,
            "identifiability": case.permit.identifiability.value,
            "pixels": case.permit.pixels.value,
        }
    if case.examined is not None:
        fields["models"] = dict(case.examined.models)
        fields["actions"] = dict(picture.actions(case.examined, route))
    return fields


def _approval(case: Case) -> dict[str, Any] | None:
    """Who agreed as a second person, and why; to which holds stands in `hold.resolved`."""
    said = case.approval
    return {key: said[key] for key in ("user", "uid", "reason")} if said else None


def _of_identity(desk: Desk, case: Case, key: bytes) -> dict[str, Any]:
    identity = case.identity
    assert identity is not None  # noqa: S101 - the one caller has just looked
    research = case.route.study is not None
    return {
        "recipient": identity.recipient,
        "job_no": None if research else identity.job,
        "subject": None if research else subject_code(desk, case),
        "job_hmac": keyed.hmac_hex(key, identity.job),
        "identity": _speakers(identity.spoken),
    }


def of_hold(desk: Desk, case: Case, hold: Hold) -> dict[str, Any]:
    """The fields of `release.held`."""
    fields = of_case(desk, case)
    if case.identity is None:
        fields |= _of_path(desk, case)
        if hold.spoken is not None:
            fields["identity"] = _speakers(hold.spoken)
    return fields | {"outcome": Outcome.HELD.value, "reason": hold.reason.value}


def _of_path(desk: Desk, case: Case) -> dict[str, Any]:
    """The one job that the path names, so that a search for it also finds what was held."""
    jobs = read_path(case.claim.path, desk.rules.job_format).jobs
    if len(jobs) != 1:
        return {}
    (job,) = jobs
    job_hmac = keyed.hmac_hex(desk.trail_key(case.route), job)
    return {"job_no": None if case.route.study else job, "job_hmac": job_hmac}


def _speakers(spoken: Mapping[str, tuple[Speaker, ...]]) -> dict[str, list[str]]:
    return {what: [s.value for s in spoken.get(what, ())] for what in ("job", "image", "hc")}


def of_release(
    desk: Desk, case: Case, verified: Verified, coded_name: str, image: int
) -> dict[str, Any]:
    """The fields of `release.intended` and `release.published`."""
    said = of_case(desk, case)
    return said | {
        "outcome": Outcome.RELEASED.value,
        "coded_name": coded_name,
        "image_no": None if case.route.study else image,
        "result": {
            "sha256": verified.sha256,
            "bytes": verified.size,
            "kind": verified.format.value,
        },
        "actions": {**said.get("actions", {}), **verified.actions},
        "proof": verified.proof.value,
        "models": said.get("models", {}),
    }
