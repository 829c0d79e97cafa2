"""Held files that wait for the register are tried again when their row says something new.

Only the row of the file's own job counts: a register that changes every minute must not have
every held file claimed, cleaned and held again each time (DESIGN.md 5.6).
"""

from medrelease.ledger.held_places import HeldPlace
from medrelease.release import agreement
from medrelease.release.desk import Desk
from medrelease.release.identifying import register_mark
from medrelease.release.requests import arrival_of, resolve
from medrelease.release.rounds import Rounds
from medrelease.terms.faults import Transient
from medrelease.terms.words import AWAITING_REGISTER


def try_waiting(desk: Desk, rounds: Rounds) -> None:
    """Send every held file whose row has changed on its way again."""
    try:
        for place in desk.held_places.all():
            if place.reason in AWAITING_REGISTER and place.route in desk.rules.routes:
                _try(desk, rounds, place)
    except Transient as fault:
        desk.log.info("held files wait for the register", wait=fault.wait.value)


def _try(desk: Desk, rounds: Rounds, place: HeldPlace) -> None:
    if register_mark(desk, place.path) == place.mark:
        return
    arrival = arrival_of(desk, place)
    if arrival is None:
        return
    if rounds.take_held(desk, arrival, approval=agreement.so_far(place, arrival)):
        resolve(desk, place, "retried", None)
