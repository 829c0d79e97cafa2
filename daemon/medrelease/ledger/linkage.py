"""The linkage: which subject a code stands for. It never leaves the department.

It is in no trail and in no share (DESIGN.md section 2, rule 11), and is durable before a coded
file becomes visible: a code that nobody can trace back would be of no use to the patient.
"""

import threading
from dataclasses import dataclass
from pathlib import Path

from medrelease.ledger.database import database_faults, open_database
from medrelease.terms.faults import Defect

_SCRIPT = """
CREATE TABLE IF NOT EXISTS linkage (
    code TEXT PRIMARY KEY,
    subject TEXT NOT NULL,
    label TEXT NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Linked:
    """A code, its subject (the canonical H&C number, else the job) and the label of its key."""

    code: str
    subject: str
    label: str


class Linkage:
    """The linkage in a SQLite file of mode 0600; may be used by many threads.

    Raises Transient or Fault where the file cannot be opened, read or written; a damaged one is
    never replaced, since nothing else holds what stands in it.
    """

    def __init__(self, place: Path) -> None:
        self._lock = threading.Lock()
        self._connection = open_database(place, _SCRIPT, synchronous="FULL")
        self._known: set[Linked] = set()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def remember(self, code: str, subject: str, label: str) -> None:
        """Make a code's subject durable before returning; cheap when it is known.

        Raises Defect where the code stands for another subject already.
        """
        linked = Linked(code, subject, label)
        with self._lock:
            if linked in self._known:
                return
            with database_faults("writing the linkage"):
                self._connection.execute(
                    "INSERT OR IGNORE INTO linkage VALUES (?, ?, ?)", (code, subject, label)
                )
            if self._find(code) != linked:
                raise Defect("a code stands for two subjects")
            self._known.add(linked)

    def find(self, code: str) -> Linked | None:
        """Whom a code stands for, or None; the caller records that it was asked."""
        with self._lock:
            return self._find(code)

    def labels(self) -> set[str]:
        """The labels of all keys that a code was ever made with."""
        with self._lock, database_faults("reading the linkage"):
            return {
                str(row[0])
                for row in self._connection.execute("SELECT DISTINCT label FROM linkage")
            }

    def _find(self, code: str) -> Linked | None:
        with database_faults("reading the linkage"):
            row = self._connection.execute(
                "SELECT code, subject, label FROM linkage WHERE code = ?", (code,)
            ).fetchone()
        return Linked(*row) if row else None
