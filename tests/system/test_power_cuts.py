"""A power cut at any moment, on any disk that POSIX allows.

A life is recorded, and the states that its unsynced steps may have left are put down on a real
folder, one by one, for the service to start on. So a missing fsync shows on any kernel.
"""

import os
from itertools import islice
from pathlib import Path

import pytest

from corpora import lives
from corpora.crashing import power_cut, record, set_up
from corpora.disk_calls import Calls
from corpora.disk_log import Recorder
from corpora.disk_states import Legal
from corpora.promises import files_below
from corpora.worlds import SCENES, Scene, World

FULL = bool(os.environ.get("MEDRELEASE_FULL"))
FEW, SOME, MANY = 10, 40, 3000
RECORDED = [scene for scene in SCENES if scene.during is None]


def test_the_log_tells_the_disk(world: World, base: Path) -> None:
    """What the recorder wrote down, played through, is the folder that the life left."""
    played = world.copy(base / "played")
    played.drop("23 02211 943 476 5919/a.jpg", b"no image at all")
    recorder = Recorder(played.root)
    with lives.prepared(played.clock), Calls(recorder):
        lives.Life(played.config).run()
    last = len(recorder.steps)
    told = next(Legal(recorder).at(last))
    told.put_down(base / "told")

    def everything(root: Path) -> dict[str, tuple[bytes, int]]:
        places = [p for p in files_below(root) if ".sqlite" not in p.name]
        return {str(p.relative_to(root)): (p.read_bytes(), p.stat().st_mode) for p in places}

    assert everything(base / "told") == everything(played.root)


@pytest.mark.parametrize(
    "scene", [scene for scene in RECORDED if scene.name != "stray"], ids=lambda scene: scene.name
)
def test_nothing_shows_before_its_record_is_on_the_disk(
    scene: Scene, world: World, base: Path
) -> None:
    """At no moment is a file visible, or an original put away, whose record could yet be lost."""
    legal = record(set_up(scene, world, base), base)
    assert not legal.shown_before_it_is_firm()


@pytest.mark.parametrize("scene", RECORDED, ids=lambda scene: scene.name)
def test_a_power_cut_breaks_no_promise(scene: Scene, world: World, base: Path) -> None:
    """Whatever of the unsynced steps is lost, the next start makes all promises good."""
    setting = set_up(scene, world, base)
    most = MANY if FULL else SOME if scene.name == "release" else FEW
    tried, broken = 0, {}
    for state in islice(record(setting, base).states(seed=5), most):
        tried += 1
        if found := power_cut(setting, base, state):
            broken[f"step {state.after}, {state.told}"] = found
    print(f"{scene.name}: {tried} states, {len(broken)} break")
    assert not broken
