"""One file's journey, as a list of steps.

    drop -> claim -> identify -> authorise -> sanitise -> verify -> publish -> record -> dispose

Between verify and publish the pixels are examined, on routes that do: what was seen is judged, and
what has to be blanked is sanitised and verified once more.

Every step takes what the last one found out and returns more of it, or a `Hold`. Faults are
exceptions: a `Transient` sends the file back to where it lay, a `Defect` holds this one file.
"""

from medrelease.release import publishing
from medrelease.release.case import Case
from medrelease.release.cleaning import clean, prove
from medrelease.release.deciding import authorise, authorise_again
from medrelease.release.desk import Desk
from medrelease.release.examining import examine, must_clean_again
from medrelease.release.holding import hold
from medrelease.release.identifying import consult, identify, look
from medrelease.release.naming import Named, name
from medrelease.release.turns import Turn
from medrelease.terms.faults import Transient
from medrelease.terms.flow import Hold, Verified
from medrelease.terms.words import Outcome, Wait


def travel(desk: Desk, case: Case, turn: Turn) -> Outcome:
    """Take one claimed file from its first look to its disposition.

    Raises Transient where it must wait, TrailFault where no release may go on.
    """
    case, verified = prepare(desk, case)
    if isinstance(verified, Hold):
        return _held(desk, case, verified)
    return finish(desk, case, verified, turn)


def prepare(desk: Desk, case: Case) -> tuple[Case, Verified | Hold]:
    """Look, identify, authorise, sanitise, verify, examine: what may run side by side."""
    for step in (look, consult, identify, authorise):
        stepped = step(desk, case)
        if isinstance(stepped, Hold):
            return case, stepped
        case = stepped
    verified = _clean_and_prove(desk, case)
    if isinstance(verified, Hold) or not case.route.examines:
        return case, verified
    return _look_closely(desk, case, verified)


def _look_closely(desk: Desk, case: Case, verified: Verified) -> tuple[Case, Verified | Hold]:
    """Examine the pixels, hear what they say of whose and whether, and blank what must be."""
    seen = examine(desk, case, verified)
    if isinstance(seen, Hold):
        return case, seen
    case = seen
    for step in (identify, authorise):
        stepped = step(desk, case)
        if isinstance(stepped, Hold):
            return case, stepped
        case = stepped
    return case, _clean_and_prove(desk, case) if must_clean_again(case) else verified


def _clean_and_prove(desk: Desk, case: Case) -> Verified | Hold:
    cleaned = clean(desk, case)
    return cleaned if isinstance(cleaned, Hold) else prove(desk, case, *cleaned)


def finish(desk: Desk, case: Case, verified: Verified, turn: Turn) -> Outcome:
    """Authorise again, name, publish, record, dispose: in the order of the scan."""
    asked_by_others = turn.wait()
    if not desk.claims.recheck(case.claim):
        raise Transient(Wait.UNSTABLE, "a file was written to while it was being worked on")
    case = consult(desk, case)
    again = authorise_again(desk, case)
    if isinstance(again, Hold):
        return _held(desk, case, again)
    named = name(desk, again, verified, asked_by_others)
    if isinstance(named, Hold):
        return _held(desk, again, named)
    return _release(desk, again, verified, named)


def _release(desk: Desk, case: Case, verified: Verified, named: Named) -> Outcome:
    if publishing.repeats(desk, named):
        publishing.record_repeat(desk, case, verified, named)
        return Outcome.REPEATED
    publishing.publish(desk, case, verified, named)
    desk.log.info("released", release_id=case.claim.release_id, route=case.route.name)
    return Outcome.RELEASED


def _held(desk: Desk, case: Case, reason: Hold) -> Outcome:
    hold(desk, case, reason)
    return Outcome.HELD
