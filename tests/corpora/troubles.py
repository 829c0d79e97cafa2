"""A life with a fault in it, and what a supervisor does: start again where it ended."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from corpora import lives
from corpora.crashing import Setting
from corpora.disk_calls import Calls, Fail, Watcher
from corpora.promises import broken_at_any_moment, broken_when_settled
from corpora.worlds import World
from medrelease.terms.faults import ConfigError, MedreleaseError, TrailBroken


@dataclass(frozen=True)
class Trouble:
    """What came of a fault: how the life ended, what it said, and which promises were broken."""

    ended: str
    said: str
    broken: tuple[str, ...]
    by_itself: bool


def counted(setting: Setting, base: Path) -> int:
    """How many operations, reading ones too, the untroubled life has."""
    world = setting.start.copy(base / "counted")
    fail = Fail(1, 0)
    with lives.prepared(world.clock), Calls(fail, reading=True):
        lives.Life(world.config).run()
    shutil.rmtree(world.root)
    return fail.count


def troubled(setting: Setting, base: Path, watcher: Watcher, *, reading: bool = True) -> Trouble:
    """Play a scene with a fault, then give it what time it needs; look at every promise."""
    world = setting.start.copy(base / "troubled")
    try:
        life = lives.Life(world.config)
        with lives.prepared(world.clock):
            ended = _ended(lambda: str(_watched(life, watcher, reading)))
            broken = broken_at_any_moment(world)
            settled = not broken_when_settled(world, setting.wanted)
            if not settled:
                broken += _later(world)
        broken += _settled(world, setting)
        return Trouble(ended, life.log.said(), tuple(broken), settled)
    finally:
        shutil.rmtree(world.root)


def _watched(life: lives.Life, watcher: Watcher, reading: bool) -> int:
    with Calls(watcher, reading=reading):
        return life.run()


def _ended(live: Callable[[], str]) -> str:
    """The exit code, or the fault with which the process would have ended."""
    try:
        return live()
    except (MedreleaseError, OSError) as fault:
        return type(fault).__name__


def _later(world: World) -> list[str]:
    """The next start, with the fault over, must find nothing that needs a person."""
    try:
        lives.live(world.config)
    except (TrailBroken, ConfigError) as fault:
        return [f"5 the next start needs a person: {fault}"]
    return []


def _settled(world: World, setting: Setting) -> list[str]:
    """As without the fault; or held for it, with a reason that says so."""
    if not broken_when_settled(world, setting.wanted):
        return []
    said = {r["reason"] for r in world.events("release.held")}
    before = {r["reason"] for r in setting.start.events("release.held")}
    if said - before and said - before <= {"unreadable", "worker-failed"}:
        return broken_when_settled(world, None)
    return broken_when_settled(world, setting.wanted)
