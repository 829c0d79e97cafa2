"""The trail for other programs: the mapping is whole, FHIR is valid, and no number leaves."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.auditevent import AuditEvent

from corpora.trails import HC, NAME, Site, release
from medrelease.audit import export
from medrelease.audit.disclosure import PROFILE, disclosure
from medrelease.audit.mapping import MAPPING, text_of
from medrelease.audit.record import KEYS, OBJECTS
from medrelease.terms.words import Event

DCM = "http://dicom.nema.org/resources/ontology/DCM"
NESTED = {
    "approval": {"user", "uid", "reason"},
    "source": {"sha256", "bytes", "kind", "name_hmac"},
    "result": {"sha256", "bytes", "kind"},
    "identity": {"job", "image", "hc"},
}
FULL: dict[str, Any] = {
    "basis": "care",
    "identifiability": "identifiable-coded",
    "job_hmac": "1" * 64,
    "user": "quinn",
    "process": "medrelease[1]",
    "recipient": "Dr Quinn",
    "destination": "Ward 7",
    "approval": {"user": "mcx", "uid": 1001, "reason": f"agreed for {HC}, 0123456789"},
    "identity": {"job": ["path", "register"], "image": [], "hc": ["path"]},
    "register": "present",
    "register_row_hmac": "2" * 64,
    "actions": {"exif": 3, "comment": 1},
    "proof": "coded-identical",
    "pixels": "not-examined",
    "models": {},
    "policy_sha256": "3" * 64,
    "attempt": 1,
}
RESEARCH: dict[str, Any] = {
    "route": "study",
    "purpose": "research",
    "study": "S-1",
    "job_no": None,
    "image_no": None,
    "subject": None,
    "coded_name": "0000-0000-0000-0000-0 -1.dcm",
    "job_hmac": "4" * 64,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trail with a whole record, a bare one, a study's, one of hostile words, and others."""
    site = Site(tmp_path_factory.mktemp("export") / "site")
    trail = site.open()
    for number, fields in enumerate(
        (
            FULL,
            {},
            FULL | RESEARCH,
            FULL | {"recipient": "=HYPERLINK(\x1b[31m\u202e\udc80)", "purpose": "print"},
        ),
        1,
    ):
        trail.append(Event.RELEASE_INTENDED, release(number, **fields))
        trail.append(Event.RELEASE_PUBLISHED, release(number, **fields))
    trail.append(Event.RELEASE_HELD, {"reason": "consent-missing"})
    trail.close()
    return site.audit


def hide(text: str) -> str:
    """A stand-in for the keyed hash that tells what it hid."""
    return f"hidden-{len(text)}"


def events(folder: Path, names: bool = False) -> Iterator[dict[str, Any]]:
    """The FHIR export."""
    out = io.StringIO()
    count = export.as_fhir(folder, out, None if names else hide)
    lines = out.getvalue().splitlines()
    assert len(lines) == count
    return map(json.loads, lines)


def test_the_mapping_has_every_key_once() -> None:
    """Every key of a record stands in the table one time, an object by its parts or as a map."""
    told = [row.key for row in MAPPING]
    assert len(told) == len(set(told))
    wanted = {key for key in KEYS if key not in NESTED}
    wanted |= {f"{key}.{part}" for key, parts in NESTED.items() for part in parts}
    assert set(told) == wanted
    assert set(NESTED) | {"actions", "models"} == OBJECTS


def test_the_mapping_is_one_to_one() -> None:
    """No two keys share an element, and each value of a record is found where the table says."""
    assert len({row.fhir for row in MAPPING}) == len(MAPPING)
    record = dict.fromkeys(KEYS) | release(1, **FULL) | {"models": {"text": "5" * 64}}
    record |= {"v": 1, "seq": 7, "ts": "2026-11-23T17:40:00.000000Z", "prev": "0" * 64}
    record |= {"event": "release.published", "reason": "none", "study": "S", "host": "h"}
    record |= {"software": "medrelease 0", "identity": {"job": ["a"], "image": ["b"], "hc": ["c"]}}
    written = json.dumps(disclosure(record))
    for row in MAPPING:
        text = text_of(record, row.key)
        assert text is not None, row.key
        assert json.dumps(text) in written, row.key


def test_every_event_is_valid_fhir(folder: Path) -> None:
    """A FHIR model library reads each event and gives back what was written."""
    found = list(events(folder))
    assert len(found) == 4
    for event in found:
        model = AuditEvent.model_validate(event)
        assert json.loads(model.model_dump_json(exclude_none=True))["id"] == event["id"]


def test_every_event_has_what_the_profile_asks(folder: Path) -> None:
    """The constraints of BALP 1.1.4 PrivacyDisclosure.Source, one after another."""
    for event in events(folder):
        assert event["meta"]["profile"] == [PROFILE]
        assert (event["type"]["system"], event["type"]["code"]) == (DCM, "110106")
        assert "disclose" in [each["code"] for each in event["subtype"]]
        assert (event["action"], event["outcome"]) == ("R", "0")
        assert event["purposeOfEvent"][0]
        coded = [agent for agent in event["agent"] if "coding" in agent["type"]]
        agents = {agent["type"]["coding"][0]["code"]: agent for agent in coded}
        assert len(event["agent"]) >= 2
        for code in ("110153", "110152"):
            assert agents[code]["who"]
            assert agents[code]["network"]["address"]
        assert agents["110153"]["who"] == event["source"]["observer"]
        patients = [e for e in event["entity"] if e["type"]["code"] == "1"]
        assert len(event["entity"]) >= 2
        assert len(patients) == 1
        assert patients[0]["role"]["code"] == "1"
        assert patients[0]["what"]["identifier"]["value"]
        assert not [e for e in event["entity"] if "name" in e and "query" in e]


def test_purposes_have_codes_where_there_are_some(folder: Path) -> None:
    """Care, teaching and research are coded; publication has its text alone."""
    told = [event["purposeOfEvent"][0] for event in events(folder)]
    assert [each["text"] for each in told] == ["care", "care", "research", "print"]
    assert [each.get("coding", [{}])[0].get("code") for each in told] == [
        "TREAT",
        "TREAT",
        "HRESCH",
        None,
    ]


def test_a_study_is_linked_by_its_own_hash_only(folder: Path) -> None:
    """On a research route the patient is the keyed hash of the study."""
    event = list(events(folder))[2]
    patient = next(e for e in event["entity"] if e["type"]["code"] == "1")
    assert patient["what"]["identifier"]["value"] == "4" * 64


@pytest.mark.parametrize("write", [export.as_csv, export.as_fhir])
def test_no_number_leaves_unless_it_is_asked_for(folder: Path, write: Any) -> None:
    """Names that carry an H&C number are hidden, and so are such numbers that people typed."""
    out = io.StringIO()
    write(folder, out, hide)
    assert HC not in out.getvalue()
    assert "0123456789" not in out.getvalue()
    assert "0000-0000-0000-0000-0 -1.dcm" in out.getvalue()
    assert f"agreed for {hide(HC)}, {hide(HC)}" in out.getvalue()
    out = io.StringIO()
    write(folder, out, None)
    assert NAME in out.getvalue()


def test_csv_has_every_record_and_every_key(folder: Path) -> None:
    """A line of column names, then each record; what is null is an empty cell."""
    out = io.StringIO(newline="")
    count = export.as_csv(folder, out, hide)
    header, *rows = csv.reader(io.StringIO(out.getvalue(), newline=""))
    assert header == [row.key for row in MAPPING]
    assert count == len(rows) == len((folder / "audit.jsonl").read_bytes().splitlines())
    assert [row[header.index("seq")] for row in rows] == [str(n) for n in range(1, count + 1)]
    held = rows[[row[header.index("event")] for row in rows].index("release.held")]
    assert held[header.index("coded_name")] == ""


def test_what_somebody_called_a_folder_does_no_harm(folder: Path) -> None:
    """No cell is a formula, and no control character or half of a character leaves."""
    out = io.StringIO(newline="")
    export.as_csv(folder, out, hide)
    cells = [c for row in csv.reader(io.StringIO(out.getvalue(), newline="")) for c in row]
    assert [c for c in cells if c.startswith(("=", "+", "-", "@"))] == []
    for text in (out.getvalue(), json.dumps(list(events(folder)), ensure_ascii=False)):
        text.encode()
        assert all(c.isprintable() for c in text.replace("\r\n", ""))
