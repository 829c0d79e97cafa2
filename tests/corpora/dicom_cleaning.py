"""Runs the DICOM sanitiser and the prover over bytes, as the rooms' doors do over descriptors."""

import os
from collections.abc import Iterable
from typing import Any

from medrelease.sanitise.dicom import clean
from medrelease.sanitise.options import Options
from medrelease.sanitise.source import Source
from medrelease.sanitise.target import Target
from medrelease.terms.flow import Hold, Sanitised
from medrelease.verify import Accepted, verify
from medrelease.verify import Options as Proving

LABEL = "23 02210"
KEY = b"k" * 32


def descriptor(data: bytes) -> int:
    """An open descriptor of a file in memory that holds `data`."""
    fd = os.memfd_create("dicom")
    os.write(fd, data)
    return fd


def cleaned(
    data: bytes, *options: str, key: bytes = KEY, subject: str = LABEL, **further: Any
) -> tuple[bytes, Sanitised]:
    """The cleaned file and what the sanitiser says of it. Raises the room's Refusal."""
    asked = Options(LABEL, key, subject, frozenset(options), **further)
    source, target = descriptor(data), descriptor(b"")
    try:
        finished = Target(target)
        said = clean(Source(source), finished, asked)
        finished.flush()
        return os.pread(target, os.lseek(target, 0, os.SEEK_END), 0), said
    finally:
        os.close(source)
        os.close(target)


def proved(
    source: bytes,
    finished: bytes,
    identifiers: Iterable[str] = (),
    options: Iterable[str] = (),
) -> Accepted | Hold:
    """What the prover says of a pair, on a route with these DICOM options."""
    before, after = descriptor(source), descriptor(finished)
    try:
        asked = Proving(tuple(identifiers), (LABEL,), dicom_options=frozenset(options))
        return verify(before, after, asked)
    finally:
        os.close(before)
        os.close(after)
