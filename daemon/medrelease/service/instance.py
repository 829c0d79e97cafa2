"""One instance a site: a lock file that the kernel releases with the process."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AnotherInstance(Exception):
    """Another process runs this site."""


@contextmanager
def only_one(state: Path) -> Iterator[None]:
    """Hold the site's lock. Raises AnotherInstance where a running process has it."""
    descriptor = os.open(state / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AnotherInstance from None
        yield
    finally:
        os.close(descriptor)
