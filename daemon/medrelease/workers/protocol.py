"""What a pool of workers is: a job goes in, a future of its answer comes out.

A job is frozen data, never a callable, so that it can travel to another process or machine;
an answer is a plain JSON object, so that nothing a worker says is ever unpickled.
"""

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol

JSON = str | int | float | bool | None | list[Any] | dict[str, Any]
"""What an option or an answer may be made of."""

Answer = Mapping[str, Any]
"""A worker's answer: a JSON object of at most 64 KiB. It is a claim, to be checked."""


@dataclass(frozen=True, slots=True)
class Job:
    """One operation on open files.

    `reads` and `writes` are paths relative to the private folder that the pool was given. The
    pool opens the first read-only and creates the second, which must not exist yet. `attempt`
    tells apart repeated tries at one file: only the try that the coordinator recorded counts.
    """

    operation: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    attempt: int
    options: Mapping[str, JSON] = field(default_factory=dict)


class Workers(Protocol):
    """A pool of workers, on this machine or on others."""

    def submit(self, job: Job) -> Future[Answer]:
        """Queue a job.

        The future ends in the answer, or in `WorkerLost` (the worker died, passed its deadline
        or memory limit, or answered nonsense), `Transient` (no space to write the result) or
        `Defect` (the operation raised; the text names the exception's class and place only).
        """

    def kill(self, job: Job) -> None:
        """End this very job (by identity): cancelled if it queues, `WorkerLost` if it runs."""

    def distrust(self, job: Job) -> None:
        """Replace the worker that last answered this very job before it gets another file."""

    def capacity(self) -> int:
        """How many jobs can run at once."""

    def close(self) -> None:
        """End every worker and wait until it is gone; unfinished jobs end in `WorkerLost`."""
