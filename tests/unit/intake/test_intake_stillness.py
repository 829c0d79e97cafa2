"""Stillness: a file is ready when it has been left alone for long enough."""

from dataclasses import replace

from medrelease.intake.scan import Seen
from medrelease.intake.stillness import Stillness
from medrelease.terms.flow import Arrival, Stamp
from medrelease.terms.words import Wait

STAMP = Stamp(dev=1, ino=2, size=10, mtime_ns=3, ctime_ns=4, nlink=1, uid=1000)
FILE = Seen("clinician", b"a.jpg", STAMP)
EMPTY = replace(FILE, stamp=replace(STAMP, size=0))


def arrival(seen: Seen) -> Arrival:
    """The arrival that a seen file becomes."""
    return Arrival(seen.route, seen.path, seen.stamp)


def test_ready_after_settle() -> None:
    """A file is ready once it has been seen unchanged over `settle` seconds, and stays so."""
    still = Stillness(2.0, 600)
    first = still.observe([FILE], 100.0)
    assert first.ready == ()
    assert first.waiting == {("clinician", b"a.jpg"): Wait.UNSTABLE}
    assert first.next_in == 2.0
    assert still.observe([FILE], 101.5).next_in == 0.5
    assert still.observe([FILE], 102.0).ready == (arrival(FILE),)
    assert still.observe([FILE], 103.0).ready == (arrival(FILE),)


def test_any_change_starts_anew() -> None:
    """Size, mtime, ctime, another file of that name: each makes the file wait again."""
    for change in ("size", "mtime_ns", "ctime_ns", "ino"):
        still = Stillness(2.0, 600)
        still.observe([FILE], 0.0)
        changed = replace(FILE, stamp=replace(STAMP, **{change: 99}))
        assert still.observe([changed], 2.0).ready == ()
        assert still.observe([changed], 4.0).ready == (arrival(changed),)


def test_empty_waits_for_patience() -> None:
    """A file that stays empty is ready after `patience`, to be held as empty."""
    still = Stillness(2.0, 600)
    still.observe([EMPTY], 0.0)
    assert still.observe([EMPTY], 599.0).ready == ()
    assert still.observe([EMPTY], 600.0).ready == (arrival(EMPTY),)


def test_empty_with_once() -> None:
    """A single run takes a quiet empty file after `settle`."""
    still = Stillness(2.0, 600, once=True)
    still.observe([EMPTY], 0.0)
    assert still.observe([EMPTY], 2.0).ready == (arrival(EMPTY),)


def test_forgets_what_is_gone() -> None:
    """A file that was away for one look starts anew, so that memory is bounded by the outbox."""
    still = Stillness(2.0, 600)
    still.observe([FILE], 0.0)
    assert still.observe([], 1.0).next_in is None
    assert still.observe([FILE], 2.0).ready == ()


def test_no_file_waits_for_another() -> None:
    """A file that keeps growing delays no other."""
    still = Stillness(2.0, 600)
    for now in range(5):
        growing = replace(FILE, path=b"big.jpg", stamp=replace(STAMP, size=now + 1))
        observed = still.observe([growing, FILE], float(now))
    assert observed.ready == (arrival(FILE),)
    assert list(observed.waiting) == [("clinician", b"big.jpg")]
