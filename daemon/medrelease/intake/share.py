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
    """A share as it was when the service started: its device and its sentinel's content."""

    root: Path
    device: int
    sentinel: bytes

    @classmethod
    def pin(cls, root: Path) -> "Share":
        """Remember the share as it is now. Raises `Transient` where its sentinel is missing."""
        return cls(root, *_read(root))

    def check(self) -> None:
        """Raise `Transient` unless this is still the share that was pinned."""
        if _read(self.root) != (self.device, self.sentinel):
            raise Transient(Wait.SHARE_GONE, "another filesystem stands where the share was")

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


def _away(error: OSError) -> Transient:
    return Transient(wait_of(error), f"the share's sentinel cannot be read: {name_of(error)}")
