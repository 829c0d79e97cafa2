"""One file outside a release: what `clean` makes of it, on a bench of its own.

All work is done on a private copy in a temporary folder of mode 0700, so that the file itself is
only read, and so that no worker ever sees another path than its own.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from medrelease.config.schema import PixelsTable
from medrelease.policy import picture
from medrelease.release import operations, preview
from medrelease.service.assemble import look_seconds
from medrelease.spool.layout import SENTINEL_PATH
from medrelease.terms.flow import Examined, Hold, Mask
from medrelease.terms.route import Route
from medrelease.terms.words import Purpose, Reason
from medrelease.workers.local import LocalPool

MEMORY, TIMEOUT = 1 << 30, 60.0
"""What a worker of `clean` may use, in bytes and seconds: the defaults of a site."""


@dataclass(frozen=True, slots=True)
class Made:
    """What came of one file: the cleaned file, or why it is held, and what its pixels showed."""

    outcome: preview.Cleaned | Hold
    seen: Examined | None = None


@contextmanager
def workbench(
    file: Path, memory_bytes: int = MEMORY, timeout: float = TIMEOUT
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
            slow=operations.SLOW,
            processes=1,
            memory_bytes=memory_bytes,
            timeout=timeout,
        )
        try:
            yield bench, pool
        finally:
            pool.close()


def any_route(text: Literal["redact", "hold", "keep"]) -> Route:
    """A route that decides about pixels alone, for a file that is on none."""
    table = PixelsTable()
    return Route(
        name="",
        purpose=Purpose.CARE,
        destination="",
        hsc=False,
        filename="",
        gmc10="off",
        approval="none",
        text=text,
        dicom_options=frozenset(),
        study=None,
        keep=tuple(table.keep),
        max_masked=table.max_masked,
    )


def clean(file: Path, out: Path, route: Route) -> Made:
    """Sanitise and verify `file` to the new file `out` (mode 0600), with one-time keys.

    What becomes of writing in its pixels is `route`'s to say. Raises FileExistsError where `out`
    exists, OSError where it cannot be written.
    """
    if file.stat().st_size == 0:
        return Made(Hold(Reason.EMPTY))
    with workbench(file) as (bench, pool):
        made = _made(pool, route)
        if isinstance(made.outcome, preview.Cleaned):
            copy_out(bench / made.outcome.name, out)
        return made


def _made(pool: LocalPool, route: Route) -> Made:
    """Probe, clean, prove, and where the route asks for it examine, judge and mask."""
    recipe = preview.one_time_recipe()
    found = preview.probe(pool)
    cleaned = found if isinstance(found, Hold) else preview.clean(pool, found, recipe)
    if isinstance(cleaned, Hold) or not route.examines:
        return Made(cleaned)
    seen = preview.examine(pool, cleaned, route, recipe, look_seconds(TIMEOUT))
    if isinstance(seen, Hold):
        return Made(seen)
    held = picture.judge_alone(seen, route)
    return Made(held or preview.mask(pool, cleaned, seen, route, recipe), seen)


def copy_out(ready: Path, out: Path) -> None:
    """Copy a file of the bench to the new file `out`, mode 0600. Raises FileExistsError."""
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as target, ready.open("rb") as source:
        shutil.copyfileobj(source, target)
        target.flush()
        os.fsync(target.fileno())


def write_boxes(out: Path, masks: tuple[Mask, ...]) -> None:
    """Write masks as JSON, a list of objects, to the new file `out`, mode 0600."""
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as target:
        json.dump([asdict(mask) for mask in masks], target)
        target.write("\n")


def refuse_place(out: Path) -> str | None:
    """Why `out` must not be written there, if it must not: it lies in a site, or exists."""
    if out.exists() or out.is_symlink():
        return "OUT exists already"
    parent = out.absolute().parent.resolve()
    for folder in (parent, *parent.parents):
        if (folder / SENTINEL_PATH).exists() or (folder / "share" / SENTINEL_PATH).exists():
            return "OUT lies in a site: what stands there was released, and this is not a release"
    return None
