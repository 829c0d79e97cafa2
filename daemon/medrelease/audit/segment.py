"""The open file of today: bytes are either durable in it or not in it at all.

A short write is cut back to the last line, so that a full disk is a fault that passes. Any other
error of write or fsync ends all releases: after a failed fsync nobody knows what is on the disk
(DESIGN.md section 3; PostgreSQL's rule of 2018).
"""

import errno
import os
from pathlib import Path
from typing import NoReturn

from medrelease.terms.faults import TrailFault, Transient
from medrelease.terms.words import Wait

TODAY = "audit.jsonl"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_MODE = 0o640


def fail(error: OSError, doing: str) -> NoReturn:
    """Raise Transient where the disk is full, and TrailFault for every other error."""
    code = errno.errorcode.get(error.errno or 0, "?")
    if error.errno in _FULL:
        raise Transient(Wait.NO_SPACE, f"{doing}: {code}") from None
    raise TrailFault(f"{doing}: {code}") from None


def sync_folder(folder: Path) -> None:
    """fsync a folder, so that names in it survive a crash. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def give_to_owner(descriptor: int, folder: Path) -> None:
    """Give a new file to the folder's owner, so that a verb run by root takes no file away."""
    if os.geteuid() == 0:
        owner = os.stat(folder)
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


class Segment:
    """`audit.jsonl`, open for appending; `end` is its durable length in bytes.

    Raises Transient or TrailFault where it cannot be opened, or made where it is absent.
    """

    def __init__(self, folder: Path) -> None:
        self._place = folder / TODAY
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            self._descriptor = os.open(self._place, flags, _MODE)
        except OSError as error:
            fail(error, "opening the trail")
        try:
            os.fchmod(self._descriptor, _MODE)
            self.end = os.fstat(self._descriptor).st_size
            give_to_owner(self._descriptor, folder)
            sync_folder(folder)
        except OSError as error:
            os.close(self._descriptor)
            fail(error, "opening the trail")

    def append(self, data: bytes) -> None:
        """Write bytes and fsync them.

        Raises Transient, with nothing of it left, where the disk is full; TrailFault otherwise.
        """
        self._look()
        left = memoryview(data)
        try:
            while left:
                left = left[os.write(self._descriptor, left) :]
        except OSError as error:
            if error.errno in _FULL:
                self._cut_back()
            fail(error, "writing the trail")
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            code = errno.errorcode.get(error.errno or 0, "?")
            raise TrailFault(f"fsync of the trail: {code}") from None
        self.end += len(data)

    def close(self) -> None:
        """Close the file; nothing in it waits for that."""
        os.close(self._descriptor)

    def _look(self) -> None:
        """The file must be where and as long as it was left: nobody else writes or moves it."""
        try:
            here = os.fstat(self._descriptor)
            there = os.stat(self._place, follow_symlinks=False)
        except OSError as error:
            fail(error, "looking at the trail")
        if (here.st_dev, here.st_ino) != (there.st_dev, there.st_ino):
            raise TrailFault("the trail was moved away by another program")
        if here.st_size != self.end:
            raise TrailFault("the trail was written to by another program")

    def _cut_back(self) -> None:
        try:
            os.ftruncate(self._descriptor, self.end)
        except OSError as error:
            code = errno.errorcode.get(error.errno or 0, "?")
            raise TrailFault(f"cutting the trail back: {code}") from None
