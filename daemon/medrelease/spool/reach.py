"""Open folders and what stands in them, reached without following a link; changes nothing.

Names are bytes, since a dropped name need not be UTF-8. Errors are `OSError`.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
REGULAR = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""How a name that anybody may have put there is opened: no link followed, no FIFO waited for."""


@contextmanager
def opened(path: bytes | os.PathLike[str], within: int | None = None) -> Iterator[int]:
    """An open folder for the length of a `with`; its last part may not be a link."""
    descriptor = os.open(path, _DIRECTORY, dir_fd=within)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def open_below(root: int, path: bytes) -> Iterator[int]:
    """The folder `path` below `root`, reached part by part without following a link.

    Raises `OSError`: ENOENT, or ELOOP or ENOTDIR where a part is no folder.
    """
    current = os.dup(root)
    try:
        for part in parts_of(path):
            current = step(current, part)
        yield current
    finally:
        os.close(current)


def parts_of(path: bytes) -> list[bytes]:
    """The names that a relative path is made of. Raises `ValueError` where it leads outside."""
    parts = [part for part in path.split(b"/") if part]
    if path.startswith(b"/") or b".." in parts or b"." in parts:
        raise ValueError("a path that leads outside its folder")
    return parts


def step(current: int, part: bytes) -> int:
    """Open `part` of `current` and close `current`."""
    deeper = os.open(part, _DIRECTORY, dir_fd=current)
    os.close(current)
    return deeper


def split(path: bytes) -> tuple[bytes, bytes]:
    """A relative path as (folder, name). Raises `ValueError` on a path that leads outside."""
    parts = parts_of(path)
    if not parts:
        raise ValueError("a path without a name")
    return b"/".join(parts[:-1]), parts[-1]


def look(within: int, name: bytes) -> os.stat_result | None:
    """lstat by name; None where there is nothing."""
    try:
        return os.stat(name, dir_fd=within, follow_symlinks=False)
    except FileNotFoundError:
        return None


def read_small(within: int, name: bytes, limit: int) -> bytes | None:
    """The bytes of a regular file of at most `limit` bytes; None where there is none such."""
    try:
        descriptor = os.open(name, REGULAR, dir_fd=within)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP, errno.ENXIO):
            return None
        raise
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
            return None
        return os.read(descriptor, limit)
    finally:
        os.close(descriptor)


def group_of(folder: int) -> int:
    """The group that a file made in a folder would get where it is setgid; else -1."""
    status = os.fstat(folder)
    return status.st_gid if status.st_mode & stat.S_ISGID else -1
