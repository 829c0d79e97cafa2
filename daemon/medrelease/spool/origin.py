"""Where a claimed file came from, as `origin.json` beside it keeps it across a restart."""

import base64
import json
import os
from dataclasses import asdict, dataclass
from typing import Literal

from medrelease.spool import files, reach
from medrelease.terms.flow import Arrival, Stamp

NAME = b"origin.json"
FILE = b"file"
_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class Origin:
    """A claim's route and path below it, the folder it came from, and its owner's uid."""

    route: str
    path: bytes
    source: Literal["outbox", "held"]
    uid: int


def write(claim_folder: int, arrival: Arrival) -> None:
    """Write origin.json into a new claim's folder; not yet durable."""
    record = {
        "route": arrival.route,
        "path": base64.b64encode(arrival.path).decode(),
        "source": arrival.source,
        "stamp": asdict(arrival.stamp),
    }
    files.write_new(claim_folder, NAME, json.dumps(record).encode(), 0o600)


def read(claim_folder: int) -> Origin | None:
    """Read origin.json back; None where it is absent or torn."""
    data = reach.read_small(claim_folder, NAME, _LIMIT)
    if data is None:
        return None
    try:
        record = json.loads(data)
        source: Literal["outbox", "held"] = "held" if record["source"] == "held" else "outbox"
        path = base64.b64decode(record["path"], validate=True)
        return Origin(str(record["route"]), path, source, int(record["stamp"]["uid"]))
    except (ValueError, KeyError, TypeError):
        return None


def stamp_of(status: os.stat_result) -> Stamp:
    """The stamp of an `os.stat_result`."""
    return Stamp(
        dev=status.st_dev,
        ino=status.st_ino,
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
        ctime_ns=status.st_ctime_ns,
        nlink=status.st_nlink,
        uid=status.st_uid,
    )
