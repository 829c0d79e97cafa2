"""What a person asks of a held file: try it again, approve it, or discard it.

A request is a small file in the private state folder, left by the `held` verbs and carried out
by whoever holds the site's lock. What was asked, by whom and why stands in the trail.
"""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from medrelease.ledger.held_places import HeldPlace
from medrelease.notices.reasons import APPROVABLE
from medrelease.release import agreement
from medrelease.release.desk import Desk
from medrelease.release.recovery import DISCARDED
from medrelease.release.rounds import Rounds
from medrelease.spool import held_folder, pages
from medrelease.terms.flow import Arrival
from medrelease.terms.words import Event

Verb = Literal["retry", "release", "discard", "restore", "copy", "linkage"]

DONE = "done"
_GONE = "the file is being changed or has gone: try again"
_ANSWER = ".answer"
_KEPT_SECONDS = 600
_RECORDED_ONLY = frozenset({"restore", "copy", "linkage"})
_GIVEN_BACK = {"restore": "returned", "copy": "copied"}


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `uid` and `login` are who asked, `reason` why.

    `release_id` names what is asked for; for `linkage` it is the subject code.
    """

    verb: Verb
    release_id: str
    uid: int
    login: str
    reason: str | None

    @property
    def approval(self) -> dict[str, object]:
        """Who asked and why, as a record carries it."""
        return {"user": self.login, "uid": self.uid, "reason": self.reason}


def leave(state: Path, request: Request) -> Path:
    """Put a request where the running service finds it; whole or not at all.

    The file is removed when the request has been carried out, and `answer_to` then tells what
    came of it. What root asks belongs to the site's owner, as whom the service runs.
    """
    folder, site = state / "requests", state.stat()
    folder.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(folder, site.st_uid, site.st_gid)
    place = folder / f"{request.release_id}.{os.getpid()}.json"
    pages.write(place, json.dumps(asdict(request)), 0o600, owner=(site.st_uid, site.st_gid))
    return place


def answer_to(place: Path) -> str | None:
    """What came of a request that was left, in words; None until the service has said so."""
    answer = place.with_suffix(_ANSWER)
    if not answer.exists():
        return None
    text = answer.read_text()
    pages.remove(answer)
    return text


def left(state: Path) -> Iterator[tuple[Path, Request]]:
    """The requests that wait, oldest first."""
    folder = state / "requests"
    if not folder.is_dir():
        return
    for file in sorted(folder.glob("*.json"), key=lambda f: f.stat().st_mtime_ns):
        yield file, Request(**json.loads(file.read_text()))


def serve(desk: Desk, rounds: Rounds, state: Path) -> None:
    """Carry out every request that waits."""
    for file, request in left(state):
        answer = carry_out(desk, rounds, request)
        desk.log.info("request", verb=request.verb, release_id=request.release_id, answer=answer)
        pages.write(file.with_suffix(_ANSWER), answer, 0o600)
        pages.remove(file)
    for answered in (state / "requests").glob(f"*{_ANSWER}"):
        if time.time() - answered.stat().st_mtime > _KEPT_SECONDS:
            pages.remove(answered)  # nobody waited for it


def carry_out(desk: Desk, rounds: Rounds, request: Request) -> str:
    """Do what was asked; returns what came of it, in words."""
    if request.verb in _RECORDED_ONLY:
        desk.trail.append(*only_record(request))
        return DONE
    place = desk.held_places.find(request.release_id)
    if place is None:
        return "nothing is held under that release id"
    if place.route not in desk.rules.routes:
        return "the route of that file is no longer configured"
    arrival = arrival_of(desk, place)
    if request.verb == "release" and (refusal := _refusal(place, arrival, request)) is not None:
        return refusal
    taken = arrival is not None and _take(desk, rounds, request, place, arrival)
    return DONE if taken else _GONE


def _take(desk: Desk, rounds: Rounds, request: Request, place: HeldPlace, arrival: Arrival) -> bool:
    """Take a held file up again, with what has been agreed to about it, or put it away."""
    if request.verb == DISCARDED:
        return rounds.discard_held(
            desk,
            arrival,
            place.release_id,
            lambda: resolve(desk, place, DISCARDED, request.approval),
        )
    agreed = agreement.so_far(place, arrival)
    if request.verb == "release":
        agreed = agreement.with_one_more(place, request.approval)
    if not rounds.take_held(desk, arrival, approval=agreed):
        return False
    resolve(desk, place, request.verb, request.approval)
    return True


def only_record(request: Request) -> tuple[Event, dict[str, object]]:
    """The record that must be durable before the asker may see what was asked for."""
    fields: dict[str, object] = {"approval": request.approval}
    if request.verb == "linkage":
        return Event.LINKAGE_READ, fields | {"subject": request.release_id}
    given = {"release_id": request.release_id, "actions": {_GIVEN_BACK[request.verb]: 1}}
    return Event.ORIGINAL_RESTORED, fields | given


def resolve(desk: Desk, place: HeldPlace, how: str, approval: dict[str, object] | None) -> None:
    """Record that a hold ended, how, and through whom."""
    desk.trail.append(
        Event.HOLD_RESOLVED,
        {
            "release_id": place.release_id,
            "route": place.route,
            "reason": place.reason.value,
            "approval": approval,
            "actions": {how: 1},
        },
    )
    desk.held_places.forget(place.release_id)


def arrival_of(desk: Desk, place: HeldPlace) -> Arrival | None:
    """A held file as it stands now, to be claimed afresh; None where it has gone."""
    stamp = held_folder.stamp_at(desk.layout, place.route, place.place)
    if stamp is None:
        return None
    return Arrival(place.route, place.place, stamp, source="held")


def _refusal(place: HeldPlace, arrival: Arrival | None, request: Request) -> str | None:
    """Why this person may not approve this hold, if so."""
    if place.reason not in APPROVABLE:
        return "a hold of this reason cannot be approved"
    if request.uid == place.stamp.uid:
        return "who dropped the file cannot approve it: ask a second person"
    if arrival is not None and not arrival.stamp.same_bytes(place.stamp):
        return "the file is not the one that was held: try it again first"
    return None
