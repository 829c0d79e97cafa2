"""Read leases (fcntl(2), F_SETLEASE): the kernel's word that nobody has a file open to write.

A read lease is refused while any descriptor, or writable map, can write the file, and is
broken by whoever opens it for writing later. Where the filesystem or the file's owner does
not allow leases (network mounts; another uid without CAP_LEASE) stillness has to do.
"""

import enum
import errno
import fcntl
import signal


class Lease(enum.Enum):
    """What came of asking for a lease."""

    GRANTED = enum.auto()
    WRITER = enum.auto()
    UNAVAILABLE = enum.auto()


def ignore_lease_signals() -> None:
    """Ignore SIGIO, by which the kernel tells of a broken lease and would end the process.

    To be called once, in the main thread, before the first lease is taken.
    """
    signal.signal(signal.SIGIO, signal.SIG_IGN)


def take(descriptor: int) -> Lease:
    """Ask for a read lease on a file that is open read-only."""
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return Lease.WRITER if error.errno == errno.EAGAIN else Lease.UNAVAILABLE
    return Lease.GRANTED


def stands(descriptor: int) -> bool:
    """Whether a lease that was granted has not been broken since."""
    return bool(fcntl.fcntl(descriptor, fcntl.F_GETLEASE) == fcntl.F_RDLCK)
