"""Set a bomb off behind the walls, and measure what it cost."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from medrelease.release import operations, preview
from medrelease.terms.faults import Defect
from medrelease.terms.flow import Hold
from medrelease.workers.local import LocalPool


@dataclass
class Cost:
    """How a bomb ended, in seconds, and MiB of private memory that a worker held at most."""

    ended: str
    seconds: float
    mebibytes: int


@dataclass
class Range:
    """A pool of the service's own workers, with room for one file."""

    root: Path
    pool: LocalPool
    timeout: float
    _peak: list[int] = field(default_factory=lambda: [0])

    def explode(self, data: bytes) -> Cost:
        """Probe, clean, prove and look at a file, as a release does; what came of it."""
        for name in ("source", "finished"):
            (self.root / name).unlink(missing_ok=True)
        (self.root / "source").write_bytes(data)
        self._peak[0] = 0
        began = time.perf_counter()
        try:
            ended = self._travel()
        except Defect as defect:
            ended = f"DEFECT {defect}"
        return Cost(ended, time.perf_counter() - began, self._peak[0] >> 10)

    def _travel(self) -> str:
        found = preview.probe(self.pool)
        if isinstance(found, Hold):
            return found.reason.value
        recipe = preview.one_time_recipe()
        cleaned = preview.clean(self.pool, found, recipe)
        if isinstance(cleaned, Hold):
            return cleaned.reason.value
        route: Any = SimpleNamespace(keep=())
        seen = preview.examine(self.pool, cleaned, route, recipe, self.timeout)
        return seen.reason.value if isinstance(seen, Hold) else "released"


@contextmanager
def opened(root: Path, memory_bytes: int, timeout: float) -> Iterator[Range]:
    """A range whose workers have so much memory and time a file."""
    pool = LocalPool(
        root,
        operations.__name__,
        processes=1,
        memory_bytes=memory_bytes,
        timeout=timeout,
        roles=operations.ROLES,
        forked=operations.FORKED,
        slow=operations.SLOW,
    )
    place = Range(root, pool, timeout)
    stop = threading.Event()
    watcher = threading.Thread(target=_watch, args=(place._peak, stop), daemon=True)
    watcher.start()
    try:
        yield place
    finally:
        stop.set()
        watcher.join()
        pool.close()


def _watch(peak: list[int], stop: threading.Event) -> None:
    """Look every few milliseconds how much private memory any worker or child of one holds."""
    while not stop.wait(0.01):
        for pid in _below(str(os.getpid())):
            try:
                status = Path(f"/proc/{pid}/status").read_text()
                held = int(status.split("RssAnon:")[1].split()[0])
            except (OSError, IndexError):
                continue
            peak[0] = max(peak[0], held)


def _below(pid: str) -> Iterator[str]:
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
        children = [
            child
            for task in tasks
            for child in Path(f"/proc/{pid}/task/{task}/children").read_text().split()
        ]
    except OSError:
        return
    for child in children:
        yield child
        yield from _below(child)
