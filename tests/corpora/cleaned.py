"""The sanitise room's front door on bytes instead of descriptors."""

import tempfile
from dataclasses import replace

from medrelease.sanitise import Options, sanitise
from medrelease.terms.flow import Hold, Mask, Sanitised

OPTIONS = Options(patient_label="23 02210", route_key=bytes(32), subject="0123456789")


def cleaned(data: bytes, masks: tuple[Mask, ...] = ()) -> tuple[Sanitised | Hold, bytes]:
    """What the room says of a file (with masks to be blanked), and what it wrote."""
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as target:
        source.write(data)
        source.flush()
        outcome = sanitise(source.fileno(), target.fileno(), replace(OPTIONS, masks=masks))
        target.seek(0)
        return outcome, target.read()
