"""What opening the trail finds, before a line is added to it.

The last segment is read to its end and checked; what a crash left unfinished behind its last
whole line is cut off and kept aside; the rest is written again into a new file, fsynced and put
in place, since after a failed fsync the page cache is not evidence (DESIGN.md section 3).
"""

import os
from collections import deque
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from medrelease.audit import checkpoint
from medrelease.audit.line import LONGEST, START, Head, digest, parse
from medrelease.audit.notes import PublicKey
from medrelease.audit.reading import dated, records_of
from medrelease.audit.segment import TODAY, fail, give_to_owner, sync_folder
from medrelease.terms.faults import TrailBroken

TORN = "torn"
_COPY = 1 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """The trail as it may be continued.

    `day` is that of today's file, None where it is absent or empty; `torn` counts the bytes
    that were cut off; `unsigned` the lines that no note covers yet.
    """

    head: Head
    day: date | None
    torn: int
    unsigned: int


@dataclass(slots=True)
class _Scan:
    head: Head
    day: date | None = None
    good: int = 0
    note_agrees: bool = True


def recover(folder: Path, key: PublicKey) -> Found:
    """Check the end of the trail and make it fit to be continued.

    Raises TrailBroken where somebody changed it, Transient where the disk is full, TrailFault
    where it cannot be read or written.
    """
    try:
        return _recover(folder, key)
    except OSError as error:
        fail(error, "opening the trail")


def _recover(folder: Path, key: PublicKey) -> Found:
    before = _end_of_earlier(folder)
    note = _newest_note(folder / checkpoint.FOLDER, key)
    place = folder / TODAY
    torn, scan = 0, _Scan(before)
    if place.exists():
        with place.open("rb") as file:
            _scan(file, scan, note)
            torn = os.fstat(file.fileno()).st_size - scan.good
            if torn:
                _keep_torn(folder, file, scan)
            _write_again(folder, file, scan.good)
    size = note.size if note else 0
    if size > scan.head.seq or not scan.note_agrees:
        raise TrailBroken("a signed note does not agree with the trail")
    return Found(scan.head, scan.day, torn, scan.head.seq - size)


def _end_of_earlier(folder: Path) -> Head:
    """The chain's end in the segment before today's."""
    earlier = dated(folder)
    if not earlier:
        return START
    last = deque(records_of(earlier[-1]), maxlen=1)
    if not last:
        raise TrailBroken("an earlier segment of the trail has no line")
    raw, record = last[0]
    return Head(record["seq"], digest(raw))


def _newest_note(folder: Path, key: PublicKey) -> checkpoint.Checkpoint | None:
    sizes = checkpoint.note_sizes(folder)
    if not sizes:
        return None
    note = checkpoint.read_note(folder, sizes[-1])
    if note is None or note.checkpoint.size != sizes[-1] or not key.accepts(note):
        raise TrailBroken("the newest note is not signed by this site's key")
    return note.checkpoint


def _scan(file: BinaryIO, scan: _Scan, note: checkpoint.Checkpoint | None) -> None:
    """Follow the chain to the last whole line.

    Only what the end of an unfinished write can look like is passed over: bytes without a
    newline, a last line that is no record, or lines from a hole (zero bytes) on. A line that
    is whole and does not fit raises TrailBroken.
    """
    broken_line = False
    while raw := file.readline(LONGEST):
        if broken_line:
            raise TrailBroken("a line in the middle of the trail is no record")
        if len(raw) == LONGEST:
            raise TrailBroken("a line of the trail is longer than any that was written")
        if b"\0" in raw or not raw.endswith(b"\n"):
            return
        record = parse(raw[:-1])
        if record is None:
            broken_line = True
            continue
        if (record["seq"], record["prev"]) != (scan.head.seq + 1, scan.head.sha256):
            raise TrailBroken("the chain of the trail does not hold")
        scan.day = scan.day or _day_of(record)
        scan.head = Head(record["seq"], digest(raw[:-1]))
        scan.good += len(raw)
        if note is not None and note.size == scan.head.seq:
            scan.note_agrees = note.head == scan.head.sha256


def _day_of(record: dict[str, Any]) -> date:
    try:
        return date.fromisoformat(str(record.get("ts"))[:10])
    except ValueError:
        raise TrailBroken("a line of the trail has no moment") from None


def _keep_torn(folder: Path, file: BinaryIO, scan: _Scan) -> None:
    """Put the cut-off bytes aside, under the seq that their line would have had."""
    file.seek(scan.good)
    piece = file.read(LONGEST)
    aside = folder / TORN
    aside.mkdir(mode=0o750, exist_ok=True)
    checkpoint.write_file(aside, f"{scan.head.seq + 1:012d}-{digest(piece)[:12]}", piece)


def _write_again(folder: Path, file: BinaryIO, length: int) -> None:
    fresh = folder / f".{TODAY}.new"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    with os.fdopen(os.open(fresh, flags, 0o640), "wb") as copy:
        os.fchmod(copy.fileno(), 0o640)
        give_to_owner(copy.fileno(), folder)
        file.seek(0)
        while length and (piece := file.read(min(length, _COPY))):
            copy.write(piece)
            length -= len(piece)
        copy.flush()
        os.fsync(copy.fileno())
    fresh.replace(folder / TODAY)
    sync_folder(folder)
