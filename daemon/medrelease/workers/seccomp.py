"""A seccomp allow-list as a BPF program of our own, so that no C library is needed.

The filter (seccomp(2), filter machine as in linux/filter.h) lets a worker compute, read and
write descriptors it holds, and answer; every other system call returns EPERM. Some calls are
looked into: memory may be neither executable nor shared without a file (that would pass
RLIMIT_DATA), `fcntl` may neither move signals to other processes nor set leases, and of a file's
writing out a beginning may be asked for, which waits for nothing.

A worker whose operations run in a child forked for one file may besides fork (a plain fork:
no thread, no namespace), hear its child and wait for it. The child puts itself under the
narrow filter before it touches a byte; two filters allow only what both allow.
"""

import ctypes
import errno
import platform
import struct
from collections.abc import Mapping

_LOAD, _AND, _JUMP_EQUAL, _RETURN = 0x20, 0x54, 0x15, 0x06
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x80000000
_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, 16
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2

_PROT_EXEC = 0x4
_SHARED_WITHOUT_FILE = 0x21
_PLAIN_FORK = 0x01200011  # SIGCHLD, CLONE_CHILD_SETTID and CLONE_CHILD_CLEARTID, as fork(3) asks
_PRCTL_OPTIONS = (1, 22)  # PR_SET_PDEATHSIG, PR_SET_SECCOMP
_WRITING_FLAGS = (0, 2)  # of sync_file_range: nothing, or SYNC_FILE_RANGE_WRITE, which never waits
_FCNTL_COMMANDS = (0, 1, 2, 3, 1030)  # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC

_MACHINES: Mapping[str, tuple[int, Mapping[str, int]]] = {
    "x86_64": (
        0xC000003E,
        {
            "read": 0, "write": 1, "close": 3, "lseek": 8, "mmap": 9, "mprotect": 10,
            "munmap": 11, "brk": 12, "rt_sigprocmask": 14, "rt_sigreturn": 15, "pread64": 17,
            "pwrite64": 18, "readv": 19, "writev": 20, "sched_yield": 24, "mremap": 25,
            "madvise": 28, "getpid": 39, "sendto": 44, "sendmsg": 46, "recvmsg": 47,
            "exit": 60, "fcntl": 72, "fsync": 74, "ftruncate": 77, "gettid": 186, "futex": 202,
            "restart_syscall": 219, "clock_gettime": 228, "exit_group": 231, "sync_file_range": 277,
            "getrandom": 318,
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "fcntl": 25, "ftruncate": 46, "close": 57, "lseek": 62, "read": 63, "write": 64,
            "readv": 65, "writev": 66, "pread64": 67, "pwrite64": 68, "fsync": 82,
            "sync_file_range": 84, "exit": 93, "exit_group": 94, "futex": 98,
            "clock_gettime": 113, "sched_yield": 124, "restart_syscall": 128, "rt_sigprocmask": 135,
            "rt_sigreturn": 139, "getpid": 172, "gettid": 178, "sendto": 206,
            "sendmsg": 211, "recvmsg": 212, "brk": 214, "munmap": 215, "mremap": 216,
            "mmap": 222, "mprotect": 226, "madvise": 233, "getrandom": 278,
        },
    ),
}  # fmt: skip

_FORKING: Mapping[str, Mapping[str, int]] = {
    "x86_64": {
        "setitimer": 38, "clone": 56, "wait4": 61, "getppid": 110, "prctl": 157, "pipe2": 293,
    },
    "aarch64": {
        "pipe2": 59, "setitimer": 103, "prctl": 167, "getppid": 173, "clone": 220, "wait4": 260,
    },
}  # fmt: skip
"""What a worker that forks may call besides."""


class _Program(ctypes.Structure):
    """`struct sock_fprog` of linux/filter.h."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def supported() -> bool:
    """Whether there is a filter for this machine's instruction set."""
    return platform.machine() in _MACHINES


def apply(*, forking: bool = False) -> None:
    """Put the calling thread under the filter, for good; with `forking`, the wider one.

    Needs no-new-privileges first. Raises `OSError` where the kernel refuses and `KeyError` on a
    machine that has no filter.
    """
    machine, calls = _MACHINES[platform.machine()]
    code = program(machine, {**calls, **(_FORKING[platform.machine()] if forking else {})})
    libc = ctypes.CDLL(None, use_errno=True)
    fprog = _Program(len(code) // 8, code)
    if libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(fprog), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_SECCOMP)")


def program(machine: int, calls: Mapping[str, int]) -> bytes:
    """The filter as an array of `struct sock_filter`.

    The x32 calls carry bit 30 in their numbers and therefore match no entry.
    """
    code = [
        _op(_LOAD, _MACHINE),
        _op(_JUMP_EQUAL, machine, 1, 0),
        _op(_RETURN, _KILL),
        _op(_LOAD, _NUMBER),
    ]
    guarded = {
        "mmap": _unless_all(2, _PROT_EXEC) + _unless_all(3, _SHARED_WITHOUT_FILE),
        "mprotect": _unless_all(2, _PROT_EXEC),
        "fcntl": _only(1, _FCNTL_COMMANDS),
        "sync_file_range": _only(3, _WRITING_FLAGS),
        "clone": _only(0, (_PLAIN_FORK,)),
        "prctl": _only(0, _PRCTL_OPTIONS),
    }
    for name, number in calls.items():
        body = [*guarded.get(name, []), _op(_RETURN, _ALLOW)]
        code += [_op(_JUMP_EQUAL, number, 0, len(body)), *body]
    code.append(_op(_RETURN, _REFUSE))
    return b"".join(code)


def _unless_all(argument: int, bits: int) -> list[bytes]:
    """Refuse when every one of `bits` is set in a call's argument (its low 32 bits)."""
    return [
        _op(_LOAD, _ARGUMENTS + 8 * argument),
        _op(_AND, bits),
        _op(_JUMP_EQUAL, bits, 0, 1),
        _op(_RETURN, _REFUSE),
    ]


def _only(argument: int, values: tuple[int, ...]) -> list[bytes]:
    """Refuse when a call's argument is none of `values`."""
    tests = [_op(_JUMP_EQUAL, value, len(values) - i, 0) for i, value in enumerate(values)]
    return [_op(_LOAD, _ARGUMENTS + 8 * argument), *tests, _op(_RETURN, _REFUSE)]


def _op(code: int, value: int, when_true: int = 0, when_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, when_true, when_false, value)
