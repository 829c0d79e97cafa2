"""Image numbers in hand: reserved while a file is on its way, used once the trail names them.

A number that no `release.intended` names is free again: a reservation lives in memory only, and
ends with `give_back` or with the process (DESIGN.md 5.3).
"""

import threading
from collections import defaultdict
from dataclasses import dataclass
from itertools import count

from medrelease.ledger.store import Ledger


@dataclass(frozen=True, slots=True)
class Series:
    """What numbers count within: a job, or (with a route) a subject code on that route."""

    of: str
    route: str | None = None


class Numbers:
    """The numbers of every series over a ledger; may be used by many threads."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = threading.Lock()
        self._reserved: defaultdict[Series, dict[int, str]] = defaultdict(dict)

    def used(self, series: Series) -> set[int]:
        """The numbers that the trail names."""
        if series.route is None:
            return self._ledger.numbers_of_job(series.of)
        return self._ledger.numbers_of_subject(series.route, series.of)

    def reserve(self, series: Series, number: int, release_id: str) -> bool:
        """Reserve a number that a path gives; False where it is used or in another's hand."""
        with self._lock:
            reserved = self._reserved[series]
            if number in self.used(series) or reserved.get(number, release_id) != release_id:
                return False
            reserved[number] = release_id
            return True

    def reserve_next(self, series: Series, release_id: str) -> int:
        """Reserve the smallest number from 1 on that is neither used nor in anybody's hand."""
        with self._lock:
            taken = self.used(series) | self._reserved[series].keys()
            number = next(n for n in count(1) if n not in taken)
            self._reserved[series][number] = release_id
            return number

    def give_back(self, release_id: str) -> None:
        """End a release's reservations; what the trail names by now stays used."""
        with self._lock:
            for series in list(self._reserved):
                kept = {n: who for n, who in self._reserved[series].items() if who != release_id}
                if kept:
                    self._reserved[series] = kept
                else:
                    del self._reserved[series]
