"""What of a record may go to the journal: which release, what happened, why, and counts.

Never a coded name, a job number or a text that a person typed: those may carry an H&C number,
and the journal is read by more people than the trail is (DESIGN.md 5.5).
"""

import re
from collections.abc import Mapping
from typing import Any

from medrelease.terms.message_ids import message_id
from medrelease.terms.words import Event, Reason

_WORD = re.compile(r"[a-z][a-z-]{0,39}")
_ULID = re.compile(r"[0-9A-Z]{26}")
_CHECKED = {
    "MEDRELEASE_RELEASE_ID": ("release_id", _ULID),
    "MEDRELEASE_OUTCOME": ("outcome", _WORD),
    "MEDRELEASE_REASON": ("reason", _WORD),
    "MEDRELEASE_PURPOSE": ("purpose", _WORD),
    "MEDRELEASE_BASIS": ("basis", _WORD),
    "MEDRELEASE_PROOF": ("proof", _WORD),
    "MEDRELEASE_PIXELS": ("pixels", _WORD),
}


def journal_fields(record: Mapping[str, Any]) -> dict[str, str]:
    """The journal's fields for one record.

    A reason or outcome that is not one of the program's own words (a person's reason for a
    discard, say) is left out, and so is a route's name with the digits of an H&C number; of
    `actions` only the sum goes. The message id is the reason's where a file is held, so that
    `journalctl -x` explains it, and the event's otherwise.
    """
    held = record["event"] == Event.RELEASE_HELD and record.get("reason") in {*Reason}
    fields = {
        "MESSAGE_ID": message_id(str(record["reason"] if held else record["event"])),
        "MEDRELEASE_EVENT": str(record["event"]),
        "MEDRELEASE_SEQ": str(record["seq"]),
    }
    for key, (name, shape) in _CHECKED.items():
        value = record.get(name)
        if isinstance(value, str) and shape.fullmatch(value):
            fields[key] = value
    route = record.get("route")
    if isinstance(route, str) and not _could_be_number(route):
        fields["MEDRELEASE_ROUTE"] = route
    actions = record.get("actions")
    if isinstance(actions, Mapping):
        fields["MEDRELEASE_ACTIONS"] = str(sum(n for n in actions.values() if type(n) is int))
    return fields


def _could_be_number(text: str) -> bool:
    """Whether a text has as many digits as an H&C number."""
    return sum(character.isdigit() for character in text) >= 10
