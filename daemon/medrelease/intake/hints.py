"""Hints that something changed in the outbox: they make the next look come sooner.

watchdog may lose events, and its threads may die or watch a folder that is no more; none of
that loses a file, since the look is the truth. `mind` notices and starts the watch anew.
"""

import contextlib
import os
import threading
from collections.abc import Sequence
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

_CHANGES = frozenset({"created", "modified", "moved", "closed", "deleted"})


class Hints:
    """Sets `wake` whenever something changes below one of `paths`.

    With `polling` nothing is watched, since the filesystem would not tell; `wake` is then the
    caller's alone. `close` ends every thread.
    """

    def __init__(self, paths: Sequence[Path], wake: threading.Event, *, polling: bool) -> None:
        self._paths = tuple(paths)
        self._handler = _Waker(wake)
        self._polling = polling
        self._observer: BaseObserver | None = None
        self._watched: tuple[tuple[int, int] | None, ...] = ()
        self.mind()

    @property
    def watching(self) -> bool:
        """Whether events can come; where not, only looks at intervals find new files."""
        return self._observer is not None

    def mind(self) -> bool:
        """Start the watch (again) if it does not run as it should; True if it was started.

        Call it with every look. It runs where every thread lives and each path is still the
        folder that was watched.
        """
        if self._polling or self._sound():
            return False
        self.close()
        watched = tuple(_identity(path) for path in self._paths)
        if None in watched:
            return False
        self._observer = self._started()
        self._watched = watched
        return self._observer is not None

    def close(self) -> None:
        """End the watch."""
        observer, self._observer = self._observer, None
        if observer is None:
            return
        try:
            observer.stop()
        except KeyError:
            # Where files and folders took each other's names while it watched, watchdog loses
            # count of its watches and stops half-way; to join what it left could take for ever.
            return
        with contextlib.suppress(RuntimeError):  # a thread that never started
            observer.join()

    def _sound(self) -> bool:
        observer = self._observer
        return (
            observer is not None
            and observer.is_alive()
            and all(emitter.is_alive() for emitter in observer.emitters)
            and self._watched == tuple(_identity(path) for path in self._paths)
        )

    def _started(self) -> BaseObserver | None:
        observer = Observer()
        try:
            for path in self._paths:
                observer.schedule(self._handler, str(path), recursive=True)
            observer.start()
        except OSError:  # the limit of watches, or a folder that went just now
            observer.unschedule_all()
            return None
        return observer


class _Waker(FileSystemEventHandler):
    def __init__(self, wake: threading.Event) -> None:
        self._wake = wake

    def on_any_event(self, event: FileSystemEvent) -> None:
        # Reading a folder is an event too: only changes may wake, or a look would cause a look.
        if event.event_type in _CHANGES:
            self._wake.set()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
