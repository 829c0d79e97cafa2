"""One file, one child: native decoders and models run in a process forked for that file alone.

The warm worker never touches the file's bytes; it hears its child's message on a pipe and sees
how it ended. A crash, an abort or a lack of memory therefore costs this one file, and nothing
that a file did to a decoder outlives it. The child lets go of the worker's own socket first, so
that it cannot speak for any other file.
"""

import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any

from medrelease.workers import sandbox, wire

_PIECE = 1 << 16

Describe = Callable[[BaseException, TracebackType | None], dict[str, str]]


def serve_forked(
    serve: Callable[[], dict[str, Any]], describe: Describe, sock: socket.socket, seconds: float
) -> dict[str, Any]:
    """What `serve` answers in a child that has `seconds`, or how the child was lost.

    Returns {"answer": ...}, {"fault": ...} as `describe` puts an exception, or {"lost": how}.
    """
    parent = os.getpid()
    hearing, speaking = os.pipe2(os.O_CLOEXEC)
    child = os.fork()
    if child == 0:
        os.close(hearing)
        sock.close()
        _be_the_child(serve, describe, speaking, parent, seconds)
    os.close(speaking)
    said = _hear(hearing)
    os.close(hearing)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return {"lost": "deadline" if os.WTERMSIG(status) == signal.SIGALRM else "died"}
    return _shaped(said)


def _be_the_child(
    serve: Callable[[], dict[str, Any]],
    describe: Describe,
    speaking: int,
    parent: int,
    seconds: float,
) -> None:
    """Do the work, say the outcome and end, without any of the interpreter's farewells."""

    def last_words(
        _kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        _say(speaking, describe(error, trace))
        os._exit(1)

    sys.excepthook = last_words
    sandbox.narrow(parent, seconds)
    _say(speaking, {"answer": serve()})
    os._exit(0)


def _say(speaking: int, message: dict[str, Any]) -> None:
    rest = memoryview(json.dumps(message, separators=(",", ":"), allow_nan=False).encode())
    while rest:
        rest = rest[os.write(speaking, rest) :]


def _hear(hearing: int) -> bytes:
    """All that the child says until it closes the pipe, or until it has said too much."""
    said = b""
    while len(said) <= wire.LIMIT and (piece := os.read(hearing, _PIECE)):
        said += piece
    return said


def _shaped(said: bytes) -> dict[str, Any]:
    """The child's message with nothing beside what a message may hold."""
    try:
        message = wire.parse(said)
    except wire.NonsenseError:
        return {"lost": "nonsense"}
    if isinstance(message.get("answer"), dict):
        return {"answer": message["answer"]}
    if "fault" in message:
        return {key: message.get(key) for key in ("fault", "where", "wait")}
    return {"lost": "nonsense"}
