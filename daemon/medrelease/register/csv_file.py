"""A register in a CSV file that somebody keeps with a spreadsheet.

The file is read again when its stat signature changed, and kept as cells by job: a row is only
parsed when it is asked for, so that a hundred thousand of them load in well under a second.
"""

import fcntl
import hashlib
import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from medrelease.identifiers.hc_number import Check
from medrelease.identifiers.job_number import JobFormat
from medrelease.policy.row import Row
from medrelease.register.cells import job_of
from medrelease.register.csv_text import Sheet, UnreadableError, read_sheet
from medrelease.register.rows import Cells, answer, findings
from medrelease.register.table import Finding, RowInvalid
from medrelease.terms.faults import Transient
from medrelease.terms.words import Wait

QUIET_SECONDS = 2.0
"""How long a file that may be open for writing must have been still to be believed."""

Signature = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Snapshot:
    signature: Signature
    digest: str
    sheet: Sheet
    by_job: Mapping[str, list[tuple[int, Cells]]]


class CsvRegister:
    """A register in a CSV file; may be asked from several threads."""

    def __init__(
        self, path: Path, columns: Mapping[str, str], job_format: JobFormat, check: Check
    ) -> None:
        self._path = path
        self._columns = columns
        self._job_format = job_format
        self._check = check
        self._snapshot: _Snapshot | None = None
        self._lock = threading.Lock()

    @property
    def snapshot_id(self) -> str:
        """The SHA-256 of the file: it changes with the content and with nothing else."""
        return self._current().digest

    def look_up(self, job: str) -> Row | RowInvalid | None:
        """See `Register`. A row whose job number cannot be read is no job's."""
        current = self._current()
        return answer(job, current.by_job.get(job, ()), current.sheet.layout)

    def check(self) -> list[Finding]:
        """See `Register`."""
        sheet = self._current().sheet
        return findings(sheet.rows, sheet.layout, self._job_format, self._check)

    def close(self) -> None:
        """See `Register`: nothing is held open between two look-ups."""

    def _current(self) -> _Snapshot:
        """The file as it is now. Raises Transient; an older snapshot is never used instead."""
        with self._lock:
            try:
                known = _signature(os.stat(self._path))
                if self._snapshot is None or self._snapshot.signature != known:
                    self._snapshot = None
                    self._snapshot = self._load()
            except OSError as fault:
                raise _unavailable(f"the register cannot be read ({fault.strerror})") from None
            except UnreadableError as fault:
                raise _unavailable(f"the register cannot be used: {fault}") from None
            return self._snapshot

    def _load(self) -> _Snapshot:
        signature, data = _read_still(self._path)
        sheet = read_sheet(data, self._columns)
        by_job: dict[str, list[tuple[int, Cells]]] = {}
        for row in sheet.rows:
            job = job_of(row[1], sheet.layout, self._job_format)
            if job is not None:
                by_job.setdefault(job, []).append(row)
        return _Snapshot(signature, hashlib.sha256(data).hexdigest(), sheet, by_job)


def _read_still(path: Path) -> tuple[Signature, bytes]:
    """The file's bytes, while nobody changed them."""
    with _opened(path) as file:
        before = os.fstat(file)
        if not _leased(file) and abs(time.time() - before.st_mtime) < QUIET_SECONDS:
            raise _unavailable("the register is being written")
        with os.fdopen(os.dup(file), "rb") as stream:
            data = stream.read()
        signature = _signature(os.fstat(file))
    if not signature == _signature(before) == _signature(os.stat(path)):
        raise _unavailable("the register was changed while it was being read")
    return signature, data


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """A descriptor for reading; closing it also gives up its lease."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _leased(descriptor: int) -> bool:
    """Take a read lease, which the kernel grants only while nobody has the file open to write.

    Held until the descriptor is closed: a writer who comes meanwhile has to wait. It is not to
    be had on network mounts, nor of another's file without CAP_LEASE: there stillness decides.
    """
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)  # ignored; SIGIO would kill
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError:
        return False
    return True


def _signature(stat: os.stat_result) -> Signature:
    return stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino


def _unavailable(message: str) -> Transient:
    return Transient(Wait.REGISTER_UNAVAILABLE, message)
