"""Send records on to the journal, without ever making a release wait for it.

A blocked journal socket blocks its sender, so a thread of its own takes the entries from a
bounded queue; what does not fit is counted and dropped, since the trail already has it.
"""

import queue
import threading
from collections.abc import Callable, Mapping
from typing import Any

from medrelease.audit.journal import journal_fields
from medrelease.service import systemd

_ROOM = 10_000


class JournalSink:
    """A callable that takes durable records. `dropped` counts what the queue had no room for."""

    def __init__(
        self, send: Callable[[str, Mapping[str, str]], None] = systemd.journal_entry
    ) -> None:
        self._send = send
        self._queue: queue.Queue[tuple[str, Mapping[str, str]] | None] = queue.Queue(_ROOM)
        self._thread = threading.Thread(target=self._drain, name="journal", daemon=True)
        self.dropped = 0
        self._thread.start()

    def __call__(self, record: Mapping[str, Any]) -> None:
        """Queue one record."""
        try:
            self._queue.put_nowait((str(record["event"]), journal_fields(record)))
        except queue.Full:
            self.dropped += 1

    def note(self, text: str) -> None:
        """Queue a signed note whole: kept in a journal elsewhere it proves more than here."""
        try:
            self._queue.put_nowait(("log.note", {"MEDRELEASE_NOTE": text}))
        except queue.Full:
            self.dropped += 1

    def close(self) -> None:
        """Send what is queued, for two seconds at most."""
        self._queue.put(None)
        self._thread.join(timeout=2.0)

    def _drain(self) -> None:
        while (entry := self._queue.get()) is not None:
            self._send(*entry)
