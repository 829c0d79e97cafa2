"""What goes on beside releasing: strays in released, lone notes, old originals, the last look.

Each kind of work has a pace of its own, so that a busy outbox does not pay for it.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from medrelease.audit.line import timestamp
from medrelease.ledger.held_places import place_from_note
from medrelease.notices import why_note
from medrelease.release import approvals, front_page
from medrelease.release.again import Waiting
from medrelease.release.desk import Desk
from medrelease.release.requests import resolve
from medrelease.release.rounds import Rounds, new_id
from medrelease.release.status import write_last_look
from medrelease.spool import held_folder, holding, originals, publishing
from medrelease.spool.held_folder import HeldFile
from medrelease.terms.flow import Hold
from medrelease.terms.words import Event, Reason, Wait

_SOON, _SELDOM = 1.0, 600.0
"""Seconds between two turns at the work that people wait for, and at the work nobody does."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """Whose house it is, and how long things are kept there.

    `patience` is in seconds, the others are in days; `released_days` 0 keeps for ever.
    """

    site: str
    patience: float
    originals_days: int
    released_days: int


class Housekeeping:
    """The work beside the releases of one site. Used by one thread only."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._next: dict[str, float] = {}
        self._waiting = Waiting()

    def go(self, desk: Desk, rounds: Rounds, keeping: Keeping, waits: Mapping[Wait, int]) -> None:
        """Do what is due. Raises Transient where the share is gone."""
        self._pace("held", _SOON, lambda: self._tidy_held(desk, rounds, keeping))
        self._pace("released", _SOON, lambda: expel_strays(desk))
        self._pace("old", _SELDOM, lambda: remove_old(desk, keeping))
        self._pace("look", _SOON, lambda: self._write_look(desk, keeping, waits))

    def finish(self, desk: Desk, keeping: Keeping, waits: Mapping[Wait, int]) -> None:
        """What must not be left to the next start."""
        note_departures(desk)
        self._write_look(desk, keeping, waits)

    def _write_look(self, desk: Desk, keeping: Keeping, waits: Mapping[Wait, int]) -> None:
        counts = {cause.value: count for cause, count in waits.items()}
        write_last_look(self._state, desk.clock(), counts)
        front_page.write(desk, keeping.site, waits)

    def _tidy_held(self, desk: Desk, rounds: Rounds, keeping: Keeping) -> None:
        """Look after held and outbox: departures, files to be tried again, emptied folders."""
        approvals.heed(desk, rounds, note_departures(desk))
        self._waiting.try_again(desk, rounds)
        now = desk.clock()
        for root in ("outbox", "held"):
            held_folder.remove_empty_folders(
                desk.layout, root, desk.rules.routes, now, keeping.patience
            )

    def _pace(self, name: str, pause: float, work: Callable[[], None]) -> None:
        now = time.monotonic()
        if now >= self._next.get(name, 0.0):
            work()
            self._next[name] = time.monotonic() + pause


def note_departures(desk: Desk) -> tuple[HeldFile, ...]:
    """Record which held files somebody took away, and remove the notes that they left.

    Returns what stands in held.
    """
    # listed before the look: a file that is held meanwhile must not seem to have gone
    places = desk.held_places.all()
    found = held_folder.scan_held(desk.layout, desk.rules.routes, desk.ledger.knows)
    _relearn(desk, found)
    standing = {(file.route, file.path) for file in found}
    for place in places:
        if place.route in desk.rules.routes and (place.route, place.place) not in standing:
            resolve(desk, place, "moved", None)
    return found


def _relearn(desk: Desk, found: tuple[HeldFile, ...]) -> None:
    """Learn from the notes where held files stand, where the state folder lost that."""
    for file in found:
        if file.release_id is None or desk.held_places.find(file.release_id) is not None:
            continue
        release = desk.ledger.release(file.release_id)
        if release is not None and release.state == "held" and release.reason is not None:
            desk.held_places.remember(
                place_from_note(
                    release_id=file.release_id,
                    route=file.route,
                    place=file.path,
                    reason=Reason(release.reason),
                    since=datetime.fromisoformat(release.since),
                    stamp=file.stamp,
                )
            )


def expel_strays(desk: Desk) -> None:
    """Move every file in released that the trail does not know into held, with an alert.

    DESIGN.md 5.1: whoever can write there could otherwise put an image beside the coded ones.
    """
    for route in desk.rules.routes:
        for name in publishing.released_names(desk.layout, route):
            text = name.decode("utf-8", "surrogateescape")
            if desk.ledger.known_in_released(route, text) is None:
                _expel(desk, route, name)


def _expel(desk: Desk, route: str, name: bytes) -> None:
    release_id = new_id(desk)
    desk.log.warning("a file in released is not of the trail: moved to held", route=route)
    desk.trail.append(
        Event.SECURITY_ALERT,
        {"release_id": release_id, "route": route, "actions": {"stray": 1}},
    )
    reason = Hold(
        Reason.RESIDUAL_IDENTIFIER,
        "It stood in the released folder, and the service never released it.",
    )
    note = why_note.render(
        reason,
        release_id=release_id,
        contact=desk.rules.contact,
        policy_title=desk.rules.policy_title,
    )
    holding.hold_stranger(desk.layout, route, name, release_id, note)


def _destroy(desk: Desk, original: originals.Original) -> None:
    """Remove an original whose time is over, after a last look whether it is what was stored."""
    found = originals.digest(desk.layout, original)
    fields = {"release_id": original.release_id, "route": original.route}
    if found and original.sha256 and found != original.sha256:
        desk.trail.append(Event.SECURITY_ALERT, fields | {"actions": {"original-altered": 1}})
    # said before it is done: a crash between may say it twice, and never leaves it unsaid
    desk.trail.append(Event.ORIGINAL_DISPOSED, fields | {"actions": {"destroyed": 1}})
    originals.destroy(desk.layout, original)


def remove_old(desk: Desk, keeping: Keeping) -> None:
    """Remove originals and, where so configured, released files that were kept long enough."""
    now = desk.clock()
    for original in originals.expired(desk.layout, keeping.originals_days, now):
        _destroy(desk, original)
    if not keeping.released_days:
        return
    moment = timestamp(now - timedelta(days=keeping.released_days))
    for release in desk.ledger.published_before(moment):
        if release.route is None or release.coded_name is None:
            continue
        # one that is not there was sent and taken away, or removed just before a crash
        stood = publishing.remove_released(desk.layout, release.route, release.coded_name)
        desk.trail.append(
            Event.RELEASE_REMOVED,
            {
                "release_id": release.release_id,
                "route": release.route,
                "coded_name": release.coded_name,
                "actions": {"removed" if stood else "absent": 1},
            },
        )
