"""The worker's own side: warm up, go behind the walls, then serve one job after another.

Runs as a fresh interpreter. Nothing here decides anything: it calls the named operation on
the descriptors it was handed and sends back what the operation returned. An exception ends
the worker; its last words name the exception's class and place, never its text, which may
carry a value from the file. An operation that the order calls forked runs in a child of its
own: there an exception ends the child only.
"""

import errno
import gc
import importlib
import os
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Any

from medrelease.terms.faults import Transient
from medrelease.terms.words import Wait
from medrelease.workers import sandbox, wire
from medrelease.workers.forking import serve_forked

Operation = Callable[[list[int], list[int], dict[str, Any]], dict[str, Any]]

_YOUNG = 20_000
"""Objects that are made before the collector looks for cycles, of which files leave hardly any."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_NATIVE = frozenset({"onnxruntime", "cv2"})
_SHORT_OF_MEMORY = ("bad_alloc", "bad allocation", "allocate", "Insufficient memory")


def main(descriptor: int) -> None:
    """Serve jobs that arrive on the socket `descriptor` until its other end is closed."""
    for number in (signal.SIGINT, signal.SIGTERM):
        # A drain lets running jobs finish; the pool ends its workers itself.
        signal.signal(number, signal.SIG_IGN)
    sock = socket.socket(fileno=descriptor)
    _speak_before_dying(sock)
    order = wire.receive(sock)
    if order is None:
        return
    operations = _prepare(order[0])
    forked = frozenset(order[0]["forked"])
    wire.send(sock, {"ready": True})
    while (received := wire.receive(sock, wire.MOST_DESCRIPTORS)) is not None:
        job, descriptors = received
        serve = partial(_serve, operations, job, descriptors)
        if job["operation"] in forked:
            said = serve_forked(serve, _describe, sock, job["seconds"])
        else:
            said = {"answer": serve()}
        for each in descriptors:
            os.close(each)
        wire.send(sock, {"number": job["number"], **said})


def _prepare(order: dict[str, Any]) -> dict[str, Operation]:
    """Import the operations, warm them up for the role, and close the walls."""
    sandbox.die_with(order["parent"])
    module = importlib.import_module(order["operations"])
    warm = getattr(module, "warm", None)
    if warm is not None:
        warm(order["role"])
    gc.collect()
    gc.freeze()  # the collector passes over the tables from now on, and forked children share them
    gc.set_threshold(_YOUNG)
    allowed: dict[str, Operation] = {name: module.OPERATIONS[name] for name in order["allowed"]}
    sandbox.enclose(order["memory_bytes"], order["descriptors"], forking=bool(order["forked"]))
    return allowed


def _serve(
    operations: dict[str, Operation], job: dict[str, Any], descriptors: list[int]
) -> dict[str, Any]:
    reads, writes = descriptors[: job["reads"]], descriptors[job["reads"] :]
    return operations[job["operation"]](reads, writes, job["options"])


def _speak_before_dying(sock: socket.socket) -> None:
    """Send an exception that nobody caught to the pool instead of printing it."""

    def last_words(
        _kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        wire.send(sock, _describe(error, trace))

    sys.excepthook = last_words


def _describe(error: BaseException, trace: TracebackType | None) -> dict[str, str]:
    """What may be said of an exception: space or memory was short, the disk failed, or where."""
    wait = _wait(error)
    if wait is not None:
        return {"fault": "transient", "wait": wait.value}
    if _out_of_memory(error):
        return {"fault": "memory"}
    if isinstance(error, OSError):
        return {"fault": "disk"}
    return {"fault": type(error).__name__, "where": _place(trace)}


def _out_of_memory(error: BaseException) -> bool:
    """Whether memory was short: native libraries say so in exceptions of their own."""
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return True
    return type(error).__module__.partition(".")[0] in _NATIVE and any(
        phrase in str(error) for phrase in _SHORT_OF_MEMORY
    )


def _wait(error: BaseException) -> Wait | None:
    if isinstance(error, Transient):
        return error.wait
    return Wait.NO_SPACE if isinstance(error, OSError) and error.errno in _FULL else None


def _place(trace: TracebackType | None) -> str:
    """`module:line` of the innermost frame of a traceback."""
    if trace is None:
        return "?"
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
