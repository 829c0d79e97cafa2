"""Full disks, full inode tables and a share that goes and comes, on small mounts of their own.

While the fault lasts files wait and the service says so; when it goes all goes on by itself.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from corpora import lives, sites
from corpora.promises import broken_at_any_moment, broken_when_settled
from corpora.worlds import World, image, may_mount
from medrelease.spool.layout import Layout

pytestmark = pytest.mark.skipif(not may_mount(), reason="mounting needs root outside a container")


@contextmanager
def mounted(place: Path, options: str) -> Iterator[None]:
    """A tmpfs in the place of a folder, with what the folder holds."""
    aside = place.with_name(place.name + ".aside")
    shutil.rmtree(aside, ignore_errors=True)
    place.rename(aside)
    place.mkdir(mode=aside.stat().st_mode & 0o7777)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(place)], check=True)
    try:
        subprocess.run(["cp", "-a", f"{aside}/.", str(place)], check=True)
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place: Path, what: str) -> None:
    """Leave no byte, or no inode, on a mount."""
    folder = place / ".ballast"
    folder.mkdir(exist_ok=True)
    try:
        if what == "inodes":
            for number in range(10**6):
                (folder / str(number)).touch()
        with (folder / "bytes").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
    except OSError as error:
        assert error.strerror == "No space left on device"


@pytest.mark.parametrize("what", ["bytes", "inodes"])
@pytest.mark.parametrize("which", ["share", "state", "audit"])
def test_a_full_mount_makes_files_wait(tmp_path: Path, which: str, what: str) -> None:
    """With no room left nothing is lost or half done; with room again everything goes."""
    world = World.make(tmp_path / "site")
    world.drop(f"{sites.FOLDER}/a.jpg", image(1))
    world.live()
    options = "size=3m,nr_inodes=300"
    with mounted(world.root / which, options), lives.prepared():
        life = lives.Life(world.config)
        with life.living() as service:
            world.drop(f"{sites.FOLDER}/b.jpg", image(2))
            world.drop("nobody.jpg", image(3))
            fill(world.root / which, what)
            for _ in range(4):
                life.look()
            if service.lanes.failed is None:
                assert not broken_at_any_moment(world)
            waited = any(done.waits for done in life.rounds) or "wait" in life.log.said()
            settled_anyway = not world.waiting()
            assert waited or settled_anyway
            shutil.rmtree(world.root / which / ".ballast")
            assert service.lanes.failed is None, life.log.said()[-2000:]
            for _ in range(6):
                life.look()
            assert service.finish() == 0
        assert broken_when_settled(world, None) == []
        assert len(world.released()) == 2
        assert list(world.held().values()) == ["identity-missing"]


def test_a_share_that_goes_and_comes_is_never_empty(tmp_path: Path) -> None:
    """Unmounted it is away, not empty: no hold has ended; mounted again all goes on by itself."""
    world = World.make(tmp_path / "site")
    world.drop("nobody.jpg", image(1))
    world.live()
    share = world.root / "share"
    disk = tmp_path / "disk.img"
    subprocess.run(["truncate", "-s", "16M", str(disk)], check=True)
    if subprocess.run(["mkfs.ext4", "-q", "-F", str(disk)], check=False).returncode:
        pytest.skip("there is no mkfs.ext4 (e2fsprogs)")
    aside = world.root / "share.aside"
    share.rename(aside)
    share.mkdir()
    mount = ["mount", "-o", "loop", str(disk), str(share)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("there is no loop device")
    try:
        subprocess.run(["cp", "-a", f"{aside}/.", str(share)], check=True)
        with lives.prepared():
            life = lives.Life(world.config)
            with life.living() as service:
                life.look()
                subprocess.run(["umount", "-l", str(share)], check=True)
                (share / "outbox").mkdir()
                (share / "held").mkdir()
                for _ in range(3):
                    assert not life.look()
                assert "share-gone" in life.log.said()
                assert world.events_so_far("hold.resolved") == []
                shutil.rmtree(share / "outbox")
                shutil.rmtree(share / "held")
                assert os.listdir(share) == []
                subprocess.run(mount, check=True)
                world.drop(f"{sites.FOLDER}/b.jpg", image(2))
                for _ in range(5):
                    life.look()
                assert len(world.released()) == 1
                assert service.finish() == 0
            Layout(share).require()
        assert broken_when_settled(world, None) == []
    finally:
        subprocess.run(["umount", "-l", str(share)], check=False)


def test_the_same_share_on_another_device_is_the_share(tmp_path: Path) -> None:
    """A network mount may come back under another device number: its sentinel says what it is.

    An old copy below the mount point, with the very same sentinel, is never believed.
    """
    world = World.make(tmp_path / "site")
    with mounted(world.root / "share", "size=8m"), lives.prepared():
        life = lives.Life(world.config)
        with life.living() as service:
            life.look()
            subprocess.run(["cp", "-a", f"{world.root}/share", f"{world.root}/later"], check=True)
            shutil.copytree(world.root / "share.aside", world.root / "below")
            subprocess.run(["umount", "-l", str(world.root / "share")], check=True)
            (world.root / "share").rmdir()
            (world.root / "below").rename(world.root / "share")
            assert not life.look()
            assert "another filesystem" in life.log.said()
            shutil.rmtree(world.root / "share")
            (world.root / "later").rename(world.root / "share")
            with mounted(world.root / "share", "size=8m"):
                world.drop(f"{sites.FOLDER}/a.jpg", image(1))
                for _ in range(5):
                    life.look()
                assert len(world.released()) == 1, life.log.said()[-1500:]
                assert service.finish() == 0
                assert broken_when_settled(world, None) == []
            subprocess.run(["mount", "-t", "tmpfs", "none", str(world.root / "share")], check=True)
