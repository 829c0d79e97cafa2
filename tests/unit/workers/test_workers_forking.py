"""Operations in a child forked for one file: what is lost with it, and what is not."""

import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from corpora import worker_operations
from medrelease.terms.faults import Defect, Transient, WorkerLost
from medrelease.workers.local import LocalPool
from medrelease.workers.protocol import Job

ROLE = dict.fromkeys(worker_operations.OPERATIONS, "look")


@pytest.fixture(name="start")
def _start(start_pool: Callable[..., LocalPool]) -> Callable[..., LocalPool]:
    """Start pools all of whose operations fork."""
    return partial(start_pool, memory_bytes=256 << 20, roles=ROLE, forked=frozenset(ROLE))


def job(operation: str, /, *, writes: tuple[str, ...] = (), **options: Any) -> Job:
    """A job on the file `source`."""
    return Job(operation, ("source",), writes, 1, options)


def parent(pool: LocalPool) -> int:
    """The process id of the warm worker, which has just done a job."""
    pool.submit(job("remember")).result()
    worker = pool._seats[0]._worker
    assert worker is not None
    return worker.pid


def test_every_file_has_a_child_of_its_own(start: Callable[..., LocalPool], tmp_path: Path) -> None:
    """Each job runs in another child of one warm worker, and leaves nothing in it behind."""
    pool = start()
    answers = [pool.submit(job("remember")).result() for _ in range(3)]
    assert len({answer["pid"] for answer in answers}) == 3
    assert parent(pool) == parent(pool)
    assert all(answer["role"] == ["look", "a job"] for answer in answers)
    assert pool.submit(job("copy", writes=("target",))).result()["copied"] == 17
    assert (tmp_path / "target").read_bytes() == b"bytes of an image"


@pytest.mark.parametrize(
    ("operation", "fault", "said"),
    [
        ("crash", WorkerLost, "died"),
        ("abort", WorkerLost, "died"),
        ("greedy", WorkerLost, "memory"),
        ("raises", Defect, "KeyError at corpora.worker_operations"),
        ("no_space", Transient, "result"),
        ("long_answer", WorkerLost, "nonsense"),
    ],
)
def test_what_ends_a_child_costs_its_file_only(
    start: Callable[..., LocalPool], operation: str, fault: type[Exception], said: str
) -> None:
    """A crash, an abort, a lack of memory and an exception leave the warm worker in place."""
    pool = start()
    before = parent(pool)
    with pytest.raises(fault, match=said) as caught:
        pool.submit(job(operation)).result()
    assert "345" not in str(caught.value)
    assert parent(pool) == before


def test_what_a_worker_holds_is_not_its_files_cost(start: Callable[..., LocalPool]) -> None:
    """A file has its whole limit, however much the warm worker holds for all of them."""
    roles = dict.fromkeys(ROLE, "hoarding")
    pool = start(memory_bytes=96 << 20, roles=roles, forked=frozenset(roles))
    assert pool.submit(job("reserve", megabytes=64)).result() == {"reserved": 64}
    with pytest.raises(WorkerLost, match="memory"):
        pool.submit(job("reserve", megabytes=128)).result()


def test_a_slow_child_is_ended_by_its_timer(start: Callable[..., LocalPool]) -> None:
    """A child that passes the deadline is lost, and the warm worker stays."""
    pool = start(timeout=1.0)
    before = parent(pool)
    with pytest.raises(WorkerLost, match="deadline"):
        pool.submit(job("sleep", seconds=60)).result()
    assert parent(pool) == before


@pytest.mark.parametrize("packet", [b"[]", b'{"number": 2, "answer": {}}', b'{"answer": 1}'])
def test_a_child_cannot_speak_for_another_file(
    start: Callable[..., LocalPool], packet: bytes
) -> None:
    """Whatever a hostile child writes on what it holds, the next file's answer is its own."""
    pool = start()
    before = parent(pool)
    with pytest.raises(WorkerLost, match="nonsense"):
        pool.submit(job("babble", packet=packet.hex(), times=1)).result()
    assert parent(pool) == before


def test_every_way_out_of_a_child_is_refused(start: Callable[..., LocalPool]) -> None:
    """A child can do no more than a worker that never forks, and hold no socket."""
    pool = start()
    refused = pool.submit(job("attack")).result()["refused"]
    assert [name for name, error in refused.items() if error is None] == []
    assert len(refused) == 26
    lingering = pool.submit(job("linger")).result()
    assert [name for name, error in lingering["refused"].items() if error is None] == []
    assert lingering["sockets"] == []


def test_a_child_ends_with_its_worker(start: Callable[..., LocalPool], tmp_path: Path) -> None:
    """Killing a job ends the worker and the child that does the work: nobody is left behind."""
    pool = start()
    before = parent(pool)
    running = job("sleep", seconds=60)
    future = pool.submit(running)
    while not (children := _children(before)):
        time.sleep(0.005)
    pool.kill(running)
    with pytest.raises(WorkerLost):
        future.result()
    deadline = time.monotonic() + 5
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()


def test_a_role_that_only_forks_starts_with_its_first_job(
    start: Callable[..., LocalPool],
) -> None:
    """No process is started for it before a file needs it."""
    before = len(_children(os.getpid()))
    pool = start()
    time.sleep(0.05)
    assert len(_children(os.getpid())) == before
    assert parent(pool) > 0


def test_a_fork_is_cheap(start: Callable[..., LocalPool]) -> None:
    """A child for one file costs a few milliseconds at the median."""
    pool = start()
    parent(pool)
    times = []
    for number in range(30):
        began = time.perf_counter()
        pool.submit(job("copy", writes=(str(number),))).result()
        times.append(time.perf_counter() - began)
    assert statistics.median(times) < 0.05
