"""Turns: who shares a numbering goes in order, and nobody else waits."""

import threading

from medrelease.release.turns import Turns


def test_head_of_a_queue_goes_at_once() -> None:
    """The first of a numbering waits for nobody, nor does the first of another one."""
    turns = Turns()
    assert turns.join("job a").wait() == frozenset()
    assert turns.join("job b").wait() == frozenset()


def test_second_goes_when_the_first_is_done() -> None:
    """A later file of the same numbering waits until the earlier one is done."""
    turns = Turns()
    first, second = turns.join("job"), turns.join("job")
    passed = threading.Event()

    def follow() -> None:
        second.wait()
        passed.set()

    thread = threading.Thread(target=follow)
    thread.start()
    assert not passed.wait(0.1)
    first.done()
    assert passed.wait(5)
    thread.join()


def test_explicit_numbers_behind_are_told() -> None:
    """The next free number must not be one that a file behind asks for by name."""
    turns = Turns()
    first = turns.join("job")
    turns.join("job", 1)
    turns.join("job", 4)
    assert first.wait() == frozenset({1, 4})


def test_leaving_from_the_middle_and_twice_is_harmless() -> None:
    """A file that was held leaves its queue from anywhere, and only once."""
    turns = Turns()
    first, second, third = (turns.join("job") for _ in range(3))
    second.done()
    second.done()
    first.done()
    assert third.wait() == frozenset()
