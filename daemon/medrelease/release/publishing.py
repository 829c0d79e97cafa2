"""The last steps of a release: intend, publish, record, dispose, in the order of durability.

`release.intended` is durable before the file becomes visible; `release.published` is durable
before the original leaves its claim (DESIGN.md section 3).
"""

from medrelease.identifiers import keyed
from medrelease.ledger.store import Release
from medrelease.release import records
from medrelease.release.case import Case, source_digest, subject_code, subject_of, trail_digest
from medrelease.release.desk import Desk
from medrelease.release.naming import Named
from medrelease.spool import originals, publishing, work
from medrelease.terms.faults import Defect
from medrelease.terms.flow import Published, Verified
from medrelease.terms.words import Event, Outcome


def repeats(desk: Desk, named: Named) -> bool:
    """Whether the very file already stands in the released folder under this name."""
    earlier: Release | None = named.earlier
    if earlier is None or earlier.route is None or earlier.result_sha256 is None:
        return False
    place = desk.layout.released(earlier.route) / named.coded_name
    return publishing.digest(place) == earlier.result_sha256


def record_repeat(desk: Desk, case: Case, verified: Verified, named: Named) -> None:
    """Write that the same image came again, and keep the original like any other."""
    fields = records.of_release(desk, case, verified, named.coded_name, named.image)
    desk.trail.append(Event.RELEASE_REPEATED, fields | {"outcome": Outcome.REPEATED.value})
    work.remove(desk.layout, verified.work)
    dispose(desk, case)


def publish(desk: Desk, case: Case, verified: Verified, named: Named) -> Published:
    """Make a verified file visible, between two durable records.

    Raises Transient where the released folder cannot be written to, and Defect where another
    file stands under a name that the trail says is free.
    """
    publishing.ready(desk.layout, case.route.name)
    if case.identity is not None:
        desk.linkage.remember(
            subject_code(desk, case), subject_of(case.identity), case.route.key_label
        )
    fields = records.of_release(desk, case, verified, named.coded_name, named.image)
    desk.trail.append(Event.RELEASE_INTENDED, fields)
    published = publishing.publish(desk.layout, verified, named.coded_name, desk.clock())
    if published is None:
        raise Defect("a file stands in released under a name that the trail says is free")
    desk.trail.append(Event.RELEASE_PUBLISHED, fields)
    dispose(desk, case)
    return published


def dispose(desk: Desk, case: Case, recorded: str | None = None) -> None:
    """Move the original from its claim into the private store, and say so in the trail.

    `recorded` is the source's digest as the trail has it, where the case does not know it any
    more. Bytes that are not those that were released raise an alert: what was released stands.
    """
    claim = case.claim
    original = originals.dispose(desk.layout, desk.claims, claim, desk.clock())
    stored = trail_digest(desk, case.route, original.sha256) if original else None
    recorded = recorded or source_digest(desk, case)
    if recorded and stored and stored != recorded:
        desk.log.warning("an original is not what was released", release_id=claim.release_id)
        alert = {"release_id": claim.release_id, "route": case.route.name}
        desk.trail.append(
            Event.SECURITY_ALERT, alert | {"actions": {"original-altered": 1}}, wait=False
        )
    say_stored(desk, case, stored)


def say_stored(desk: Desk, case: Case, stored: str | None) -> None:
    """Say in the trail that an original is in the store; a start makes up for one unsaid.

    `stored` is the digest of its bytes there, as the trail of its route has it.
    """
    desk.trail.append(
        Event.ORIGINAL_DISPOSED,
        {
            "release_id": case.claim.release_id,
            "route": case.route.name,
            "study": case.route.study.reference if case.route.study else None,
            "source": {
                "sha256": stored,
                "bytes": case.claim.stamp.size,
                "kind": None,
                "name_hmac": keyed.hmac_hex(desk.trail_key(case.route), case.claim.path),
            },
            "actions": {"stored": 1},
        },
        wait=False,
    )
