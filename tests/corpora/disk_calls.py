"""Stand between the program and the disk: every file operation of this process passes a watcher.

    Calls        puts the watcher in the place of os.*, renameat2, syncfs and SQLite's statements
    Cut          ends the process's life before one operation, or in the middle of one write
    Fail         lets some operations fail with an error

What a life does after its end changes nothing any more: neither in its threads nor in its
`finally` blocks, as with a process that was killed.
"""

import contextlib
import ctypes
import errno
import io
import os
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator
from typing import Any, Protocol

import pytest

from medrelease.spool import files

CHANGING = (
    *("write", "pwrite", "fsync", "fdatasync", "rename", "replace", "link", "symlink", "unlink"),
    *("remove", "mkdir", "rmdir", "ftruncate", "truncate", "fchmod", "chmod", "fchown", "chown"),
    *("utime", "setxattr", "removexattr"),
)
READING = ("read", "listdir", "scandir", "stat", "lstat", "fstat", "dup", "listxattr")
_CREATES = os.O_CREAT | os.O_TRUNC

SQL_CODES = {
    errno.ENOSPC: "SQLITE_FULL",
    errno.EDQUOT: "SQLITE_FULL",
    errno.EIO: "SQLITE_IOERR",
    errno.EROFS: "SQLITE_READONLY",
    errno.EMFILE: "SQLITE_CANTOPEN",
    errno.EACCES: "SQLITE_CANTOPEN",
}

real_stat, real_fstat, real_lseek, real_write = os.stat, os.fstat, os.lseek, os.write
real_open, real_io_open, real_connect = os.open, io.open, sqlite3.connect


def put_by_somebody_else(place: str | os.PathLike[str], data: bytes) -> None:
    """Write a file past the watcher: it is no doing of the watched life."""
    descriptor = real_open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
    real_write(descriptor, data)
    os.close(descriptor)


class Crash(BaseException):
    """The end of the process: nothing in the program catches it."""


class Watcher(Protocol):
    """Sees every operation; `go` carries it out, and what is returned goes to the program."""

    def see(self, name: str, arguments: tuple[Any, ...], go: Callable[[], Any]) -> Any:
        """Carry an operation out, or not."""


class Calls:
    """The watched operations of this process, while the `with` lasts.

    `reading` adds the operations that change nothing. `close_databases` ends what a killed life
    left open, since this process lives on.
    """

    def __init__(self, watcher: Watcher, *, reading: bool = False) -> None:
        self._watcher, self._reading = watcher, reading
        self._patches = pytest.MonkeyPatch()
        self.databases: list[_Database] = []

    def __enter__(self) -> "Calls":
        for name in CHANGING + (READING if self._reading else ()):
            self._patches.setattr(os, name, self._wrapped(name, getattr(os, name)))
        self._patches.setattr(os, "open", self._open)
        self._patches.setattr(io, "open", self._io_open)
        self._patches.setattr(files, "_libc", _Libc(self, files._libc))
        self._patches.setattr(sqlite3, "connect", self._connect)
        return self

    def __exit__(self, *_: object) -> None:
        self._patches.undo()
        self.close_databases()

    def close_databases(self) -> None:
        """Close every database: what was not committed is rolled back, as after a kill."""
        for database in self.databases:
            database.watched = None
            database.close()
        self.databases.clear()

    def see(self, name: str, arguments: tuple[Any, ...], go: Callable[[], Any]) -> Any:
        """Let the watcher decide."""
        return self._watcher.see(name, arguments, go)

    def _wrapped(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            seen = (*arguments, named) if named else arguments
            return self.see(name, seen, lambda: real(*arguments, **named))

        return call

    def _open(self, path: Any, flags: int, *rest: Any, **named: Any) -> int:
        if not flags & _CREATES and not self._reading:
            return real_open(path, flags, *rest, **named)
        name = "create" if flags & _CREATES else "open"
        seen = (path, flags, named)
        return int(self.see(name, seen, lambda: real_open(path, flags, *rest, **named)))

    def _io_open(self, file: Any, mode: str = "r", *rest: Any, **named: Any) -> Any:
        """A file object: one that writes does so by `os.write`, where it is seen."""
        if isinstance(file, int):
            writes = set(mode) & set("wxa+")
            return io.BufferedWriter(_Raw(file)) if writes else real_io_open(file, mode)
        assert not set(mode) & set("wxa+"), "a file is written past the watcher"
        if not self._reading:
            return real_io_open(file, mode, *rest, **named)
        return self.see("open", (file,), lambda: real_io_open(file, mode, *rest, **named))

    def _connect(self, place: Any, **named: Any) -> "sqlite3.Connection":
        database: _Database = real_connect(place, factory=_Database, **named)
        database.place, database.watched = str(place), self
        self.databases.append(database)
        return database


class _Raw(io.RawIOBase):
    """An open descriptor to be written to."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def write(self, data: Any) -> int:
        return os.write(self._descriptor, data)

    def close(self) -> None:
        if not self.closed:
            super().close()
            os.close(self._descriptor)


class _Libc:
    """The two calls that have no place in `os`."""

    def __init__(self, calls: Calls, libc: Any) -> None:
        self._calls, self._libc = calls, libc

    def renameat2(self, *arguments: Any) -> int:
        return self._seen("renameat2", arguments, self._libc.renameat2)

    def syncfs(self, *arguments: Any) -> int:
        return self._seen("syncfs", arguments, self._libc.syncfs)

    def _seen(self, name: str, arguments: tuple[Any, ...], real: Callable[..., int]) -> int:
        def go() -> int:
            if real(*arguments) != 0:
                raise OSError(ctypes.get_errno(), "failed")
            return 0

        try:
            return int(self._calls.see(name, arguments, go))
        except OSError as error:
            ctypes.set_errno(error.errno or 0)
            return -1


class _Database(sqlite3.Connection):
    """A connection whose statements and commits are seen."""

    place = ""
    watched: Calls | None = None

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        real = super().execute
        found = self._seen(lambda: real(statement, *values), statement)
        assert isinstance(found, sqlite3.Cursor)
        return found

    def __exit__(self, *raised: Any) -> Any:
        real = super().__exit__
        return self._seen(lambda: real(*raised), "commit")

    def _seen(self, go: Callable[[], Any], statement: str) -> Any:
        if self.watched is None or statement.startswith(("SELECT", "PRAGMA")):
            return go()
        try:
            return self.watched.see("sqlite", (self, statement), go)
        except OSError as error:
            if statement == "commit":
                self.rollback()  # as SQLite's own __exit__ does after a commit that failed
            code = SQL_CODES.get(error.errno or 0, "SQLITE_IOERR")
            failed = sqlite3.OperationalError("planted")
            failed.sqlite_errorname = code
            failed.sqlite_errorcode = getattr(sqlite3, code)
            raise failed from None


def _stands(arguments: tuple[Any, ...]) -> bool:
    """Whether a folder that is to be made is there already, so that nothing will change."""
    named = arguments[-1] if isinstance(arguments[-1], dict) else {}
    try:
        real_stat(arguments[0], dir_fd=named.get("dir_fd"), follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


class Cut:
    """Ends the life before the operation of number `at`, counted from 1; 0 only counts.

    With `torn` a write is cut in its middle: half of its bytes are there.
    """

    def __init__(self, at: int = 0, *, torn: bool = False) -> None:
        self.at, self.torn, self.count, self.ended = at, torn, 0, False
        self.names: list[str] = []
        self._lock = threading.RLock()

    def end(self) -> None:
        """What else ends with the life: nothing."""

    def see(self, name: str, arguments: tuple[Any, ...], go: Callable[[], Any]) -> Any:
        """Carry the operation out unless the life has ended, or ends here."""
        with self._lock:
            if self.ended:
                raise Crash
            if name == "mkdir" and _stands(arguments):
                return go()
            self.count += 1
            self.names.append(name)
            if self.count == self.at:
                self.ended = True
                self.end()
                if self.torn and name == "write":
                    data = bytes(arguments[1])
                    real_write(arguments[0], data[: len(data) // 2])
                raise Crash
            return go()


class Fail:
    """Fails the operations from number `at` on, `times` of them, with an error.

    `only` names the operations that count; all of them where it is empty.
    """

    def __init__(
        self, error: int, at: int, *, times: int = 1, only: Collection[str] = frozenset()
    ) -> None:
        self.error, self.at, self.times, self.only = error, at, times, frozenset(only)
        self.count = 0
        self.failed: list[str] = []
        self._lock = threading.RLock()

    def see(self, name: str, _arguments: tuple[Any, ...], go: Callable[[], Any]) -> Any:
        """Carry the operation out, or fail it."""
        with self._lock:
            if self.only and name not in self.only:
                return go()
            self.count += 1
            if self.at <= self.count < self.at + self.times:
                self.failed.append(name)
                raise OSError(self.error, "planted")
        return go()


@contextlib.contextmanager
def quiet_threads() -> Iterator[None]:
    """A thread that ends by a `Crash`, or by the planted error, says nothing of it."""
    before = threading.excepthook
    threading.excepthook = lambda _: None
    try:
        yield
    finally:
        threading.excepthook = before
