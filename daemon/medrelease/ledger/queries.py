"""The questions that are asked of the index, for the service and for verbs that only read."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from medrelease.ledger.tables import COLUMNS

State = Literal["none", "intended", "published", "held", "repeated", "removed"]

_SELECT = f"SELECT {', '.join(COLUMNS)} FROM releases "  # noqa: S608


@dataclass(frozen=True, slots=True)
class Release:
    """What the trail says of one release by now.

    `since` is when it came into its state, `published_at` when it was published; both as the
    trail writes moments. `named` is True once a `release.intended` or `release.published` named
    its number; `disposed` once its original was. On a research route `job_no` is None, and
    `subject` and `image_no` are read out of the coded name. `source_sha256` is an HMAC there.
    """

    release_id: str
    state: State
    reason: str | None
    since: str
    route: str | None
    study: str | None
    job_no: str | None
    image_no: int | None
    coded_name: str | None
    subject: str | None
    job_hmac: str | None
    source_sha256: str | None
    result_sha256: str | None
    named: bool
    disposed: bool
    published_at: str | None
    seq: int


def releases(
    connection: sqlite3.Connection, condition: str, values: Sequence[object] = ()
) -> list[Release]:
    """The releases for which a condition holds, in the order of their last record."""
    rows = connection.execute(f"{_SELECT} WHERE {condition} ORDER BY seq", values)
    return [_release(row) for row in rows]


def held(connection: sqlite3.Connection) -> list[Release]:
    """Every release that is held, the longest held first."""
    return sorted(releases(connection, "state = 'held'"), key=lambda found: found.since)


def held_counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many releases are held, by reason."""
    rows = connection.execute(
        "SELECT reason, count(*) FROM releases WHERE state = 'held' GROUP BY reason ORDER BY reason"
    )
    return {str(reason): count for reason, count in rows}


def published_since(connection: sqlite3.Connection, moment: str) -> list[Release]:
    """The releases published at or after a moment of the trail's form, the oldest first."""
    found = releases(connection, "published_at >= ?", (moment,))
    return sorted(found, key=lambda one: one.published_at or "")


def published_count(connection: sqlite3.Connection, moment: str) -> int:
    """How many releases were published at or after a moment of the trail's form."""
    row = connection.execute(
        "SELECT count(*) FROM releases WHERE published_at >= ?", (moment,)
    ).fetchone()
    return int(row[0])


def head(connection: sqlite3.Connection) -> tuple[int, str]:
    """(seq, SHA-256) of the last line that was folded in; (0, 64 zeros) before the first."""
    seq, sha256 = connection.execute("SELECT seq, sha256 FROM head").fetchone()
    return int(seq), str(sha256)


def _release(row: Sequence[object]) -> Release:
    said = dict(zip(COLUMNS, row, strict=True))
    if said["state"] != "held":
        said["reason"] = None  # what an earlier hold of the same release said
    said["named"], said["disposed"] = bool(said["named"]), bool(said["disposed"])
    return Release(**said)  # type: ignore[arg-type]  # the table has the dataclass's columns
