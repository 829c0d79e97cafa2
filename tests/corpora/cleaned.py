"""The sanitise room's front door on bytes instead of descriptors."""

import tempfile

from medrelease.sanitise import Options, sanitise
from medrelease.terms.flow import Hold, Sanitised

OPTIONS = Options(patient_label="23 02210", route_key=bytes(32), subject="0123456789")


def cleaned(data: bytes, options: Options = OPTIONS) -> tuple[Sanitised | Hold, bytes]:
    """What the room says of a file, and what it wrote."""
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as target:
        source.write(data)
        source.flush()
        outcome = sanitise(source.fileno(), target.fileno(), options)
        target.seek(0)
        return outcome, target.read()
