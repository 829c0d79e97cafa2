"""Since when has a file been still? A pure state machine, fed with what each look saw.

A file is ready once size, mtime and ctime have not changed for `settle` seconds and it is not
empty; an empty one once it has been so for `patience` seconds, since Finder and others make an
empty file first and write it later. The clock is the caller's monotonic one: a client's mtime
may be years old.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from medrelease.intake.scan import Seen
from medrelease.terms.flow import Arrival, Stamp
from medrelease.terms.words import Wait

Key = tuple[str, bytes]
"""A file by route and path."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What is ready (an empty file has `stamp.size` 0), what waits, and for how long still.

    `next_in` is the number of seconds until the first waiting file can be ready; None if none.
    """

    ready: tuple[Arrival, ...]
    waiting: Mapping[Key, Wait]
    next_in: float | None


class Stillness:
    """Remembers each file of the last look, and nothing else.

    `settle` and `patience` are in seconds; with `once` a quiet empty file waits for `settle`
    only.
    """

    def __init__(self, settle: float, patience: float, *, once: bool = False) -> None:
        self._settle = settle
        self._patience = settle if once else patience
        self._since: dict[Key, tuple[Stamp, float]] = {}

    def observe(self, seen: Iterable[Seen], now: float) -> Observed:
        """Take in one look made at `now`; files that it did not see are forgotten."""
        since: dict[Key, tuple[Stamp, float]] = {}
        ready: list[Arrival] = []
        waiting: dict[Key, Wait] = {}
        next_in: float | None = None
        for file in seen:
            key = (file.route, file.path)
            known = self._since.get(key)
            still = known if known is not None and known[0] == file.stamp else (file.stamp, now)
            since[key] = still
            missing = self._needs(file.stamp) - (now - still[1])
            if missing <= 0:
                ready.append(Arrival(file.route, file.path, file.stamp))
            else:
                waiting[key] = Wait.UNSTABLE
                next_in = missing if next_in is None else min(next_in, missing)
        self._since = since
        return Observed(tuple(ready), waiting, next_in)

    def _needs(self, stamp: Stamp) -> float:
        """For how many seconds a file with this stamp must have been still."""
        return self._settle if stamp.size else max(self._settle, self._patience)
