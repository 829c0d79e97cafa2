"""A job's files: the pool opens them, so that a worker never needs a path."""

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from medrelease.terms.faults import Defect, Transient
from medrelease.terms.words import Wait
from medrelease.workers.protocol import Job

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE})
_OURS = frozenset({errno.EEXIST, errno.ELOOP})


@contextmanager
def opened_root(place: Path) -> Iterator[int]:
    """The private folder, opened for one job: a share may be mounted anew between two.

    Raises `Transient` where it is gone.
    """
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _fault(error) from None
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def opened(root: int, job: Job) -> Iterator[tuple[list[int], list[int]]]:
    """Open a job's files below the private folder `root` (a descriptor) while it runs.

    Yields (reads, writes). Raises `Defect` when a path leads outside, a source is no regular
    file or a target exists; `Transient` when there is no space or the folder is gone.
    """
    with ExitStack() as stack:
        reads = list(_open_all(stack, root, job.reads, _READ))
        writes = list(_open_all(stack, root, job.writes, _WRITE))
        yield reads, writes


def _open_all(stack: ExitStack, root: int, paths: Iterable[str], flags: int) -> Iterator[int]:
    for path in paths:
        if path.startswith("/") or ".." in path.split("/"):
            raise Defect("a job names a file outside the private folder")
        try:
            descriptor = os.open(path, flags, 0o600, dir_fd=root)
        except OSError as error:
            raise _fault(error) from None
        stack.callback(os.close, descriptor)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Defect("a job names something that is no regular file")
        yield descriptor


def _fault(error: OSError) -> Defect | Transient:
    code = errno.errorcode.get(error.errno or 0, "?")
    if error.errno in _OURS:
        return Defect(f"a job's file cannot be opened: {code}")
    wait = Wait.NO_SPACE if error.errno in _FULL else Wait.SHARE_GONE
    return Transient(wait, f"a job's file cannot be opened: {code}")
