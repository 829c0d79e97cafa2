"""Hold the signed notes against the trail, line by line, while it is read.

A note ahead of the trail shows that lines were cut off; one that names another hash shows that
lines were changed; a line that speaks of a note that is gone shows that notes were removed; a
note from elsewhere under an origin that no note here bears is another trail's.
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from medrelease.audit import checkpoint
from medrelease.audit.checkpoint import SignedNote
from medrelease.audit.findings import Findings
from medrelease.audit.notes import PublicKey
from medrelease.terms.words import Event

UNSIGNED_LINES = 10_000
"""More lines than this behind the newest note mean that notes were taken away."""

UNSIGNED_SECONDS = 3600.0
"""So does a longer time between the first and the last line behind the newest note."""

_ORIGINS = 100
"""A site that was renamed bears several; no more than these are remembered."""

_BEFORE_FIRST_NOTE = 2
"""A first start writes `log.opened` and perhaps `log.recovered` before it signs."""


class NoteCheck:
    """The notes of a folder and some from elsewhere, in the order of their sizes.

    Without a key no signature can be checked, which is itself a finding.
    """

    def __init__(self, folder: Path, key: PublicKey | None, others: Iterable[SignedNote]) -> None:
        self._folder, self._key = folder, key
        self._sizes = checkpoint.note_sizes(folder)
        self._others = sorted(others, key=lambda note: note.checkpoint.size)
        self._place = self._other = 0
        self._signed = 0
        self._first_unsigned: str | None = None
        self._last: tuple[int, str | None] = (0, None)
        self._ends_in_note = False
        self._origins: set[str] = set()

    def see(self, record: dict[str, Any], sha256: str, findings: Findings) -> None:
        """Check the notes that cover up to this line."""
        seq, moment = record["seq"], record.get("ts")
        of_note = record.get("event") == Event.LOG_NOTE
        if of_note and not self._note_stands(seq - 1):
            findings.add("note-missing", "the line tells of a note that is not there", seq)
        self._last, self._ends_in_note = (seq, moment), of_note
        if self._first_unsigned is None:
            self._first_unsigned = moment
        while self._place < len(self._sizes) and self._sizes[self._place] <= seq:
            size = self._sizes[self._place]
            note = checkpoint.read_note(self._folder, size)
            self._compare(note, size, seq, sha256, findings)
            if note is not None and len(self._origins) < _ORIGINS:
                self._origins.add(note.checkpoint.origin)
            self._place += 1
        while self._other < len(self._others):
            other = self._others[self._other]
            if other.checkpoint.size > seq:
                break
            self._compare(other, other.checkpoint.size, seq, sha256, findings)
            self._other += 1

    def finish(self, findings: Findings, remarks: Findings) -> int:
        """What is left when the trail has ended; returns how many lines no note covers."""
        ahead = [*self._sizes[self._place :]]
        ahead += self._judge_others(findings)
        for size in ahead:
            findings.add("note-ahead", "a signed note covers more lines than the trail has", size)
        seq, moment = self._last
        if self._key is None and (seq or ahead):
            findings.add("key-missing", "there is no public key to check the signed notes with")
        unsigned = max(0, seq - self._signed)
        if not self._signed and seq > _BEFORE_FIRST_NOTE:
            findings.add("no-note", "no signed note covers any line of the trail")
        elif unsigned > UNSIGNED_LINES or _seconds(self._first_unsigned, moment) > UNSIGNED_SECONDS:
            findings.add("notes-stop", "signed notes stop long before the trail does", self._signed)
        elif unsigned and not (unsigned == 1 and self._ends_in_note):
            remarks.add("unsigned", f"{unsigned} lines are behind the newest note", self._signed)
        return unsigned

    def _judge_others(self, findings: Findings) -> list[int]:
        """Which of the notes from elsewhere are ahead of the trail; a forged one is none."""
        for note in self._others:
            if self._origins and note.checkpoint.origin not in self._origins:
                text = "the note given is of another origin than the notes here"
                findings.add("note-origin", text, note.checkpoint.size)
        ahead = []
        for note in self._others[self._other :]:
            if self._key is not None and not self._key.accepts(note):
                text = "a note is not signed by this site's key"
                findings.add("note-forged", text, note.checkpoint.size)
            else:
                ahead.append(note.checkpoint.size)
        return ahead

    def _note_stands(self, size: int) -> bool:
        return self._place > 0 and self._sizes[self._place - 1] == size

    def _compare(
        self, note: SignedNote | None, size: int, seq: int, sha256: str, findings: Findings
    ) -> None:
        signed = note is not None and (self._key is None or self._key.accepts(note))
        if note is None or note.checkpoint.size != size or not signed:
            findings.add("note-forged", "a note is not signed by this site's key", size)
        elif size != seq or note.checkpoint.head != sha256:
            findings.add("note-mismatch", "a signed note names another line than stands here", seq)
        else:
            self._signed, self._first_unsigned = seq, None


def _seconds(first: str | None, last: str | None) -> float:
    try:
        return (
            datetime.fromisoformat(str(last)) - datetime.fromisoformat(str(first))
        ).total_seconds()
    except ValueError:
        return 0.0
