"""The trail: many threads append, one writes, all share its fsync.

A single writer thread takes whatever is queued, writes it with one write and one fsync, and lets
the callers go; nobody waits for a batch to fill. Once a write or fsync fails in a way that may
have lost bytes, every waiting and every later append gets TrailFault (DESIGN.md section 3).
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from medrelease.audit.line import Head
from medrelease.audit.notes import Signer
from medrelease.audit.writer import Item, Options, Writer
from medrelease.terms.faults import Defect, TrailFault, Transient
from medrelease.terms.words import Event

__all__ = ["Options", "Sink", "Trail"]

Sink = Callable[[dict[str, Any]], None]
"""Takes each durable record, on the writer thread and before its append returns; must not raise."""

_IDLE = 60.0
"""Seconds after which an idle writer looks whether the day is over."""

_LINGER = 0.05
"""Seconds that records nobody waits for may lie in the queue, so that others' fsync serves them."""


_FULL = 1.0
"""Seconds after which records nobody waits for are tried again on a full disk."""


@dataclass(slots=True, eq=False)
class _Entry:
    items: Sequence[Item]
    awaited: bool
    due: float
    done: Future[list[dict[str, Any]]] = field(default_factory=Future)


class Trail:
    """The audit trail in `directory`, open for one process. `clock` gives aware datetimes.

    Opening checks and recovers the end of the trail, calls `recovered` (an index that follows
    the trail may then read it: what stands there is durable), and signs it. Raises TrailBroken
    where it was changed, Transient where the disk is full, TrailFault where it cannot be written.
    """

    def __init__(
        self,
        directory: Path,
        clock: Callable[[], datetime],
        signer: Signer,
        options: Options,
        *,
        sinks: Iterable[Sink] = (),
        note_sinks: Iterable[Callable[[str], None]] = (),
        recovered: Callable[[], object] = lambda: None,
    ) -> None:
        self.directory = directory
        self._sinks, self._note_sinks = tuple(sinks), tuple(note_sinks)
        self._woken = threading.Condition()
        self._queue: list[_Entry] = []
        self._batch: list[_Entry] = []
        self._looked = time.monotonic()
        self._closing = False
        self._fault: str | None = None
        self._writer = Writer(
            directory,
            clock=clock,
            signer=signer,
            options=options,
            durable=self._tell,
            noted=self._tell_note,
            recovered=recovered,
        )
        self._thread = threading.Thread(target=self._run, name="trail", daemon=True)
        self._thread.start()

    @property
    def head(self) -> Head:
        """The chain's durable end."""
        return self._writer.head

    @property
    def fault(self) -> str | None:
        """Why the trail takes no more records, or None."""
        return self._fault

    @property
    def note_fault(self) -> str | None:
        """The errno name for which the last note could not be written everywhere, or None."""
        return self._writer.note_fault

    def append(
        self, event: Event, fields: Mapping[str, Any], *, wait: bool = True
    ) -> dict[str, Any] | None:
        """Append one record and return it when it is durable; None at once without `wait`.

        Raises Transient where the disk is full and nothing was written, TrailFault where the
        trail can no longer be trusted to be durable, Defect where the fields make no record. A
        record nobody waits for is tried again until it is written or the trail fails.
        """
        if not wait and (defect := self._writer.refusal([(event, fields)])) is not None:
            raise defect
        found = self._put([(event, fields)], wait=wait)
        return found[0] if wait else None

    def close(self) -> None:
        """Write what is queued, sign the end, stop. Later appends raise TrailFault."""
        with self._woken:
            self._closing = True
            self._woken.notify()
        self._thread.join()

    def _put(self, items: Sequence[Item], *, wait: bool) -> list[dict[str, Any]]:
        entry = _Entry(items, wait, time.monotonic() + _LINGER)
        with self._woken:
            if self._fault is not None or self._closing:
                raise TrailFault(self._fault or "the trail is closed")
            self._queue.append(entry)
            if wait or len(self._queue) == 1:
                self._woken.notify()
        return entry.done.result() if wait else []

    def _run(self) -> None:
        fault = "the trail's writer ended by a defect"
        try:
            while self._take():
                self._write()
            self._sign(due=True)
            fault = "the trail is closed"
        except TrailFault as error:
            fault = str(error)
        finally:
            self._stop(fault)

    def _take(self) -> bool:
        """Wait for work and take all there is, which may be none; False at the end."""
        with self._woken:
            while (pause := self._pause()) > 0:
                self._woken.wait(pause)
            self._batch, self._queue = self._queue, []
            return bool(self._batch) or not self._closing

    def _pause(self) -> float:
        """How long the writer may sleep yet, in seconds."""
        if self._closing or any(entry.awaited for entry in self._queue):
            return 0.0
        now = time.monotonic()
        due = [self._looked + _IDLE - now]
        due += [entry.due - now for entry in self._queue[:1]]
        if (note := self._writer.note_due()) is not None:
            due.append(note)
        return min(due)

    def _write(self) -> None:
        """Write what was taken, and a note when it is due."""
        self._looked = time.monotonic()
        if self._batch or self._writer.day_is_over:
            self._commit(self._batch)
        self._batch = []
        self._sign(due=self._writer.note_due() == 0.0)

    def _sign(self, *, due: bool) -> None:
        if not due or self._writer.note_due() is None:
            return
        try:
            self._writer.make_note()
        except Transient:
            return  # the disk is full; the writer says when the note is due again

    def _commit(self, batch: list[_Entry]) -> None:
        """Write a batch and answer it; a full disk is an answer, a TrailFault goes on up."""
        try:
            lines = iter(self._writer.commit([item for entry in batch for item in entry.items]))
        except Defect:
            self._commit([entry for entry in batch if not self._refused(entry)])
        except Transient as full:
            self._put_off(batch, full)
        else:
            for entry in batch:
                entry.done.set_result([line.record for line in islice(lines, len(entry.items))])

    def _refused(self, entry: _Entry) -> bool:
        defect = self._writer.refusal(entry.items)
        if defect is not None:
            entry.done.set_exception(defect)
        return defect is not None

    def _put_off(self, batch: list[_Entry], full: Transient) -> None:
        """Tell those that wait; keep what nobody waits for until there is room."""
        kept = [entry for entry in batch if not entry.awaited]
        with self._woken:
            if kept and self._closing:
                raise TrailFault("the trail was closed on a full disk with records unwritten")
            self._queue = kept + self._queue
        for entry in kept:
            entry.due = time.monotonic() + _FULL
        for entry in batch:
            if entry.awaited:
                entry.done.set_exception(Transient(full.wait, str(full)))

    def _stop(self, fault: str) -> None:
        """Take no more records, and answer everybody who still waits for one."""
        with self._woken:
            self._fault = fault
            left, self._queue = [*self._batch, *self._queue], []
        self._writer.close()
        for entry in left:
            if not entry.done.done():
                entry.done.set_exception(TrailFault(fault))

    def _tell(self, record: dict[str, Any]) -> None:
        for sink in self._sinks:
            sink(record)

    def _tell_note(self, text: str) -> None:
        for sink in self._note_sinks:
            sink(text)
