"""Open a SQLite file of the state folder, and say what its errors mean to a release."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from medrelease.terms.faults import Fault, Transient, name_of, wait_of
from medrelease.terms.words import Wait

_SHORT = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM}
_AWAY = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}
_PRIMARY = 0xFF


@contextmanager
def database_faults(doing: str) -> Iterator[None]:
    """Turn errors of SQLite and of the folder into Transient (the disk's) or Fault (a damage).

    `doing` says what failed, without any value.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        if code is not None and code & _PRIMARY in _SHORT:
            raise Transient(Wait.NO_SPACE, f"{doing}: {name}") from None
        if code is not None and code & _PRIMARY in _AWAY:
            raise Transient(Wait.SHARE_GONE, f"{doing}: {name}") from None
        raise Fault(f"{doing}: {name}") from None
    except OSError as error:
        raise Transient(wait_of(error), f"{doing}: {name_of(error)}") from None


def open_database(
    place: Path, script: str, *, synchronous: Literal["NORMAL", "FULL"]
) -> sqlite3.Connection:
    """Open or make a database of mode 0600 for one process, in autocommit.

    NORMAL may lose the last transactions in a power cut and never tears; FULL loses none.
    Raises Transient or Fault.
    """
    with database_faults("opening a database of the state folder"):
        _make(place)
        connection = sqlite3.connect(place, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(f"PRAGMA synchronous={synchronous}")
            connection.execute("PRAGMA busy_timeout=5000")
            connection.executescript(script)
        except sqlite3.Error:
            connection.close()
            raise
        return connection


def _make(place: Path) -> None:
    """An empty file where there is none, with its name durable."""
    os.close(os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    folder = os.open(place.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def transaction(connection: sqlite3.Connection, doing: str) -> Iterator[None]:
    """All of the block's changes or none of them. Raises Transient or Fault."""
    with database_faults(doing):
        connection.execute("BEGIN IMMEDIATE")
        with connection:  # commits, or rolls back where the block raises
            yield


def set_aside(place: Path) -> None:
    """Rename a damaged database and its companions, so that a fresh one can be made."""
    for suffix in ("", "-wal", "-shm"):
        damaged = place.with_name(place.name + suffix)
        if damaged.exists():
            damaged.replace(place.with_name(f"{place.name}.damaged{suffix}"))
