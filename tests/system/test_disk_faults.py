"""Every operation of the service fails once, with every error that a disk may give.

Nothing is lost and nothing is said that is not so: files wait, or are held with a reason that
names the fault, the log says which, and when the fault is over all goes on by itself.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpora import lives
from corpora.crashing import Setting, set_up
from corpora.disk_calls import Calls, Fail
from corpora.promises import broken_when_settled
from corpora.troubles import counted, troubled
from corpora.worlds import SCENES, World, background, image

FULL = bool(os.environ.get("MEDRELEASE_FULL"))
ERRORS = ("EIO", "ENOSPC", "EDQUOT", "EROFS", "EMFILE", "EACCES")
NAMES = ("release", "hold", "flood", "consent", "old-age") if FULL else ("release",)
_SCENES = [scene for scene in SCENES if scene.name in NAMES]
FEW = 14


@pytest.fixture(scope="module", params=_SCENES, ids=lambda scene: scene.name)
def setting(request: pytest.FixtureRequest, base: Path) -> Setting:
    """A scene, ready to be troubled."""
    place = base / f"background-{request.param.name}"
    return set_up(request.param, background(place), base)


@pytest.mark.parametrize("error", ERRORS)
def test_one_failed_operation_breaks_no_promise(setting: Setting, base: Path, error: str) -> None:
    """Whatever fails once, every file ends as it would have, or held for the fault."""
    last = counted(setting, base)
    step = 1 if FULL else max(1, last // FEW)
    first = 1 + ERRORS.index(error) * step // len(ERRORS)
    ends: dict[str, int] = {}
    broken, alone = {}, 0
    for at in range(first, last + 1, step):
        trouble = troubled(setting, base, Fail(getattr(errno, error), at))
        ends[trouble.ended] = ends.get(trouble.ended, 0) + 1
        alone += trouble.by_itself
        if trouble.broken:
            broken[at] = trouble.broken
    print(f"{setting.scene.name} {error}: {sum(ends.values())} faults, {alone} without a restart,")
    print(f"    ended {ends}, {len(broken)} broke a promise")
    assert not broken
    assert not {"TrailBroken", "KeyError"} & set(ends)
    if error in ("EIO", "EMFILE"):
        assert "ConfigError" not in ends


@pytest.mark.parametrize("error", ERRORS)
def test_a_fault_that_lasts_is_waited_out(setting: Setting, base: Path, error: str) -> None:
    """Sixty operations in a row fail, then no more: the service says so, and goes on."""
    last = counted(setting, base)
    starts = range(150, last, 20 if FULL else 280)
    for at in starts:
        trouble = troubled(setting, base, Fail(getattr(errno, error), at, times=60))
        assert not trouble.broken, (at, trouble.ended, trouble.broken)
        assert trouble.by_itself or trouble.ended != "0" or "wait" in trouble.said, at


@pytest.fixture
def world(base: Path) -> Iterator[World]:
    """A fresh site with one image in its outbox."""
    made = World.make(base / "one")
    made.drop("23 02210 012 345 6789/a.jpg", image(1))
    yield made
    shutil.rmtree(made.root)


class FailTrail(Fail):
    """Fails operations on the trail's file only."""

    def see(self, name, arguments, go):  # type: ignore[no-untyped-def]  # as `Fail.see`
        """Fail it where the descriptor is the trail's."""
        number = arguments[0] if arguments else None
        place = os.readlink(f"/proc/self/fd/{number}") if isinstance(number, int) else ""
        return super().see(name, arguments, go) if place.endswith("/audit/audit.jsonl") else go()


@pytest.mark.parametrize(
    ("call", "error"), [("write", "EIO"), ("fsync", "EIO"), ("fsync", "ENOSPC"), ("write", "EROFS")]
)
@pytest.mark.parametrize("record", ["intended", "published"])
def test_a_failed_write_of_the_trail_ends_all_releases(
    world: World, call: str, error: str, record: str
) -> None:
    """The service exits with 1 and releases nothing more; the next start rewrites the tail."""
    trail = world.root / "audit/audit.jsonl"
    with lives.prepared():
        lives.Life(world.config).run(looks=1)
        at = 4 if record == "intended" else 5  # behind a note and the start's two records
        fail = FailTrail(getattr(errno, error), at, times=10**6, only={call})
        life = lives.Life(world.config)
        with Calls(fail):
            assert life.run() == 1
        assert fail.failed
        assert len(world.released()) == (record == "published")
        assert "releases have stopped" in life.log.said()
        before = trail.stat().st_ino
        synced: list[int] = []
        real = os.fsync
        with pytest.MonkeyPatch.context() as patches:
            patches.setattr(os, "fsync", lambda fd: (synced.append(os.fstat(fd).st_ino), real(fd)))
            lives.live(world.config)
    assert trail.stat().st_ino != before
    assert trail.stat().st_ino in synced
    assert not broken_when_settled(world, None)


def test_a_full_disk_under_the_trail_passes(world: World) -> None:
    """ENOSPC before a byte of the line stays makes the file wait; nothing ends, all goes later."""
    with lives.prepared():
        life = lives.Life(world.config)
        with life.living() as service:
            fail = FailTrail(errno.ENOSPC, 1, times=10**6, only={"write"})
            with Calls(fail):
                for _ in range(3):
                    assert not life.look()
            assert service.lanes.failed is None
            assert "no-space" in life.log.said()
            assert world.released() == []
            for _ in range(4):
                life.look()
            assert service.finish() == 0
    assert not broken_when_settled(world, None)
    assert len(world.released()) == 1
