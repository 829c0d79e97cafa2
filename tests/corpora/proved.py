"""The verify room's front door on bytes instead of descriptors."""

import tempfile

from medrelease.terms.flow import Hold
from medrelease.verify import Accepted, Options, verify


def proved(source: bytes, finished: bytes, **options: object) -> Accepted | Hold:
    """The verifier's word on a pair of files; `options` are those of `verify.Options`."""
    with tempfile.TemporaryFile() as before, tempfile.TemporaryFile() as after:
        before.write(source)
        after.write(finished)
        before.flush()
        after.flush()
        return verify(before.fileno(), after.fileno(), Options(**options))  # type: ignore[arg-type]
