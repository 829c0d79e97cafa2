"""Read the trail: its segments in order, its lines one by one, in bounded memory.

A line longer than `LONGEST` is read as broken pieces of it, never as one.
"""

import os
import re
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from medrelease.audit.line import LONGEST, parse
from medrelease.audit.segment import TODAY

_DATED = re.compile(r"audit-\d{4}-\d{2}-\d{2}\.jsonl")


class RawLine(NamedTuple):
    """One line as it stands: `raw` without newline, `record` None where it is no record.

    `whole` is False for bytes after the last newline, which a crash or a write under way leaves.
    """

    segment: Path
    raw: bytes
    record: dict[str, Any] | None
    whole: bool


def dated(folder: Path) -> list[Path]:
    """The segments of earlier days, oldest first."""
    return sorted(folder / name for name in os.listdir(folder) if _DATED.fullmatch(name))


def segments(folder: Path) -> list[Path]:
    """Every segment, oldest first; today's is the last, where there is one."""
    today = folder / TODAY
    return [*dated(folder), *([today] if today.exists() else [])]


def _raw_lines(file: BinaryIO, segment: Path) -> Iterator[RawLine]:
    while raw := file.readline(LONGEST):
        whole = raw.endswith(b"\n")
        bare = raw[:-1] if whole else raw
        yield RawLine(segment, bare, parse(bare), whole)


def lines(folder: Path, after: int = 0) -> Iterator[RawLine]:
    """Every line of the trail as it stood when the first was asked for.

    With `after`, older segments are left out: the first line's seq is at most `after`, or the
    first there is. Today's file is opened first, so that midnight cannot hide a day from a reader.
    """
    try:
        today = (folder / TODAY).open("rb")
    except FileNotFoundError:
        today = None
    try:
        here = os.fstat(today.fileno()) if today else None
        older = [place for place in dated(folder) if not _is(place, here)]
        start = _first_needed(older, today, after)
        for place in older[start:]:
            with place.open("rb") as file:
                yield from _raw_lines(file, place)
        if today:
            yield from _raw_lines(today, folder / TODAY)
    finally:
        if today:
            today.close()


def _is(place: Path, status: os.stat_result | None) -> bool:
    return status is not None and os.path.samestat(place.stat(), status)


def _first_needed(older: list[Path], today: BinaryIO | None, after: int) -> int:
    """The index of the segment that holds line `after`; len(older) stands for today's."""
    if today is not None:
        first = parse(today.readline(LONGEST))
        today.seek(0)
        if first is not None and first["seq"] <= after:
            return len(older)
    for index in range(len(older) - 1, -1, -1):
        with older[index].open("rb") as file:
            first = parse(file.readline(LONGEST))
        if first is not None and first["seq"] <= after:
            return index
    return 0


def records(folder: Path, after: int = 0) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """(raw line, record) of every whole line that is a record; see `lines` for `after`."""
    for line in lines(folder, after):
        if line.whole and line.record is not None:
            yield line.raw, line.record


def records_of(segment: Path) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """(raw line, record) of one segment's whole lines that are records."""
    with segment.open("rb") as file:
        for line in _raw_lines(file, segment):
            if line.whole and line.record is not None:
                yield line.raw, line.record


def tail(folder: Path, count: int) -> list[dict[str, Any]]:
    """The last records, oldest first, reading no more segments than it needs."""
    found: deque[dict[str, Any]] = deque(maxlen=max(count, 0))
    for segment in reversed(segments(folder)):
        room = count - len(found)
        if room <= 0:
            break
        here = deque((record for _, record in records_of(segment)), maxlen=room)
        found.extendleft(reversed(here))
    return list(found)


def follow(folder: Path, after: int, pause: float = 0.2) -> Iterator[dict[str, Any]]:
    """Every record after that seq, now and as they come; never ends by itself.

    Looks again every `pause` seconds, reading today's file only as far as it is new.
    """
    seen, mark = after, None
    while True:
        mark_now = _mark(folder)
        if mark_now != mark:
            for _, record in records(folder, after=seen):
                if record["seq"] > seen:
                    seen = record["seq"]
                    yield record
            mark = mark_now
        time.sleep(pause)


def _mark(folder: Path) -> tuple[int, int] | None:
    try:
        status = (folder / TODAY).stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_size
