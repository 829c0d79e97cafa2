"""The message between pool and worker."""

import os
import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medrelease.workers import wire

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture(name="pair")
def _pair() -> Iterator[Pair]:
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with left, right:
        yield left, right


def test_message_with_descriptors(pair: Pair) -> None:
    """A message arrives whole with its descriptors; a closed peer reads as None."""
    with open("/dev/null") as file:
        wire.send(pair[0], {"a": [1, "ä"]}, [file.fileno()])
    message, descriptors = wire.receive(pair[1], 1) or ({}, [])
    assert message == {"a": [1, "ä"]}
    assert len(descriptors) == 1
    os.close(descriptors[0])
    pair[0].close()
    assert wire.receive(pair[1]) is None


def test_bounds(pair: Pair) -> None:
    """Neither side sends or takes more than the limit."""
    with pytest.raises(wire.NonsenseError):
        wire.send(pair[0], {"a": "x" * wire.LIMIT})
    pair[0].send(b'{"a": "' + b"x" * wire.LIMIT + b'"}')
    with pytest.raises(wire.NonsenseError):
        wire.receive(pair[1])


def test_unwanted_descriptors_are_refused(pair: Pair) -> None:
    """Descriptors that nobody asked for are not taken, and none stays open."""
    before = len(os.listdir("/proc/self/fd"))
    with open("/dev/null") as file:
        socket.send_fds(pair[0], [b"{}"], [file.fileno()])
    with pytest.raises(wire.NonsenseError):
        wire.receive(pair[1])
    assert len(os.listdir("/proc/self/fd")) == before


@given(st.binary(min_size=1, max_size=300))
def test_any_bytes(packet: bytes) -> None:
    """Whatever bytes a worker sends, they are an object or nonsense."""
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with left, right:
        left.send(packet)
        try:
            received = wire.receive(right)
        except wire.NonsenseError:
            return
        assert received is not None
        assert isinstance(received[0], dict)
