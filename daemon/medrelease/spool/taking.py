"""The steps by which one file leaves the outbox, or held, for a private claim folder.

Nothing here trusts a name twice: the file is opened without following a link, its lease and
stamp are compared with what the scan saw, and once more after the rename, since whoever can
write to the folder may have put another file in its place in between.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from medrelease.spool import files, lease, origin, reach
from medrelease.spool.layout import Layout
from medrelease.spool.naming import candidates
from medrelease.terms.flow import Arrival, Claim, Hold, Stamp
from medrelease.terms.words import Reason, Wait

_GONE = frozenset({errno.ENOENT, errno.ELOOP, errno.ENOTDIR, errno.EAGAIN, errno.ENXIO})


@dataclass(slots=True)
class Candidate:
    """A file about to be claimed: open and leased, or not to be opened and why."""

    arrival: Arrival
    release_id: str
    descriptor: int | None = None
    leased: bool = False
    hold: Hold | None = None

    @property
    def folder(self) -> bytes:
        """The name of its folder among the claims."""
        return self.release_id.encode()

    def let_go(self) -> None:
        """Close the descriptor, and with it the lease."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None


def inspect(layout: Layout, arrival: Arrival, release_id: str) -> Candidate | Wait:
    """Look at a file where it lies. Raises `OSError`; see `wait_for`."""
    with _parent(layout, arrival) as (parent, name):
        status = reach.look(parent, name)
        if status is None or origin.stamp_of(status) != arrival.stamp:
            return Wait.UNSTABLE
        if not stat.S_ISREG(status.st_mode):
            return Wait.UNSTABLE
        if status.st_nlink > 1:
            return Candidate(arrival, release_id, hold=Hold(Reason.HARD_LINK))
        return open_leased(parent, name, Candidate(arrival, release_id), arrival.stamp)


def open_leased(folder: int, name: bytes, candidate: Candidate, stamp: Stamp) -> Candidate | Wait:
    """Open a file, ask for its lease, and compare it with the stamp it must have."""
    try:
        candidate.descriptor = os.open(name, reach.REGULAR, dir_fd=folder)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM):
            raise
        candidate.hold = Hold(Reason.UNREADABLE)
        return candidate
    answer = lease.take(candidate.descriptor)
    same = origin.stamp_of(os.fstat(candidate.descriptor)) == stamp
    if answer is lease.Lease.WRITER or not same:
        candidate.let_go()
        return Wait.UNSTABLE
    candidate.leased = answer is lease.Lease.GRANTED
    return candidate


def write_origin(claims: int, candidate: Candidate) -> None:
    """Make the claim's folder and put down where its file comes from."""
    files.make_private(claims, candidate.folder)
    with reach.opened(candidate.folder, claims) as folder:
        origin.write(folder, candidate.arrival)


def move(layout: Layout, claims: int, candidate: Candidate) -> Claim | Wait:
    """Rename the file into its claim, and look whether it is still the one that was seen."""
    with (
        _parent(layout, candidate.arrival) as (parent, name),
        reach.opened(candidate.folder, claims) as folder,
    ):
        files.rename_noreplace(parent, name, folder, origin.FILE)
        status = os.stat(origin.FILE, dir_fd=folder, follow_symlinks=False)
        claimed = origin.stamp_of(status)
        same = claimed.same_bytes(candidate.arrival.stamp)
        if not same or not _still_alone(candidate):
            # Whatever this is, it is not ours to judge; it goes back and is looked at afresh.
            names = candidates(name, candidate.release_id)
            files.put_down(folder, origin.FILE, parent, names)
            return Wait.UNSTABLE
    return Claim(
        release_id=candidate.release_id,
        route=candidate.arrival.route,
        path=candidate.arrival.path,
        stamp=claimed,
        source=candidate.arrival.source,
        leased=candidate.leased,
    )


def sync_move(layout: Layout, claims: int, candidate: Candidate) -> None:
    """Make one file's bytes and its move durable: the file, both folders."""
    if candidate.descriptor is not None:
        files.sync(candidate.descriptor)
    with reach.opened(candidate.folder, claims) as folder:
        files.sync(folder)
    with contextlib.suppress(FileNotFoundError), _parent(layout, candidate.arrival) as (parent, _):
        files.sync(parent)


def wait_for(error: OSError) -> Wait | None:
    """UNSTABLE where the file or its folder went away; None where it is no file's own fault."""
    return Wait.UNSTABLE if error.errno in _GONE else None


def _still_alone(candidate: Candidate) -> bool:
    """Whether the lease can still be had, now that no new name leads to the file."""
    if candidate.descriptor is None:
        return True
    return lease.take(candidate.descriptor) is not lease.Lease.WRITER


@contextmanager
def _parent(layout: Layout, arrival: Arrival) -> Iterator[tuple[int, bytes]]:
    folder, name = reach.split(arrival.path)
    root = (
        layout.outbox(arrival.route) if arrival.source == "outbox" else layout.held(arrival.route)
    )
    with reach.opened(root) as route, reach.open_below(route, folder) as parent:
        yield parent, name
