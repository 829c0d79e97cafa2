"""The service's own operations, but a file with the right words in it takes its worker over.

`EVIL:<step>:<deed>:` anywhere in a source makes the worker of that step do the deed instead of
its work. Run as a program it is the service with these workers.
"""

import contextlib
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from medrelease.release import operations

Operation = Callable[[Sequence[int], Sequence[int], Mapping[str, Any]], dict[str, Any]]
Deed = Callable[[Operation, Sequence[int], Sequence[int], Mapping[str, Any]], dict[str, Any]]

NAME = b"Siobhan Fitzwilliam"
_kept: list[int] = []


def _source(descriptor: int) -> bytes:
    return os.pread(descriptor, os.lseek(descriptor, 0, os.SEEK_END), 0)


def _replace(descriptor: int, data: bytes) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, data, 0)


def pass_through(
    work: Operation, reads: Sequence[int], writes: Sequence[int], options: Mapping[str, Any]
) -> dict[str, Any]:
    """Say that the file was cleaned, and hand it on as it came."""
    answer = work(reads, writes, options)
    _replace(writes[0], _source(reads[0]))
    return answer


def append(
    work: Operation, reads: Sequence[int], writes: Sequence[int], options: Mapping[str, Any]
) -> dict[str, Any]:
    """Clean the file and put the name behind its end."""
    answer = work(reads, writes, options)
    data = _source(writes[0]) + NAME
    _replace(writes[0], data)
    return answer


def nothing(
    work: Operation, reads: Sequence[int], writes: Sequence[int], options: Mapping[str, Any]
) -> dict[str, Any]:
    """Say that the file was cleaned, and write nothing."""
    answer = work(reads, writes, options)
    _replace(writes[0], b"")
    return answer


def linger(
    work: Operation, reads: Sequence[int], writes: Sequence[int], options: Mapping[str, Any]
) -> dict[str, Any]:
    """Clean the file and keep its output open, to write to it once it was verified."""
    answer = work(reads, writes, options)
    _kept.append(os.dup(writes[0]))
    return answer


def forged(**fields: Any) -> Deed:
    """Do the work, and change the answer."""

    def deed(
        work: Operation, reads: Sequence[int], writes: Sequence[int], options: Mapping[str, Any]
    ) -> dict[str, Any]:
        return work(reads, writes, options) | fields

    return deed


def packet(data: bytes, times: int = 1) -> Deed:
    """Write bytes of one's own on the line to the coordinator, before the answer."""

    def deed(
        work: Operation, reads: Sequence[int], writes: Sequence[int], options: Mapping[str, Any]
    ) -> dict[str, Any]:
        for descriptor in range(3, 1024):
            if descriptor not in (*reads, *writes):
                with contextlib.suppress(OSError):
                    os.write(descriptor, data * times)
        return work(reads, writes, options)

    return deed


DEEDS: dict[str, Deed] = {
    "pass-through": pass_through,
    "append": append,
    "nothing": nothing,
    "linger": linger,
    "other-format": forged(format="png"),
    "no-format": forged(format="exe"),
    "no-count": forged(actions={"exif": -1}),
    "alerts": forged(alerts=["x" * 600]),
    "another-digest": forged(sha256="0" * 64),
    "another-source": forged(source_sha256="0" * 64),
    "another-proof": forged(proof="believe-me"),
    "a-number": forged(dicom_hc="Siobhan Fitzwilliam"),
    "pickle": packet(b"\x80\x04cos\nsystem\n(S'touch /tmp/pickled'\ntR."),
    "too-long": packet(b"x", 70_000),
    "another-job": packet(b'{"number": 9999, "answer": {}}'),
    "told-detail": forged(held="malformed", detail="Siobhan Fitzwilliam\n012 345 6789 <b>"),
}


def __getattr__(name: str) -> Any:
    """Everything else is the service's own: roles, what forks, how a worker warms up."""
    return getattr(operations, name)


def _taken_over(step: str) -> Operation:
    honest: Operation = operations.OPERATIONS[step]

    def operation(
        reads: Sequence[int], writes: Sequence[int], options: Mapping[str, Any]
    ) -> dict[str, Any]:
        for descriptor in _kept:
            os.pwrite(descriptor, NAME, 0)
        said = re.search(rb"EVIL:" + step.encode() + rb":([a-z-]+):", _source(reads[0]))
        if said is None:
            return honest(reads, writes, options)
        return DEEDS[said[1].decode()](honest, reads, writes, options)

    return operation


OPERATIONS = {name: _taken_over(name) for name in operations.OPERATIONS}


def main() -> int:
    """Run the site of a configuration file once, with these workers."""
    from medrelease.service import assemble, life

    assemble.operations = import_module("corpora.hostile_workers")  # type: ignore[attr-defined]
    return life.serve(Path(sys.argv[1]), once=True)


if __name__ == "__main__":
    sys.exit(main())
