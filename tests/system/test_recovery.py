"""A start after a crash: what it takes up, in which order, and what cannot keep it from work."""

from pathlib import Path

import pytest

from corpora import lives, sites
from corpora.worlds import OTHER_FOLDER, World, image, sha256
from medrelease.release import recovery, rounds
from medrelease.release.rounds import _FLIGHT
from medrelease.spool import holding


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A fresh site in this process."""
    return World.make(tmp_path / "site")


def claim_all(world: World) -> None:
    """Have everything in the outbox claimed, and end before any journey begins."""
    with lives.prepared(), pytest.MonkeyPatch.context() as patches:
        patches.setattr(rounds.Rounds, "_go_on", lambda *_: None)
        patches.setattr(rounds, "_FLIGHT", 10**6)
        life = lives.Life(world.config)
        with life.living():
            life.look()
            life.look()
    assert world.waiting() == []


def test_more_claims_than_may_be_open_are_taken_up_in_turn(world: World) -> None:
    """A start on many claims opens no more of them at once than a working service does."""
    total = 2 * _FLIGHT
    for number in range(total):
        world.drop(f"{sites.FOLDER}/IMG_{number}.jpg", image(number))
    claim_all(world)
    open_at_once = 0
    with lives.prepared():
        life = lives.Life(world.config)

        def count(_: int) -> None:
            nonlocal open_at_once
            assert life.service is not None
            open_at_once = max(open_at_once, len(life.service.desk.claims._open))

        life.run(before_look=count)
    assert open_at_once <= _FLIGHT
    assert len(world.released()) == total


def test_claims_of_a_crash_are_numbered_as_the_look_would_have(world: World) -> None:
    """Images that were claimed when the service died get their numbers in natural order."""
    for number in (10, 9, 2, 1):
        world.drop(f"{OTHER_FOLDER}/IMG_{number}.jpg", image(number))
    claim_all(world)
    world.live()
    published = {r["source"]["sha256"]: r["image_no"] for r in world.events("release.published")}
    assert [published[sha256(image(n))] for n in (1, 2, 9, 10)] == [1, 2, 3, 4]


def test_a_claim_that_cannot_be_settled_stops_no_start(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one recorded hold cannot be moved into held, everything else goes on."""
    world.drop("nobody.jpg", image(1))
    with monkeypatch.context() as patches, lives.prepared():
        patches.setattr(holding, "_settle_in", refuse)
        lives.Life(world.config).run(looks=3)
        world.drop(f"{OTHER_FOLDER}/a.jpg", image(2))
        lives.Life(world.config).run(looks=4)
    assert len(world.released()) == 1
    assert world.held() == {}
    world.live()
    assert world.held() == {"nobody.jpg": "identity-missing"}
    assert len(world.events("release.held")) == 1


def refuse(*_: object) -> bytes:
    """A held folder that takes nothing."""
    raise PermissionError(13, "not writable")


def test_a_start_reads_the_trail_for_no_claim_that_it_does_not_name(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index says which claims the trail knows: a long trail costs a crash nothing."""
    world.drop(f"{OTHER_FOLDER}/a.jpg", image(1))
    claim_all(world)
    read: list[Path] = []
    real = recovery.reading.records_of
    monkeypatch.setattr(
        recovery.reading, "records_of", lambda place: read.append(place) or real(place)
    )
    world.live()
    assert len(world.released()) == 1
    assert read == []
