"""What an earlier run left among the claims: settled, cleared, or taken up again."""

import os
import stat

from medrelease.spool import files, origin, reach
from medrelease.spool.layout import Layout
from medrelease.spool.origin import Origin
from medrelease.terms.flow import Claim

DISPOSED = b"disposed.json"


def settle(layout: Layout, claims: int, name: str) -> Claim | None:
    """The claim in the folder `name`, with any half-done move finished; None if it is empty.

    A file whose origin cannot be read any more is claimed for the first route under held,
    where the journey will find that nobody says whose it is.
    """
    status = reach.look(claims, name.encode())
    if status is None or not stat.S_ISDIR(status.st_mode):
        return None
    with reach.opened(name.encode(), claims) as folder:
        if reach.look(folder, origin.FILE) is not None:
            came_from = origin.read(folder) or _unknown(layout, name)
            _finish_move(layout, folder, came_from)
            stamp = origin.stamp_of(os.stat(origin.FILE, dir_fd=folder, follow_symlinks=False))
            return Claim(
                name, came_from.route, came_from.path, stamp, came_from.source, leased=False
            )
    remove(claims, name.encode())
    return None


def remove(claims: int, name: bytes) -> None:
    """Remove a claim's folder, unless a file still lies in it."""
    if reach.look(claims, name) is None:
        return
    with reach.opened(name, claims) as folder:
        if reach.look(folder, origin.FILE) is not None:
            return
        files.unlink(folder, DISPOSED)
        files.unlink(folder, origin.NAME)
    files.remove_folder(claims, name)


def _finish_move(layout: Layout, folder: int, came_from: Origin) -> None:
    """Where a crash left the file under both names, take the dropped one away."""
    parent, name = reach.split(came_from.path)
    root = layout.share / came_from.source / came_from.route
    try:
        with reach.opened(root) as route, reach.open_below(route, parent) as dropped:
            files.settle_link(dropped, name, folder, origin.FILE)
    except (FileNotFoundError, NotADirectoryError):
        return  # the folder it was dropped in has gone, and the second name with it


def _unknown(layout: Layout, name: str) -> Origin:
    routes = sorted(os.listdir(layout.share / "held")) or ["unknown"]
    return Origin(routes[0], name.encode(), "held", os.getuid())
