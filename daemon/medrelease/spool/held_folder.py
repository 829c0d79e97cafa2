"""What lies in held, and the tidying of held and outbox: lone notes, emptied folders."""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from medrelease.spool import files, notes, origin, reach
from medrelease.spool.faults import transient
from medrelease.spool.layout import Layout
from medrelease.spool.naming import NOTE_SUFFIX
from medrelease.terms.flow import Stamp

_DEEPEST = 1000


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A regular file in held: its path below the route, and its note's release id if any."""

    route: str
    path: bytes
    stamp: Stamp
    release_id: str | None


def scan_held(layout: Layout, routes: Iterable[str], known: notes.Known) -> tuple[HeldFile, ...]:
    """Every held file, sorted by route and path.

    A note of the program's own (`known` says that the trail has its release id) whose file has
    gone is removed on the way, and so is a draft of one. Raises `Transient` where the share is
    gone.
    """
    found: list[HeldFile] = []
    with transient("looking through held"), layout.open_private("claims") as claims:
        for route in routes:
            with layout.open_route("held", route) as root:
                for folder, path, names in _folders(root):
                    _remove_lone_notes(claims, folder, names, known)
                    found += _files(route, folder, path, known)
    return tuple(sorted(found, key=lambda held: (held.route, held.path)))


def noted(layout: Layout) -> Iterator[HeldFile]:
    """Every held file that a note of the program's form lies beside; changes nothing.

    Raises `Transient` where held cannot be read.
    """
    held = layout.share / "held"
    with transient("looking through held"):
        for route in sorted(os.listdir(held)):
            with reach.opened(held / route) as root:
                for folder, path, _ in _folders(root):
                    found = _files(route, folder, path, lambda _: True)
                    yield from (each for each in found if each.release_id is not None)


def digest(layout: Layout, held: HeldFile) -> str | None:
    """The SHA-256 (hex) of a held file; None where it has gone, empty where it is unreadable.

    Raises `Transient`.
    """
    folder, name = reach.split(held.path)
    with transient("reading a held file"):
        try:
            with (
                reach.opened(layout.held(held.route)) as root,
                reach.open_below(root, folder) as parent,
            ):
                descriptor = os.open(name, reach.REGULAR, dir_fd=parent)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except PermissionError:
            return ""
        with os.fdopen(descriptor, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def remove_empty_folders(
    layout: Layout,
    root: Literal["outbox", "held"],
    routes: Iterable[str],
    now: datetime,
    patience: float,
) -> int:
    """Remove sub-folders that have stood empty for `patience` seconds; returns how many.

    A route's own folder stays. A folder emptied by the removal of another goes a `patience` later.
    """
    removed = 0
    with transient("removing empty folders"):
        for route in routes:
            with layout.open_route(root, route) as descriptor:
                empty = [
                    path
                    for folder, path, names in _folders(descriptor)
                    if path and not names and _idle(folder, now) >= patience
                ]
                for path in empty:
                    above, name = reach.split(path)
                    with reach.open_below(descriptor, above) as parent:
                        removed += files.remove_folder(parent, name)
    return removed


def _files(route: str, folder: int, path: bytes, known: notes.Known) -> Iterator[HeldFile]:
    for name in sorted(os.fsencode(name) for name in os.listdir(folder)):
        status = reach.look(folder, name)
        if status is None or not stat.S_ISREG(status.st_mode) or _note_of(folder, name, known):
            continue
        held_path = path + b"/" + name if path else name
        note_of = notes.release_id_in(folder, name + NOTE_SUFFIX)
        yield HeldFile(route, held_path, origin.stamp_of(status), note_of)


def _remove_lone_notes(
    claims: int, folder: int, names: Iterable[bytes], known: notes.Known
) -> None:
    for name in names:
        draft_of = notes.drafted_for(name)
        if draft_of is not None and reach.look(claims, draft_of) is None:
            files.unlink(folder, name)  # what a crash left of a hold that was begun anew
        note_of = _note_of(folder, name, known)
        if note_of is None or reach.look(claims, note_of.encode()) is not None:
            continue
        # The claim is finished: if the file is to lie here at all, it lies here by now.
        if reach.look(folder, name.removesuffix(NOTE_SUFFIX)) is None:
            files.unlink(folder, name)


def _note_of(folder: int, name: bytes, known: notes.Known) -> str | None:
    """The release id of the trail that a note names; None for any other file."""
    note_of = notes.release_id_in(folder, name)
    return note_of if note_of is not None and known(note_of) else None


def _folders(root: int) -> Iterator[tuple[int, bytes, list[bytes]]]:
    """Every folder below `root` and itself, as (descriptor, path, names), deep ones later.

    Each is reached anew from the root, so that neither a swapped link nor a great depth costs
    more than that folder.
    """
    waiting = [b""]
    while waiting:
        path = waiting.pop()
        try:
            with reach.open_below(root, path) as folder:
                with os.scandir(folder) as entries:
                    listed = [(e.name, e.is_dir(follow_symlinks=False)) for e in entries]
                names = [os.fsencode(name) for name, _ in listed]
                if path.count(b"/") < _DEEPEST:
                    below = [os.fsencode(name) for name, is_folder in listed if is_folder]
                    waiting += [path + b"/" + name if path else name for name in below]
                yield folder, path, names
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            continue  # gone since its parent was read, or not ours to enter


def _idle(folder: int, now: datetime) -> float:
    return now.timestamp() - os.fstat(folder).st_mtime


def stamp_at(layout: Layout, route: str, path: bytes) -> Stamp | None:
    """How a held file looks now; None where no regular file stands there. Raises `Transient`."""
    folder, name = reach.split(path)
    with transient("looking at a held file"), layout.open_route("held", route) as root:
        try:
            with reach.open_below(root, folder) as parent:
                status = reach.look(parent, name)
        except (FileNotFoundError, NotADirectoryError):
            return None
    if status is None or not stat.S_ISREG(status.st_mode):
        return None
    return origin.stamp_of(status)


def remove_approval(layout: Layout, approval: HeldFile) -> None:
    """Remove a file that stood for an approval which has been carried out. Raises `Transient`."""
    folder, name = reach.split(approval.path)
    with (
        transient("removing an approval"),
        layout.open_route("held", approval.route) as root,
        reach.open_below(root, folder) as parent,
    ):
        files.unlink(parent, name)
