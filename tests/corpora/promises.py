"""The promises of the README, looked for in a site from outside: what is broken, by number.

Nothing here uses the program's own reading of its folders or its trail, but for the verdict of
the verification and the linkage's file.
"""

import json
import os
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from corpora.worlds import MARK, PRIVATE, World, sha256
from medrelease.release.reconciling import Elsewhere, verify_site

NOTE = ".WHY.txt"
FINAL = ("release.published", "release.repeated", "release.held")
Outcome = tuple[str, str | None, str | None, str | None, str | None]


def files_below(folder: Path) -> Iterator[Path]:
    """Every file below a folder, links too."""
    for above, _, names in os.walk(folder):
        for name in names:
            yield Path(above, name)


@dataclass
class Sight:
    """A site as it stands at one moment."""

    world: World

    @cached_property
    def records(self) -> list[dict[str, Any]]:
        """Every whole record of the trail, in order, whatever the chain says."""
        audit = self.world.root / "audit"
        found = []
        for place in [*sorted(audit.glob("audit-*.jsonl")), audit / "audit.jsonl"]:
            raw = place.read_bytes() if place.exists() else b""
            for line in raw.split(b"\n")[:-1]:
                try:
                    found.append(json.loads(line))
                except ValueError:
                    continue
        return found

    def of(self, *events: str) -> list[dict[str, Any]]:
        """The records of some events."""
        return [record for record in self.records if record["event"] in events]

    @cached_property
    def released(self) -> dict[tuple[str, str], bytes]:
        """What is visible in released, by route and name."""
        root = self.world.root / "share/released"
        return {
            (str(place.parent.relative_to(root)), place.name): place.read_bytes()
            for place in files_below(root)
        }

    @cached_property
    def copies(self) -> Counter[str]:
        """How often each dropped file's bytes are there, wherever the service may have them.

        One file under two names, as between link and unlink, is one.
        """
        root, seen = self.world.root, set()
        found: Counter[str] = Counter()
        folders = [root / "share" / name for name in ("outbox", "held", "released")]
        folders += [root / PRIVATE / name for name in ("claims", "originals")]
        for folder in folders:
            for place in files_below(folder):
                status = place.stat()
                if status.st_ino not in seen:
                    seen.add(status.st_ino)
                    found[sha256(place.read_bytes())] += 1
        return found

    @property
    def outcomes(self) -> Counter[Outcome]:
        """What became of every file, as the trail has it."""
        return Counter(
            (
                record["event"],
                record["source"]["sha256"] if record["source"] else None,
                record["route"],
                record["reason"],
                record["coded_name"],
            )
            for record in self.of(*FINAL)
        )


def broken_at_any_moment(world: World, sight: Sight | None = None) -> list[str]:
    """What must never be so, not even in the middle of a crash."""
    sight = sight or Sight(world)
    return [
        *_unrecorded(sight),
        *_lost(sight),
        *_disposed_early(sight),
        *_doubled(sight),
        *_unsanitised(sight),
        *_touched(sight),
    ]


def broken_when_settled(
    world: World, wanted: Counter[Outcome] | None, *, names: bool = True
) -> list[str]:
    """What must be so once the service has had its time after a crash.

    `wanted` is what became of every file where nothing went wrong; None where that cannot be.
    Without `names` the coded names need not be the same.
    """
    sight = Sight(world)
    return [
        *broken_at_any_moment(world, sight),
        *_unsettled(sight, wanted, names),
        *_half_released(sight),
        *_verdict(world),
    ]


def _strangers(sight: Sight) -> set[str]:
    """Bytes that somebody else put into released: they are neither ours nor unknown."""
    return set(sight.world.dropped)


def _unrecorded(sight: Sight) -> Iterator[str]:
    intended = {
        (r["route"], r["coded_name"], r["result"]["sha256"]) for r in sight.of("release.intended")
    }
    for (route, name), data in sight.released.items():
        digest = sha256(data)
        if (route, name, digest) not in intended and digest not in _strangers(sight):
            yield f"1 a file is visible in released/{route} without a record of it"


def _lost(sight: Sight) -> Iterator[str]:
    for digest, count in sight.world.dropped.items():
        if digest not in sight.world.gone and sight.copies[digest] < count:
            yield f"2 a dropped file is lost: {digest[:8]}"


def _disposed_early(sight: Sight) -> Iterator[str]:
    done = {r["release_id"] for r in sight.of("release.published", "release.repeated")}
    asked = {r["release_id"] for r in sight.of("hold.resolved")}
    store = sight.world.root / PRIVATE / "originals"
    for name in os.listdir(store) if store.is_dir() else []:
        if _kept(store, name) and name not in done and not asked:
            yield "3 an original was put away before its release was on record"


def _kept(store: Path, release_id: str) -> bytes:
    """The bytes of an original in the store, under whatever name; empty where there are none."""
    folder = store / release_id
    names = os.listdir(folder) if folder.is_dir() else []
    found = [(folder / name).read_bytes() for name in names if not name.endswith(".json")]
    return found[0] if len(found) == 1 else b""


def _doubled(sight: Sight) -> Iterator[str]:
    names: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    sources: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    numbers: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    ids = Counter(r["release_id"] for r in sight.of("release.published"))
    for record in sight.of("release.intended", "release.published"):
        digest = record["source"]["sha256"]
        names[record["route"], record["coded_name"]].add(digest)
        sources[record["route"], record["job_no"], digest].add(record["coded_name"])
        if "{subject}" not in record["coded_name"] and record["route"] == "clinician":
            numbers[record["job_no"], record["image_no"]].add(digest)
    if any(count > 1 for count in ids.values()):
        yield "4 a release was published twice"
    if any(len(found) > 1 for found in names.values()):
        yield "4 two images have one name"
    if any(len(found) > 1 for found in sources.values()):
        yield "4 one image has two names"
    if any(len(found) > 1 for found in numbers.values()):
        yield "4 two images have one number"


def _unsanitised(sight: Sight) -> Iterator[str]:
    for (route, name), data in sight.released.items():
        if MARK in data and sha256(data) not in _strangers(sight):
            yield f"6 an identifier is visible in released/{route}"
        if MARK in data and sha256(data) in _strangers(sight) and _named(sight, route, name, data):
            yield f"6 an original was published in released/{route}"


def _named(sight: Sight, route: str, name: str, data: bytes) -> bool:
    """Whether the trail says that these very bytes were released under that name."""
    return any(
        (r["route"], r["coded_name"], r["result"]["sha256"]) == (route, name, sha256(data))
        for r in sight.of("release.intended")
    )


def _touched(sight: Sight) -> Iterator[str]:
    for where, data in sight.world.bystanders.items():
        place = sight.world.root / where
        if not place.exists() or place.read_bytes() != data:
            yield f"7 another file was touched: {where}"


def _nameless(outcomes: Counter[Outcome]) -> Counter[Outcome]:
    return Counter((*outcome[:4], None) for outcome in outcomes.elements())


def _unsettled(sight: Sight, wanted: Counter[Outcome] | None, names: bool) -> Iterator[str]:
    world = sight.world
    found = sight.outcomes
    if not names and wanted is not None:
        found, wanted = _nameless(found), _nameless(wanted)
    if wanted is not None and found != wanted:
        missing, surplus = wanted - found, found - wanted
        told = [f"{o[0]} {o[3]}" for o in missing], [f"{o[0]} {o[3]}" for o in surplus]
        yield f"2 other dispositions than without the crash: lack {told[0]}, extra {told[1]}"
    for folder in ("claims", "work"):
        if os.listdir(world.root / PRIVATE / folder):
            yield f"2 something is left among the {folder}"
    waiting = [w for w in world.waiting() if f"share/outbox/{w}" not in world.bystanders]
    if waiting:
        yield "2 a file was left in the outbox"
    for digest, count in world.dropped.items():
        if digest not in world.gone and sight.copies[digest] != count:
            yield f"2 a dropped file is there {sight.copies[digest]} times: {digest[:8]}"
    yield from _held_without_note(world)


def _held_without_note(world: World) -> Iterator[str]:
    places = set(files_below(world.root / "share/held"))
    notes = {place for place in places if place.name.endswith(NOTE)}
    for place in places - notes:
        if place.with_name(place.name + NOTE) not in notes:
            yield f"2 a file in held has no note: {place.name[:20]}"
    for note in notes:
        if note.with_name(note.name.removesuffix(NOTE)) not in places:
            yield "2 a note in held has no file"


def _half_released(sight: Sight) -> Iterator[str]:
    removed = {r["release_id"] for r in sight.of("release.removed")}
    published = [r for r in sight.of("release.published") if r["release_id"] not in removed]
    store = sight.world.root / PRIVATE / "originals"
    disposed = sight.of("original.disposed")
    stored = {r["release_id"] for r in disposed if "stored" in r["actions"]}
    destroyed = {r["release_id"] for r in disposed if "destroyed" in r["actions"]}
    codes = _linked(sight.world.root / "state/linkage.sqlite")
    for record in published:
        data = sight.released.get((record["route"], record["coded_name"]))
        if data is None or sha256(data) != record["result"]["sha256"]:
            yield "1 a published file does not stand in released as recorded"
        if record["subject"] not in codes:
            yield "4 nobody can tell whose a released code is"
    known = {(r["route"], r["coded_name"]) for r in published}
    if set(sight.released) - known:
        yield "1 a file stands in released that was never recorded as published"
    for record in sight.of("release.published", "release.repeated"):
        kept = _kept(store, record["release_id"])
        if record["source"]["sha256"] in sight.world.gone:
            if not kept and record["release_id"] not in destroyed:
                yield "3 an original was destroyed without a record"
            continue
        if sha256(kept) != record["source"]["sha256"]:
            yield "3 the original of a release is not kept"
    if set(os.listdir(store)) - stored:
        yield "3 an original was put away without a record"


def _linked(place: Path) -> set[str]:
    connection = sqlite3.connect(place)
    try:
        return {row[0] for row in connection.execute("SELECT code FROM linkage")}
    finally:
        connection.close()


def _verdict(world: World) -> Iterator[str]:
    root = world.root
    verdict = verify_site(
        root / "share", root / "state", root / "audit", Elsewhere(), lambda _: None
    )
    if verdict is None or verdict.verdict != "intact":
        found = [finding.code for finding in verdict.findings] if verdict else "no trail"
        yield f"5 the trail is not intact: {found}"
