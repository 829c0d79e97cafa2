"""The real process: stopped, starved of descriptors, its workers killed, itself killed by strace.

And the in-process life once more on a real ext4 whose power goes at one operation.
"""

import contextlib
import fcntl
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpora import lives, sites
from corpora.crashing import recovered, sampled, set_up
from corpora.disk_calls import Cut
from corpora.promises import Sight, broken_at_any_moment, broken_when_settled
from corpora.sites import Service
from corpora.worlds import SCENES, World, background, image, may_mount

FULL = bool(os.environ.get("MEDRELEASE_FULL"))
MUTATING = (
    *("write", "pwrite64", "fsync", "fdatasync", "rename", "renameat2", "unlink", "unlinkat"),
    *("mkdir", "mkdirat", "rmdir", "ftruncate", "fchmod", "openat", "sendto"),
)
MOST_EACH = 60
_SHUTDOWN, _NO_LOG_FLUSH = 0x8004587D, b"\x02\0\0\0"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A site for real processes, with the route for care alone."""
    made = World.make(tmp_path / "site")
    made.only_care()
    made.edit(r"^settle = .*$", "settle = 0.1")
    made.edit(r"^patience = .*$", "patience = 5.0")
    return made


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(word) for task in tasks for word in (task / "children").read_text().split()]


def drop_and_wait(service: Service, world: World, seed: int, released: int) -> None:
    """Drop an image, and wait until so many are released."""
    world.drop(f"{sites.FOLDER}/IMG_{seed}.jpg", image(seed))
    service.until(lambda: len(world.released()) == released)


def test_a_stopped_process_goes_on_where_it_was(world: World) -> None:
    """SIGSTOP in the middle of the work, files meanwhile, SIGCONT: all go out, once each."""
    with world.running() as service:
        for seed in range(20):
            world.drop(f"{sites.FOLDER}/IMG_{seed}.jpg", image(seed))
        time.sleep(0.4)
        service.process.send_signal(signal.SIGSTOP)
        for seed in range(20, 25):
            world.drop(f"{sites.FOLDER}/IMG_{seed}.jpg", image(seed))
        time.sleep(1.0)
        service.process.send_signal(signal.SIGCONT)
        service.until(lambda: len(world.released()) == 25)
    assert broken_when_settled(world, None) == []


def test_workers_killed_for_memory_are_replaced(world: World) -> None:
    """The kernel kills every worker, as it does for memory: the next file goes out all the same."""
    with world.running() as service:
        drop_and_wait(service, world, 1, 1)
        for pid in children(service.process.pid):
            os.kill(pid, signal.SIGKILL)
        drop_and_wait(service, world, 2, 2)
    assert broken_when_settled(world, None) == []
    assert [r["reason"] for r in world.events("release.held")] == []


def test_exhausted_descriptors_make_files_wait(world: World) -> None:
    """With no descriptor left nothing is taken and the log says so; then all goes by itself."""
    with world.running() as service:
        drop_and_wait(service, world, 1, 1)
        pid = service.process.pid
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        used = len(os.listdir(f"/proc/{pid}/fd"))
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (used, before[1]))
        world.drop(f"{sites.FOLDER}/IMG_2.jpg", image(2))
        log = world.root / "service.log"
        service.until(lambda: "EMFILE" in log.read_text())
        time.sleep(0.5)
        assert len(world.released()) == 1
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        service.until(lambda: len(world.released()) == 2)
    assert broken_when_settled(world, None) == []


def strace_works() -> bool:
    """Whether strace is there and may trace."""
    if shutil.which("strace") is None:
        return False
    probe = ["strace", "-qq", "-e", "trace=none", "true"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def traced(world: World, *options: str) -> subprocess.CompletedProcess[str]:
    """`run --once` under strace."""
    command = [sys.executable, "-m", "medrelease", "--config", str(world.config), "run", "--once"]
    return subprocess.run(
        ["strace", "-f", "-qq", *options, *command],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def counts(world: World, base: Path) -> Counter[str]:
    """How often, at most in one thread, an untroubled run makes each mutating call."""
    copy = world.copy(base / "counted")
    log = base / "strace.log"
    traced(copy, "-o", str(log), "-e", f"trace={','.join(MUTATING)}")
    found: Counter[tuple[str, str]] = Counter(
        re.findall(r"(?m)^(\d+) +(\w+)\(", log.read_text(errors="replace"))
    )
    most: Counter[str] = Counter()
    for (_, call), count in found.items():
        most[call] = max(most[call], count)
    return most


@pytest.mark.skipif(not strace_works(), reason="strace is not there, or may not trace")
def test_a_kill_before_any_call_of_the_real_process(world: World, tmp_path: Path) -> None:
    """SIGKILL as the kernel enters one mutating system call after another, then a start."""
    world.drop(f"{sites.FOLDER}/a.jpg", image(1))
    world.drop("nobody.jpg", image(2))
    if FULL:
        every = [
            (call, at)
            for call, count in sorted(counts(world, tmp_path).items())
            for at in range(1, min(count, MOST_EACH) + 1)
        ]
    else:
        every = [("renameat2", 1), ("fsync", 12)]
    broken = {}
    for call, at in every:
        place = tmp_path / f"killed-{call}-{at}"
        copy = world.copy(place)
        traced(copy, "-e", "trace=none", "-e", f"inject={call}:signal=KILL:when={at}")
        found = broken_at_any_moment(copy)
        copy.call("run", "--once")
        found += broken_when_settled(copy, None)
        if found or len(copy.released()) != 1 or len(copy.held()) != 1:
            broken[call, at] = found
        shutil.rmtree(place)
    print(f"{len(every)} kills by strace, {len(broken)} break")
    assert not broken


@pytest.mark.skipif(not strace_works(), reason="strace is not there, or may not trace")
@pytest.mark.parametrize("error", ["EIO", "ENOSPC", "EMFILE"] if FULL else ["EIO"])
def test_errors_of_real_calls(world: World, error: str) -> None:
    """A real call that fails once in every thread: the run may end, and the next one settles it."""
    world.drop(f"{sites.FOLDER}/a.jpg", image(1))
    call = {"EIO": "fsync", "ENOSPC": "pwrite64", "EMFILE": "openat"}[error]
    options = ("-e", "trace=none", "-e", f"inject={call}:error={error}:when=9")
    done = traced(world, *options)
    assert "Traceback" not in done.stderr
    assert broken_at_any_moment(world) == []
    assert world.call("run", "--once").returncode == 0
    assert broken_when_settled(world, None) == []
    assert len(world.released()) == 1


class PowerOff(Cut):
    """At its operation the filesystem stops, with what its journal has not written."""

    def __init__(self, at: int, mount: Path) -> None:
        super().__init__(at)
        self._mount = mount

    def end(self) -> None:
        """The ioctl that ext4 and xfs have for this."""
        descriptor = os.open(self._mount, os.O_RDONLY)
        fcntl.ioctl(descriptor, _SHUTDOWN, _NO_LOG_FLUSH)
        os.close(descriptor)


def close_all_below(place: Path) -> None:
    """Close what a life that was cut left open in this process, as its death would have."""
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/self/fd/{name}").startswith(str(place)):
                os.close(int(name))


@pytest.fixture
def ext4(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """An ext4 image of 64 MB and where it is mounted."""
    disk, place = tmp_path / "disk.img", tmp_path / "ext4"
    place.mkdir()
    subprocess.run(["truncate", "-s", "64M", str(disk)], check=True)
    if shutil.which("mkfs.ext4") is None:
        pytest.skip("there is no mkfs.ext4 (e2fsprogs)")
    subprocess.run(["mkfs.ext4", "-q", "-F", str(disk)], check=True)
    if subprocess.run(["mount", "-o", "loop", str(disk), str(place)], check=False).returncode:
        pytest.skip("there is no loop device")
    yield disk, place
    subprocess.run(["umount", "-l", str(place)], check=False)


@pytest.mark.skipif(not may_mount(), reason="mounting needs root outside a container")
def test_a_real_ext4_loses_its_power(ext4: tuple[Path, Path], tmp_path: Path) -> None:
    """The shutdown ioctl at one operation after another; the journal is replayed; then a start."""
    disk, place = ext4
    setting = set_up(SCENES[0], background(tmp_path / "background"), tmp_path)
    points = [point for point in setting.points if not point[1]]
    points = points if FULL else sampled(points, 8, seed=3)
    broken = {}
    for at, _ in points:
        world = setting.start.copy(place / "world")
        subprocess.run(["sync", "-f", str(place)], check=True)
        with lives.prepared(world.clock):
            lives.cut_short(world.config, PowerOff(at, place))
        close_all_below(place)
        subprocess.run(["umount", str(place)], check=True)
        subprocess.run(["mount", "-o", "loop", str(disk), str(place)], check=True)
        if found := [*broken_at_any_moment(world), *recovered(world, setting)]:
            broken[at] = found
        assert Sight(world).records
        shutil.rmtree(place / "world")
    print(f"{len(points)} power cuts of a real ext4, {len(broken)} break")
    assert not broken
