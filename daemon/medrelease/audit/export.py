"""The trail for other programs: every record as CSV, every disclosure as FHIR, line by line.

Names that carry an H&C number, and such numbers in what people typed, are replaced by a keyed
hash unless the caller gives none (DESIGN.md 5.5).
"""

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from medrelease.audit.disclosure import disclosure
from medrelease.audit.mapping import MAPPING, text_of
from medrelease.audit.reading import records
from medrelease.identifiers import hc_number
from medrelease.terms.words import Event

Hide = Callable[[str], str]
"""The keyed hash of a text that may not be shown."""

_TEN_DIGITS = re.compile(r"(?<!\d)\d{10}(?!\d)", re.ASCII)
_FORMULA = re.compile(r"[=+\-@\t\r]")


def as_csv(folder: Path, out: TextIO, hide: Hide | None) -> int:
    """Every record, a column for each row of the mapping (RFC 4180); returns how many.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front: a recipient
    is what somebody called a folder.
    """
    writer = csv.writer(out)
    writer.writerow([row.key for row in MAPPING])
    count = 0
    for record in _shown(folder, hide):
        cells = (text_of(record, row.key) or "" for row in MAPPING)
        writer.writerow(["'" + cell if _FORMULA.match(cell) else cell for cell in cells])
        count += 1
    return count


def as_fhir(folder: Path, out: TextIO, hide: Hide | None) -> int:
    """Every published release as an AuditEvent, one JSON object a line; returns how many."""
    count = 0
    for record in _shown(folder, hide):
        if record["event"] == Event.RELEASE_PUBLISHED:
            out.write(json.dumps(disclosure(record), separators=(",", ":")) + "\n")
            count += 1
    return count


def _shown(folder: Path, hide: Hide | None) -> Iterator[Mapping[str, Any]]:
    for _, record in records(folder):
        yield record if hide is None else hidden(record, hide)


def hidden(record: dict[str, Any], hide: Hide) -> dict[str, Any]:
    """The record with its identifying name, and numbers that people typed, as keyed hashes."""
    name, approval = record.get("coded_name"), record.get("approval")
    if isinstance(name, str) and any(hc_number.find(name)):
        record = record | {"coded_name": hide(name)}
    for key in ("recipient", "destination", "reason", "user"):
        if isinstance(record.get(key), str):
            record = record | {key: _typed(record[key], hide)}
    if isinstance(approval, dict) and isinstance(approval.get("reason"), str):
        record = record | {"approval": approval | {"reason": _typed(approval["reason"], hide)}}
    return record


def _typed(text: str, hide: Hide) -> str:
    for found in reversed(list(hc_number.find(text))):
        text = text[: found.start] + hide(found.number) + text[found.end :]
    return _TEN_DIGITS.sub(lambda digits: hide(hc_number.parse(digits[0]) or digits[0]), text)
