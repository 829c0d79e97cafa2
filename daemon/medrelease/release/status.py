"""What `medrelease status` says, from the folders, the ledger and the service's last word.

Light on purpose: nothing here loads an image library, the worker pool or the verifier.
"""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from medrelease.audit import reading
from medrelease.audit.line import timestamp
from medrelease.intake.litter import is_litter
from medrelease.ledger import reader
from medrelease.spool import pages

LAST_LOOK = "last-look.json"


def waiting_in(outbox: Path) -> Iterator[str]:
    """Every regular file in the outbox that is not litter, symbolic links not followed."""
    for folder, folders, files in os.walk(outbox):
        folders[:] = [name for name in folders if not is_litter(os.fsencode(name))]
        for name in files:
            path = os.path.join(folder, name)
            if not is_litter(os.fsencode(name)) and not os.path.islink(path):
                yield path


def waiting(share: Path) -> int:
    """How many files wait: in the outbox, or claimed and not finished."""
    claims = share / ".medrelease" / "claims"
    claimed = sum(1 for _ in claims.iterdir()) if claims.is_dir() else 0
    return claimed + sum(1 for _ in waiting_in(share / "outbox"))


def write_last_look(state: Path, now: datetime, waits: Mapping[str, int]) -> None:
    """Leave word of a finished look for `status`; replaced whole, never half."""
    text = json.dumps({"last_scan": now.isoformat(), "waits": dict(waits)})
    pages.write(state / LAST_LOOK, text, 0o600)


def read_last_look(state: Path) -> dict[str, Any]:
    """The last word of the service; empty where it never ran."""
    try:
        found = json.loads((state / LAST_LOOK).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def report(share: Path, state: Path, audit: Path) -> dict[str, Any]:
    """The answer of `medrelease status`: counts, the last look, and the state of the trail.

    `trail` is the sequence number and head of the last line, or why there is none. Where the last
    look found files that had to wait, `waits` counts them by cause.
    """
    counts = reader.counts(state / "ledger.sqlite", timestamp(local_midnight()))
    last = reading.tail(audit, 1)
    look = read_last_look(state)
    waits = look.get("waits") or {}
    return {
        "waiting": waiting(share),
        "held": counts["held"],
        "released_today": counts["released_today"],
        "last_scan": look.get("last_scan"),
        "trail": f"{last[0]['seq']} {last[0]['ts']}" if last else "empty",
        **({"waits": waits} if waits else {}),
    }


def local_midnight() -> datetime:
    """When the site's local day began, in UTC."""
    midnight = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.astimezone(UTC)
