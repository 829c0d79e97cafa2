"""What a start does with the claims that the last run left: roll forward from the trail.

the trail's last word on a release     what is done
nothing                                the journey is begun again
intended, and the file is visible      published is recorded, the original disposed of
intended, and it is not                the journey is begun again, under the same number
published, repeated                    the original is disposed of
held                                   the move into held is finished
"""

from collections.abc import Mapping, Sequence
from typing import Any

from medrelease.audit import reading
from medrelease.audit.record import DETAIL_KEYS
from medrelease.release import publishing
from medrelease.release.case import Case
from medrelease.release.desk import Desk
from medrelease.release.holding import settle
from medrelease.release.identifying import open_case
from medrelease.spool import publishing as shelf
from medrelease.spool import work
from medrelease.terms.flow import Hold
from medrelease.terms.words import Event, Reason

_DISPOSED = {Event.RELEASE_PUBLISHED.value, Event.RELEASE_REPEATED.value}
_TELLING = _DISPOSED | {Event.RELEASE_INTENDED.value, Event.RELEASE_HELD.value}


def recover(desk: Desk) -> tuple[Case, ...]:
    """Settle what the trail decides; returns the cases whose journey begins again."""
    work.remove_leftovers(desk.layout)
    pending = desk.claims.pending()
    claims = [claim for claim in pending if claim.route in desk.rules.routes]
    if len(claims) < len(pending):
        desk.log.warning("claims of routes that are no longer configured are kept as they are")
    return unsettled(desk, [open_case(desk, claim) for claim in claims])


def unsettled(desk: Desk, cases: Sequence[Case]) -> tuple[Case, ...]:
    """Finish what the trail has decided of these claims; returns those that begin again."""
    if not cases:
        return ()
    last = last_words(desk, {case.claim.release_id for case in cases})
    return tuple(c for c in cases if not _settle(desk, c, last.get(c.claim.release_id)))


def last_words(desk: Desk, wanted: set[str]) -> dict[str, Mapping[str, Any]]:
    """The last record of each wanted release that tells its state, newest segment first."""
    found: dict[str, Mapping[str, Any]] = {}
    for segment in reversed(reading.segments(desk.trail.directory)):
        if wanted <= found.keys():
            break
        here: dict[str, Mapping[str, Any]] = {}
        for _raw, record in reading.records_of(segment):
            if record["release_id"] in wanted and record["event"] in _TELLING:
                here[record["release_id"]] = record
        found = here | found
    return found


def _settle(desk: Desk, case: Case, record: Mapping[str, Any] | None) -> bool:
    """Finish what the record began. False where the journey must begin again."""
    if record is None:
        return False
    event = record["event"]
    if event == Event.RELEASE_HELD.value:
        settle(desk, case, Hold(Reason(record["reason"])))
        return True
    if event == Event.RELEASE_INTENDED.value and not _complete(desk, record):
        return False
    publishing.dispose(desk, case, (record["source"] or {}).get("sha256"))
    return True


def _complete(desk: Desk, record: Mapping[str, Any]) -> bool:
    """Record as published what was intended and stands in released, byte for byte."""
    place = desk.layout.released(record["route"]) / record["coded_name"]
    if shelf.digest(place) != record["result"]["sha256"]:
        return False
    shelf.make_durable(desk.layout, record["route"])
    fields = {key: record[key] for key in DETAIL_KEYS}
    desk.trail.append(Event.RELEASE_PUBLISHED, fields)
    return True
