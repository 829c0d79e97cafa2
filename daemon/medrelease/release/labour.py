"""Hand a claimed file to a worker, once more in a fresh one if the first is lost."""

from collections.abc import Callable, Mapping
from typing import Any

from medrelease.release.desk import Desk
from medrelease.spool import work
from medrelease.terms.faults import WorkerLost
from medrelease.terms.flow import Claim, Hold
from medrelease.terms.words import Reason
from medrelease.workers.protocol import Job

_TRIES = 2


def run(
    desk: Desk,
    claim: Claim,
    operation: str,
    *,
    finished: str | None = None,
    writes: bool = False,
    options: Mapping[str, Any] | None = None,
    check: Callable[[Mapping[str, Any]], object] = lambda _: None,
) -> Mapping[str, Any] | Hold:
    """Run one operation on a claim's bytes; returns the worker's raw answer.

    An answer that `check` refuses (WorkerLost) counts as no answer, and nobody trusts the worker
    that gave it any more.

    With `writes` the operation gets the work file of this attempt to write to; `finished`
    names a work file to be read beside the source. A file that costs two workers in a row is
    held as `worker-failed`.
    """
    source = desk.claims.relative_path(claim)
    for attempt in range(_TRIES):
        target = work.name(claim, attempt)
        if writes:
            work.remove(desk.layout, target)
        job = Job(
            operation=operation,
            reads=(source, work.relative_path(finished)) if finished else (source,),
            writes=(work.relative_path(target),) if writes else (),
            attempt=claim.attempt + attempt,
            options=dict(options or {}),
        )
        try:
            answer = desk.workers.submit(job).result()
            check(answer)
        except WorkerLost:
            desk.workers.distrust(job)
            desk.log.warning("worker lost", release_id=claim.release_id, operation=operation)
            continue
        return {**answer, "work": target} if writes else answer
    return Hold(Reason.WORKER_FAILED)
