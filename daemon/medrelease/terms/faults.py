"""The exception tree: faults only. A file that may not go is a `Hold`, which is a value.

    MedreleaseError
    |-- Fault                 something outside or inside the program went wrong
    |   |-- Transient         disk full, share gone, register away: wait and try again
    |   |-- WorkerLost        a worker died or passed its deadline: once more, then held
    |   |-- TrailFault        the trail cannot be trusted to be durable: stop releasing
    |   `-- Defect            a bug: the file is held as `defect`, the service lives
    |-- TrailBroken           the trail was changed by somebody else (exit 12)
    `-- ConfigError           the configuration cannot be used (exit 78)

No message of these ever carries a value from an image or from the register.
"""

import errno

from medrelease.terms.words import Wait

_SHORT = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EMLINK, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
)
_PASSING = frozenset({errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ESTALE})


def wait_of(error: OSError) -> Wait:
    """Short of space or descriptors, or a share that is gone, read-only or not ours."""
    return Wait.NO_SPACE if error.errno in _SHORT else Wait.SHARE_GONE


def passes(error: OSError) -> bool:
    """Whether an error is the machine's of the moment, and says nothing of what was opened."""
    return error.errno in _PASSING


def name_of(error: OSError) -> str:
    """The error's symbol, such as EIO: its text may carry the name of a file."""
    return errno.errorcode.get(error.errno or 0, "?")


class MedreleaseError(Exception):
    """Root of every exception that the program raises on purpose."""


class Fault(MedreleaseError):
    """Something went wrong that is not the file's own doing."""


class Transient(Fault):
    """A condition that passes: the file waits and is tried again with backoff."""

    def __init__(self, wait: Wait, message: str) -> None:
        super().__init__(message)
        self.wait = wait


class WorkerLost(Fault):
    """A worker died, answered nonsense or passed its deadline while it had a file."""


class TrailFault(Fault):
    """A write or fsync of the trail failed in a way that ends all releases (exit 1)."""


class Defect(Fault):
    """The program contradicted itself."""


class TrailBroken(MedreleaseError):
    """The chain, a signed note or the reconciliation of the trail does not hold (exit 12)."""


class ConfigError(MedreleaseError):
    """The configuration cannot be used; every finding is a (key path, message) pair."""

    def __init__(self, findings: tuple[tuple[str, str], ...]) -> None:
        super().__init__("; ".join(f"{key}: {text}" if key else text for key, text in findings))
        self.findings = findings
