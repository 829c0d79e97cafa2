"""Source and target: slices of a map in, a sequential file out."""

import errno
import os
import random
import tempfile
from itertools import pairwise

import pytest

from medrelease.sanitise import writeback
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


@pytest.mark.parametrize("seed", range(8))
def test_writes_end_at_round_offsets(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Whatever the lengths of the pieces: their bytes in their order, in writes cut alike."""
    draw, real = random.Random(seed), os.write
    ends = [0]

    def write(descriptor: int, data: memoryview) -> int:
        ends.append(ends[-1] + len(data))
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", write)
    lengths = [1, 70_000, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 1_536_000, 5_000_000]
    given = [draw.randbytes(draw.choice(lengths)) for _ in range(12)]
    with tempfile.TemporaryFile() as file:
        target = Target(file.fileno())
        for piece in given:
            target.write(piece)
        target.flush()
        file.seek(0)
        assert file.read() == b"".join(given)
    assert all(end % (1 << 20) == 0 for end in ends[:-1])
    assert all(end - start <= 1 << 20 for start, end in pairwise(ends))


def test_full_disk_is_transient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that the disk refuses for want of space raises the fault that waits."""

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "write", full)
    with tempfile.TemporaryFile() as file, pytest.raises(Transient) as fault:
        Target(file.fileno()).write(bytes(1 << 20))
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


def test_the_disk_begins_while_the_work_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretch by stretch, none twice, and never more than was written; small files are left."""
    begun: list[tuple[int, int]] = []
    with tempfile.TemporaryFile() as file:

        def begin(descriptor: int, start: int, count: int) -> None:
            assert descriptor == file.fileno()
            assert os.fstat(descriptor).st_size >= start + count
            begun.append((start, start + count))

        monkeypatch.setattr(writeback, "begin", begin)
        target = Target(file.fileno())
        target.write(bytes(writeback.AT_ONCE - 10))
        assert not begun
        for _ in range(50):
            target.write(bytes(300_000))
        target.flush()
    assert begun[0][0] == 0
    assert all(before[1] == after[0] for before, after in pairwise(begun))
    assert begun[-1][1] > 50 * 300_000 - writeback.AT_ONCE


def test_a_descriptor_that_cannot_be_written_out_early_is_no_fault() -> None:
    """The hint is one: whatever the kernel answers, it says nothing."""
    reads, writes = os.pipe()
    writeback.begin(writes, 0, 10)
    for descriptor in (reads, writes):
        os.close(descriptor)
    writeback.begin(writes, 0, 10)
