"""The door of the prover, fed with bytes."""

import tempfile
from collections.abc import Callable

import pytest

from medrelease.terms.flow import Hold
from medrelease.verify import Accepted, Options, verify

Prove = Callable[..., Accepted | Hold]


@pytest.fixture
def prove() -> Prove:
    """Return a function (source bytes, finished bytes, **options) -> Accepted | Hold."""

    def run(source: bytes, finished: bytes, **options: object) -> Accepted | Hold:
        with tempfile.TemporaryFile() as before, tempfile.TemporaryFile() as after:
            before.write(source)
            after.write(finished)
            before.flush()
            after.flush()
            return verify(before.fileno(), after.fileno(), Options(**options))

    return run
