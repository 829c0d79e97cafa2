"""The pool on this machine: real worker processes on real files."""

import os
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from corpora import worker_operations
from medrelease.terms.faults import Defect, Transient, WorkerLost
from medrelease.terms.words import Wait
from medrelease.workers.local import LocalPool
from medrelease.workers.protocol import Job

CLEAN = dict.fromkeys(worker_operations.OPERATIONS, "clean")


@pytest.fixture(name="start")
def _start(start_pool: Callable[..., LocalPool]) -> Callable[..., LocalPool]:
    """Start pools whose operations run in the worker itself."""
    return partial(start_pool, memory_bytes=512 << 20, roles=CLEAN)


def job(operation: str, /, *, writes: tuple[str, ...] = (), **options: Any) -> Job:
    """A job on the file `source`."""
    return Job(operation, ("source",), writes, 1, options)


def test_reads_and_writes_travel_as_descriptors(
    start: Callable[..., LocalPool], tmp_path: Path
) -> None:
    """A worker copies through two descriptors, and its answer comes back as plain JSON."""
    answer = start().submit(job("copy", writes=("target",), label="a")).result()
    assert (answer["copied"], answer["echo"]) == (17, {"label": "a"})
    assert (tmp_path / "target").read_bytes() == b"bytes of an image"
    assert (tmp_path / "target").stat().st_mode & 0o777 == 0o600


def test_worker_serves_many_jobs_warm(start: Callable[..., LocalPool]) -> None:
    """One process serves job after job, and costs well under a few milliseconds each."""
    pool = start()
    first = pool.submit(job("copy", writes=("0",))).result()
    began = time.monotonic()
    pids = {pool.submit(job("copy", writes=(str(n),))).result()["pid"] for n in range(1, 101)}
    assert pids == {first["pid"]}
    assert time.monotonic() - began < 2


def test_every_way_out_is_refused(start: Callable[..., LocalPool]) -> None:
    """A worker that is taken over can open, list, connect, start, signal and map nothing."""
    refused = start().submit(job("attack")).result()["refused"]
    assert [name for name, error in refused.items() if error is None] == []
    assert len(refused) == 26


def test_seccomp_stands_alone(start: Callable[..., LocalPool]) -> None:
    """On a kernel without Landlock every way out is still refused."""
    pool = start(roles={"attack": "without landlock"})
    refused = pool.submit(job("attack")).result()["refused"]
    assert [name for name, error in refused.items() if error is None] == []


def test_second_thread_is_refused(start: Callable[..., LocalPool]) -> None:
    """A worker in which a library left a thread running, outside the walls, gets no file."""
    with pytest.raises(Defect, match=r"RuntimeError at medrelease\.workers\.sandbox"):
        start(roles={"copy": "two threads"}).submit(job("copy", writes=("target",))).result()


def test_worker_holds_only_its_roles_operations(start: Callable[..., LocalPool]) -> None:
    """A worker imports what its role warms up, and nothing of the pool, the spool or a parser."""
    asked = ["medrelease.sanitise", "medrelease.verify", "medrelease.spool", "numpy"]
    loaded = start().submit(job("modules", asked=asked)).result()["loaded"]
    assert loaded == ["numpy"]


def test_numpy_runs_inside(start: Callable[..., LocalPool]) -> None:
    """A matrix product runs behind the walls, on one thread."""
    assert start().submit(job("compute")).result()["sum"] == 1.0


def test_environment_is_minimal(start: Callable[..., LocalPool]) -> None:
    """A worker sees no secret of the service's environment, and telemetry is off."""
    os.environ["MEDRELEASE_TEST_SECRET"] = "x"
    seen = start().submit(job("environment")).result()["environment"]
    del os.environ["MEDRELEASE_TEST_SECRET"]
    assert seen["ORT_DISABLE_TELEMETRY"] == "1"
    assert "MEDRELEASE_TEST_SECRET" not in seen


def test_roles_have_processes_of_their_own(start: Callable[..., LocalPool]) -> None:
    """Operations of two roles run in two processes, each warmed up for its own role only."""
    pool = start(roles={"copy": "clean", "compute": "prove", "modules": "prove"})
    assert pool.capacity() == 2
    assert pool.submit(job("copy", writes=("target",))).result()["role"] == ["clean"]
    assert pool.submit(job("compute")).result()["sum"] == 1.0


def test_unknown_operation_is_a_defect(start: Callable[..., LocalPool]) -> None:
    """An operation that no role has is refused before any worker hears of it."""
    with pytest.raises(Defect):
        start(roles={"copy": "clean"}).submit(job("sleep", seconds=0)).result()


def test_a_large_file_has_more_time(start: Callable[..., LocalPool], tmp_path: Path) -> None:
    """A job outlives the timeout by a second for each 32 MiB that it reads."""
    with open(tmp_path / "source", "r+b") as file:
        file.truncate(160 << 20)
    assert start(timeout=0.1).submit(job("sleep", seconds=0.5)).result() is not None


def test_deadline_ends_the_worker(start: Callable[..., LocalPool]) -> None:
    """A worker that passes the deadline is lost and the next job gets a new one."""
    pool = start(timeout=1.0)
    with pytest.raises(WorkerLost, match="deadline"):
        pool.submit(job("sleep", seconds=60)).result()
    assert pool.submit(job("compute")).result()["sum"] == 1.0


def test_an_output_has_a_limit(start: Callable[..., LocalPool], tmp_path: Path) -> None:
    """No worker fills the disk: it writes 256 MiB and four times its source, and no byte more."""
    pool, room = start(), (256 << 20) + 4 * 17
    assert pool.submit(job("flood", writes=("a",), at=room - 1)).result() == {"wrote": 1}
    with pytest.raises(WorkerLost, match="write"):
        pool.submit(job("flood", writes=("b",), at=room)).result()
    with open(tmp_path / "source", "r+b") as file:
        file.truncate(1 << 20)
    assert pool.submit(job("flood", writes=("c",), at=room)).result() == {"wrote": 1}


def test_memory_limit(start: Callable[..., LocalPool]) -> None:
    """A worker that wants more memory than it may have is lost, and replaced."""
    pool = start(memory_bytes=128 << 20)
    with pytest.raises(WorkerLost, match="memory"):
        pool.submit(job("greedy")).result()
    assert pool.submit(job("copy", writes=("target",))).result()["copied"] == 17


def test_crash_hits_nobody_else(start: Callable[..., LocalPool]) -> None:
    """A worker that dies of a segmentation fault takes only its own job with it."""
    pool = start(processes=2)
    futures = [pool.submit(job("sleep", seconds=0.3)), pool.submit(job("crash"))]
    assert futures[0].result() == {}
    with pytest.raises(WorkerLost, match="died"):
        futures[1].result()
    assert pool.submit(job("copy", writes=("target",))).result()["copied"] == 17


def test_exception_names_class_and_place_only(start: Callable[..., LocalPool]) -> None:
    """An operation that raises is a defect whose text carries no value of the file."""
    with pytest.raises(Defect, match=r"KeyError at corpora\.worker_operations:\d+$") as caught:
        start().submit(job("raises")).result()
    assert "345" not in str(caught.value)


def test_failing_warm_up_is_a_defect(start: Callable[..., LocalPool]) -> None:
    """A worker whose imports fail says so by class and place, without the text."""
    with pytest.raises(Defect, match="LookupError at") as caught:
        start(roles={"copy": "broken"}).submit(job("copy", writes=("target",))).result()
    assert "patient" not in str(caught.value)


def test_no_space_is_transient(start: Callable[..., LocalPool]) -> None:
    """A full disk in a worker makes the file wait."""
    with pytest.raises(Transient) as caught:
        start().submit(job("no_space")).result()
    assert caught.value.wait is Wait.NO_SPACE


@pytest.mark.parametrize(
    ("packet", "times"),
    [
        (b"\x80\x04not json", 1),
        (b"[", 60_000),
        (b"[]", 1),
        (b'{"number": 99, "answer": {}}', 1),
        (b'{"number": 1, "answer": []}', 1),
        (b'{"number": 1, "answer": {"a": NaN}}', 1),
        (b"{}  ", 20_000),
    ],
    ids=["pickle", "deep", "array", "other job", "no object", "nan", "long"],
)
def test_nonsense_is_not_believed(
    start: Callable[..., LocalPool], packet: bytes, times: int
) -> None:
    """Whatever a hostile worker sends instead of an answer, it is lost and nothing is kept."""
    pool = start()
    with pytest.raises(WorkerLost, match="nonsense"):
        pool.submit(job("babble", packet=packet.hex(), times=times)).result()
    assert pool.submit(job("compute")).result()["sum"] == 1.0


def test_answer_is_bounded(start: Callable[..., LocalPool]) -> None:
    """An answer above 64 KiB does not leave the worker."""
    with pytest.raises(Defect, match="NonsenseError"):
        start().submit(job("long_answer")).result()


def test_job_is_bounded(start: Callable[..., LocalPool]) -> None:
    """Options above 64 KiB are a defect of the caller."""
    with pytest.raises(Defect, match="too long"):
        start().submit(job("compute", text="x" * 70_000)).result()


def test_kill_ends_a_running_job_and_cancels_a_queued_one(start: Callable[..., LocalPool]) -> None:
    """`kill` ends exactly the job it is given, running or queued."""
    pool = start()
    running, queued, kept = job("sleep", seconds=60), job("compute"), job("compute")
    futures = [pool.submit(each) for each in (running, queued, kept)]
    while not futures[0].running():
        time.sleep(0.01)
    pool.kill(queued)
    pool.kill(running)
    with pytest.raises(WorkerLost):
        futures[0].result()
    with pytest.raises(CancelledError):
        futures[1].result()
    assert futures[2].result()["sum"] == 1.0
    pool.kill(running)


def test_a_distrusted_worker_gets_no_other_file(start: Callable[..., LocalPool]) -> None:
    """The worker that answered a job is replaced on request, and only for that very job."""
    pool = start()
    told, later = job("copy", writes=("a",)), job("copy", writes=("b",))
    first = pool.submit(told).result()["pid"]
    pool.distrust(job("copy", writes=("a",)))
    assert pool.submit(later).result()["pid"] == first
    pool.distrust(told)
    assert pool.submit(job("copy", writes=("c",))).result()["pid"] == first
    last = job("copy", writes=("d",))
    pool.submit(last).result()
    pool.distrust(last)
    assert pool.submit(job("copy", writes=("e",))).result()["pid"] != first


def test_hostile_paths_are_not_opened(start: Callable[..., LocalPool], tmp_path: Path) -> None:
    """Links, FIFOs, paths that lead outside and taken targets never reach a worker."""
    pool = start()
    (tmp_path / "link").symlink_to("source")
    os.mkfifo(tmp_path / "fifo")
    for reads, writes in [
        (("link",), ()),
        (("fifo",), ()),
        (("../source",), ()),
        (("/etc/passwd",), ()),
        (("source",), ("source",)),
        (("source",), ("link",)),
    ]:
        with pytest.raises(Defect):
            pool.submit(Job("copy", reads, writes, 1)).result()
    with pytest.raises(Transient):
        pool.submit(Job("copy", ("absent",), (), 1)).result()
    assert pool.submit(job("compute")).result()["sum"] == 1.0


def test_close_leaves_nothing_behind(tmp_path: Path) -> None:
    """Closing ends running and queued jobs, and no process and no descriptor stays."""
    (tmp_path / "source").write_bytes(b"x")
    before = len(os.listdir("/proc/self/fd"))
    pool = LocalPool(
        tmp_path,
        "corpora.worker_operations",
        processes=2,
        memory_bytes=512 << 20,
        timeout=60,
        roles={"sleep": "clean"},
    )
    futures = [pool.submit(job("sleep", seconds=60)) for _ in range(3)]
    while not all(future.running() for future in futures[:2]):
        time.sleep(0.01)
    pool.close()
    pool.close()
    for future in [*futures, pool.submit(job("sleep", seconds=0))]:
        with pytest.raises(WorkerLost):
            future.result(timeout=5)
    assert len(os.listdir("/proc/self/fd")) == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
