"""The index of one site: fed by the trail, line by line, and asked by the release.

What it holds is what the trail says up to `head()`; a start rolls it forward to the trail's end.
"""

import contextlib
import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from medrelease.ledger import fold, queries, tables
from medrelease.ledger.database import database_faults, open_database, set_aside, transaction
from medrelease.ledger.queries import Release, State
from medrelease.terms.faults import Defect, Fault, TrailBroken, Transient

__all__ = ["Ledger", "Release", "State"]

Answer = TypeVar("Answer")

_BATCH = 1000
_FRESH = {"state": "none", "since": "", "named": 0, "disposed": 0}


class Ledger:
    """The index in a SQLite file; may be used by many threads.

    A damaged file is set aside and an empty index made: `roll_forward` fills it again from the
    whole trail.
    `subject_of` reads coded names of research routes, whose lines name no subject. Raises
    Transient or Fault where the file cannot be opened.
    """

    def __init__(self, place: Path, subject_of: fold.SubjectOf = fold.default_subject_of) -> None:
        self._subject_of = subject_of
        self._lock = threading.Lock()
        try:
            self._connection = _open(place)
        except Transient:
            raise
        except Fault:
            set_aside(place)
            self._connection = _open(place)
        self._head = queries.head(self._connection)
        self._pending: list[tuple[Mapping[str, Any], str]] = []

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def head(self) -> tuple[int, str]:
        """(seq, SHA-256) of the last line folded in; (0, 64 zeros) before the first."""
        return self._head

    def apply(self, record: Mapping[str, Any]) -> None:
        """Fold in the record that follows the head; one that is known already changes nothing.

        On a full disk it is kept and folded in later; until then every question raises
        Transient. Raises Defect where lines between are missing: `roll_forward` comes first.
        """
        with self._lock:
            self._pending.append((record, _digest(record)))
            with contextlib.suppress(Transient):
                self._catch_up()

    def roll_forward(self, lines: Iterable[tuple[bytes, Mapping[str, Any]]]) -> int:
        """Fold in every (raw line, record) behind the head; returns how many.

        The lines begin at the head's line or before it. Raises TrailBroken where they do not
        hold the head's line as it was: the trail was changed or cut since.
        """
        with self._lock:
            known, seen = self._head, not self._head[0]
            for raw, record in lines:
                sha256 = hashlib.sha256(raw).hexdigest()
                seen = seen or (record["seq"], sha256) == known
                if not seen and record["seq"] >= known[0]:
                    break
                self._pending.append((record, sha256))
                if len(self._pending) >= _BATCH:
                    self._catch_up()
            if not seen:
                self._pending.clear()
                raise TrailBroken("the ledger knows another line than the trail holds")
            self._catch_up()
            return self._head[0] - known[0]

    def release(self, release_id: str) -> Release | None:
        """What the trail says of a release, or None."""
        return next(iter(self._where("release_id = ?", release_id)), None)

    def knows(self, release_id: str) -> bool:
        """Whether the trail names this release."""
        return self.release(release_id) is not None

    def state(self, release_id: str) -> State:
        """The state of a release; `none` for one that the trail does not know."""
        found = self.release(release_id)
        return found.state if found else "none"

    def numbers_of_job(self, job_no: str, beside: Collection[str] = ()) -> set[int]:
        """The image numbers of a job that the trail names, over all routes but research.

        Routes of `beside` count their images by subject, and are left out.
        """
        found = self._where("job_no = ? AND named", job_no)
        return {
            one.image_no for one in found if one.image_no is not None and one.route not in beside
        }

    def numbers_of_subject(self, route: str, subject: str) -> set[int]:
        """The image numbers of a subject code on a route that the trail names."""
        return self._numbers("route = ? AND subject = ? AND named", route, subject)

    def same_bytes(self, source_sha256: str) -> list[Release]:
        """The releases of these source bytes that got a number, the oldest first."""
        return self._where("source_sha256 = ? AND named", source_sha256)

    def known_in_released(self, route: str, coded_name: str) -> Release | None:
        """The release whose file stands, or is about to stand, under a name in released."""
        standing = "coded_name = ? AND route = ? AND state IN ('intended', 'published')"
        return next(reversed(self._where(standing, coded_name, route)), None)

    def published_before(self, moment: str) -> list[Release]:
        """What was published before a moment of the trail's form and still stands in released."""
        return self._where("state = 'published' AND published_at < ?", moment)

    def published_since(self, moment: str) -> list[Release]:
        """The releases published since a moment of the trail's form, the oldest first."""
        return self._ask(lambda connection: queries.published_since(connection, moment))

    def held(self) -> list[Release]:
        """Every release that is held, the longest held first."""
        return self._ask(queries.held)

    def _ask(self, question: Callable[[sqlite3.Connection], Answer]) -> Answer:
        with self._lock, database_faults("reading the ledger"):
            self._catch_up()
            return question(self._connection)

    def _where(self, condition: str, *values: object) -> list[Release]:
        return self._ask(lambda connection: queries.releases(connection, condition, values))

    def _numbers(self, condition: str, *values: object) -> set[int]:
        found = self._where(condition, *values)
        return {one.image_no for one in found if one.image_no is not None}

    def _catch_up(self) -> None:
        """Fold in what is pending, all or nothing."""
        if not self._pending:
            return
        head = self._head
        with transaction(self._connection, "writing the ledger"):
            for record, sha256 in self._pending:
                head = self._fold(record, sha256, head)
            self._connection.execute("UPDATE head SET seq = ?, sha256 = ?", head)
        self._head = head
        self._pending.clear()

    def _fold(
        self, record: Mapping[str, Any], sha256: str, head: tuple[int, str]
    ) -> tuple[int, str]:
        if record["seq"] <= head[0]:
            return head
        if (record["seq"] - 1, record["prev"]) != head:
            raise Defect("the ledger is behind the trail")
        columns = fold.change(record, self._subject_of)
        if columns is not None:
            _upsert(self._connection, columns)
        return record["seq"], sha256


def _open(place: Path) -> sqlite3.Connection:
    return open_database(place, tables.SCRIPT, synchronous="NORMAL")


def _digest(record: Mapping[str, Any]) -> str:
    # a line of the trail is its record as JSON in ASCII without spaces, so its hash is the line's
    return hashlib.sha256(json.dumps(record, separators=(",", ":")).encode()).hexdigest()


def _upsert(connection: sqlite3.Connection, columns: Mapping[str, Any]) -> None:
    values = dict.fromkeys(tables.COLUMNS) | _FRESH
    values |= {key: value for key, value in columns.items() if value is not None}
    names = ", ".join(tables.COLUMNS)
    places = ", ".join(f":{name}" for name in tables.COLUMNS)
    changes = ", ".join(f"{name} = :{name}" for name in columns if columns[name] is not None)
    connection.execute(
        f"INSERT INTO releases ({names}) VALUES ({places}) "  # noqa: S608 - names of columns only
        f"ON CONFLICT (release_id) DO UPDATE SET {changes}",
        values,
    )
