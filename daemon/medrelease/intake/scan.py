"""One look at the outbox: the truth about what was dropped. Events are only hints.

Folders are entered by descriptor and never through a symbolic link; names are bytes; nothing
is opened but folders. Whoever can write to the outbox may rename things while this runs: the
look may then miss a file, which the next one finds, but it never leaves the outbox.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field

from medrelease.intake.litter import is_litter
from medrelease.intake.share import Share
from medrelease.terms.faults import Transient, name_of, wait_of
from medrelease.terms.flow import Stamp

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_DEEPEST = 1000
_KINDS = {
    stat.S_IFLNK: "symbolic link",
    stat.S_IFIFO: "fifo",
    stat.S_IFSOCK: "socket",
    stat.S_IFBLK: "device",
    stat.S_IFCHR: "device",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A regular file in a route's outbox, quiet or not; `path` is below the route folder."""

    route: str
    path: bytes
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Special:
    """Something that is no regular file: left where it is, and never followed."""

    kind: str
    route: str
    path: bytes


@dataclass(slots=True)
class Look:
    """What one look found.

    `unknown_routes` are the names in the outbox that are no configured route's folder, `litter`
    counts what was ignored, and `errors` the folders that could not be read.
    """

    arrivals: list[Seen] = field(default_factory=list)
    specials: list[Special] = field(default_factory=list)
    unknown_routes: list[bytes] = field(default_factory=list)
    litter: int = 0
    errors: int = 0


def look(share: Share, routes: frozenset[str]) -> Look:
    """Look through the outbox of every route.

    Raises `Transient` where the share or its outbox is not there, before or after the look: a
    share that went away must not read as empty.
    """
    share.check()
    found = Look()
    try:
        outbox = os.open(share.outbox, _FOLDER)
    except OSError as error:
        raise Transient(wait_of(error), f"the outbox cannot be read: {name_of(error)}") from None
    try:
        for route, is_folder in _top(outbox, routes, found):
            if is_folder:
                _look_through(outbox, route, found)
            else:
                found.specials.append(Special("symbolic link", route, b""))
    except OSError as error:
        raise Transient(wait_of(error), f"the outbox cannot be read: {name_of(error)}") from None
    finally:
        os.close(outbox)
    share.check()
    return found


def _top(outbox: int, routes: frozenset[str], found: Look) -> list[tuple[str, bool]]:
    """The outbox's own entries: the routes' folders; everything else is unknown."""
    known = []
    with os.scandir(outbox) as entries:
        for entry in entries:
            name = os.fsencode(entry.name)
            if entry.name in routes and (entry.is_dir(follow_symlinks=False) or entry.is_symlink()):
                known.append((entry.name, not entry.is_symlink()))
            elif is_litter(name):
                found.litter += 1
            else:
                found.unknown_routes.append(name)
    return sorted(known)


def _look_through(outbox: int, route: str, found: Look) -> None:
    """Everything below one route's folder, each folder reached anew from the outbox."""
    waiting = [b""]
    while waiting:
        path = waiting.pop()
        try:
            folder = _enter(outbox, os.fsencode(route), path)
        except (FileNotFoundError, NotADirectoryError):
            continue  # renamed or removed since its parent was read
        except OSError:
            found.errors += 1
            continue
        try:
            for below in _entries(folder, route, path, found):
                if below.count(b"/") < _DEEPEST:
                    waiting.append(below)
                else:
                    found.errors += 1
        except OSError:
            found.errors += 1
        finally:
            os.close(folder)


def _enter(outbox: int, route: bytes, path: bytes) -> int:
    current = os.open(route, _FOLDER, dir_fd=outbox)
    for part in path.split(b"/") if path else ():
        try:
            deeper = os.open(part, _FOLDER, dir_fd=current)
        finally:
            os.close(current)
        current = deeper
    return current


def _entries(folder: int, route: str, above: bytes, found: Look) -> Iterator[bytes]:
    """Sort one folder's entries into `found`; yields the paths of the folders among them."""
    with os.scandir(folder) as entries:
        for entry in entries:
            name = os.fsencode(entry.name)
            path = above + b"/" + name if above else name
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            kind = stat.S_IFMT(status.st_mode)
            if kind in _KINDS:
                found.specials.append(Special(_KINDS[kind], route, path))
            elif is_litter(name):
                found.litter += 1
            elif kind == stat.S_IFDIR:
                yield path
            else:
                found.arrivals.append(Seen(route, path, _stamp(status)))


def _stamp(status: os.stat_result) -> Stamp:
    return Stamp(
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_nlink,
        status.st_uid,
    )
