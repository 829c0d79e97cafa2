"""The machine's clock set wrong, back and forward, between the lives of a service."""

import json
from pathlib import Path

import pytest

from corpora import sites
from corpora.promises import broken_when_settled
from corpora.worlds import World, image


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A fresh site in this process."""
    return World.make(tmp_path / "site")


@pytest.mark.parametrize(
    "moves",
    [(-1,), (-400,), (1.5, -1.5), (1.5, -3, 5), (-0.5, 1, -0.5, 1), (4, -4.5, 0.5)],
    ids=str,
)
def test_a_clock_set_back_and_forward_breaks_no_promise(
    world: World, moves: tuple[float, ...]
) -> None:
    """After each setting an image leaves under the next number, and the trail stays whole."""
    world.drop(f"{sites.FOLDER}/first.jpg", image(1))
    world.live()
    for number, days in enumerate(moves, start=2):
        world.pass_days(days)
        world.drop(f"{sites.FOLDER}/IMG_{number}.jpg", image(number))
        world.live()
    assert broken_when_settled(world, None) == []
    published = [r["image_no"] for r in world.events("release.published")]
    assert published == list(range(1, len(moves) + 2))
    told = world.call("audit", "verify", "--json")
    assert told.returncode == 0, told.stdout
    assert json.loads(told.stdout)["verdict"] == "intact"


def test_a_day_that_ended_without_a_new_one_is_no_obstacle(world: World) -> None:
    """A crash right behind the end of a day, then the clock back over midnight: all goes on."""
    world.drop(f"{sites.FOLDER}/first.jpg", image(1))
    world.live()
    audit = world.root / "audit"
    day = json.loads((audit / "audit.jsonl").read_text().splitlines()[0])["ts"][:10]
    (audit / "audit.jsonl").rename(audit / f"audit-{day}.jsonl")
    for number, days in ((2, 0), (3, 1), (4, 1)):
        world.pass_days(days)
        world.drop(f"{sites.FOLDER}/IMG_{number}.jpg", image(number))
        world.live()
    published = [r["image_no"] for r in world.events("release.published")]
    assert published == [1, 2, 3, 4]
    assert world.call("audit", "verify").returncode == 0
