"""The service's life is cut at every file operation; then it starts again.

Nothing is lost, nothing goes out unrecorded or twice, and what becomes of every file is what
would have become of it without the crash. A write may be torn in its middle, and a second crash
may come while the first is being recovered from.
"""

import os
import random
from pathlib import Path

import pytest

from corpora.crashing import crashed, sampled, set_up
from corpora.worlds import SCENES, Scene, World

FULL = bool(os.environ.get("MEDRELEASE_FULL"))
FEW, SOME, ALL = 12, 40, 10**6


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_crash_at_any_operation_breaks_no_promise(scene: Scene, world: World, base: Path) -> None:
    """Every operation of a life is its last one once, every write half done once."""
    setting = set_up(scene, world, base)
    most = ALL if FULL else SOME if scene.name == "release" else FEW
    points = sampled(setting.points, most, seed=len(setting.points))
    broken = {point: found for point in points if (found := crashed(setting, base, point))}
    print(f"{scene.name}: {len(points)} of {len(setting.points)} crash points, {len(broken)} break")
    assert not broken


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_second_crash_during_recovery_breaks_no_promise(
    scene: Scene, world: World, base: Path
) -> None:
    """The recovery from a crash is cut as well, at any of its own operations."""
    setting = set_up(scene, world, base)
    chance = random.Random(7)
    last = len(setting.names)
    pairs = [(chance.choice(setting.points), chance.randint(1, last)) for _ in range(300)]
    pairs = pairs if FULL else pairs[:5]
    broken = {pair: found for pair in pairs if (found := crashed(setting, base, *pair))}
    print(f"{scene.name}: {len(pairs)} pairs of crashes, {len(broken)} break")
    assert not broken
