"""Held files that wait for the register are tried again when their row says something new.

Only the row of the file's own job counts: a register that changes every minute must not have
every held file claimed, cleaned and held again each time (DESIGN.md 5.6). And only where the
register, the day or the configuration changed is any row looked up at all.
"""

from datetime import date

from medrelease.ledger.held_places import HeldPlace
from medrelease.release import agreement
from medrelease.release.desk import Desk
from medrelease.release.identifying import mark, said_now
from medrelease.release.requests import arrival_of, resolve
from medrelease.release.rounds import Rounds
from medrelease.terms.faults import Transient
from medrelease.terms.words import AWAITING_REGISTER


class Waiting:
    """The held files of one site that wait for the register. Used by one thread only."""

    def __init__(self) -> None:
        self._state: tuple[str, date, str] | None = None
        self._looked_up: set[str] = set()

    def try_again(self, desk: Desk, rounds: Rounds) -> None:
        """Send every held file whose row has changed on its way again."""
        places = [
            place
            for place in desk.held_places.all()
            if place.reason in AWAITING_REGISTER and place.route in desk.rules.routes
        ]
        if not places:
            return
        try:
            state = desk.register.snapshot_id, desk.today(), desk.rules.policy_sha256
            if state != self._state:
                self._state, self._looked_up = state, set()
            for place in places:
                # a file that was held after the change may have been decided on before it
                if place.release_id not in self._looked_up and _settled(desk, rounds, place):
                    self._looked_up.add(place.release_id)
        except Transient as fault:
            desk.log.info("held files wait for the register", wait=fault.wait.value)


def _settled(desk: Desk, rounds: Rounds, place: HeldPlace) -> bool:
    """Try one held file again if its row has changed; False where it cannot be had now."""
    said = said_now(desk, desk.rules.routes[place.route], place.path)
    if mark(desk, said) == place.mark:
        return True
    arrival = arrival_of(desk, place)
    if arrival is None:
        return False
    if not rounds.take_held(desk, arrival, approval=agreement.so_far(place, arrival)):
        return False
    resolve(desk, place, "retried", None)
    return True
