"""What a start does with the claims that the last run left: roll forward from the trail.

the trail's last word on a release     what is done
nothing                                the journey is begun again
intended, and the file is visible      published is recorded, the original disposed of
intended, and it is not                the journey is begun again, under the same number
published, repeated                    the original is disposed of
held                                   the move into held is finished
held, and a person discarded it        the original is disposed of
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from medrelease.audit import reading
from medrelease.audit.record import DETAIL_KEYS
from medrelease.release import publishing
from medrelease.release.case import Case, trail_digest
from medrelease.release.desk import Desk
from medrelease.release.holding import settle
from medrelease.release.identifying import open_case
from medrelease.spool import originals, work
from medrelease.spool import publishing as shelf
from medrelease.spool.faults import transient
from medrelease.terms.faults import Transient, name_of
from medrelease.terms.flow import Hold
from medrelease.terms.words import Event, Reason

_DISPOSED = {Event.RELEASE_PUBLISHED.value, Event.RELEASE_REPEATED.value}
_TELLING = _DISPOSED | {
    Event.RELEASE_INTENDED.value,
    Event.RELEASE_HELD.value,
    Event.HOLD_RESOLVED.value,
}
_SIDE_BY_SIDE = 16
"""How many claims are settled at once where there are more."""

DISCARDED = "discard"
"""How `hold.resolved` counts a file that a person had put away."""


def pending(desk: Desk) -> tuple[Case, ...]:
    """The claims that the last run left, of routes that are still configured."""
    work.remove_leftovers(desk.layout)
    claims = desk.claims.pending()
    ours = [claim for claim in claims if claim.route in desk.rules.routes]
    if len(ours) < len(claims):
        desk.log.warning("claims of routes that are no longer configured are kept as they are")
    return tuple(open_case(desk, claim) for claim in ours)


def make_up(desk: Desk) -> None:
    """Record every original that a crash left in the store unsaid: that record waits for nobody."""
    for release_id in originals.stored(desk.layout):
        known = desk.ledger.release(release_id)
        if known is not None and known.disposed:
            continue
        found = originals.find(desk.layout, release_id)
        if found is not None and found[0].route in desk.rules.routes:
            original, claim = found
            case = open_case(desk, claim)
            publishing.say_stored(desk, case, trail_digest(desk, case.route, original.sha256))


def last_words(desk: Desk, cases: Sequence[Case]) -> dict[str, Mapping[str, Any]]:
    """The last record that tells the state of each case's release, where there is one.

    The index says for which there is: the trail is read backwards only until those are found.
    Raises Transient where it cannot be read now.
    """
    ids = (case.claim.release_id for case in cases)
    wanted = {release_id for release_id in ids if desk.ledger.knows(release_id)}
    found: dict[str, Mapping[str, Any]] = {}
    with transient("reading the trail"):
        for segment in reversed(reading.segments(desk.trail.directory)):
            if wanted <= found.keys():
                break
            here: dict[str, Mapping[str, Any]] = {}
            for _raw, record in reading.records_of(segment):
                if record["release_id"] in wanted and record["event"] in _TELLING:
                    here[record["release_id"]] = record
            found = here | found
    return found


def settle_all(desk: Desk, cases: Sequence[Case]) -> list[bool | None]:
    """What came of `settle_case` for each, None where a fault that passes was in the way.

    Many are settled side by side, so that their fsyncs share the disk's.
    """
    try:
        words = last_words(desk, cases)
    except Transient:
        return [None] * len(cases)

    def one(case: Case) -> bool | None:
        try:
            return settle_case(desk, case, words.get(case.claim.release_id))
        except Transient as fault:
            tell_waiting(desk, case, str(fault))
        except OSError as error:
            tell_waiting(desk, case, name_of(error))
        return None

    if len(cases) <= _SIDE_BY_SIDE:
        return [one(case) for case in cases]
    with ThreadPoolExecutor(_SIDE_BY_SIDE, thread_name_prefix="settle") as pool:
        return list(pool.map(one, cases))


def tell_waiting(desk: Desk, case: Case, cause: str) -> None:
    """Say in the log that a claim waits, and for what."""
    desk.log.info("waiting", release_id=case.claim.release_id, cause=cause)


def settle_case(desk: Desk, case: Case, record: Mapping[str, Any] | None) -> bool:
    """Finish what the record began. False where the journey must begin again."""
    if record is None:
        return False
    event = record["event"]
    if event == Event.RELEASE_HELD.value:
        settle(desk, case, Hold(Reason(record["reason"])))
        return True
    if event == Event.HOLD_RESOLVED.value and DISCARDED not in (record["actions"] or {}):
        return False
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
