"""What a disk may hold after a power cut: a log of operations, and the states POSIX allows.

A life is recorded as changes of inodes and of folders' entries. What was not fsynced may be lost
or kept: the bytes of a file all, in part or not at all; an entry of a folder independently of
every other entry, but for those it rests on. A rename is one step, as every journal makes it.
SQLite's files are taken as SQLite promises them: a database is as after any commit since the last
one that `synchronous=FULL` made durable.
"""

import os
import stat
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpora.disk_calls import real_fstat, real_lseek, real_stat

SQLITE = (".sqlite", ".sqlite-wal", ".sqlite-shm")
Entry = tuple[int, bytes]
"""A folder's inode and a name in it."""


@dataclass(frozen=True)
class Step:
    """One change. Of data: `inode`, `offset`, `data` (None cuts the file to `offset`), `mode`.

    Of entries: `entry` gets `inode` (None: it is taken away), and `source` is taken away with it.
    A `sync` names the inode that was fsynced, or None for the whole filesystem.
    """

    kind: str
    inode: int | None = None
    entry: Entry | None = None
    source: Entry | None = None
    offset: int = 0
    data: bytes | None = None
    mode: int | None = None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries that it changes."""
        return tuple(e for e in (self.source, self.entry) if e is not None)


@dataclass
class Node:
    """A file or folder: `entries` is None for a file."""

    mode: int
    data: bytes = b""
    entries: dict[bytes, int] | None = None


Nodes = dict[int, Node]
TOP = 0


@dataclass
class Database:
    """A SQLite file's versions: the number of the step behind which each stood, and its bytes."""

    versions: list[tuple[int, bool, dict[str, bytes]]] = field(default_factory=list)

    def allowed(self, step: int) -> Iterator[dict[str, bytes]]:
        """The oldest and the newest version that the disk may hold after so many steps."""
        before = [version for version in self.versions if version[0] <= step]
        firm = max((i for i, version in enumerate(before) if version[1]), default=0)
        yield before[-1][2]
        if firm != len(before) - 1:
            yield before[firm][2]


class Recorder:
    """A watcher that writes down every change below `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.steps: list[Step] = []
        self.databases: dict[str, Database] = {}
        self.base: Nodes = {}
        self._ids: dict[tuple[int, int], int] = {}
        self._next = TOP
        self._lock = threading.RLock()
        self._take_in(root)
        for place in root.rglob("*.sqlite"):
            self._version(place, firm=True)

    def see(self, name: str, arguments: tuple[Any, ...], go: Callable[[], Any]) -> Any:
        """Carry an operation out and write down what it changed."""
        with self._lock:
            found: Any = getattr(self, f"_{name}")(arguments, go)
            return found

    # what stood there before

    def _take_in(self, place: Path) -> int:
        status = place.lstat()
        number = self._new(status)
        if stat.S_ISDIR(status.st_mode):
            node = Node(stat.S_IMODE(status.st_mode), entries={})
            self.base[number] = node
            for below in sorted(place.iterdir()):
                if not below.name.endswith(SQLITE):
                    assert node.entries is not None
                    node.entries[os.fsencode(below.name)] = self._take_in(below)
        else:
            self.base[number] = Node(stat.S_IMODE(status.st_mode), place.read_bytes())
        return number

    def _new(self, status: os.stat_result) -> int:
        number, self._next = self._next, self._next + 1
        self._ids[status.st_dev, status.st_ino] = number
        return number

    def _version(self, place: Path, *, firm: bool) -> None:
        here = [place.with_name(place.name.removesuffix(".sqlite") + s) for s in SQLITE[:2]]
        found = {p.name: p.read_bytes() for p in here if p.exists()}
        database = self.databases.setdefault(place.name, Database())
        if not database.versions or database.versions[-1][2] != found:
            database.versions.append((len(self.steps), firm, found))

    # how operations name what they change

    def _of(self, status: os.stat_result) -> int | None:
        return self._ids.get((status.st_dev, status.st_ino))

    def _at(self, path: Any, folder: int | None) -> Entry | None:
        text = os.fsencode(path)
        above, _, name = text.rpartition(b"/")
        if folder is None or text.startswith(b"/"):
            status = real_stat(above or b".")
        elif above:
            status = real_stat(above, dir_fd=folder)
        else:
            status = real_fstat(folder)
        number = self._of(status)
        return (
            None
            if number is None or name.endswith(tuple(map(str.encode, SQLITE)))
            else (
                number,
                name,
            )
        )

    @staticmethod
    def _named(arguments: tuple[Any, ...]) -> Mapping[str, Any]:
        return arguments[-1] if arguments and isinstance(arguments[-1], dict) else {}

    def _inode(self, place: Entry, path: Any, folder: int | None) -> int | None:
        status = real_stat(path, dir_fd=folder, follow_symlinks=False)
        del place
        return self._of(status)

    # entries

    def _create(self, arguments: tuple[Any, ...], go: Callable[[], Any]) -> Any:
        path, flags, named = arguments
        folder = named.get("dir_fd")
        place = self._at(path, folder)
        there = _there(path, folder)
        descriptor = go()
        if place is None:
            return descriptor
        status = real_fstat(descriptor)
        if not there:
            number = self._new(status)
            mode = stat.S_IMODE(status.st_mode)
            self.steps.append(Step("file", number, place, mode=mode))
        elif flags & os.O_TRUNC:
            self.steps.append(Step("data", self._of(status)))
        return descriptor

    def _mkdir(self, arguments: tuple[Any, ...], go: Callable[[], Any]) -> Any:
        folder = self._named(arguments).get("dir_fd")
        place = self._at(arguments[0], folder)
        go()
        if place is not None:
            status = real_stat(arguments[0], dir_fd=folder)
            number = self._new(status)
            self.steps.append(Step("folder", number, place, mode=stat.S_IMODE(status.st_mode)))

    def _unlink(self, arguments: tuple[Any, ...], go: Callable[[], Any]) -> Any:
        place = self._at(arguments[0], self._named(arguments).get("dir_fd"))
        go()
        if place is not None:
            self.steps.append(Step("entry", None, place))

    _remove = _rmdir = _unlink

    def _link(self, arguments: tuple[Any, ...], go: Callable[[], Any]) -> Any:
        named = self._named(arguments)
        place = self._at(arguments[1], named.get("dst_dir_fd"))
        go()
        if place is not None:
            number = self._inode(place, arguments[1], named.get("dst_dir_fd"))
            self.steps.append(Step("entry", number, place))

    def _rename(self, arguments: tuple[Any, ...], go: Callable[[], Any]) -> Any:
        named = self._named(arguments)
        old, new = named.get("src_dir_fd"), named.get("dst_dir_fd")
        return self._moved(arguments[0], old, arguments[1], new, go)

    _replace = _rename

    def _renameat2(self, arguments: tuple[Any, ...], go: Callable[[], Any]) -> Any:
        source, name, target, new_name, _ = arguments
        return self._moved(name, source, new_name, target, go)

    def _moved(
        self, name: Any, old: int | None, new_name: Any, new: int | None, go: Callable[[], Any]
    ) -> Any:
        source, target = self._at(name, old), self._at(new_name, new)
        done = go()
        if source is not None and target is not None:
            number = self._inode(target, new_name, new)
            self.steps.append(Step("entry", number, target, source))
        return done

    # data

    def _write(self, arguments: tuple[Any, ...], go: Callable[[], Any]) -> Any:
        count = go()
        number = self._of(real_fstat(arguments[0]))
        if number is not None:
            end = real_lseek(arguments[0], 0, os.SEEK_CUR)
            data = bytes(arguments[1])[:count]
            self.steps.append(Step("data", number, offset=end - count, data=data))
        return count

    def _pwrite(self, arguments: tuple[Any, ...], go: Callable[[], Any]) -> Any:
        descriptor, data, offset = arguments
        count = go()
        number = self._of(real_fstat(descriptor))
        if number is not None:
            self.steps.append(Step("data", number, offset=offset, data=bytes(data)[:count]))
        return count

    def _ftruncate(self, arguments: tuple[Any, ...], go: Callable[[], Any]) -> Any:
        go()
        number = self._of(real_fstat(arguments[0]))
        if number is not None:
            self.steps.append(Step("data", number, offset=arguments[1]))

    def _fchmod(self, arguments: tuple[Any, ...], go: Callable[[], Any]) -> Any:
        go()
        number = self._of(real_fstat(arguments[0]))
        if number is not None:
            self.steps.append(Step("mode", number, mode=arguments[1]))

    def _fchown(self, _arguments: tuple[Any, ...], go: Callable[[], Any]) -> Any:
        return go()

    _utime = _setxattr = _removexattr = _fchown

    # what makes things last

    def _fsync(self, arguments: tuple[Any, ...], go: Callable[[], Any]) -> Any:
        go()
        number = self._of(real_fstat(arguments[0]))
        if number is not None:
            self.steps.append(Step("sync", number))

    _fdatasync = _fsync

    def _syncfs(self, _arguments: tuple[Any, ...], go: Callable[[], Any]) -> Any:
        done = go()
        self.steps.append(Step("sync"))
        return done

    def _sqlite(self, arguments: tuple[Any, ...], go: Callable[[], Any]) -> Any:
        database, _ = arguments
        done = go()
        if not database.in_transaction:
            full = database.execute("PRAGMA synchronous").fetchone()[0] >= 2
            self._version(Path(database.place), firm=full)
        return done


def _there(path: Any, folder: int | None) -> bool:
    try:
        real_stat(path, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def built(base: Nodes, steps: list[Step], chosen: Callable[[int], bool]) -> Nodes:
    """The inodes after the chosen steps, by number; a step whose ground is missing is left out."""
    nodes = {
        number: Node(node.mode, node.data, None if node.entries is None else dict(node.entries))
        for number, node in base.items()
    }
    for index, step in enumerate(steps):
        if step.kind == "file":
            nodes[step.inode or 0] = Node(step.mode or 0)
        elif step.kind == "folder":
            nodes[step.inode or 0] = Node(step.mode or 0, entries={})
        if chosen(index):
            _apply(nodes, step)
    return nodes


def _apply(nodes: Nodes, step: Step) -> None:
    if step.kind == "data" and step.inode is not None:
        node = nodes[step.inode]
        if step.data is None:
            node.data = node.data[: step.offset].ljust(step.offset, b"\0")
        else:
            before = node.data[: step.offset].ljust(step.offset, b"\0")
            node.data = before + step.data + node.data[step.offset + len(step.data) :]
    elif step.kind == "mode" and step.inode is not None:
        nodes[step.inode].mode = step.mode or 0
    elif step.kind != "sync":
        for place in step.entries:
            entries = nodes[place[0]].entries
            if entries is not None:
                entries.pop(place[1], None)
        if step.inode is not None and step.entry is not None:
            entries = nodes[step.entry[0]].entries
            assert entries is not None
            entries[step.entry[1]] = step.inode
