"""The trail's one writer: lines into segments, a new segment each UTC day, signed notes.

Used by one thread at a time. A line exists when `commit` has returned it; a fault leaves the
chain as it was.
"""

import errno
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from medrelease.audit import checkpoint
from medrelease.audit.notes import Signer
from medrelease.audit.reading import dated
from medrelease.audit.recovery import recover
from medrelease.audit.rendering import Line, Renderer
from medrelease.audit.segment import TODAY, Segment, fail, sync_folder
from medrelease.terms.faults import Defect, TrailBroken, TrailFault
from medrelease.terms.words import Event

Item = tuple[Event, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Options:
    """When a note is due (lines, seconds), where it also goes, and whose trail it says it is."""

    checkpoint_lines: int = 100
    checkpoint_seconds: float = 60.0
    notes_dir: Path | None = None
    origin: str = "medrelease"


class Writer:
    """The end of a trail in `folder`, ready to be continued.

    `durable` is called with every record after its fsync, `noted` with the text of every note;
    `recovered` once, when what stands there is durable and no line has been added.
    Raises TrailBroken, Transient or TrailFault where the trail cannot be continued.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Callable[[], datetime],
        signer: Signer,
        options: Options,
        durable: Callable[[dict[str, Any]], None],
        noted: Callable[[str], None],
        recovered: Callable[[], object] = lambda: None,
    ) -> None:
        self._folder, self._clock, self._signer, self._options = folder, clock, signer, options
        self._durable, self._noted = durable, noted
        self._renderer = Renderer()
        self._segment: Segment | None = None
        self.note_fault: str | None = None
        self._prepare_notes()
        found = recover(folder, signer.public)
        self.head = found.head
        self._day = self._day_of(found.day) if found.day else None
        self._unsigned, self._since = found.unsigned, time.monotonic()
        recovered()
        cut = {"actions": {"bytes_cut": found.torn}}
        self.commit([(Event.LOG_RECOVERED, cut)] if found.torn else [])
        self.make_note()

    def commit(self, items: Sequence[Item]) -> list[Line]:
        """Make a batch of records durable with one write and one fsync.

        Raises Transient or TrailFault with nothing of the batch in the trail, and Defect where
        one of them makes no record (see `refusal`).
        """
        now = self._clock().astimezone(UTC)
        if self.day_is_over:
            self._end_day()
        if self._segment is None:
            self._segment = Segment(self._folder)
        opening: list[Item] = [(Event.LOG_OPENED, {})] if not self._segment.end else []
        lines = self._render([*opening, *items], now)
        if not lines:
            return []
        self._segment.append(b"".join(line.raw + b"\n" for line in lines))
        self._day = self._day or self._day_of(now.date())
        self.head = lines[-1].head
        self._since = self._since if self._unsigned else time.monotonic()
        self._unsigned += len(lines)
        for line in lines:
            self._durable(line.record)
        return lines[len(opening) :]

    def refusal(self, items: Sequence[Item]) -> Defect | None:
        """Why these items make no records, or None; writes nothing."""
        try:
            self._render(items, self._clock())
        except Defect as defect:
            return defect
        return None

    def _render(self, items: Sequence[Item], now: datetime) -> list[Line]:
        lines: list[Line] = []
        head = self.head
        for event, fields in items:
            lines.append(self._renderer.render(event, fields, head, now))
            head = lines[-1].head
        return lines

    def note_due(self) -> float | None:
        """Seconds until a note is due, 0 when it is; None while every line is covered."""
        if not self._unsigned:
            return None
        if self._unsigned >= self._options.checkpoint_lines and self.note_fault is None:
            return 0.0
        return max(0.0, self._since + self._options.checkpoint_seconds - time.monotonic())

    def make_note(self) -> None:
        """Sign the chain's end, write the note, and say so in a line behind it.

        A note that cannot be written stops nothing: `note_fault` says so, and it is tried again.
        """
        if not self.head.seq:
            return
        note = self._signer.sign(checkpoint.checkpoint(self._options.origin, self.head))
        covered, self._since = self._unsigned, time.monotonic()
        try:
            self._write_note(note)
        except OSError as error:
            self.note_fault = errno.errorcode.get(error.errno or 0, "?")
            return
        self._noted(note.text().decode())
        result = {"sha256": note.checkpoint.head, "bytes": len(note.text()), "kind": "note"}
        self._say_note({"result": result, "actions": {"lines": covered}})

    def _say_note(self, fields: Mapping[str, Any]) -> None:
        if self._segment is None:
            self._segment = Segment(self._folder)
        line = self._renderer.render(Event.LOG_NOTE, fields, self.head, self._clock())
        self._segment.append(line.raw + b"\n")
        self.head, self._unsigned = line.head, 0
        self._durable(line.record)

    def _write_note(self, note: checkpoint.SignedNote) -> None:
        name, text = checkpoint.note_name(note.checkpoint.size), note.text()
        checkpoint.write_file(self._folder / checkpoint.FOLDER, name, text)
        self.note_fault = None
        if self._options.notes_dir is not None:
            try:
                checkpoint.write_file(self._options.notes_dir, name, text)
            except OSError as error:
                self.note_fault = errno.errorcode.get(error.errno or 0, "?")

    def close(self) -> None:
        """Close the file as it is; `make_note` comes before where the end is to be signed."""
        if self._segment is not None:
            self._segment.close()
            self._segment = None

    @property
    def day_is_over(self) -> bool:
        """Whether today's file is of an earlier UTC day."""
        # a clock set back ends no day, so that the names of segments stay in the chain's order
        return self._day is not None and self._clock().astimezone(UTC).date() > self._day

    def _day_of(self, first: date) -> date:
        """The day that today's file is of, whose first line is of `first`.

        Later than every day that has ended: where one ended with the clock ahead, or a crash came
        right behind its end, the file goes on until there is a name for it.
        """
        ended = dated(self._folder)[-1:]
        days = [date.fromisoformat(place.stem.removeprefix("audit-")) for place in ended]
        return max([first, *(day + timedelta(days=1) for day in days)])

    def _end_day(self) -> None:
        """Sign the day, give its file the day's name, and leave the place to the new day."""
        assert self._day is not None  # noqa: S101 - the caller has just looked
        self.make_note()
        self.close()
        place = self._folder / f"audit-{self._day.isoformat()}.jsonl"
        if place.exists():
            raise TrailFault("a segment of that day is there already")
        try:
            os.rename(self._folder / TODAY, place)
            self._day = None
            sync_folder(self._folder)
        except OSError as error:
            fail(error, "ending the day of the trail")

    def _prepare_notes(self) -> None:
        """The folder of notes, with the public key that checks them."""
        folder, pem = self._folder / checkpoint.FOLDER, self._signer.public.pem()
        try:
            folder.mkdir(mode=0o750, exist_ok=True)
            place = folder / checkpoint.PUBLIC_KEY
            if not place.exists():
                checkpoint.write_file(folder, checkpoint.PUBLIC_KEY, pem)
            known = place.read_bytes()
        except OSError as error:
            fail(error, "opening the folder of notes")
        if known != pem:
            raise TrailBroken("the public key beside the notes is not that of this site's signer")
