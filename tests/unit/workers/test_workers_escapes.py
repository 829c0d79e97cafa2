"""A worker that a file has taken over tries each way out, in every form that workers have."""

import os
import platform
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpora import escapes
from medrelease.terms.faults import WorkerLost
from medrelease.workers.local import LocalPool
from medrelease.workers.protocol import Job
from medrelease.workers.sandbox import sandbox_report

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64", reason="the attempts are written for x86-64"
)
FORMS = {
    "a warm worker": ("clean", False),
    "a child for one file": ("look", True),
    "a warm worker without Landlock": ("without landlock", False),
    "a child without Landlock": ("look without landlock", True),
}


class Prison:
    """A pool of one worker with a file to work on, and a neighbour's that it must not reach."""

    def __init__(self, root: Path, role: str, forked: bool) -> None:
        self.root, self.forked = root, forked
        self.neighbour = root / "claims" / "neighbour"
        self.neighbour.parent.mkdir()
        self.neighbour.write_bytes(b"another patient")
        (root / "source").write_bytes(b"bytes of an image")
        names = frozenset(escapes.OPERATIONS)
        self.pool = LocalPool(
            root,
            "corpora.escapes",
            processes=1,
            memory_bytes=256 << 20,
            timeout=20,
            roles=dict.fromkeys(names, role),
            forked=names if forked else frozenset(),
        )
        self._jobs = 0

    def run(self, operation: str, **options: object) -> dict[str, object]:
        """One job."""
        self._jobs += 1
        given = {
            "neighbour": str(self.neighbour),
            "outside": str(self.root / "escaped"),
            "coordinator": os.getpid(),
        } | options
        job = Job(operation, ("source",), (f"output.{self._jobs}",), 1, given)  # type: ignore[arg-type]
        return dict(self.pool.submit(job).result())


@pytest.fixture(scope="module", params=FORMS.values(), ids=FORMS.keys())
def prison(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prison]:
    """Each form of worker in turn."""
    role, forked = request.param
    made = Prison(tmp_path_factory.mktemp("prison"), role, forked)
    yield made
    made.pool.close()


@pytest.mark.parametrize("name", escapes.ESCAPES)
def test_an_escape_is_refused(prison: Prison, name: str) -> None:
    """Every attempt ends in an error, and neither neighbour nor source nor folder has changed."""
    assert prison.run("escape", name=name)["refused"] is not None
    assert prison.neighbour.read_bytes() == b"another patient"
    assert (prison.root / "source").read_bytes() == b"bytes of an image"
    assert not (prison.root / "escaped").exists()


def test_no_call_but_those_named_passes(prison: Prison) -> None:
    """All system calls up to number 600, of both instruction sets' numbering: EPERM each time."""
    told = prison.run("every_call", last=600)
    assert told["passed"] == []
    assert isinstance(told["tried"], int)
    assert told["tried"] > 1100


def test_a_worker_holds_what_it_was_handed(prison: Prison) -> None:
    """Three ends of /dev/null, its own line to the pool, the source read-only and the output."""
    told = prison.run("held")
    held, given = told["held"], told["given"]
    assert isinstance(held, dict)
    assert isinstance(given, list)
    assert [held[str(descriptor)] for descriptor in given] == [os.O_RDONLY, os.O_RDWR]
    assert len(held) <= 3 + 1 + len(given)


def test_descriptors_in_an_answer_are_refused(prison: Prison) -> None:
    """An answer that carries a descriptor is nonsense, and the coordinator keeps none of it.

    A child has no line to the coordinator at all.
    """
    prison.run("held")
    before = len(os.listdir("/proc/self/fd"))
    if prison.forked:
        assert prison.run("smuggle")["sent"] == 0
    else:
        with pytest.raises(WorkerLost, match="nonsense"):
            prison.run("smuggle")
        prison.run("held")
    assert len(os.listdir("/proc/self/fd")) == before


def test_this_kernel_has_both_walls() -> None:
    """Where Landlock is absent the forms with it prove nothing more than those without."""
    report = sandbox_report()
    assert report.seccomp
    if not report.landlock_abi:
        pytest.skip("this kernel has no Landlock: seccomp stands alone, as it must")
