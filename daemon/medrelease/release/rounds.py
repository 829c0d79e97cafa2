"""Rounds: look at the outbox, claim what is quiet, send each file on its journey.

An event is a hint, the scan is the truth: a round looks at everything, however it was woken.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from medrelease.identifiers import natural, release_id
from medrelease.identify import read_path
from medrelease.intake.scan import Look, look
from medrelease.intake.stillness import Stillness
from medrelease.policy.row import Row
from medrelease.release.case import Case
from medrelease.release.desk import Desk
from medrelease.release.holding import hold
from medrelease.release.identifying import look_up, open_case
from medrelease.release.lanes import Lanes
from medrelease.release.publishing import dispose
from medrelease.release.recovery import settle_all, tell_waiting
from medrelease.release.turns import Turn, Turns
from medrelease.spool.claims import Blocked
from medrelease.spool.naming import NOTE_SUFFIX
from medrelease.spool.notes import remove_returned
from medrelease.terms.faults import Transient, name_of, wait_of
from medrelease.terms.flow import Arrival, Claim, Hold
from medrelease.terms.words import Event, Outcome, Wait

_FLIGHT = 48
"""How many claimed files may be on their way at once; the rest waits in the outbox."""


@dataclass(slots=True)
class Round:
    """What one look found.

    `waits` counts by cause, `taken` files were claimed, `deferred` ones are quiet and had no room.
    """

    seen: Look | None = None
    waits: dict[Wait, int] = field(default_factory=dict)
    taken: int = 0
    deferred: int = 0

    def wait(self, cause: Wait, files: int = 1) -> None:
        """Count files that must wait."""
        self.waits[cause] = self.waits.get(cause, 0) + files


class Rounds:
    """The outbox of one site, looked at again and again. Used by one thread only."""

    def __init__(self, lanes: Lanes, stillness: Stillness) -> None:
        self._lanes = lanes
        self._stillness = stillness
        self._turns = Turns()
        self._alerted: set[tuple[str, str, bytes]] = set()
        self._unreadable = 0

    def go(self, desk: Desk, only: frozenset[tuple[str, bytes]] | None = None) -> Round:
        """One round. With `only`, nothing but these (route, path) pairs is taken.

        Raises TrailFault where no release may go on.
        """
        done = Round()
        try:
            self.resume_stranded(desk)
            desk.layout.make(desk.rules.routes)
            done.seen = look(desk.share, frozenset(desk.rules.routes))
            self._alert(desk, done.seen)
            self._tell_unreadable(desk, done.seen.errors)
            observed = self._stillness.observe(done.seen.arrivals, time.monotonic())
            if observed.waiting:
                done.wait(Wait.UNSTABLE, len(observed.waiting))
            self._take(desk, _in_order(observed.ready, only), done)
        except Transient as fault:
            done.wait(fault.wait)
            desk.log.info("waiting", wait=fault.wait.value, cause=str(fault))
        except OSError as error:
            done.wait(wait_of(error))
            desk.log.warning("waiting", wait=wait_of(error).value, cause=name_of(error))
        return done

    def resume(self, desk: Desk, cases: Iterable[Case]) -> None:
        """Take up claims of an earlier run, or of a fault now over, each by itself.

        What the trail has decided is finished; the rest begins anew in the order of a look, as
        many as may be on their way at once, and the others in later rounds.
        """
        waiting = sorted(cases, key=lambda case: _order(case.route.name, case.claim.path))
        for case, settled in zip(waiting, settle_all(desk, waiting), strict=True):
            if settled:
                continue
            if settled is None or self._lanes.running >= _FLIGHT or not self._begin(desk, case):
                self._lanes.strand((case,))

    def _begin(self, desk: Desk, case: Case) -> bool:
        """Send a claim on its journey; False where a fault that passes is in the way."""
        try:
            taken = desk.claims.resume(case.claim)
        except Transient as fault:
            tell_waiting(desk, case, str(fault))
            return False
        if isinstance(taken, Blocked):
            self._hold_unread(desk, case, taken.hold)
        elif not isinstance(taken, Wait):
            self._start(desk, replace(case, claim=taken))
        return True

    def resume_stranded(self, desk: Desk) -> None:
        """Take up the claims that a fault left half-way, or that had no room, as a start would."""
        stranded = sorted(
            self._lanes.take_stranded(), key=lambda c: _order(c.route.name, c.claim.path)
        )
        room = max(0, _FLIGHT - self._lanes.running)
        self._lanes.strand(stranded[room:])
        if stranded[:room]:
            self.resume(desk, stranded[:room])

    def take_held(
        self,
        desk: Desk,
        arrival: Arrival,
        approval: Mapping[str, Any] | None = None,
    ) -> bool:
        """Claim a held file afresh and send it on its journey.

        False where it cannot be had now: it is being written to, or it has gone.
        """
        taken = desk.claims.take(arrival, new_id(desk))
        if isinstance(taken, Wait):
            return False
        self._go_on(desk, taken, approval)
        return True

    def discard_held(
        self, desk: Desk, arrival: Arrival, release_id: str, record: Callable[[], None]
    ) -> bool:
        """Put a held file among the originals once `record` has said so; False as `take_held`.

        It is claimed under the id of its hold, so that a start knows what was decided: a crash
        before the record puts it back into held, one behind the record finishes the move.
        """
        taken = desk.claims.take(arrival, release_id)
        if isinstance(taken, Wait):
            return False
        case = open_case(desk, taken.claim if isinstance(taken, Blocked) else taken)
        try:
            record()
            dispose(desk, case)
        except Transient:
            desk.claims.close(case.claim)
            self._lanes.strand((case,))
            raise
        return True

    def _take(self, desk: Desk, ready: list[Arrival], done: Round) -> None:
        if not ready:
            return
        try:
            _ = desk.register.snapshot_id  # away: everything waits, on every route
        except Transient as fault:
            done.wait(fault.wait, len(ready))
            desk.log.info("waiting", wait=fault.wait.value, cause=str(fault))
            return
        room = max(0, _FLIGHT - self._lanes.running)
        chosen = [(a, new_id(desk)) for a in ready[:room] if not _returned_note(desk, a)]
        done.deferred = len(ready) - len(ready[:room])
        for taken in desk.claims.take_many(chosen):
            if isinstance(taken, Wait):
                done.wait(taken)
            else:
                done.taken += 1
                self._go_on(desk, taken)

    def _go_on(
        self, desk: Desk, taken: Claim | Blocked, approval: Mapping[str, Any] | None = None
    ) -> None:
        if isinstance(taken, Blocked):
            self._hold_unread(desk, open_case(desk, taken.claim), taken.hold)
        else:
            self._start(desk, replace(open_case(desk, taken), approval=approval))

    def _hold_unread(self, desk: Desk, case: Case, reason: Hold) -> None:
        try:
            hold(desk, case, reason)
        except Transient:
            self._lanes.strand((case,))
        else:
            self._lanes.count(Outcome.HELD)

    def _start(self, desk: Desk, case: Case) -> None:
        """Begin a journey; without the register the claim waits, and no other with it."""
        try:
            turn = self._turn(desk, case)
        except Transient:
            desk.claims.close(case.claim)
            self._lanes.strand((case,))
        else:
            self._lanes.start(desk, case, turn)

    def _turn(self, desk: Desk, case: Case) -> Turn:
        """Queue a file up with those that share its numbering: its job's or its subject's."""
        words = read_path(case.claim.path, desk.rules.job_format)
        job = "|".join(sorted(words.jobs))
        if case.route.names_job:
            image = next(iter(words.images)) if len(words.images) == 1 else None
            return self._turns.join(f"job {job}", image)
        row = _row(desk, case)
        subject = (row.hc if row else None) or "|".join(sorted(words.hcs)) or job
        return self._turns.join(f"subject {case.route.key_label} {subject}")

    def _tell_unreadable(self, desk: Desk, folders: int) -> None:
        """Say when folders of the outbox cannot be read: what lies in them waits unseen."""
        if folders != self._unreadable:
            self._unreadable = folders
            desk.log.warning("folders of the outbox cannot be read", folders=folders)

    def _alert(self, desk: Desk, seen: Look) -> None:
        """One `security.alert` for each link, pipe, socket or device, which stays where it is."""
        for special in seen.specials:
            key = (special.kind, special.route, special.path)
            if key not in self._alerted:
                self._alerted.add(key)
                desk.log.warning("left alone", kind=special.kind, route=special.route)
                desk.trail.append(
                    Event.SECURITY_ALERT,
                    {"route": special.route, "actions": {special.kind.replace(" ", "-"): 1}},
                )


def _returned_note(desk: Desk, arrival: Arrival) -> bool:
    """Whether this was a note of the program's own that came back, which is removed."""
    return arrival.path.endswith(NOTE_SUFFIX) and remove_returned(
        desk.layout, arrival.route, arrival.path, desk.ledger.knows
    )


def new_id(desk: Desk) -> str:
    """A release id of this moment."""
    return release_id.new(int(desk.clock().timestamp() * 1000))


def _row(desk: Desk, case: Case) -> Row | None:
    """The register's row for the numbering queue; what is wrong with it is said later."""
    found = look_up(desk, read_path(case.claim.path, desk.rules.job_format))
    return found if isinstance(found, Row) else None


def _in_order(ready: Iterable[Arrival], only: frozenset[tuple[str, bytes]] | None) -> list[Arrival]:
    """Natural, case-folded order of the path below the outbox, over all routes."""
    chosen = [a for a in ready if only is None or (a.route, a.path) in only]
    return sorted(chosen, key=lambda a: _order(a.route, a.path))


def _order(route: str, path: bytes) -> Any:
    return natural.sort_key(route.encode() + b"/" + path)
