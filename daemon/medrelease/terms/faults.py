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

from medrelease.terms.words import Wait


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
