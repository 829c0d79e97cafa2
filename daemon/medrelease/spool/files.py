"""Small durable steps on files, relative to open folders.

Every call of the room that changes something on disk stands here, so that a crash harness has
one place to cut. Names are bytes, since a dropped name need not be UTF-8; no call follows a
symbolic link. Errors are `OSError`; `faults.transient` turns them into what they mean.
"""

import ctypes
import errno
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from medrelease.spool import reach

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

_NOREPLACE = 1
_UNKNOWN_TO_KERNEL = frozenset({errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP})

_libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def place_below(root: int, path: bytes) -> Iterator[tuple[int, bytes]]:
    """Like `open_below`, but what is missing is made, with its parent's mode.

    Where a part of the path is taken by something that is no folder, the way ends above it.
    Yields the folder reached and its path below `root`.
    """
    current = os.dup(root)
    reached: list[bytes] = []
    try:
        for part in reach.parts_of(path):
            make_folder(current, part, stat.S_IMODE(os.fstat(current).st_mode))
            try:
                current = reach.step(current, part)
            except OSError as error:
                if error.errno in (errno.ENOTDIR, errno.ELOOP):
                    break
                raise
            reached.append(part)
        yield current, b"/".join(reached)
    finally:
        os.close(current)


def make_private(within: int, name: bytes) -> None:
    """Make a folder that only the service can enter; not yet durable. Raises `FileExistsError`."""
    os.mkdir(name, 0o700, dir_fd=within)


def make_folder(within: int, name: bytes, mode: int) -> bool:
    """Make a folder of exactly `mode`, durably; False where the name is there already."""
    try:
        os.mkdir(name, mode & 0o1777, dir_fd=within)
    except FileExistsError:
        return False
    with reach.opened(name, within) as made:
        # the unit's RestrictSUIDSGID refuses a chmod that says setgid, which is inherited there
        if stat.S_IMODE(os.fstat(made).st_mode) != mode:
            os.fchmod(made, mode)
    os.fsync(within)
    return True


def rename_noreplace(source: int, name: bytes, target: int, new_name: bytes) -> None:
    """Move a file without ever replacing one: renameat2(2) with RENAME_NOREPLACE.

    Where the filesystem does not know that flag, a link and an unlink do the same; a crash
    between them leaves one file under two names, which callers settle with `settle_link`.
    Raises `FileExistsError`.
    """
    if _libc.renameat2(source, name, target, new_name, _NOREPLACE) == 0:
        return
    error = ctypes.get_errno()
    if error not in _UNKNOWN_TO_KERNEL:
        raise OSError(error, os.strerror(error))
    os.link(name, new_name, src_dir_fd=source, dst_dir_fd=target, follow_symlinks=False)
    os.unlink(name, dir_fd=source)


def settle_link(source: int, name: bytes, target: int, new_name: bytes) -> bool:
    """Finish a move that stopped between link and unlink.

    True where both names were the same file; the old name is then gone.
    """
    old, new = reach.look(source, name), reach.look(target, new_name)
    if old is None or new is None or (old.st_dev, old.st_ino) != (new.st_dev, new.st_ino):
        return False
    os.unlink(name, dir_fd=source)
    return True


def put_down(source: int, name: bytes, target: int, names: Iterable[bytes]) -> bytes:
    """Move a file to the first of `names` that is free, or that it already has; returns it.

    Raises `FileExistsError` where all are taken.
    """
    for new_name in names:
        try:
            rename_noreplace(source, name, target, new_name)
        except FileExistsError:
            if not settle_link(source, name, target, new_name):
                continue
        return new_name
    raise FileExistsError(errno.EEXIST, "every name is taken")


def move_folder(source: int, name: bytes, target: int, new_name: bytes) -> None:
    """Move a folder; an empty one of that name is replaced (rename(2))."""
    os.rename(name, new_name, src_dir_fd=source, dst_dir_fd=target)


def write_new(within: int, name: bytes, data: bytes, mode: int) -> None:
    """Write a new file of exactly `mode` whole; not yet durable. Raises `FileExistsError`."""
    descriptor = os.open(name, _NEW, 0o600, dir_fd=within)
    try:
        os.fchmod(descriptor, mode)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    finally:
        os.close(descriptor)


def write_durable(within: int, name: bytes, data: bytes, mode: int) -> None:
    """`write_new` and fsync of the file; its name is durable once the folder is synced."""
    write_new(within, name, data, mode)
    sync_file(within, name)


def replace_by_copy(within: int, name: bytes, source: int) -> None:
    """Put a copy of an open file, mode 0600, in the place of the file `name`; not yet durable."""
    copy = name + b".copy"
    unlink(within, copy)
    descriptor = os.open(copy, _NEW, 0o600, dir_fd=within)
    with os.fdopen(descriptor, "wb") as target, open(source, "rb", closefd=False) as original:
        shutil.copyfileobj(original, target)
    os.rename(copy, name, src_dir_fd=within, dst_dir_fd=within)


@contextmanager
def new_file(path: os.PathLike[str]) -> Iterator[BinaryIO]:
    """A new file of mode 0600 to write to, durable at the end. Raises `FileExistsError`."""
    with os.fdopen(os.open(path, _NEW, 0o600), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def sync_file(within: int, name: bytes) -> None:
    """fsync one file by name."""
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=within)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync(descriptor: int) -> None:
    """fsync a file or folder."""
    os.fsync(descriptor)


def sync_filesystem(descriptor: int) -> None:
    """syncfs(2): one wait for everything that was written to the mount of `descriptor`."""
    if _libc.syncfs(descriptor) != 0:
        raise OSError(ctypes.get_errno(), "syncfs")


def dress(descriptor: int, mode: int, group: int, mtime_ns: int) -> None:
    """Set a file's mode, group (-1 leaves it) and both times."""
    os.fchmod(descriptor, mode)
    if group not in (-1, os.fstat(descriptor).st_gid):
        os.fchown(descriptor, -1, group)
    os.utime(descriptor, ns=(mtime_ns, mtime_ns))


def remove_xattrs(descriptor: int, kept: str) -> None:
    """Remove every extended attribute except those that begin with `kept`."""
    try:
        attributes = os.listxattr(descriptor)
    except OSError as error:
        if error.errno == errno.EOPNOTSUPP:
            return
        raise
    for attribute in attributes:
        if not attribute.startswith(kept):
            os.removexattr(descriptor, attribute)


def unlink(within: int, name: bytes) -> bool:
    """Remove a file; False where there is none."""
    try:
        os.unlink(name, dir_fd=within)
    except FileNotFoundError:
        return False
    return True


def remove_folder(within: int, name: bytes) -> bool:
    """Remove an empty folder; False where it is not empty, or not there."""
    try:
        os.rmdir(name, dir_fd=within)
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            return False
        raise
    return True
