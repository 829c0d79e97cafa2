"""Deliberate defects, each of one kind that a crash harness must find, by name."""

import contextlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import pytest

from corpora.worlds import CORRECTED, SCENES, Scene
from medrelease.audit import recovery as trail_recovery
from medrelease.audit.segment import Segment
from medrelease.audit.trail import Trail
from medrelease.ledger import linkage
from medrelease.release import holding, naming, publishing, recovery
from medrelease.release.case import subject_code, subject_of
from medrelease.spool import files
from medrelease.spool import publishing as shelf
from medrelease.spool.claims import Claims
from medrelease.terms.words import Event

Patches = pytest.MonkeyPatch
_SCENES = {scene.name: scene for scene in SCENES}


@dataclass(frozen=True)
class Mutant:
    """A defect, what finds it, in which scene, and the number of the promise that it breaks."""

    name: str
    plant: Callable[[Patches], None]
    found_by: Literal["cut", "replay"]
    scene: Scene
    promise: str


def _publish_in(order: str) -> Callable[[Patches], None]:
    """The last steps of a release in another order: p publish, i intended, d dispose, r record."""

    def publish(desk: Any, case: Any, verified: Any, named: Any) -> None:
        code = subject_code(desk, case)
        desk.linkage.remember(code, subject_of(case.identity), case.route.key_label)
        fields = publishing.records.of_release(desk, case, verified, named.coded_name, named.image)
        steps = {
            "i": lambda: desk.trail.append(Event.RELEASE_INTENDED, fields),
            "p": lambda: shelf.publish(desk.layout, verified, named.coded_name, desk.clock()),
            "r": lambda: desk.trail.append(Event.RELEASE_PUBLISHED, fields),
            "d": lambda: publishing.dispose(desk, case),
        }
        for step in order:
            steps[step]()

    return lambda patches: patches.setattr(publishing, "publish", publish)


def _no_sync_of(kind: Callable[[int], bool]) -> Callable[[Patches], None]:
    def plant(patches: Patches) -> None:
        real = files.sync
        patches.setattr(files, "sync", lambda fd: None if kind(os.fstat(fd).st_mode) else real(fd))
        if kind(stat.S_IFREG):
            patches.setattr(files, "sync_file", lambda _within, _name: None)

    return plant


def _no_trail_sync(patches: Patches) -> None:
    def append(self: Any, data: bytes) -> None:
        os.write(self._descriptor, data)
        self.end += len(data)

    patches.setattr(Segment, "append", append)


def _overwrite(patches: Patches) -> None:
    def rename(source: int, name: bytes, target: int, new_name: bytes) -> None:
        os.rename(name, new_name, src_dir_fd=source, dst_dir_fd=target)

    patches.setattr(files, "rename_noreplace", rename)


def _reuse(patches: Patches) -> None:
    def used(desk: Any, case: Any) -> frozenset[int]:
        every = desk.ledger._where("job_no = ? AND state = 'published'", case.identity.job)
        return frozenset(one.image_no for one in every)

    patches.setattr(naming, "numbers_used", used)


def _hold_in_place(patches: Patches) -> None:
    patches.setattr(holding, "settle", lambda _desk, _case, _reason: None)


def _no_roll_forward(patches: Patches) -> None:
    patches.setattr(recovery, "_complete", lambda _desk, _record: False)


def _keep_torn_line(patches: Patches) -> None:
    patches.setattr(trail_recovery, "_write_again", lambda _folder, _file, _length: None)


def _no_origin_sync(patches: Patches) -> None:
    patches.setattr(Claims, "_sync_origins", lambda _self, _claims, _ready: None)


def _publish_unawaited(patches: Patches) -> None:
    real = Trail.append

    def append(self: Any, event: Any, fields: Any, *, wait: bool = True) -> Any:
        return real(self, event, fields, wait=wait and event != Event.RELEASE_PUBLISHED)

    patches.setattr(Trail, "append", append)


def _soft_linkage(patches: Patches) -> None:
    real = linkage.open_database
    patches.setattr(
        linkage,
        "open_database",
        lambda place, script, **_: real(place, script, synchronous="NORMAL"),
    )


def _no_syncfs(patches: Patches) -> None:
    patches.setattr(files, "sync_filesystem", lambda _: None)


NAMED = (
    Mutant("record late", _publish_in("pird"), "cut", _SCENES["release"], "1"),
    Mutant("no file fsync", _no_sync_of(stat.S_ISREG), "replay", _SCENES["release"], "1"),
    Mutant("no trail fsync", _no_trail_sync, "replay", _SCENES["release"], "1"),
    Mutant("no directory fsync", _no_sync_of(stat.S_ISDIR), "replay", _SCENES["release"], "1"),
    Mutant("original removed early", _publish_in("ipdr"), "cut", _SCENES["release"], "3"),
    Mutant("overwrite on publish", _overwrite, "cut", _SCENES["squat"], "2"),
    Mutant("number reused", _reuse, "cut", CORRECTED, "4"),
    Mutant("hold without move", _hold_in_place, "cut", _SCENES["hold"], "2"),
)
MORE = (
    Mutant("no roll forward", _no_roll_forward, "cut", _SCENES["release"], "2"),
    Mutant("torn line kept", _keep_torn_line, "cut", _SCENES["release"], "5"),
    Mutant("origin not synced", _no_origin_sync, "replay", _SCENES["hold"], "2"),
    Mutant("record not awaited", _publish_unawaited, "replay", _SCENES["release"], "3"),
    Mutant("linkage not durable", _soft_linkage, "replay", _SCENES["release"], "4"),
    Mutant("flood not synced", _no_syncfs, "replay", _SCENES["flood"], "2"),
)


@contextlib.contextmanager
def planted(mutant: Mutant):  # type: ignore[no-untyped-def]  # a generator of nothing
    """The defect is in the program while the `with` lasts."""
    with pytest.MonkeyPatch.context() as patches:
        mutant.plant(patches)
        yield
