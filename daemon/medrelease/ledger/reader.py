"""Read the index beside a running service: for verbs that only read, with sqlite3 alone."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from medrelease.ledger import queries
from medrelease.ledger.database import database_faults


@contextmanager
def _reading(place: Path) -> Iterator[sqlite3.Connection]:
    """A read-only connection. Raises Transient or Fault."""
    with (
        database_faults("reading the ledger"),
        closing(sqlite3.connect(f"{place.absolute().as_uri()}?mode=ro", uri=True)) as connection,
    ):
        connection.execute("PRAGMA busy_timeout=5000")
        yield connection


def counts(place: Path, day_start: str) -> dict[str, int]:
    """How many releases are held, and how many were published since a moment of the trail's form.

    Nothing of either where the site never ran. Raises Transient or Fault.
    """
    if not place.exists():
        return {"held": 0, "released_today": 0}
    with _reading(place) as connection:
        return {
            "held": sum(queries.held_counts(connection).values()),
            "released_today": queries.published_count(connection, day_start),
        }


def held_list(place: Path) -> list[dict[str, Any]]:
    """What is held, the longest first: release_id, route, reason, since (DESIGN.md 5.4)."""
    if not place.exists():
        return []
    with _reading(place) as connection:
        return [
            {"release_id": r.release_id, "route": r.route, "reason": r.reason, "since": r.since}
            for r in queries.held(connection)
        ]


def head(place: Path) -> tuple[int, str] | None:
    """(seq, SHA-256) of the last line that the index knows, for `audit verify`; None if absent."""
    if not place.exists():
        return None
    with _reading(place) as connection:
        return queries.head(connection)
