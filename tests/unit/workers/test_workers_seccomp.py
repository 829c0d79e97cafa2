"""The filter as a program, and what the kernel is asked about the walls."""

import struct

import pytest

from medrelease.workers import sandbox, seccomp

ALLOWED, REFUSED, KILLED = 0x7FFF0000, 0x00050001, 0x80000000


def verdict(
    machine: str,
    number: int,
    *arguments: int,
    asked_by: int | None = None,
    code: bytes | None = None,
) -> int:
    """What a machine's filter says of a call: the BPF program run by hand."""
    audit, calls = seccomp._MACHINES[machine]
    program = list(struct.iter_unpack("=HBBI", code or seccomp.program(audit, calls)))
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("=IIQ6Q", number, audit if asked_by is None else asked_by, 0, *padded)
    at, accumulator = 0, 0
    while True:
        operation, when_true, when_false, value = program[at]
        at += 1
        match operation:
            case 0x20:
                (accumulator,) = struct.unpack_from("=I", data, value)
            case 0x54:
                accumulator &= value
            case 0x15:
                at += when_true if accumulator == value else when_false
            case 0x06:
                return int(value)


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_filter_allows_its_list_and_nothing_else(machine: str) -> None:
    """Exactly the listed calls pass, of the first five hundred numbers, on each architecture."""
    _, calls = seccomp._MACHINES[machine]
    passed = {n for n in range(500) if verdict(machine, n) == ALLOWED}
    assert passed == set(calls.values())


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_filter_looks_into_arguments(machine: str) -> None:
    """Executable memory, shared memory without a file, leases, signals and waiting do not pass."""
    _, calls = seccomp._MACHINES[machine]
    assert verdict(machine, calls["mmap"], 0, 1, 3, 0x22) == ALLOWED
    assert verdict(machine, calls["mmap"], 0, 1, 1, 0x01) == ALLOWED
    assert verdict(machine, calls["mmap"], 0, 1, 5, 0x22) == REFUSED
    assert verdict(machine, calls["mmap"], 0, 1, 3, 0x21) == REFUSED
    assert verdict(machine, calls["mprotect"], 0, 1, 7) == REFUSED
    assert verdict(machine, calls["fcntl"], 3, 1030) == ALLOWED
    assert verdict(machine, calls["fcntl"], 3, 8) == REFUSED
    assert verdict(machine, calls["fcntl"], 3, 1024) == REFUSED
    assert verdict(machine, calls["sync_file_range"], 3, 0, 9, 2) == ALLOWED
    assert {verdict(machine, calls["sync_file_range"], 3, 0, 9, n) for n in (1, 4, 7)} == {REFUSED}


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_a_forking_filter_adds_a_plain_fork_only(machine: str) -> None:
    """The wider filter passes fork without threads or namespaces, and two options of prctl."""
    audit, calls = seccomp._MACHINES[machine]
    more = seccomp._FORKING[machine]
    code = seccomp.program(audit, {**calls, **more})
    assert not set(more.values()) & set(calls.values())

    def asked(name: str, argument: int) -> int:
        return verdict(machine, more[name], argument, code=code)

    assert asked("clone", 0x01200011) == ALLOWED
    assert {asked("clone", flags) for flags in (0x11, 0x3D0F00, 0x10000011)} == {REFUSED}
    assert [asked("prctl", option) for option in (1, 22)] == [ALLOWED, ALLOWED]
    assert {asked("prctl", option) for option in (4, 8, 15, 38)} == {REFUSED}


def test_other_instruction_set_is_killed() -> None:
    """A call by another instruction set's numbers, or by the x32 ABI, does not pass."""
    assert verdict("x86_64", 0, asked_by=0x40000003) == KILLED
    assert verdict("x86_64", 0x40000000) == REFUSED


def test_report_changes_nothing() -> None:
    """Asking for the report twice gives the same, and this process can still open files."""
    assert sandbox.sandbox_report() == sandbox.sandbox_report()
    with open("/etc/passwd"):
        assert sandbox.sandbox_report().seccomp
