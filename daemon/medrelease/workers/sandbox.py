"""The walls around a worker: limits, no new privileges, Landlock and seccomp.

Both Landlock and seccomp bind the calling thread only, so the walls go up while there is one
thread, after everything that an operation needs has been imported. Landlock without a rule
closes the file system, TCP and foreign sockets; seccomp closes everything else. Where the
kernel lacks Landlock the seccomp filter stands alone; without seccomp no worker runs.
"""

import ctypes
import os
import resource
import signal
import struct
from dataclasses import dataclass

from medrelease.workers import seccomp

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS, _PR_GET_SECCOMP = 1, 4, 38, 21
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 444, 446  # the same numbers on every architecture
_ABI_QUERY = 1

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Report:
    """What this kernel offers: the Landlock ABI (0 = none), and whether seccomp filters."""

    landlock_abi: int
    seccomp: bool


def sandbox_report() -> Report:
    """Ask the kernel what the walls can be made of; changes nothing."""
    filters = _libc.prctl(_PR_GET_SECCOMP, 0, 0, 0, 0) >= 0
    return Report(_landlock_abi(), seccomp.supported() and filters)


def die_with(parent: int) -> None:
    """Have the kernel kill this process when the thread that started it ends.

    Exits at once when `parent` (a process id) has already gone.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit(0)


def enclose(memory_bytes: int, descriptors: int, *, forking: bool = False) -> Report:
    """Put up all walls around this process; there is no way back.

    With `forking` the process may still fork, for a child that calls `narrow` at once; what it
    holds by now, such as models that all its children share, is then allowed for beside the
    limit.
    `memory_bytes` bounds private writable memory (RLIMIT_DATA: a read-only map of a large
    source does not count) and `descriptors` the open files. Returns what stands. Raises
    `RuntimeError` when a second thread runs, which the walls would not bind, and `OSError`
    where the kernel refuses.
    """
    if len(os.listdir("/proc/self/task")) != 1:
        raise RuntimeError("a second thread runs")
    report = sandbox_report()
    for limit, value in (
        (resource.RLIMIT_DATA, memory_bytes + (_held_bytes() if forking else 0)),
        (resource.RLIMIT_NOFILE, descriptors),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _prctl(_PR_SET_DUMPABLE, 0)
    if report.landlock_abi:
        _landlock(report.landlock_abi)
    seccomp.apply(forking=forking)
    return report


def narrow(parent: int, seconds: float) -> None:
    """Bind a child that was just forked behind the walls: it ends with its parent or its time.

    Afterwards it can no more fork, nor have its timer (SIGALRM, in `seconds`) changed.
    """
    signal.setitimer(signal.ITIMER_REAL, seconds)
    die_with(parent)
    seccomp.apply()


def _held_bytes() -> int:
    """What of RLIMIT_DATA this process uses: its private writable memory (proc(5), VmData)."""
    with open("/proc/self/status", encoding="ascii") as status:
        (kibibytes,) = (line.split()[1] for line in status if line.startswith("VmData:"))
    return int(kibibytes) << 10


def _landlock_abi() -> int:
    return max(0, int(_libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), _ABI_QUERY)))


def _landlock(abi: int) -> None:
    """Handle every access right that this ABI knows and grant none (landlock(7))."""
    file_rights = {1: 13, 2: 14, 3: 15, 4: 15}.get(abi, 16)
    network_rights, scopes = (2 if abi >= 4 else 0), (2 if abi >= 6 else 0)
    bits = [(1 << count) - 1 for count in (file_rights, network_rights, scopes)]
    known = bits[: 1 if abi < 4 else 2 if abi < 6 else 3]
    attributes = struct.pack(f"={len(known)}Q", *known)
    ruleset = _libc.syscall(
        _LANDLOCK_CREATE, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint(0)
    )
    if ruleset < 0:
        raise OSError(ctypes.get_errno(), "landlock_create_ruleset")
    try:
        if _libc.syscall(_LANDLOCK_RESTRICT, ruleset, ctypes.c_uint(0)) != 0:
            raise OSError(ctypes.get_errno(), "landlock_restrict_self")
    finally:
        os.close(ruleset)


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
