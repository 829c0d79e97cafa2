"""Lanes: several journeys at once, with whatever a fault in one of them calls for.

This is the one place that stands between a fault of one file and all the others: a
`Transient` or an error of the disk puts the file back, a bug holds it as `defect`, a trail that
cannot be written or an index that is damaged stops everything.
"""

import threading
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from medrelease.release.case import Case
from medrelease.release.desk import Desk
from medrelease.release.holding import hold
from medrelease.release.journey import travel
from medrelease.release.turns import Turn
from medrelease.spool import work
from medrelease.terms.faults import Defect, Fault, Transient, WorkerLost, name_of, wait_of
from medrelease.terms.flow import Hold
from medrelease.terms.words import Outcome, Reason


class Lanes:
    """A bounded number of journeys side by side. `finished` is called after each of them."""

    def __init__(self, width: int, finished: Callable[[], None]) -> None:
        self._pool = ThreadPoolExecutor(max_workers=width, thread_name_prefix="lane")
        self._lock = threading.Lock()
        self._running: set[str] = set()
        self._finished = finished
        self.failed: Fault | None = None
        self.counts = dict.fromkeys(Outcome, 0)
        self._stranded: list[Case] = []

    def start(self, desk: Desk, case: Case, turn: Turn) -> Future[None]:
        """Send a case on its journey."""
        with self._lock:
            self._running.add(case.claim.release_id)
        return self._pool.submit(self._drive, desk, case, turn)

    @property
    def running(self) -> int:
        """How many journeys are under way."""
        with self._lock:
            return len(self._running)

    @property
    def busy(self) -> bool:
        """Whether any claim is unfinished: under way, or stranded by a fault that passes."""
        with self._lock:
            return bool(self._running or self._stranded)

    def close(self) -> None:
        """Wait for the journeys under way to end."""
        self._pool.shutdown(wait=True)

    def take_stranded(self) -> tuple[Case, ...]:
        """The claims that could be neither finished nor sent back, to be started again."""
        with self._lock:
            stranded, self._stranded = tuple(self._stranded), []
        return stranded

    def _drive(self, desk: Desk, case: Case, turn: Turn) -> None:
        finished = False
        try:
            self._travel(desk, case, turn)
            finished = True
        except (Transient, Defect, OSError) as fault:
            desk.log.info("stranded", release_id=case.claim.release_id, fault=type(fault).__name__)
        except Fault as fault:
            self.failed, finished = fault, True
        finally:
            turn.done()
            if not finished:
                desk.claims.close(case.claim)
                self.strand((case,))
            with self._lock:
                self._running.discard(case.claim.release_id)
            self._finished()

    def _travel(self, desk: Desk, case: Case, turn: Turn) -> None:
        if self.failed is not None:
            return  # the claim stays as it is; the next start takes it up
        try:
            self.count(travel(desk, case, turn))
        except Transient as fault:
            self._postpone(desk, case, fault)
        except OSError as error:
            cause = f"{name_of(error)} during a journey"
            self._postpone(desk, case, Transient(wait_of(error), cause))
        except (Defect, WorkerLost) as bug:
            self._hold_defect(desk, case, bug)
        except Fault:
            raise
        except Exception as bug:  # noqa: BLE001 - the one broad except: it records and holds
            self._hold_defect(desk, case, bug)

    def count(self, outcome: Outcome) -> None:
        """Count one file that has reached its disposition."""
        with self._lock:
            self.counts[outcome] += 1

    def strand(self, cases: Iterable[Case]) -> None:
        """Keep claims aside that cannot go on or back now; they stay claimed on disk."""
        with self._lock:
            self._stranded.extend(cases)

    def _postpone(self, desk: Desk, case: Case, fault: Transient) -> None:
        """Put the file back where it lay; what the trail has decided on stays claimed."""
        desk.log.info(
            "waiting", release_id=case.claim.release_id, wait=fault.wait.value, cause=str(fault)
        )
        if desk.ledger.state(case.claim.release_id) != "none":
            raise fault
        work.remove_all(desk.layout, case.claim.release_id)
        desk.claims.send_back(case.claim)

    def _hold_defect(self, desk: Desk, case: Case, bug: BaseException) -> None:
        # the message of a foreign exception may carry a value of the file: only where it
        # happened is said; a Defect's own text never carries one
        places = traceback.extract_tb(bug.__traceback__)
        desk.log.error(
            "defect",
            release_id=case.claim.release_id,
            exception=type(bug).__name__,
            said=str(bug) if isinstance(bug, Defect) else None,
            places=[f"{p.filename.rsplit('/', 1)[-1]}:{p.lineno}" for p in places[-6:]],
        )
        hold(desk, case, Hold(Reason.DEFECT))
        self.count(Outcome.HELD)
