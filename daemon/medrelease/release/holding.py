"""Hold a file: record it, write the note, move the file beside it."""

from medrelease.ledger.held_places import HeldPlace
from medrelease.notices import why_note
from medrelease.release import records
from medrelease.release.case import Case
from medrelease.release.desk import Desk
from medrelease.release.identifying import mark
from medrelease.spool import holding, work
from medrelease.terms.flow import Hold
from medrelease.terms.words import AWAITING_REGISTER, Event


def hold(desk: Desk, case: Case, reason: Hold) -> None:
    """Put a claimed file into held with its note; the trail says so first.

    A crash between the record and the move is settled at the next start, from the claim.
    """
    desk.trail.append(Event.RELEASE_HELD, records.of_hold(desk, case, reason))
    settle(desk, case, reason)


def settle(desk: Desk, case: Case, reason: Hold) -> None:
    """Move a file whose hold is on record; done again it changes nothing.

    What the register said is kept as it was when it was asked: should it have changed since, the
    file is tried again. After a crash nobody knows it any more, and the file is tried again too.
    """
    claim = case.claim
    since = desk.clock()  # before the note shows: whoever answers it, however fast, answers after
    work.remove_all(desk.layout, claim.release_id)
    note = why_note.render(
        reason,
        release_id=claim.release_id,
        contact=desk.rules.contact,
        policy_title=desk.rules.policy_title,
    )
    place = holding.hold(desk.layout, desk.claims, claim, note)
    desk.held_places.remember(
        HeldPlace(
            release_id=claim.release_id,
            route=place.route,
            path=claim.path,
            place=place.path,
            reason=reason.reason,
            since=since,
            stamp=claim.stamp,
            mark=mark(desk, case.said) if reason.reason in AWAITING_REGISTER else "",
            approval=case.approval,
        )
    )
    desk.log.info(
        "held", release_id=claim.release_id, route=claim.route, reason=reason.reason.value
    )
