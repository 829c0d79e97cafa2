"""Source and target: slices of a map in, a sequential file out."""

import errno
import os
import tempfile

import pytest

from medrelease.sanitise.refusal import Refusal
from medrelease.sanitise.source import Source, take
from medrelease.sanitise.target import Target
from medrelease.terms.faults import Transient
from medrelease.terms.words import Reason, Wait


def test_small_and_large_pieces_keep_their_order() -> None:
    """Buffered and direct writes come out in the order in which they were given."""
    with tempfile.TemporaryFile() as file:
        target = Target(file.fileno())
        target.write(b"head")
        target.write(memoryview(bytes(100_000)))
        target.write(b"tail")
        assert target.tell() == 100_008
        target.pwrite(b"HE", 0)
        target.flush()
        file.seek(0)
        assert file.read() == b"HEad" + bytes(100_000) + b"tail"


def test_full_disk_is_transient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that the disk refuses for want of space raises the fault that waits."""

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "write", full)
    with tempfile.TemporaryFile() as file, pytest.raises(Transient) as fault:
        Target(file.fileno()).write(bytes(100_000))
    assert fault.value.wait is Wait.NO_SPACE


def test_map_shows_the_whole_file() -> None:
    """A source shows every byte of its file, and none of an empty one."""
    with tempfile.TemporaryFile() as file:
        assert Source(file.fileno()).size == 0
        file.write(b"abc")
        file.flush()
        assert bytes(Source(file.fileno()).view) == b"abc"


@pytest.mark.parametrize(("start", "count"), [(0, 4), (3, 1), (-1, 1), (0, -1), (1 << 62, 1)])
def test_taking_beyond_the_end_is_incomplete(start: int, count: int) -> None:
    """A slice that leaves the file is an incomplete refusal, never a shorter slice."""
    with pytest.raises(Refusal) as refusal:
        take(memoryview(b"abc"), start, count, "a test")
    assert refusal.value.reason is Reason.INCOMPLETE
