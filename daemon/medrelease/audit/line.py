"""A line of the trail as bytes: its place in the chain, its digest, and the record in it.

Light on purpose: whoever only reads the trail loads this and not the pipeline that writes it.
The chain is SHA-256 over the previous raw line without its newline (DESIGN.md 5.5).
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any, NamedTuple

ZEROS = "0" * 64
LONGEST = 1 << 20
"""No line, with its newline, is longer than this many bytes."""


class Head(NamedTuple):
    """The end of a chain: `seq` of the last line (0 before the first) and its SHA-256."""

    seq: int
    sha256: str


START = Head(0, ZEROS)


def timestamp(moment: datetime) -> str:
    """UTC with microseconds: `2026-11-23T17:40:00.123456Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def digest(raw: bytes) -> str:
    """SHA-256 (hex) of a raw line without its newline."""
    return hashlib.sha256(raw).hexdigest()


def parse(raw: bytes) -> dict[str, Any] | None:
    """The record of a raw line; None for anything but one JSON object with a place in a chain."""
    try:
        record = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or type(record.get("seq")) is not int:
        return None
    return record if isinstance(record.get("prev"), str) else None
