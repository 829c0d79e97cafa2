"""A whole life of the service inside this process: a start, looks until nothing is left, a stop.

It is the real service, put together by the real `open_desk`, but for what would make two lives
differ: its lanes run one after another, a worker's operation runs where it is asked for, the
trail's writer lingers until somebody waits for it, and no time passes between two looks.
"""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from corpora.disk_calls import Calls, Crash, Cut, quiet_threads
from medrelease.audit import trail
from medrelease.config.load import load
from medrelease.intake.stillness import Stillness
from medrelease.release import housekeeping, operations
from medrelease.release.lanes import Lanes
from medrelease.release.rounds import Round, Rounds
from medrelease.service import assemble
from medrelease.service.instance import only_one
from medrelease.service.life import Service
from medrelease.terms.faults import MedreleaseError, TrailFault, WorkerLost
from medrelease.workers.files import opened, opened_root
from medrelease.workers.protocol import Job

LOOKS = 12


class Log:
    """The service's log as a list of (level, message, fields)."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, dict[str, Any]]] = []

    def __getattr__(self, level: str) -> Callable[..., None]:
        return lambda message, **fields: self.lines.append((level, message, fields))

    def said(self) -> str:
        """Everything that was logged, as one text."""
        return "\n".join(f"{level} {message} {fields}" for level, message, fields in self.lines)


class InlineWorkers:
    """The pool's contract without processes: an operation runs when it is submitted."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def submit(self, job: Job) -> "Future[Mapping[str, Any]]":
        """Run a job now. An error of the disk loses the worker, as behind the wall."""
        future: Future[Mapping[str, Any]] = Future()
        try:
            future.set_result(self._run(job))
        except MedreleaseError as fault:
            future.set_exception(fault)
        except OSError:
            future.set_exception(WorkerLost("a worker could not read or write a file"))
        return future

    def _run(self, job: Job) -> Mapping[str, Any]:
        with opened_root(self._root) as root, opened(root, job) as (reads, writes):
            options = json.loads(json.dumps(job.options))
            answer = operations.OPERATIONS[job.operation](reads, writes, options)
        found: Mapping[str, Any] = json.loads(json.dumps(answer))
        return found

    def kill(self, job: Job) -> None:
        """Nothing runs."""

    def distrust(self, job: Job) -> None:
        """Every job has a worker of its own."""

    def capacity(self) -> int:
        """One job at a time."""
        return 1

    def close(self) -> None:
        """Nothing to end."""


class _InlinePool:
    """The lanes' executor: a journey is over when it was started."""

    def submit(self, work: Callable[..., None], *arguments: Any) -> "Future[None]":
        future: Future[None] = Future()
        work(*arguments)
        future.set_result(None)
        return future

    def shutdown(self, *, wait: bool) -> None:
        """Nothing runs."""


class _Hints:
    watching = True

    def mind(self) -> bool:
        return False

    def close(self) -> None:
        """Nothing is watched."""


@dataclass
class _Signals:
    wake: threading.Event = field(default_factory=threading.Event)
    stop: bool = False

    def take_reload(self) -> bool:
        return False


@dataclass
class Clock:
    """The machine's clock, and how far somebody set it wrong."""

    off: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now().astimezone() + self.off


@contextlib.contextmanager
def prepared(clock: Callable[[], datetime] | None = None) -> Iterator[None]:
    """Make lives of this process alike: no processes, no pauses, no random interleaving."""
    with pytest.MonkeyPatch.context() as patches, quiet_threads():
        patches.setattr(assemble, "pool", lambda _, layout, **_named: InlineWorkers(layout.private))
        patches.setattr(housekeeping, "_SOON", 0.0)
        patches.setattr(housekeeping, "_SELDOM", 0.0)
        patches.setattr(trail, "_LINGER", 3600.0)
        patches.setattr(trail, "_FULL", 0.01)
        if clock is not None:
            patches.setattr(assemble, "now", clock)
        yield


class Life:
    """One life on a site. `before_look` is called with the number of each look, from 1."""

    def __init__(self, config: Path) -> None:
        self.config = config
        self.log = Log()
        self.rounds: list[Round] = []
        self.service: Service | None = None

    def run(self, looks: int = LOOKS, before_look: Callable[[int], None] = lambda _: None) -> int:
        """Live; returns the exit code that the process would have. Raises Crash where it is cut.

        Raises what `serve` would: Transient, TrailFault and others where it cannot start.
        """
        with self.living() as service:
            for number in range(1, looks + 1):
                before_look(number)
                if service.lanes.failed is not None or (self.look() and number > 1):
                    break
            return service.finish()

    @contextlib.contextmanager
    def living(self) -> Iterator[Service]:
        """A started service, whose looks are the caller's; it is closed at the end."""
        settings = load(self.config)
        with only_one(settings.site.state), ExitStack() as closing:
            desk = assemble.open_desk(settings, self.log, closing)
            lanes = Lanes(1, lambda: None)
            lanes._pool.shutdown()
            lanes._pool = _InlinePool()  # type: ignore[assignment]
            site = settings.site
            stillness = Stillness(site.settle, site.patience, once=True)
            house = housekeeping.Housekeeping(site.state)
            rounds = Rounds(lanes, stillness)
            signals: Any = _Signals()
            hints: Any = _Hints()
            self.service = Service(settings, desk, signals, lanes, rounds, hints, house)
            self.service.start()
            yield self.service

    def look(self) -> bool:
        """One look; whether nothing was left to do after it."""
        assert self.service is not None
        done = self.service.look()
        self.rounds.append(done)
        left = done.seen is None or bool(done.seen.arrivals) or bool(done.waits)
        return not left and not done.taken and not self.service.lanes.busy


def live(config: Path) -> Life:
    """A life that nothing troubles."""
    life = Life(config)
    life.run()
    return life


def cut_short(config: Path, cut: Cut, before_look: Callable[[int], None] = lambda _: None) -> None:
    """A life that ends where the cut says; a thread's end is seen by the others as a fault."""
    with Calls(cut):
        try:
            Life(config).run(before_look=before_look)
        except (Crash, TrailFault):
            if not cut.ended:
                raise
