"""The keys of an audit record, in their order, and what makes a record complete.

Every line of the trail has every key (DESIGN.md 5.5); an event sets some of them and the others
are null. What identifies a patient is kept out by the caller, who hashes it with a key.
"""

from collections.abc import Mapping
from typing import Any

from medrelease.terms.faults import Defect
from medrelease.terms.words import Event

VERSION = 1

CHAIN_KEYS = ("v", "seq", "ts", "prev", "event")
"""Set by the trail itself: version, place in the chain, moment, and what happened."""

HOST_KEYS = ("software", "host")
"""Set by the trail itself: which program wrote the line, and where."""

DETAIL_KEYS = (
    "release_id",
    "outcome",
    "reason",
    "route",
    "purpose",
    "study",
    "basis",
    "identifiability",
    "job_no",
    "image_no",
    "coded_name",
    "subject",
    "job_hmac",
    "user",
    "process",
    "recipient",
    "destination",
    "approval",
    "source",
    "result",
    "identity",
    "register",
    "register_row_hmac",
    "actions",
    "proof",
    "pixels",
    "models",
    "policy_sha256",
    "attempt",
)
"""What an event may say."""

KEYS = (*CHAIN_KEYS, *DETAIL_KEYS, *HOST_KEYS)

OBJECTS = frozenset({"approval", "source", "result", "identity", "actions", "models"})
"""Keys whose value is an object or null; every other value is a text, a number or null."""


def complete(event: Event, fields: Mapping[str, Any]) -> dict[str, Any]:
    """A record with every key in its order; the trail's own keys are still null.

    Raises Defect for a key that no event may set and for a value of the wrong kind.
    """
    if not fields.keys() <= set(DETAIL_KEYS):
        raise Defect(f"an audit record of {event} has a key that no event may set")
    record: dict[str, Any] = dict.fromkeys(KEYS)
    record["v"], record["event"] = VERSION, event.value
    for key in DETAIL_KEYS:
        record[key] = _plain(key, fields.get(key))
    return record


def _plain(key: str, value: object) -> object:
    if value is None:
        return None
    if key in OBJECTS:
        if isinstance(value, Mapping):
            return dict(value)
    elif isinstance(value, str | int) and not isinstance(value, bool):
        return value
    raise Defect(f"the value of {key} in an audit record is of the wrong kind")
