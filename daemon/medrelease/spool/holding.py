"""Put what may not go into held, under the sub-path it was dropped in, beside its note.

The caller records the hold first. The note is durable under its name before the file is
moved, and every step can be done again: a note that already names the release, or a file
that already lies there, is taken as done.
"""

from dataclasses import dataclass

from medrelease.spool import files, notes, origin, reach
from medrelease.spool.claims import Claims
from medrelease.spool.faults import transient
from medrelease.spool.layout import Layout
from medrelease.spool.naming import NOTE_SUFFIX, candidates
from medrelease.terms.flow import Claim

_NOTE_MODE = 0o640


@dataclass(frozen=True, slots=True)
class HeldPlace:
    """Where a held file lies: its path and its note's, below `held/<route>`."""

    route: str
    path: bytes
    note: bytes


@dataclass(frozen=True, slots=True)
class _Move:
    """A file on its way into a held folder.

    `stale` says whether a note of another release that stands in the way may be replaced.
    """

    source: int
    source_name: bytes
    parent: int
    release_id: str
    note: bytes
    stale: notes.Known


def hold(layout: Layout, claims: Claims, claim: Claim, note: str) -> HeldPlace:
    """Move a claimed file, read or unread, into held. Raises `Transient`; idempotent."""
    claims.close(claim)
    folder, name = reach.split(claim.path)
    with (
        transient("holding"),
        layout.open_private("claims") as all_claims,
        reach.opened(claim.release_id.encode(), all_claims) as claimed,
        layout.open_route("held", claim.route) as route,
        files.place_below(route, folder) as (parent, where),
    ):
        again = claim.source == "held"  # the note of the hold before this one may lie there
        move = _Move(claimed, origin.FILE, parent, claim.release_id, note.encode(), lambda _: again)
        held_name = _settle_in(move, name)
    claims.clear(claim)
    return _place(claim.route, where, held_name)


def hold_stranger(layout: Layout, route: str, name: bytes, release_id: str, note: str) -> HeldPlace:
    """Move a file that the trail does not know from released into held. Raises `Transient`.

    A note without a file that an interrupted try left there is replaced.
    """
    with (
        transient("holding an unknown released file"),
        layout.open_private("claims") as claims,
        layout.open_route("released", route) as released,
        layout.open_route("held", route) as held,
    ):
        move = _Move(
            released,
            name,
            held,
            release_id,
            note.encode(),
            lambda other: reach.look(claims, other.encode()) is None,
        )
        held_name = _settle_in(move, name)
    return _place(route, b"", held_name)


def _place(route: str, where: bytes, name: bytes) -> HeldPlace:
    path = where + b"/" + name if where else name
    return HeldPlace(route, path, path + NOTE_SUFFIX)


def _settle_in(move: _Move, name: bytes) -> bytes:
    """Write the note and move the file under the first name that is free for both."""
    for held_name in candidates(name, move.release_id, room=len(NOTE_SUFFIX)):
        if _is_moved(move, held_name) or (_note(move, held_name) and _moved(move, held_name)):
            files.sync(move.parent)
            files.sync(move.source)
            return held_name
    raise FileExistsError("every name is taken")


def _is_moved(move: _Move, held_name: bytes) -> bool:
    """Whether an earlier try got as far as the move itself."""
    if reach.look(move.source, move.source_name) is not None:
        return False
    note_of = notes.release_id_in(move.parent, held_name + NOTE_SUFFIX)
    return note_of == move.release_id and reach.look(move.parent, held_name) is not None


def _note(move: _Move, held_name: bytes) -> bool:
    """Put the note where it belongs; False where its name or the file's is taken."""
    note_name = held_name + NOTE_SUFFIX
    if _taken(move, held_name):
        return False
    note_of = notes.release_id_in(move.parent, note_name)
    if note_of == move.release_id:
        return True
    if note_of is not None and move.stale(note_of):
        files.unlink(move.parent, note_name)
    # written in the held folder itself, whose group it so inherits: no chown is to be had
    draft = notes.draft_name(move.release_id)
    files.unlink(move.parent, draft)
    files.write_durable(move.parent, draft, move.note, _NOTE_MODE)
    try:
        files.rename_noreplace(move.parent, draft, move.parent, note_name)
    except FileExistsError:
        files.unlink(move.parent, draft)
        return False
    files.sync(move.parent)
    return True


def _moved(move: _Move, held_name: bytes) -> bool:
    try:
        files.rename_noreplace(move.source, move.source_name, move.parent, held_name)
    except FileExistsError:
        if not files.settle_link(move.source, move.source_name, move.parent, held_name):
            files.unlink(move.parent, held_name + NOTE_SUFFIX)
            return False
    return True


def _taken(move: _Move, held_name: bytes) -> bool:
    there, ours = reach.look(move.parent, held_name), reach.look(move.source, move.source_name)
    if there is None:
        return False
    return ours is None or (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino)
