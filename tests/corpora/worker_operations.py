"""Operations for the tests of the worker pool: honest, slow, greedy, faulty and hostile ones."""

import contextlib
import ctypes
import fcntl
import mmap
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from medrelease.terms.faults import Transient
from medrelease.terms.words import Wait
from medrelease.workers import sandbox

_warmed: list[str] = []
_hoard: list[bytearray] = []


def warm(role: str) -> None:
    """Note the role, and import what `compute` needs."""
    _warmed.append(role)
    import numpy  # noqa: F401

    if role == "broken":
        raise LookupError("the patient's name stands here")
    if role == "hoarding":
        _hoard.append(bytearray(192 << 20))
    if role == "without landlock":
        sandbox._landlock_abi = lambda: 0
    if role == "two threads":
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()


def copy(reads: list[int], writes: list[int], options: dict[str, Any]) -> dict[str, Any]:
    size = os.lseek(reads[0], 0, os.SEEK_END)
    data = mmap.mmap(reads[0], size, access=mmap.ACCESS_READ)
    os.pwrite(writes[0], memoryview(data), 0)
    return {"copied": size, "echo": options, "pid": os.getpid(), "role": _warmed}


def compute(reads: list[int], writes: list[int], options: dict[str, Any]) -> dict[str, Any]:
    import numpy as np

    square = np.arange(250_000, dtype=np.float64).reshape(500, 500)
    return {"sum": float((square @ square).sum() > 0), "threads": 1}


def modules(reads: list[int], writes: list[int], options: dict[str, Any]) -> dict[str, Any]:
    return {"loaded": sorted(name for name in options["asked"] if name in sys.modules)}


def environment(reads: list[int], writes: list[int], options: dict[str, Any]) -> dict[str, Any]:
    return {"environment": dict(os.environ)}


def sleep(reads: list[int], writes: list[int], options: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + options["seconds"]
    while time.monotonic() < deadline:
        pass
    return {}


def crash(reads: list[int], writes: list[int], options: dict[str, Any]) -> dict[str, Any]:
    ctypes.string_at(0)
    return {}


def raises(reads: list[int], writes: list[int], options: dict[str, Any]) -> dict[str, Any]:
    raise KeyError("012 345 6789")


def no_space(reads: list[int], writes: list[int], options: dict[str, Any]) -> dict[str, Any]:
    raise Transient(Wait.NO_SPACE, "full")


def greedy(reads: list[int], writes: list[int], options: dict[str, Any]) -> dict[str, Any]:
    while True:
        _hoard.append(bytearray(16 << 20))


def reserve(reads: list[int], writes: list[int], options: dict[str, Any]) -> dict[str, Any]:
    return {"reserved": len(bytearray(options["megabytes"] << 20)) >> 20}


def flood(reads: list[int], writes: list[int], options: dict[str, Any]) -> dict[str, Any]:
    """Try for more room, then write one byte at a place of the output."""
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    return {"wrote": os.pwrite(writes[0], b"x", options["at"])}


def babble(reads: list[int], writes: list[int], options: dict[str, Any]) -> dict[str, Any]:
    """Write a packet of the test's choice on the worker's own socket, the first above stderr."""
    raw = bytes.fromhex(options["packet"]) * options["times"]
    for descriptor in range(3, 1024):
        with contextlib.suppress(OSError):
            os.write(descriptor, raw)
    return {}


def abort(reads: list[int], writes: list[int], options: dict[str, Any]) -> dict[str, Any]:
    os.abort()


def remember(reads: list[int], writes: list[int], options: dict[str, Any]) -> dict[str, Any]:
    """Leave something behind, and say what earlier jobs left."""
    _warmed.append("a job")
    return {"role": list(_warmed), "pid": os.getpid()}


def linger(reads: list[int], writes: list[int], options: dict[str, Any]) -> dict[str, Any]:
    """Try every way in which a child could outlive its time, its parent or its file."""
    libc = ctypes.CDLL(None, use_errno=True)

    def prctl(option: int, value: int) -> None:
        if libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "")

    attempts: dict[str, Callable[[], object]] = {
        "fork": os.fork,
        "pipe": os.pipe,
        "stop the timer": lambda: signal.setitimer(signal.ITIMER_REAL, 0),
        "outlive the parent": lambda: prctl(1, 0),
        "dumpable": lambda: prctl(4, 1),
        "wait": lambda: os.waitpid(-1, os.WNOHANG),
        "kill the parent": lambda: os.kill(os.getpid(), 0),
    }
    refused = {name: _refusal(attempt) for name, attempt in attempts.items()}
    held = [n for n in range(3, 64) if _is_socket(n)]
    return {"refused": refused, "sockets": held}


def _is_socket(descriptor: int) -> bool:
    """Whether a descriptor is a socket: only a socket takes a packet of no bytes."""
    libc = ctypes.CDLL(None, use_errno=True)
    done = libc.send(descriptor, b"", 0, 0x4040)  # MSG_NOSIGNAL, MSG_DONTWAIT
    return bool(done >= 0)


def long_answer(reads: list[int], writes: list[int], options: dict[str, Any]) -> dict[str, Any]:
    return {"text": "x" * 70_000}


def attack(reads: list[int], writes: list[int], options: dict[str, Any]) -> dict[str, Any]:
    """Try every way out; each must be refused. Answers {attempt: errno name, or None}."""
    libc = ctypes.CDLL(None, use_errno=True)

    def unshared_memory() -> None:
        mmap.mmap(-1, 4096, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS).close()

    def executable() -> None:
        mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=7).close()

    def raw(number: int, *arguments: int) -> None:
        if libc.syscall(number, *(ctypes.c_long(argument) for argument in arguments)) == -1:
            raise OSError(ctypes.get_errno(), "")

    attempts: dict[str, Callable[[], object]] = {
        "open": lambda: os.open("/etc/passwd", os.O_RDONLY),
        "create": lambda: os.open("/tmp/escaped", os.O_RDWR | os.O_CREAT),
        "list": lambda: os.listdir("/"),
        "stat": lambda: os.stat("/etc/passwd"),
        "inet": lambda: socket.socket(socket.AF_INET),
        "unix": lambda: socket.socket(socket.AF_UNIX),
        "socketpair": socket.socketpair,
        "exec": lambda: os.execv("/bin/true", ["true"]),
        "fork": os.fork,
        "clone3": lambda: raw(435, 0, 0),
        "kill": lambda: os.kill(os.getppid(), 0),
        "reopen": lambda: os.open(f"/proc/self/fd/{reads[0]}", os.O_RDWR),
        "memfd": lambda: os.memfd_create("x"),
        "pipe": os.pipe,
        "unlink": lambda: os.unlink("/tmp/nothing"),
        "own signal": lambda: fcntl.fcntl(reads[0], fcntl.F_SETOWN, os.getppid()),
        "choose signal": lambda: fcntl.fcntl(reads[0], 10, signal.SIGKILL),
        "lease": lambda: fcntl.fcntl(reads[0], fcntl.F_SETLEASE, fcntl.F_RDLCK),
        "shared memory": unshared_memory,
        "executable memory": executable,
        "write to source": lambda: os.write(reads[0], b"x"),
        "map source": lambda: mmap.mmap(reads[0], 1, access=mmap.ACCESS_WRITE),
        "ptrace": lambda: raw(101, 0, 0, 0, 0),
        "io_uring": lambda: raw(425, 8, 0),
        "bpf": lambda: raw(321, 0, 0, 0),
        "x32 open": lambda: raw(0x40000002, 0, 0),
    }
    return {"refused": {name: _refusal(attempt) for name, attempt in attempts.items()}}


def _refusal(attempt: Callable[[], object]) -> str | None:
    try:
        attempt()
    except OSError as error:
        return type(error).__name__
    return None


OPERATIONS = {
    "copy": copy,
    "compute": compute,
    "modules": modules,
    "environment": environment,
    "sleep": sleep,
    "crash": crash,
    "raises": raises,
    "no_space": no_space,
    "greedy": greedy,
    "reserve": reserve,
    "flood": flood,
    "babble": babble,
    "abort": abort,
    "remember": remember,
    "linger": linger,
    "long_answer": long_answer,
    "attack": attack,
}
