"""Operations of a worker that a file has taken over: each tries one way out of the walls.

`ESCAPES` maps the name of an attempt to a call that raises OSError where it is refused. The
numbers of system calls are those of x86-64.
"""

import ctypes
import fcntl
import mmap
import os
import signal
import socket
import struct
from collections.abc import Callable
from typing import Any

from medrelease.workers import sandbox, seccomp

_libc = ctypes.CDLL(None, use_errno=True)
_AT_FDCWD, _AT_EMPTY_PATH = -100, 0x1000


def warm(role: str) -> None:
    """Do without Landlock where the role says so."""
    if "without landlock" in role:
        sandbox._landlock_abi = lambda: 0


class Held:
    """What the worker was handed, and the places that it would like to reach."""

    def __init__(self, reads: list[int], writes: list[int], options: dict[str, Any]) -> None:
        self.source, self.output = reads[0], writes[0]
        self.neighbour, self.outside = options["neighbour"].encode(), options["outside"].encode()
        self.coordinator = options["coordinator"]


def raw(number: int, *arguments: int | bytes) -> int:
    """One system call by its number. Raises OSError."""
    given = [a if isinstance(a, bytes) else ctypes.c_long(a) for a in arguments]
    answer = int(_libc.syscall(number, *given))
    if answer == -1:
        raise OSError(ctypes.get_errno(), "")
    return answer


def _through_what_is_held(path: bytes) -> None:
    """Open a path relative to every descriptor there is."""
    for descriptor in range(64):
        try:
            os.close(os.open(path.lstrip(b"/"), os.O_RDONLY, dir_fd=descriptor))
        except OSError as error:
            last = error
        else:
            return
    raise last


def _anonymous(flags: int, protection: int) -> None:
    mmap.mmap(-1, 4096, flags=flags | mmap.MAP_ANONYMOUS, prot=protection).close()


ESCAPES: dict[str, Callable[[Held], object]] = {
    # another patient's file, and anything else that could be read
    "read another patient's file": lambda h: os.open(h.neighbour, os.O_RDONLY),
    "read it through a held descriptor": lambda h: _through_what_is_held(h.neighbour),
    "read it by openat2": lambda h: raw(437, _AT_FDCWD, h.neighbour, b"\0" * 24, 24),
    "read it by handle": lambda h: raw(304, _AT_FDCWD, b"\0" * 128, os.O_RDONLY),
    "take a handle of it": lambda h: raw(303, _AT_FDCWD, h.neighbour, b"\0" * 128, b"\0" * 8, 0),
    "stat another file": lambda h: os.stat(h.neighbour),
    "list a folder": lambda h: os.listdir(os.path.dirname(h.neighbour)),
    "change the folder": lambda h: os.chdir("/"),
    "change the root": lambda h: os.chroot("/"),
    "read the environment of the coordinator": lambda h: os.open(
        f"/proc/{h.coordinator}/environ", os.O_RDONLY
    ),
    "reopen the source for writing": lambda h: os.open(f"/proc/self/fd/{h.source}", os.O_RDWR),
    # writing outside the output
    "create a file": lambda h: os.open(h.outside, os.O_WRONLY | os.O_CREAT),
    "make a folder": lambda h: os.mkdir(h.outside),
    "make a symbolic link": lambda h: os.symlink(h.neighbour, h.outside),
    "make a hard link": lambda h: os.link(h.neighbour, h.outside),
    "link what is held": lambda h: raw(265, h.source, b"", _AT_FDCWD, h.outside, _AT_EMPTY_PATH),
    "make a pipe in the file system": lambda h: os.mkfifo(h.outside),
    "rename": lambda h: os.rename(h.neighbour, h.outside),
    "unlink": lambda h: os.unlink(h.neighbour),
    "truncate": lambda h: os.truncate(h.neighbour, 0),
    "change a mode": lambda h: os.chmod(h.neighbour, 0o777),
    "change the mode of the output": lambda h: os.fchmod(h.output, 0o4777),
    "change the owner of the output": lambda h: os.fchown(h.output, 0, 0),
    "hide something in an attribute": lambda h: os.setxattr(h.output, "user.x", b"x"),
    "set times": lambda h: os.utime(h.output, ns=(0, 0)),
    "write to the source": lambda h: os.write(h.source, b"x"),
    "cut the source": lambda h: os.ftruncate(h.source, 0),
    "map the source for writing": lambda h: mmap.mmap(h.source, 1, access=mmap.ACCESS_WRITE),
    "splice": lambda h: os.splice(h.source, h.output, 1),
    "copy in the kernel": lambda h: os.copy_file_range(h.source, h.output, 1),
    "send a file": lambda h: os.sendfile(h.output, h.source, 0, 1),
    "lock": lambda h: fcntl.lockf(h.output, fcntl.LOCK_EX),
    "take a lease": lambda h: fcntl.fcntl(h.source, fcntl.F_SETLEASE, fcntl.F_RDLCK),
    "watch the share": lambda h: raw(294, 0),
    # sockets
    **{
        f"socket {name}": lambda _, family=family: socket.socket(family, socket.SOCK_DGRAM)
        for name, family in {"unix": 1, "inet": 2, "inet6": 10, "netlink": 16, "vsock": 40}.items()
    },
    "socket pair": lambda _: socket.socketpair(),
    "connect": lambda h: raw(42, h.output, b"\0" * 16, 16),
    "bind": lambda h: raw(49, h.output, b"\0" * 16, 16),
    # other programs and processes
    "start a program": lambda _: os.execv("/bin/true", ["true"]),
    "start what is held": lambda h: raw(322, h.output, b"", 0, 0, _AT_EMPTY_PATH),
    "fork": lambda _: os.fork(),
    "vfork": lambda _: raw(58),
    "clone3": lambda _: raw(435, 0, 0),
    "start a thread": lambda _: raw(56, 0x3D0F00, 0, 0, 0, 0),
    "namespaces": lambda _: raw(272, 0x10000000),
    "kill the coordinator": lambda h: os.kill(h.coordinator, signal.SIGKILL),
    "kill everything": lambda _: os.kill(-1, signal.SIGKILL),
    "signal a thread": lambda h: raw(234, h.coordinator, h.coordinator, signal.SIGKILL),
    "signal by a descriptor's owner": lambda h: fcntl.fcntl(
        h.source, fcntl.F_SETOWN, h.coordinator
    ),
    "trace the coordinator": lambda h: raw(101, 16, h.coordinator, 0, 0),
    "be traced": lambda _: raw(101, 0, 0, 0, 0),
    "read the coordinator's memory": lambda h: raw(310, h.coordinator, 0, 0, 0, 0, 0),
    "write to the coordinator's memory": lambda h: raw(311, h.coordinator, 0, 0, 0, 0, 0),
    "take the coordinator's descriptor": lambda h: raw(438, h.coordinator, 0, 0),
    "hold the coordinator": lambda h: raw(434, h.coordinator, 0),
    "ioctl": lambda h: fcntl.ioctl(0, 0x5412, b"x"),
    # memory beside the limit, and code
    "executable memory": lambda _: _anonymous(mmap.MAP_PRIVATE, 7),
    "memory shared without a file": lambda _: _anonymous(mmap.MAP_SHARED, 3),
    "a file in memory": lambda _: os.memfd_create("x"),
    "System V memory": lambda _: raw(29, 0, 4096, 0o1600),
    "raise a limit": lambda _: raw(302, 0, 2, b"\xff" * 16, 0),
    "a pipe": lambda _: os.pipe(),
    # the walls themselves, and the machine
    "be dumpable again": lambda _: raw(157, 4, 1, 0, 0, 0),
    "outlive the coordinator": lambda _: raw(157, 1, 0, 0, 0, 0),
    "another filter": lambda _: raw(317, 1, 0, 0),
    "become root": lambda _: os.setuid(0),
    "io_uring": lambda _: raw(425, 8, b"\0" * 128),
    "bpf": lambda _: raw(321, 0, b"\0" * 128, 128),
    "performance counters": lambda _: raw(298, b"\0" * 128, 0, -1, -1, 0),
    "user faults": lambda _: raw(323, 0),
    "keys of the kernel": lambda _: raw(250, 0, 0, 0, 0, 0),
    "mount": lambda _: raw(165, b"/", b"/", b"", 0x1000, 0),
    "set the clock": lambda _: raw(227, 0, b"\0" * 16),
    "load a module": lambda _: raw(313, 0, b"", 0),
    "the other instruction set's open": lambda h: raw(0x40000002, h.neighbour, 0),
}


def escape(reads: list[int], writes: list[int], options: dict[str, Any]) -> dict[str, Any]:
    """Make one attempt; tells the error's name, None where it went through."""
    try:
        ESCAPES[options["name"]](Held(reads, writes, options))
    except OSError as error:
        return {"refused": type(error).__name__}
    return {"refused": None}


def every_call(reads: list[int], writes: list[int], options: dict[str, Any]) -> dict[str, Any]:
    """Make every system call that the filter does not name; tells those that were not EPERM.

    But for 335 and 336 (uretprobe, uprobe): from Linux 6.14 on they pass by every filter, and
    end a process that does not call them from the kernel's own trampoline.
    """
    _, allowed = seccomp._MACHINES["x86_64"]
    numbers = [n for n in range(options["last"]) if n not in (335, 336, *allowed.values())]
    numbers += [0x40000000 + n for n in range(options["last"])]
    passed = []
    for number in numbers:
        answer = _libc.syscall(ctypes.c_long(number), *(ctypes.c_long(-1) for _ in range(6)))
        if answer != -1 or ctypes.get_errno() != 1:
            passed.append(number)
    return {"tried": len(numbers), "passed": passed}


def held(reads: list[int], writes: list[int], options: dict[str, Any]) -> dict[str, Any]:
    """Which descriptors the worker has, and how each may be used."""
    found = {}
    for descriptor in range(1024):
        try:
            found[str(descriptor)] = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE
        except OSError:
            continue
    return {"held": found, "given": [*reads, *writes]}


class _Vector(ctypes.Structure):
    """`struct iovec`."""

    _fields_ = (("base", ctypes.c_char_p), ("length", ctypes.c_size_t))


class _Message(ctypes.Structure):
    """`struct msghdr`."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("vector", ctypes.POINTER(_Vector)),
        ("vectors", ctypes.c_size_t),
        ("control", ctypes.c_char_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


def smuggle(reads: list[int], writes: list[int], options: dict[str, Any]) -> dict[str, Any]:
    """Answer with a descriptor in the packet, on whatever is a socket."""
    packet = b'{"number": 1, "answer": {}}'
    rights = struct.pack("=Qiii", 20, socket.SOL_SOCKET, socket.SCM_RIGHTS, reads[0])
    control = rights.ljust(24, b"\0")
    vector = _Vector(packet, len(packet))
    message = _Message(None, 0, ctypes.pointer(vector), 1, control, len(control), 0)
    sent = [_libc.sendmsg(n, ctypes.byref(message), 0x4000) for n in range(3, 4096)]
    return {"sent": sum(count > 0 for count in sent)}


OPERATIONS = {"escape": escape, "every_call": every_call, "held": held, "smuggle": smuggle}
