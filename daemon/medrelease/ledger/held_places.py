"""Where held files stand: the trail names no path, so this is no part of the index.

Should the file be lost, it is made again from the notes beside the held files, which name the
release (`place_from_note`). It tells a file that came back unchanged from a new drop.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from medrelease.ledger.database import database_faults, open_database, set_aside
from medrelease.terms.faults import Fault, Transient
from medrelease.terms.flow import Stamp
from medrelease.terms.words import Reason

_SCRIPT = """
CREATE TABLE IF NOT EXISTS held (
    release_id TEXT PRIMARY KEY,
    route TEXT NOT NULL,
    path BLOB NOT NULL,
    place BLOB NOT NULL,
    reason TEXT NOT NULL,
    since TEXT NOT NULL,
    stamp TEXT NOT NULL,
    sha256 TEXT,
    mark TEXT NOT NULL,
    approval TEXT
) WITHOUT ROWID;
"""
_COLUMNS = "release_id, route, path, place, reason, since, stamp, sha256, mark, approval"


@dataclass(frozen=True, slots=True)
class HeldPlace:
    """A held file: `path` as it was dropped, `place` as it stands, both below the route's folder.

    `stamp` is the file's when it was claimed (its `uid` is the dropper's); `sha256` (hex) that of
    its bytes where they were read. `mark` is a keyed hash of what the register said of the job
    when the file was held, empty where the hold does not wait for the register. `approval` is what
    a second person has agreed to so far, as a case carries it.
    """

    release_id: str
    route: str
    path: bytes
    place: bytes
    reason: Reason
    since: datetime
    stamp: Stamp
    sha256: str | None = None
    mark: str = ""
    approval: Mapping[str, Any] | None = None


class HeldPlaces:
    """The places in a SQLite file; may be used by many threads. A damaged file is set aside.

    Raises Transient or Fault where the file cannot be opened, read or written.
    """

    def __init__(self, place: Path) -> None:
        self._lock = threading.Lock()
        try:
            self._connection = open_database(place, _SCRIPT, synchronous="NORMAL")
        except Transient:
            raise
        except Fault:
            set_aside(place)
            self._connection = open_database(place, _SCRIPT, synchronous="NORMAL")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def remember(self, held: HeldPlace) -> None:
        """Remember where a held file stands; said again it is replaced."""
        row = (
            held.release_id,
            held.route,
            held.path,
            held.place,
            held.reason.value,
            held.since.isoformat(),
            json.dumps(asdict(held.stamp)),
            held.sha256,
            held.mark,
            json.dumps(held.approval) if held.approval else None,
        )
        with self._lock, database_faults("writing where held files stand"):
            self._connection.execute(
                f"INSERT OR REPLACE INTO held ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                row,
            )

    def forget(self, release_id: str) -> None:
        """Forget a file that stands in held no more."""
        with self._lock, database_faults("writing where held files stand"):
            self._connection.execute("DELETE FROM held WHERE release_id = ?", (release_id,))

    def find(self, release_id: str) -> HeldPlace | None:
        """Where a release's held file stands, or None."""
        return next(iter(self._select("WHERE release_id = ?", release_id)), None)

    def all(self) -> list[HeldPlace]:
        """Every held file, the longest held first."""
        return self._select("ORDER BY since, release_id")

    def _select(self, rest: str, *values: object) -> list[HeldPlace]:
        with self._lock, database_faults("reading where held files stand"):
            return [
                _held_place(row)
                for row in self._connection.execute(f"SELECT {_COLUMNS} FROM held {rest}", values)  # noqa: S608
            ]


def place_from_note(
    *,
    release_id: str,
    route: str,
    place: bytes,
    reason: Reason,
    since: datetime,
    stamp: Stamp,
    sha256: str | None = None,
) -> HeldPlace:
    """The place of a held file, made again from the note beside it.

    `release_id` is the note's, `reason` and `since` are the trail's, `stamp` is the file's now.
    The path it was dropped under is its place without the part that made a taken name another.
    """
    folder, slash, name = place.rpartition(b"/")
    path = folder + slash + _as_dropped(name, release_id.encode())
    return HeldPlace(release_id, route, path, place, reason, since, stamp, sha256)


def _as_dropped(name: bytes, release_id: bytes) -> bytes:
    for tag in (b"~" + release_id, b"~" + release_id[-6:]):
        before, found, after = name.rpartition(tag)
        if found and (not after or after.startswith(b".")):
            return before + after
    return name


def _held_place(row: Sequence[Any]) -> HeldPlace:
    release_id, route, path, place, reason, since, stamp, sha256, mark, approval = row
    return HeldPlace(
        str(release_id),
        str(route),
        bytes(path),
        bytes(place),
        Reason(str(reason)),
        datetime.fromisoformat(str(since)),
        Stamp(**json.loads(str(stamp))),
        str(sha256) if sha256 is not None else None,
        str(mark),
        json.loads(str(approval)) if approval is not None else None,
    )
