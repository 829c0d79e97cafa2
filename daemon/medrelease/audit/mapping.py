"""Where each key of the trail stands in an export: the one table, and the README's too.

    FHIR     AuditEvent R4 after IHE BALP 1.1.4, PrivacyDisclosure.Source; `agent[x]` and
             `entity[x]` name one of the event's agents or entities, `detail[x]` a detail of it
    PS3.15   the field of the Data Export message (Table A.5.3.4-1), "-" where it has none

A nested key is written with dots; `actions` and `models` are maps of their own and stay whole.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

NONE = "-"
_EVENT, _OBJECT = "Event", "Participating Object (Study)"
_REMOTE, _EXPORTER, _MEDIA = "Remote user", "Exporting user or process", "Media"
_PATIENT = "Participating Object (Patient)"


class Row(NamedTuple):
    """One key of a record, its element in FHIR, and its field in DICOM's message."""

    key: str
    fhir: str
    dicom: str = NONE


MAPPING = (
    Row("v", "entity[line].detail[v]"),
    Row("seq", "id"),
    Row("ts", "recorded", f"{_EVENT}: EventDateTime"),
    Row("prev", "entity[line].detail[prev]"),
    Row("event", "entity[line].detail[event]", f"{_EVENT}: EventID"),
    Row("release_id", "entity[released].what.identifier.value", f"{_OBJECT}: ParticipantObjectID"),
    Row("outcome", "outcomeDesc", f"{_EVENT}: EventOutcomeIndicator"),
    Row("reason", "entity[line].detail[reason]"),
    Row("route", "agent[recipient].network.address", f"{_MEDIA}: NetworkAccessPointID"),
    Row("purpose", "purposeOfEvent.text"),
    Row("study", "entity[rules].detail[study]"),
    Row("basis", "entity[rules].detail[basis]"),
    Row("identifiability", "entity[released].detail[identifiability]", f"{_OBJECT}: Anonymized"),
    Row("job_no", "entity[released].detail[job_no]"),
    Row("image_no", "entity[released].detail[image_no]"),
    Row("coded_name", "entity[released].name", f"{_OBJECT}: ParticipantObjectName"),
    Row("subject", "entity[patient].what.identifier.value", f"{_PATIENT}: ParticipantObjectID"),
    Row("job_hmac", "entity[patient].detail[job_hmac]"),
    Row("user", "agent[custodian].who.display", f"{_EXPORTER}: UserID (the person)"),
    Row("process", "agent[source].altId", f"{_EXPORTER}: AlternativeUserID"),
    Row("recipient", "agent[recipient].name", f"{_REMOTE}: UserName"),
    Row("destination", "agent[recipient].who.display", f"{_REMOTE}: UserID"),
    Row("approval.user", "agent[approver].who.display"),
    Row("approval.uid", "agent[approver].altId"),
    Row("approval.reason", "entity[rules].detail[approval.reason]"),
    Row("source.sha256", "entity[original].detail[sha256]"),
    Row("source.bytes", "entity[original].detail[bytes]"),
    Row("source.kind", "entity[original].detail[kind]"),
    Row("source.name_hmac", "entity[original].detail[name_hmac]"),
    Row("result.sha256", "entity[released].detail[sha256]"),
    Row("result.bytes", "entity[released].detail[bytes]"),
    Row("result.kind", "entity[released].detail[kind]"),
    Row("identity.job", "entity[patient].detail[identity.job]"),
    Row("identity.image", "entity[patient].detail[identity.image]"),
    Row("identity.hc", "entity[patient].detail[identity.hc]"),
    Row("register", "entity[rules].detail[register]"),
    Row("register_row_hmac", "entity[rules].detail[register_row_hmac]"),
    Row("actions", "entity[released].detail[actions]"),
    Row("proof", "entity[released].detail[proof]"),
    Row("pixels", "entity[released].detail[pixels]"),
    Row("models", "entity[released].detail[models]"),
    Row("policy_sha256", "entity[rules].what.identifier.value"),
    Row("attempt", "entity[line].detail[attempt]"),
    Row("software", "source.observer.display", f"{_EXPORTER}: UserID (the process)"),
    Row("host", "agent[source].network.address", f"{_EXPORTER}: NetworkAccessPointID"),
)


def text_of(record: Mapping[str, Any], key: str) -> str | None:
    """The value of a key as a text; None where it is null or its object is.

    A list reads `a, b`, a map `a=1, b=2`. Control characters and what is no Unicode text (a
    recipient's folder may hold both) become U+FFFD.
    """
    value: Any = record
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if value is None or value in ("", [], {}):
        return None
    if isinstance(value, Mapping):
        value = ", ".join(f"{name}={value[name]}" for name in sorted(value))
    elif isinstance(value, list):
        value = ", ".join(map(str, value))
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(value))
