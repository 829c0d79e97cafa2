"""Crash a scene at a point, start again, and look which promises were broken."""

import contextlib
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from corpora import lives
from corpora.disk_calls import Calls, Cut
from corpora.disk_log import Recorder
from corpora.disk_states import Legal, State
from corpora.promises import Outcome, Sight, broken_at_any_moment, broken_when_settled
from corpora.worlds import Scene, World
from medrelease.terms.faults import MedreleaseError

Point = tuple[int, bool]
"""The number of an operation, and whether a write there is torn."""


@dataclass(frozen=True)
class Setting:
    """A scene ready to be played: the site before the life, and what an untroubled life gives."""

    scene: Scene
    start: World
    wanted: Counter[Outcome]
    names: list[str]

    @property
    def points(self) -> list[Point]:
        """Every operation of the untroubled life, each write twice."""
        whole = [(at, False) for at in range(1, len(self.names) + 1)]
        return whole + [(at, True) for at, name in enumerate(self.names, 1) if name == "write"]


def set_up(scene: Scene, background: World, base: Path) -> Setting:
    """Play a scene once, untroubled, on a copy of the background."""
    for left in base.glob(f"{scene.name}-*"):
        shutil.rmtree(left)
    start = background.copy(base / f"{scene.name}-start")
    scene.before(start)
    scene.people(start)
    calm = start.copy(base / f"{scene.name}-calm")
    cut = Cut()
    with lives.prepared(calm.clock):
        lives.cut_short(calm.config, cut, _during(scene, calm))
    broken = broken_when_settled(calm, None)
    assert not broken, broken
    return Setting(scene, start, Sight(calm).outcomes, cut.names)


def _during(scene: Scene, world: World) -> Callable[[int], None]:
    during = scene.during
    return (lambda look: during(world, look)) if during is not None else (lambda _: None)


def crashed(setting: Setting, base: Path, first: Point, second: int = 0) -> list[str]:
    """The promises broken by a crash at `first`, and by one more in the recovery."""
    world = setting.start.copy(base / "crashed")
    try:
        return list(_crashed(setting, world, first, second))
    finally:
        shutil.rmtree(world.root)


def _crashed(setting: Setting, world: World, first: Point, second: int) -> Iterator[str]:
    at, torn = first
    with lives.prepared(world.clock):
        cut = Cut(at, torn=torn)
        lives.cut_short(world.config, cut, _during(setting.scene, world))
        yield from broken_at_any_moment(world)
        if second:
            lives.cut_short(world.config, Cut(second, torn=second % 2 == 0))
            yield from broken_at_any_moment(world)
        yield from recovered(world, setting)


def recovered(world: World, setting: Setting, *, names: bool = True) -> list[str]:
    """Start again with nothing in the way: the promises broken after that.

    Without `names` it does not count which of several images got which number.
    """
    scene = setting.scene
    if scene.between is not None:
        scene.between(world)
    with lives.prepared(world.clock):
        lives.live(world.config)
    other = scene.between is not None or scene.during is not None
    return broken_when_settled(world, None if other else setting.wanted, names=names)


def sampled(points: list[Point], most: int, seed: int) -> list[Point]:
    """At most so many of the points, chosen by a seed, in order."""
    if len(points) <= most:
        return points
    return sorted(random.Random(seed).sample(points, most))


def record(setting: Setting, base: Path) -> Legal:
    """Play a scene once more, recorded: the legal states of the disk at every moment."""
    world = setting.start.copy(base / "recorded")
    recorder = Recorder(world.root)
    with lives.prepared(world.clock), Calls(recorder), contextlib.suppress(MedreleaseError):
        lives.Life(world.config).run()
    shutil.rmtree(world.root)
    return Legal(recorder)


def power_cut(setting: Setting, base: Path, state: State) -> list[str]:
    """The promises broken by a power cut that leaves a state, and by the start after it."""
    world = setting.start.twin(base / "state")
    state.put_down(world.root)
    try:
        return [*broken_at_any_moment(world), *recovered(world, setting, names=False)]
    finally:
        shutil.rmtree(world.root)
