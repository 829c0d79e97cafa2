"""Which of a recorded life's steps a power cut may have left: the states, each of them once."""

import hashlib
import json
import os
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from corpora.disk_log import TOP, Entry, Node, Nodes, Recorder, Step, built


@dataclass(frozen=True)
class State:
    """A disk after a power cut behind step `after`; `told` says what was lost."""

    after: int
    told: str
    nodes: Nodes
    databases: tuple[tuple[str, bytes], ...]

    def key(self) -> bytes:
        """The same for two states that no program could tell apart."""
        found = hashlib.sha256()
        for path, mode, data in _walked(self.nodes, TOP, b""):
            found.update(b"%d:%b %o %d:" % (len(path), path, mode, len(data or b"")))
            found.update(data if data is not None else b"/")
        for name, data in self.databases:
            found.update(name.encode() + b"%d:" % len(data) + data)
        return found.digest()

    def put_down(self, root: Path) -> None:
        """Make it a folder on a real disk."""
        for path, mode, data in _walked(self.nodes, TOP, b""):
            place = os.fsencode(root) + b"/" + path
            if data is None:
                os.mkdir(place)
            else:
                with open(place, "wb") as file:
                    file.write(data)
            os.chmod(place, mode)
        for name, data in self.databases:
            (root / "state" / name).write_bytes(data)


def _walked(nodes: Nodes, number: int, path: bytes) -> Iterator[tuple[bytes, int, bytes | None]]:
    node = nodes[number]
    if node.entries is None:
        yield path, node.mode, node.data
        return
    yield path, node.mode, None
    for name in sorted(node.entries):
        below = path + b"/" + name if path else name
        yield from _walked(nodes, node.entries[name], below)


class Legal:
    """The legal states of one recorded life."""

    def __init__(self, recorder: Recorder) -> None:
        self._log, self._steps = recorder, recorder.steps

    def states(self, seed: int | None = None) -> Iterator[State]:
        """Every state that the rules below give, each once, in the order of time or of a seed.

        At each moment: of the entries that no fsync covers every prefix is kept, and each one
        alone is lost, and each one alone is kept; with each of these the bytes that no fsync
        covers are there, are lost, or the last write of them is torn; each file's alone are lost
        where every entry is kept.
        """
        seen: set[bytes] = set()
        moments = list(range(len(self._steps) + 1))
        if seed is not None:
            random.Random(seed).shuffle(moments)
        for after in moments:
            if after and self._steps[after - 1].kind == "sync":
                continue  # it only takes states away
            for state in self.at(after):
                key = state.key()
                if key not in seen:
                    seen.add(key)
                    yield state

    def shown_before_it_is_firm(self) -> list[str]:
        """What anybody could see, at any moment, before its record was on the disk."""
        found = []
        for after in range(len(self._steps) + 1):
            step = self._steps[after - 1] if after else None
            if step is None or not step.entries:
                continue
            shown = self.built(after, set(range(after)))
            firm = _records(self.built(after, self.firm(after)))
            found += [f"1 shown before the record is firm, step {after}"] * bool(
                _names(shown, b"share", b"released") - {r["coded_name"] for r in firm}
            )
            done = {r["release_id"] for r in firm if r["event"] in _DONE}
            stored = _folders(shown, b"share", b".medrelease", b"originals")
            found += [f"3 put away before the record is firm, step {after}"] * bool(stored - done)
        return found

    def firm(self, after: int) -> set[int]:
        """The steps before `after` that are on the disk whatever happens."""
        found: set[int] = set()
        for index in range(after):
            step = self._steps[index]
            if step.kind == "sync":
                for earlier in range(index):
                    if earlier not in found and _covers(step, self._steps[earlier]):
                        found |= self._with_ground(earlier)
        return found

    def built(self, after: int, kept: set[int]) -> Nodes:
        """The inodes after some of the first steps."""
        return built(self._log.base, self._steps[:after], lambda index: index in kept)

    def at(self, after: int) -> Iterator[State]:
        """The states right behind one step, doubles among them."""
        firm = self.firm(after)
        loose = [i for i in range(after) if i not in firm and self._steps[i].kind != "sync"]
        entries = [i for i in loose if self._steps[i].entries]
        data = [i for i in loose if not self._steps[i].entries]
        for told, chosen in self._choices(entries):
            for more, steps, kept in self._bytes(data, all_entries=len(chosen) == len(entries)):
                nodes = built(
                    self._log.base,
                    [*self._steps[:after], *steps],
                    lambda i, kept=firm | chosen | kept, after=after: i in kept or i >= after,
                )
                for number, databases in enumerate(self._databases(after)):
                    yield State(after, f"{told}, {more}, database {number}", nodes, databases)

    def _choices(self, entries: list[int]) -> Iterator[tuple[str, set[int]]]:
        """(what is lost, the entry steps that are kept)."""
        for count in range(len(entries), -1, -1):
            yield f"{len(entries) - count} last entries lost", self._grounded(entries[:count])
        for one in entries:
            rest = {i for i in entries if one not in self._with_ground(i)}
            yield f"entry of step {one} lost", rest
            yield f"entry of step {one} alone kept", self._with_ground(one) & set(entries)

    def _bytes(
        self, data: list[int], *, all_entries: bool
    ) -> Iterator[tuple[str, list[Step], set[int]]]:
        """(what is lost, steps put behind, the data steps that are kept)."""
        yield "bytes kept", [], set(data)
        if not data:
            return
        yield "bytes lost", [], set()
        last = self._steps[data[-1]]
        if last.data is not None and len(last.data) > 1:
            half = replace(last, data=last.data[: len(last.data) // 2])
            yield "last write torn", [half], set(data[:-1])
            holes = replace(last, data=bytes(len(last.data)))
            yield "last write a hole", [holes], set(data[:-1])
        if all_entries:
            files = defaultdict(set)
            for index in data:
                files[self._steps[index].inode].add(index)
            if len(files) > 1:
                for inode, theirs in files.items():
                    yield f"bytes of file {inode} lost", [], set(data) - theirs

    def _databases(self, after: int) -> Iterator[tuple[tuple[str, bytes], ...]]:
        """All databases as new as may be, and all as old as may be."""
        allowed = [list(database.allowed(after)) for database in self._log.databases.values()]
        for which in (0, -1):
            yield tuple(sorted((n, b) for found in allowed for n, b in found[which].items()))
            if all(len(found) == 1 for found in allowed):
                return

    def _grounded(self, chosen: list[int]) -> set[int]:
        return set().union(*(self._with_ground(index) for index in chosen)) if chosen else set()

    def _with_ground(self, index: int) -> set[int]:
        """A step with the earlier ones that it rests on: those of the same entries."""
        found, open_entries = {index}, set(self._steps[index].entries)
        for earlier in range(index - 1, -1, -1):
            entries: set[Entry] = set(self._steps[earlier].entries)
            if entries & open_entries:
                found.add(earlier)
                open_entries |= entries
        return found


_DONE = ("release.published", "release.repeated", "hold.resolved")


def _below(nodes: Nodes, *path: bytes) -> Node:
    node = nodes[TOP]
    for name in path:
        node = nodes[(node.entries or {})[name]]
    return node


def _names(nodes: Nodes, *path: bytes) -> set[str]:
    """The names of the files in the folders below a path."""
    routes = (_below(nodes, *path).entries or {}).values()
    return {os.fsdecode(name) for route in routes for name in nodes[route].entries or {}}


def _folders(nodes: Nodes, *path: bytes) -> set[str]:
    return {os.fsdecode(name) for name in _below(nodes, *path).entries or {}}


def _records(nodes: Nodes) -> list[dict[str, Any]]:
    """The whole records of a trail."""
    entries = _below(nodes, b"audit").entries or {}
    places = [name for name in entries if name.startswith(b"audit") and name.endswith(b".jsonl")]
    text = b"".join(nodes[entries[name]].data for name in places)
    lines = [line for line in text.split(b"\n") if line.startswith(b"{") and line.endswith(b"}")]
    return [json.loads(line) for line in lines]


def _covers(sync: Step, step: Step) -> bool:
    """Whether an fsync makes an earlier step last."""
    if step.kind == "sync":
        return False
    if sync.inode is None:
        return True
    if step.entries:
        return sync.inode in {folder for folder, _ in step.entries}
    return sync.inode == step.inode
