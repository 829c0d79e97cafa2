"""A published release as a FHIR AuditEvent: IHE BALP 1.1.4, PrivacyDisclosure.Source.

FHIR R4 (4.0.1) AuditEvent; what is fixed by the profile stands here, and where each key of the
record goes stands in `mapping`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from medrelease.audit.mapping import MAPPING, text_of

PROFILE = (
    "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PrivacyDisclosure.Source"
)
_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_HL7 = "http://terminology.hl7.org/CodeSystem"
_PURPOSES = {"care": "TREAT", "teaching": "TRAIN", "research": "HRESCH"}
"""Codes of v3-ActReason; it has none for publication, where the text alone stands."""

_STEP = re.compile(r"(\w+)(?:\[([\w.]+)\])?")


def disclosure(record: Mapping[str, Any]) -> dict[str, Any]:
    """The AuditEvent of a `release.published` record, as JSON takes it."""
    event, agents, entities = _fixed(record), _agents(), _entities()
    for row in MAPPING:
        text = text_of(record, row.key)
        if text is not None:
            _put({"agent": agents, "entity": entities}, event, row.fhir, text)
    if "what" not in entities["patient"]:  # a study's patient has no code in the trail
        entities["patient"]["what"] = {"identifier": {"value": text_of(record, "job_hmac") or "-"}}
    agents["recipient"].setdefault("who", {"display": text_of(record, "route") or "-"})
    agents["source"]["who"] = event["source"]["observer"]
    event["agent"] = [agent for agent in agents.values() if "who" in agent]
    event["entity"] = [entity for entity in entities.values() if entity.keys() - {"type", "role"}]
    return event


def _put(
    slices: Mapping[str, dict[str, dict[str, Any]]], event: dict[str, Any], path: str, text: str
) -> None:
    """Set one element, given by its path in the mapping."""
    steps = list(_steps(path))
    place: dict[str, Any] = event
    for name, inner in steps[:-1]:
        place = slices[name][inner] if inner else place.setdefault(name, {})
        place = place[0] if isinstance(place, list) else place
    name, inner = steps[-1]
    if inner:
        place.setdefault(name, []).append({"type": inner, "valueString": text})
    else:
        place[name] = text


def _steps(path: str) -> Iterator[tuple[str, str | None]]:
    for step in re.split(r"\.(?![^\[]*\])", path):
        match = _STEP.fullmatch(step)
        assert match is not None, path  # noqa: S101 - the paths are those of our own table
        yield match[1], match[2]


def _fixed(record: Mapping[str, Any]) -> dict[str, Any]:
    purpose: dict[str, Any] = {}
    code = _PURPOSES.get(str(record.get("purpose")))
    if code is not None:
        purpose["coding"] = [_coding(f"{_HL7}/v3-ActReason", code)]
    return {
        "resourceType": "AuditEvent",
        "meta": {"profile": [PROFILE]},
        "type": _coding(_DCM, "110106", "Export"),
        "subtype": [_coding(f"{_HL7}/iso-21089-lifecycle", "disclose")],
        "action": "R",
        "outcome": "0",
        "purposeOfEvent": [purpose],
        "source": {"observer": {}, "type": [_coding(f"{_HL7}/security-source-type", "4")]},
    }


def _agents() -> dict[str, dict[str, Any]]:
    """The agents of the profile by the names of its slices, and who agreed as second person."""
    return {
        "source": {
            "type": _concept(_DCM, "110153", "Source Role ID"),
            "requestor": False,
            "network": {"type": "1"},
        },
        "recipient": {
            "type": _concept(_DCM, "110152", "Destination Role ID"),
            "requestor": False,
            "network": {"type": "5"},
        },
        "custodian": {
            "type": _concept("http://snomed.info/sct", "159541003"),
            "requestor": True,
        },
        "approver": {"type": {"text": "second person who agreed"}, "requestor": False},
    }


def _entities() -> dict[str, dict[str, Any]]:
    """Whom and what it is about, by name: type and role of each (audit-entity-type, object-role).

    Only the patient is a person; the others are system objects.
    """
    roles = {"patient": "1", "released": "3", "original": "25", "rules": "13", "line": "17"}
    return {
        name: {
            "type": _coding(f"{_HL7}/audit-entity-type", "1" if name == "patient" else "2"),
            "role": _coding(f"{_HL7}/object-role", role),
        }
        for name, role in roles.items()
    }


def _coding(system: str, code: str, display: str | None = None) -> dict[str, str]:
    return {"system": system, "code": code} | ({"display": display} if display else {})


def _concept(system: str, code: str, display: str | None = None) -> dict[str, Any]:
    return {"coding": [_coding(system, code, display)]}
