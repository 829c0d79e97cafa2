"""The pool of workers on this machine: sandboxed processes, some for each role.

A role is a set of operations that share a process. The verifier's role is not the
sanitiser's, so that the process which vouches for a file never holds the code that made it.
One thread minds one process: it starts it, gives it a job at a time, and replaces it after
any fault.
"""

import contextlib
import os
import queue
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path

from medrelease.terms.faults import Defect, Fault, WorkerLost
from medrelease.workers.files import opened, opened_root
from medrelease.workers.process import Order, WorkerProcess
from medrelease.workers.protocol import Answer, Job

_BYTES_A_SECOND = 32 << 20
"""What a job is given time for beyond its timeout: a file of 4 GB is worked on for minutes."""


@dataclass(frozen=True, slots=True, eq=False)
class _Errand:
    """A job with the future of its answer, from its submission to its end."""

    job: Job
    future: Future[Answer] = field(default_factory=Future)
    killed: threading.Event = field(default_factory=threading.Event)


_Errands = queue.SimpleQueue[_Errand | None]


class LocalPool:
    """`processes` workers for each role, started at once and side by side.

    The operations of `forked` run in a child of their worker each time. A role of such
    operations alone is started with its first job, since models take time and memory; one worker
    of each role in `early` is started at once, so that the first file need not wait for them.
    `slow` says by which factor an operation may take longer than others.

    `root` is the private folder that job paths are relative to; `operations` the dotted name of
    a module whose OPERATIONS maps names to functions of (reads, writes, options) and whose
    `warm(role)`, if any, imports what they need; `roles` maps each operation to its role.
    `timeout` is in seconds a job, with another second for each 32 MiB that it reads. Raises
    `OSError` when `root` cannot be opened.
    """

    def __init__(
        self,
        root: Path,
        operations: str,
        *,
        processes: int,
        memory_bytes: int,
        timeout: float,
        roles: Mapping[str, str],
        forked: frozenset[str] = frozenset(),
        early: frozenset[str] = frozenset(),
        slow: Mapping[str, float] | None = None,
    ) -> None:
        os.close(os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
        self._roles = dict(roles)
        self._queues: dict[str, _Errands] = {}
        self._under_way: dict[int, _Errand] = {}
        self._seats: list[_Seat] = []
        self._closing = threading.Lock()
        self._closed = False
        for role in sorted(set(roles.values())):
            allowed = tuple(sorted(name for name, its in roles.items() if its == role))
            children = tuple(name for name in allowed if name in forked)
            order = Order(operations, allowed, role, memory_bytes, children)
            errands = self._queues[role] = queue.SimpleQueue()
            eager = role in early
            late = children == allowed and not eager
            time = _Time(timeout, slow or {}, late)
            self._seats += [
                _Seat(root, order, errands, replace(time, late=late or (eager and bool(n))))
                for n in range(processes)
            ]

    def submit(self, job: Job) -> Future[Answer]:
        """See `protocol.Workers.submit`."""
        errand = _Errand(job)
        with self._closing:
            if self._closed:
                errand.future.set_exception(WorkerLost("the pool is closed"))
            elif job.operation not in self._roles:
                errand.future.set_exception(Defect("no worker has such an operation"))
            else:
                self._under_way[id(job)] = errand
                errand.future.add_done_callback(lambda _: self._under_way.pop(id(job), None))
                self._queues[self._roles[job.operation]].put(errand)
        return errand.future

    def kill(self, job: Job) -> None:
        """See `protocol.Workers.kill`."""
        errand = self._under_way.get(id(job))
        if errand is None or errand.future.cancel():
            return
        errand.killed.set()
        for seat in self._seats:
            seat.kill(errand)

    def distrust(self, job: Job) -> None:
        """See `protocol.Workers.distrust`."""
        for seat in self._seats:
            seat.distrust(job)

    def capacity(self) -> int:
        """How many jobs can run at once."""
        return len(self._seats)

    def close(self) -> None:
        """See `protocol.Workers.close`; a second call does nothing."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
        for errands in self._queues.values():
            _turn_away(errands)
        for seat in self._seats:
            seat.leave()
        for seat in self._seats:
            seat.join()


def _turn_away(errands: _Errands) -> None:
    while True:
        try:
            errand = errands.get_nowait()
        except queue.Empty:
            return
        if errand is not None and errand.future.set_running_or_notify_cancel():
            errand.future.set_exception(WorkerLost("the pool is closed"))


def _size(descriptor: int) -> int:
    return os.fstat(descriptor).st_size


@dataclass(frozen=True, slots=True)
class _Time:
    """When a seat's worker is started, and how long its jobs may take, in seconds."""

    timeout: float
    slow: Mapping[str, float]
    late: bool

    def allowed(self, operation: str, reads: list[int]) -> float:
        """How long a job may take on these descriptors."""
        seconds = self.timeout * self.slow.get(operation, 1.0)
        return seconds + sum(map(_size, reads)) / _BYTES_A_SECOND


class _Seat:
    """One worker's place in the pool, and the thread that minds it."""

    def __init__(self, root: Path, order: Order, errands: _Errands, time: _Time) -> None:
        self._root, self._order, self._errands, self._time = root, order, errands, time
        self._lock = threading.Lock()
        self._current: _Errand | None = None
        self._worker: WorkerProcess | None = None
        self._leaving = False
        self._last: Job | None = None
        self._distrusted = False
        self._thread = threading.Thread(target=self._mind, name=f"worker-{order.role}", daemon=True)
        self._thread.start()

    def kill(self, errand: _Errand) -> None:
        with self._lock:
            if self._current is errand and self._worker is not None:
                self._worker.kill()

    def distrust(self, job: Job) -> None:
        with self._lock:
            self._distrusted |= self._last is job

    def leave(self) -> None:
        """End a job that runs here; the thread ends with the queue's last word."""
        with self._lock:
            self._leaving = True
            if self._current is not None and self._worker is not None:
                self._worker.kill()
        self._errands.put(None)

    def join(self) -> None:
        self._thread.join()

    def _mind(self) -> None:
        if not self._time.late:
            with contextlib.suppress(OSError):  # the first job starts one anew, or tells of it
                self._seated(None)
        while (errand := self._errands.get()) is not None:
            if errand.future.set_running_or_notify_cancel():
                self._run(errand)
        self._dismiss()

    def _run(self, errand: _Errand) -> None:
        try:
            answer = self._ask(errand)
        except Fault as fault:
            errand.future.set_exception(fault)
        else:
            errand.future.set_result(answer)

    def _ask(self, errand: _Errand) -> Answer:
        job = errand.job
        with opened_root(self._root) as root, opened(root, job) as (reads, writes):
            try:
                worker = self._seated(errand)
            except OSError:
                raise WorkerLost("a worker could not be started") from None
            deadline = self._time.allowed(job.operation, reads)
            try:
                answer = worker.ask(job.operation, reads, writes, job.options, deadline)
            except Fault:
                self._release(worker)
                raise
        self._release(worker)
        return answer

    def _release(self, worker: WorkerProcess) -> None:
        """Be ready for the next job: with the same worker where it is fit for it."""
        if not worker.fit:
            self._dismiss()
            return
        with self._lock:
            self._current = None

    def _seated(self, errand: _Errand | None) -> WorkerProcess:
        """The worker of this place, started anew where there is none, busy with `errand`."""
        if self._distrusted or (self._worker is not None and self._worker.gone):
            self._dismiss()  # one that died between two jobs is no fault of the next file
        with self._lock:
            if self._worker is None:
                self._worker, self._distrusted = WorkerProcess(self._order), False
            self._current = errand
            self._last = errand.job if errand is not None else None
            if errand is not None and (self._leaving or errand.killed.is_set()):
                self._worker.kill()
            return self._worker

    def _dismiss(self) -> None:
        with self._lock:
            worker, self._worker, self._current = self._worker, None, None
        if worker is not None:
            worker.close()
