"""Make a verified file visible under its coded name, and take released files away again."""

import contextlib
import hashlib
import os
import stat
from datetime import datetime
from pathlib import Path

from medrelease.spool import files, lease, reach
from medrelease.spool.faults import transient
from medrelease.spool.layout import Layout
from medrelease.terms.faults import Defect
from medrelease.terms.flow import Published, Verified

_MODE = 0o640


def ready(layout: Layout, route: str) -> None:
    """Raise `Transient` unless a route's released folder can be written to now.

    Asked before a release is recorded as intended, so that a read-only folder costs no record.
    """
    with transient("the released folder is not ready"), _open(layout, route) as released:
        if not os.access(f"/proc/self/fd/{released}", os.W_OK | os.X_OK):
            raise PermissionError(13, "not writable")


def publish(layout: Layout, verified: Verified, coded_name: str, now: datetime) -> Published | None:
    """Move a verified work file to `released/<route>/<coded_name>`, durably; None if taken.

    The file is seen with mode 0640, no extended attributes, the folder's group and `now` as
    its mtime. Raises `Defect` where the bytes are not those that were verified or a worker
    could still write them, and `Transient` where the folder cannot take them.
    """
    if "/" in coded_name or coded_name.startswith("."):
        raise Defect("a coded name is no file name")
    work, name = verified.work.encode(), os.fsencode(coded_name)
    with (
        transient("publishing"),
        layout.open_private("work") as folder,
        _open(layout, verified.claim.route) as released,
    ):
        _finish(folder, work, verified, reach.group_of(released), now)
        try:
            files.rename_noreplace(folder, work, released, name)
        except FileExistsError:
            if not files.settle_link(folder, work, released, name):
                return None
        files.sync(released)
    return Published(verified, coded_name)


def make_durable(layout: Layout, route: str) -> None:
    """fsync a route's released folder: a name seen there after a crash may not be on disk."""
    with transient("publishing"), _open(layout, route) as released:
        files.sync(released)


def digest(place: Path) -> str | None:
    """The SHA-256 (hex) of a released file; None where no regular file stands there."""
    with transient("reading a released file"):
        try:
            descriptor = os.open(place, reach.REGULAR)
        except (FileNotFoundError, NotADirectoryError):
            return None
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            return hashlib.file_digest(file, "sha256").hexdigest()


def released_names(layout: Layout, route: str) -> tuple[bytes, ...]:
    """Every name in a route's released folder, sorted."""
    with transient("listing released files"), _open(layout, route) as released:
        return tuple(sorted(os.fsencode(name) for name in os.listdir(released)))


def remove_released(layout: Layout, route: str, coded_name: str) -> bool:
    """Remove a released file, durably; False where it has gone already."""
    with transient("removing a released file"), _open(layout, route) as released:
        removed = files.unlink(released, os.fsencode(coded_name))
        files.sync(released)
    return removed


def _finish(folder: int, work: bytes, verified: Verified, group: int, now: datetime) -> None:
    """Dress the work file for release, after a look that it is the verified one to the byte.

    While the read lease stands no worker has it open to write. Where leases are not to be had
    (network mounts) a worker that a file took over may still have: there a copy is published,
    which no worker ever held.
    """
    descriptor = os.open(work, reach.REGULAR, dir_fd=folder)
    with contextlib.ExitStack() as closing:
        closing.callback(os.close, descriptor)
        held = lease.take(descriptor)
        if held is lease.Lease.WRITER:
            raise Defect("a finished file is still open for writing")
        if held is lease.Lease.UNAVAILABLE:
            files.replace_by_copy(folder, work, descriptor)
            descriptor = os.open(work, reach.REGULAR, dir_fd=folder)
            closing.callback(os.close, descriptor)
        if _sha256(descriptor) != verified.sha256:
            raise Defect("a finished file is not the one that was verified")
        files.dress(descriptor, _MODE, group, int(now.timestamp() * 10**9))
        files.remove_xattrs(descriptor, kept="security.")
        files.sync(descriptor)


def _sha256(descriptor: int) -> str:
    with open(descriptor, "rb", closefd=False) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _open(layout: Layout, route: str) -> contextlib.AbstractContextManager[int]:
    return layout.open_route("released", route)
