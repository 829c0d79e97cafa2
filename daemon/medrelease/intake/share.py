"""The share under watch: an unmounted one lists as empty, and must never be believed."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from medrelease.terms.faults import Transient, name_of, wait_of
from medrelease.terms.words import Wait

_SENTINEL = ".medrelease/sentinel"
_LONGEST = 1024


@dataclass(frozen=True, slots=True)
class Share:
    """A share as it was when the service started: its device and its sentinel's content.

    `mount` is the mount point that it lies below: a network share that is mounted there again
    may have another device number.
    """

    root: Path
    device: int
    sentinel: bytes
    mount: Path

    @classmethod
    def pin(cls, root: Path) -> "Share":
        """Remember the share as it is now. Raises `Transient` where its sentinel is missing."""
        return cls(root, *_read(root), _mount_point(root))

    def check(self) -> None:
        """Raise `Transient` unless this is still the share that was pinned."""
        device, sentinel = _read(self.root)
        here = device == self.device or self._mounted_again()
        if sentinel != self.sentinel or not here:
            raise Transient(Wait.SHARE_GONE, "another filesystem stands where the share was")

    def _mounted_again(self) -> bool:
        """Whether another device stands on the very mount point.

        What lies below an unmounted one may be an old copy, sentinel and all, and is never
        believed: its mount point is another.
        """
        return self.mount != Path("/") and _mount_point(self.root) == self.mount

    @property
    def outbox(self) -> Path:
        """The folder that holds the route folders."""
        return self.root / "outbox"


def _read(root: Path) -> tuple[int, bytes]:
    try:
        descriptor = os.open(root / _SENTINEL, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise _away(error) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Transient(Wait.SHARE_GONE, "the share's sentinel is no file")
        return status.st_dev, os.read(descriptor, _LONGEST)
    except OSError as error:
        raise _away(error) from None
    finally:
        os.close(descriptor)


def _mount_point(root: Path) -> Path:
    """The topmost folder that is on the device of `root`, on the way up from it."""
    place = root.absolute()
    try:
        device = place.stat().st_dev
        while place != place.parent and place.parent.stat().st_dev == device:
            place = place.parent
    except OSError as error:
        raise _away(error) from None
    return place


def _away(error: OSError) -> Transient:
    return Transient(wait_of(error), f"the share's sentinel cannot be read: {name_of(error)}")
