"""One file outside a release: what `explain` says of it and what `clean` makes of it.

Both work on a private copy in a temporary folder of mode 0700, so that the file itself is only
read, and so that no worker ever sees another path than its own.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from medrelease.config.settings import Settings
from medrelease.notices.reasons import EXPLANATIONS
from medrelease.register import Register
from medrelease.release import operations, preview
from medrelease.release.case import Case
from medrelease.release.deciding import authorise
from medrelease.release.desk import Rules
from medrelease.release.identifying import consult, identify, open_case
from medrelease.service.assemble import now, register_of, rules
from medrelease.spool.layout import SENTINEL_PATH
from medrelease.spool.origin import stamp_of
from medrelease.terms.faults import Transient
from medrelease.terms.flow import Claim, Hold, Probe
from medrelease.terms.words import Reason
from medrelease.workers.local import LocalPool


@contextmanager
def workbench(
    file: Path, memory_bytes: int = 1 << 30, timeout: float = 60.0
) -> Iterator[tuple[Path, LocalPool]]:
    """A private folder with a copy of the file as `source`, and workers for it."""
    with tempfile.TemporaryDirectory(prefix="medrelease-") as folder:
        bench = Path(folder)
        shutil.copyfile(file, bench / preview.SOURCE)
        pool = LocalPool(
            root=bench,
            operations=operations.__name__,
            roles=operations.ROLES,
            forked=operations.FORKED,
            processes=1,
            memory_bytes=memory_bytes,
            timeout=timeout,
        )
        try:
            yield bench, pool
        finally:
            pool.close()


def clean(file: Path, out: Path) -> preview.Cleaned | Hold:
    """Sanitise and verify `file` to the new file `out` (mode 0600), with one-time keys.

    Raises FileExistsError where `out` exists, OSError where it cannot be written.
    """
    if file.stat().st_size == 0:
        return Hold(Reason.EMPTY)
    with workbench(file) as (bench, pool):
        found = preview.probe(pool)
        done = (
            found
            if isinstance(found, Hold)
            else preview.clean(pool, found, preview.one_time_recipe())
        )
        if isinstance(done, Hold):
            return done
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as target, (bench / preview.FINISHED).open("rb") as ready:
            shutil.copyfileobj(ready, target)
            target.flush()
            os.fsync(target.fileno())
        return done


@dataclass(frozen=True, slots=True)
class Reader:
    """Enough of a desk to decide about a file, and nothing to release it with."""

    rules: Rules
    register: Register

    def today(self) -> date:
        """The site's local day."""
        return now().astimezone().date()


def explain(file: Path, settings: Settings) -> dict[str, Any]:
    """What would happen to a file if it were dropped where it lies; writes nothing to the site.

    A file that lies in an outbox or held folder of the site speaks for its route and identity;
    any other is only looked at and cleaned for show.
    """
    place = _placed(file, settings)
    told: dict[str, Any] = {"route": place[0] if place else None}
    if file.stat().st_size == 0:
        return told | _held(Hold(Reason.EMPTY))
    with workbench(file, settings.workers.memory, settings.workers.timeout) as (_, pool):
        found = preview.probe(pool)
        if isinstance(found, Hold):
            return told | _held(found)
        told |= {"format": found.format.value, "bytes": found.size}
        decided = _decided(settings, *place, file, found) if place else {"would": "clean"}
        done = preview.clean(pool, found, preview.one_time_recipe())
    if isinstance(done, Hold):
        return told | (decided if "reason" in decided else _held(done))
    cleaned = {"removed": dict(done.sanitised.actions), "proof": done.proved.proof.value}
    return told | decided | cleaned


def _placed(file: Path, settings: Settings) -> tuple[str, bytes] | None:
    """The route and the path below its folder, for a file in an outbox or held folder."""
    resolved = file.resolve()
    for root in ("outbox", "held"):
        for route in settings.routes:
            folder = (settings.site.share / root / route.name).resolve()
            if resolved.is_relative_to(folder):
                return route.name, os.fsencode(resolved.relative_to(folder))
    return None


def _decided(
    settings: Settings, route: str, path: bytes, file: Path, found: Probe
) -> dict[str, Any]:
    """The decision on a file of a route, by the very steps of a release."""
    chosen = rules(settings)
    reader = Reader(chosen, register_of(settings, chosen))
    claim = Claim("", route, path, stamp_of(file.stat()), "outbox", leased=False)
    case: Case | Hold = replace(open_case(reader, claim), probe=found)
    try:
        for step in (consult, identify, authorise):
            if isinstance(case, Hold):
                break
            case = step(reader, case)
    except Transient as fault:
        return {"would": "wait", "reason": fault.wait.value, "detail": str(fault)}
    if isinstance(case, Hold):
        return _held(case)
    permit = case.permit
    assert permit is not None  # noqa: S101 - `authorise` gives a permit or a hold
    return {
        "would": "release",
        "basis": permit.basis.value,
        "identifiability": permit.identifiability.value,
        "pixels": permit.pixels.value,
    }


def refuse_place(out: Path) -> str | None:
    """Why `out` must not be written there, if it must not: it lies in a site, or exists."""
    if out.exists() or out.is_symlink():
        return "OUT exists already"
    parent = out.absolute().parent.resolve()
    for folder in (parent, *parent.parents):
        if (folder / SENTINEL_PATH).exists() or (folder / "share" / SENTINEL_PATH).exists():
            return "OUT lies in a site: what stands there was released, and this is not a release"
    return None


def _held(hold: Hold) -> dict[str, Any]:
    entry = EXPLANATIONS[hold.reason]
    return {
        "would": "hold",
        "reason": hold.reason.value,
        "title": entry.title,
        "detail": hold.detail,
    }
