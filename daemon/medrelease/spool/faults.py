"""What an operating system's error means to a release: almost always that it must wait."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from medrelease.terms.faults import Transient
from medrelease.terms.words import Wait

_NO_SPACE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EMLINK, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
)


def wait_of(error: OSError) -> Wait:
    """Short of space or descriptors, or a share that is gone, read-only or not ours."""
    return Wait.NO_SPACE if error.errno in _NO_SPACE else Wait.SHARE_GONE


@contextmanager
def transient(doing: str) -> Iterator[None]:
    """Turn an `OSError` into `Transient`; `doing` says what failed, without any name."""
    try:
        yield
    except OSError as error:
        code = errno.errorcode.get(error.errno or 0, "?")
        raise Transient(wait_of(error), f"{doing}: {code}") from None
