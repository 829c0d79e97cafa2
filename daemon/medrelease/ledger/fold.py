"""What each event of the trail does to the index: a pure function from record to change.

release.intended     intended, and its number is used from now on
release.published    published
release.held         held, with its reason
release.repeated     repeated
release.removed      removed; its number stays used
hold.resolved        none: nothing stands in held any more
original.disposed    the state stays; its original is in the store
original.restored    the state stays; its original is back
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from medrelease.terms.words import Event

SubjectOf = Callable[[str, str], tuple[str, int] | None]
"""(route, coded name) -> (subject code, image number), or None where the name holds none."""

_STATES = {
    Event.RELEASE_INTENDED: "intended",
    Event.RELEASE_PUBLISHED: "published",
    Event.RELEASE_HELD: "held",
    Event.RELEASE_REPEATED: "repeated",
    Event.RELEASE_REMOVED: "removed",
    Event.HOLD_RESOLVED: "none",
}
_DISPOSED = {Event.ORIGINAL_DISPOSED: 1, Event.ORIGINAL_RESTORED: 0}
_NAMING = frozenset({Event.RELEASE_INTENDED, Event.RELEASE_PUBLISHED})
_SAID = ("route", "study", "job_no", "image_no", "coded_name", "subject", "job_hmac")
_DEFAULT_NAME = re.compile(r"([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}-[0-9A-Z]) -([1-9]\d{0,5})\.[a-z0-9]+")


def default_subject_of(_route: str, coded_name: str) -> tuple[str, int] | None:
    """Read a name of the default template `{subject} -{image}` (DESIGN.md 5.2)."""
    match = _DEFAULT_NAME.fullmatch(coded_name)
    return (match[1], int(match[2])) if match else None


def change(record: Mapping[str, Any], subject_of: SubjectOf) -> dict[str, Any] | None:
    """The columns that a record sets, None for a record that changes no release.

    A column that is absent, or None, keeps what it has.
    """
    event, release_id = record.get("event"), record.get("release_id")
    if release_id is None or (event not in _STATES and event not in _DISPOSED):
        return None
    columns: dict[str, Any] = {"release_id": release_id, "seq": record["seq"]}
    if event in _DISPOSED:
        return columns | {"disposed": _DISPOSED[Event(event)]}
    columns |= {key: record.get(key) for key in _SAID}
    columns |= {"state": _STATES[Event(event)], "since": record["ts"]}
    columns["source_sha256"] = _sha256(record.get("source"))
    columns["result_sha256"] = _sha256(record.get("result"))
    if event in _NAMING:
        columns["named"] = 1
        columns |= _from_name(record, subject_of)
    if event == Event.RELEASE_PUBLISHED:
        columns["published_at"] = record["ts"]
    if event == Event.RELEASE_HELD:
        columns["reason"] = record.get("reason")
    return columns


def _from_name(record: Mapping[str, Any], subject_of: SubjectOf) -> dict[str, Any]:
    """Subject and number out of the coded name, where the trail does not say them (research)."""
    route, coded_name = record.get("route"), record.get("coded_name")
    if record.get("study") is None or not route or not coded_name:
        return {}
    said = subject_of(route, coded_name)
    return {"subject": said[0], "image_no": said[1]} if said else {}


def _sha256(what: object) -> str | None:
    value = what.get("sha256") if isinstance(what, Mapping) else None
    return value if isinstance(value, str) else None
