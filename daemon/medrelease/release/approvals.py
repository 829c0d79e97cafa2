"""Approval by a second person in the folder itself: a file `<held name>.APPROVE`.

It counts where it has one link, was made after the hold, and belongs to somebody else than who
dropped the image, and where the image is still the one that was held (DESIGN.md 5.6). Where a
mount forces one owner on every file it never counts, and the `held release` command is the one
way.
"""

from collections.abc import Iterable

from medrelease.ledger.held_places import HeldPlace
from medrelease.notices.reasons import APPROVABLE
from medrelease.release import agreement
from medrelease.release.desk import Desk
from medrelease.release.identifying import login_of
from medrelease.release.requests import arrival_of, resolve
from medrelease.release.rounds import Rounds
from medrelease.spool import held_folder
from medrelease.spool.held_folder import HeldFile

_SUFFIX = b".APPROVE"
_REASON = "approved in the held folder"


def heed(desk: Desk, rounds: Rounds, standing: Iterable[HeldFile]) -> None:
    """Release what a second person approved by a file, and take that file away."""
    files = {(file.route, file.path): file for file in standing}
    if not any(path.endswith(_SUFFIX) for _, path in files):
        return
    places = desk.held_places.all()
    # a file of that name that was dropped and held is no agreement: it was not made beside it
    held = {(place.route, place.place) for place in places}
    for place in places:
        key = place.route, place.place + _SUFFIX
        approval, image = files.get(key), files.get((place.route, place.place))
        if approval and image and key not in held and counts(place, image, approval):
            _release(desk, rounds, place, approval)


def counts(place: HeldPlace, image: HeldFile, approval: HeldFile) -> bool:
    """Whether the file is a second person's agreement to this hold of this image."""
    stamp = approval.stamp
    return (
        place.reason in APPROVABLE
        and image.stamp.same_bytes(place.stamp)
        and stamp.nlink == 1
        and stamp.ctime_ns > int(place.since.timestamp() * 10**9)
        and stamp.uid not in (place.stamp.uid, image.stamp.uid)
    )


def _release(desk: Desk, rounds: Rounds, place: HeldPlace, approval: HeldFile) -> None:
    arrival = arrival_of(desk, place)
    uid = approval.stamp.uid
    said = {"user": login_of(uid), "uid": uid, "reason": _REASON}
    agreed = agreement.with_one_more(place, said)
    if arrival is not None and rounds.take_held(desk, arrival, approval=agreed):
        resolve(desk, place, "approved", said)
        held_folder.remove_approval(desk.layout, approval)
