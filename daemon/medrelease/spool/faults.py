"""What an operating system's error means to a release: almost always that it must wait."""

from collections.abc import Iterator
from contextlib import contextmanager

from medrelease.terms.faults import Transient, name_of, wait_of


@contextmanager
def transient(doing: str) -> Iterator[None]:
    """Turn an `OSError` into `Transient`; `doing` says what failed, without any name."""
    try:
        yield
    except OSError as error:
        raise Transient(wait_of(error), f"{doing}: {name_of(error)}") from None
