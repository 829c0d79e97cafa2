"""The last steps of a release: intend, publish, record, dispose, in the order of durability.

`release.intended` is durable before the file becomes visible; `release.published` is durable
before the original leaves its claim (DESIGN.md section 3).
"""

from medrelease.identifiers import keyed
from medrelease.ledger.store import Release
from medrelease.release import records
from medrelease.release.case import Case, subject_code, subject_of
from medrelease.release.desk import Desk
from medrelease.release.naming import Named
from medrelease.spool import originals, publishing, work
from medrelease.terms.faults import Defect
from medrelease.terms.flow import Published, Verified
from medrelease.terms.route import Route
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


def dispose(desk: Desk, case: Case) -> None:
    """Move the original from its claim into the private store, and say so in the trail."""
    claim = case.claim
    originals.dispose(desk.layout, desk.claims, claim, desk.clock())
    record_stored(desk, claim.release_id, case.route, claim.path, claim.stamp.size)


def record_stored(desk: Desk, release_id: str, route: Route, path: bytes, size: int) -> None:
    """Say in the trail that an original is in the store; a start makes up for one unsaid."""
    desk.trail.append(
        Event.ORIGINAL_DISPOSED,
        {
            "release_id": release_id,
            "route": route.name,
            "source": {
                "sha256": None,
                "bytes": size,
                "kind": None,
                "name_hmac": keyed.hmac_hex(desk.trail_key(route), path),
            },
            "actions": {"stored": 1},
        },
        wait=False,
    )
