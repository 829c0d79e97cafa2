"""One worker process as the pool sees it: start, ask, kill."""

import contextlib
import os
import re
import resource
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from medrelease.terms.faults import Defect, Transient, WorkerLost
from medrelease.terms.words import Wait
from medrelease.workers import wire

_BOOT = (
    "import sys; sys.path[:] = sys.argv[2:]; "
    "from medrelease.workers.child import main; main(int(sys.argv[1]))"
)
_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",  # the sandbox binds one thread
    "OMP_NUM_THREADS": "1",
    "ORT_DISABLE_TELEMETRY": "1",
    "LC_ALL": "C.UTF-8",
}
_OPEN_FILES = 32
_START_SECONDS = 60.0
_FAREWELL_SECONDS = 2.0
_GRACE_SECONDS = 2.0
"""What a worker is given beyond its child's time, to tell of the child's end."""
_ROOM_BYTES, _ROOM_TIMES = 256 << 20, 4
"""How long a file a job may write: so many bytes, and so many times what it reads."""

_LOST = {"deadline": "passed its deadline", "died": "died"}
_WORD = re.compile(r"[A-Za-z_][\w.]{0,99}(:\d{1,6})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Order:
    """What a worker is started for: the operations of one role, and its memory in bytes.

    Those of `forked` run in a child of the worker each time.
    """

    operations: str
    allowed: tuple[str, ...]
    role: str
    memory_bytes: int
    forked: tuple[str, ...] = ()


class WorkerProcess:
    """A running worker. Used by one thread, except for `kill`, which any thread may call.

    The thread that starts it must outlive it: the kernel ends the worker with that thread.
    """

    def __init__(self, order: Order) -> None:
        self._forked, self._operation = order.forked, ""
        self.fit = True
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._number = 0
        self._ready = False
        with theirs:
            # The path is passed on as it stands here, so that both sides import the same code.
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-I", "-B", "-c", _BOOT, str(theirs.fileno()), *sys.path],
                env=_ENVIRONMENT,
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        wire.send(
            self._socket,
            {
                "parent": os.getpid(),
                "operations": order.operations,
                "allowed": order.allowed,
                "role": order.role,
                "memory_bytes": order.memory_bytes,
                "forked": order.forked,
                "descriptors": _OPEN_FILES,
            },
        )

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._process.pid

    def ask(
        self,
        operation: str,
        reads: Sequence[int],
        writes: Sequence[int],
        options: Mapping[str, Any],
        timeout: float,
    ) -> dict[str, Any]:
        """Have one operation done on open descriptors within `timeout` seconds.

        Raises `WorkerLost`, `Transient` or `Defect` as `protocol.Workers.submit` says. Unless
        `fit` still stands afterwards, since a child alone was lost, this worker is of no more use.
        """
        self.fit, self._operation = False, operation
        self._await_ready()
        self._number += 1
        job = {
            "number": self._number,
            "operation": operation,
            "reads": len(reads),
            "options": dict(options),
            "seconds": timeout,
        }
        try:
            self._allow(_ROOM_BYTES + _ROOM_TIMES * sum(os.fstat(each).st_size for each in reads))
            wire.send(self._socket, job, [*reads, *writes])
        except wire.NonsenseError:
            raise Defect("a job is too long for a worker") from None
        except OSError:
            raise WorkerLost("a worker had died before its job") from None
        message = self._hear(timeout + (_GRACE_SECONDS if operation in self._forked else 0.0))
        return self._answer(message)

    @property
    def gone(self) -> bool:
        """Whether the process has ended by itself, or the kernel has ended it for memory."""
        return self._process.poll() is not None

    def kill(self) -> None:
        """End the process at once, whatever it does; whoever waits for it sees it gone."""
        self._process.kill()

    def close(self) -> None:
        """Let the worker go: a ready one ends when its socket closes, else it is killed."""
        self._socket.close()
        if self._ready:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_FAREWELL_SECONDS)
        self._process.kill()
        self._process.wait()

    def _answer(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to the job under way, unless the message tells of a fault."""
        ours = message.get("number") == self._number
        answer = message.get("answer")
        answered = isinstance(answer, dict) and "fault" not in message
        self.fit = ours and (answered or self._operation in self._forked)
        if "fault" in message:
            raise _fault(message)
        if ours and message.get("lost") in _LOST:
            raise WorkerLost(f"a worker's child {_LOST[message['lost']]}")
        if not ours or not isinstance(answer, dict):
            raise WorkerLost("a worker answered nonsense")
        return answer

    def _allow(self, room: int) -> None:
        """Bound what a worker may write for one file: it must not fill the disk for all others.

        From outside, since it differs from job to job, and the walls let no worker change it.
        """
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))

    def _await_ready(self) -> None:
        if not self._ready:
            message = self._hear(_START_SECONDS)
            if "fault" in message:
                raise _fault(message)
            self._ready = True

    def _hear(self, timeout: float) -> dict[str, Any]:
        self._socket.settimeout(timeout)
        try:
            received = wire.receive(self._socket)
        except TimeoutError:
            raise WorkerLost("a worker passed its deadline") from None
        except (wire.NonsenseError, ConnectionError):
            raise WorkerLost("a worker answered nonsense") from None
        if received is None:
            raise WorkerLost("a worker died")
        return received[0]


def _fault(message: Mapping[str, Any]) -> Defect | Transient | WorkerLost:
    """The exception for a worker's last words; they are its own, so only known shapes count."""
    fault, where = message["fault"], message.get("where")
    if fault == "memory":
        return WorkerLost("a worker reached its memory limit")
    if fault == "disk":
        return WorkerLost("a worker could not read or write a file")
    if fault == "transient" and message.get("wait") in list(Wait):
        return Transient(Wait(message["wait"]), "a worker could not write its result")
    return Defect(f"a worker raised {_plain(fault)} at {_plain(where)}")


def _plain(word: object) -> str:
    """A worker's word, if it has the shape of a class name or of `module:line`."""
    return word if isinstance(word, str) and _WORD.fullmatch(word) else "?"
