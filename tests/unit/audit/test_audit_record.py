"""What makes a record complete, and a line of it."""

import json
from datetime import UTC, datetime

import pytest

from medrelease.audit.line import START, parse, timestamp
from medrelease.audit.record import DETAIL_KEYS, KEYS, complete
from medrelease.audit.rendering import Renderer
from medrelease.terms.faults import Defect
from medrelease.terms.words import Event, Outcome

CONTRACT = """
    v seq ts prev event release_id outcome reason route purpose study basis identifiability
    job_no image_no coded_name subject job_hmac user process recipient destination approval
    source result identity register register_row_hmac actions proof pixels models policy_sha256
    attempt software host
"""
NOW = datetime(2026, 11, 23, 17, 40, 0, 123456, tzinfo=UTC)


def test_keys_are_those_of_the_contract_in_its_order() -> None:
    """The keys of a record are DESIGN.md 5.5 to the letter."""
    assert tuple(CONTRACT.split()) == KEYS


def test_every_key_is_present_and_null_where_nothing_applies() -> None:
    """An event that says nothing still has every key."""
    record = complete(Event.SERVICE_STARTED, {})
    assert tuple(record) == KEYS
    assert {key: value for key, value in record.items() if value is not None} == {
        "v": 1,
        "event": "service.started",
    }


@pytest.mark.parametrize("key", ["seq", "prev", "ts", "v", "event", "host", "software", "colour"])
def test_a_key_that_no_event_may_set_is_a_defect(key: str) -> None:
    """Neither unknown keys nor the trail's own can be set by an event."""
    with pytest.raises(Defect):
        complete(Event.SERVICE_STARTED, {key: "1"})


@pytest.mark.parametrize(
    ("key", "value"),
    [("source", "text"), ("route", {"a": 1}), ("attempt", True), ("user", b"x"), ("proof", 1.5)],
)
def test_a_value_of_the_wrong_kind_is_a_defect(key: str, value: object) -> None:
    """Objects are objects and scalars are scalars."""
    with pytest.raises(Defect):
        complete(Event.RELEASE_HELD, {key: value})


def test_every_detail_key_takes_what_it_gave() -> None:
    """The details of a record can be recorded again, as a recovery does."""
    record = complete(Event.RELEASE_INTENDED, {"route": "a", "source": {"bytes": 1}})
    again = complete(Event.RELEASE_PUBLISHED, {key: record[key] for key in DETAIL_KEYS})
    assert {**again, "event": record["event"]} == record


def test_a_line_is_plain_ascii_json_without_spaces() -> None:
    """A name in any script is escaped, and the record reads back."""
    line = Renderer().render(Event.RELEASE_HELD, {"user": "Zoë\n\udcff", "reason": "x"}, START, NOW)
    assert line.raw.isascii()
    assert b"\n" not in line.raw
    assert json.loads(line.raw) == line.record == parse(line.raw)
    assert line.raw == json.dumps(line.record, separators=(",", ":")).encode()


def test_a_line_carries_its_place_in_the_chain() -> None:
    """The first line has seq 1 and 64 zeros, and the next the first one's hash."""
    renderer = Renderer()
    first = renderer.render(Event.LOG_OPENED, {}, START, NOW)
    second = renderer.render(Event.LOG_OPENED, {}, first.head, NOW)
    assert (first.record["seq"], first.record["prev"]) == (1, "0" * 64)
    assert (second.record["seq"], second.record["prev"]) == (2, first.head.sha256)
    assert first.record["ts"] == "2026-11-23T17:40:00.123456Z"


@pytest.mark.parametrize("value", [{"a": object()}, {"a": float("nan")}, {1: {2, 3}}])
def test_what_is_no_json_is_a_defect_and_not_its_repr(value: dict[object, object]) -> None:
    """structlog's habit of writing the repr of anything is switched off."""
    with pytest.raises(Defect):
        Renderer().render(Event.RELEASE_HELD, {"actions": value}, START, NOW)


def test_an_endless_line_is_a_defect() -> None:
    """No line is longer than a reader takes."""
    with pytest.raises(Defect):
        Renderer().render(Event.RELEASE_HELD, {"user": "x" * (1 << 20)}, START, NOW)


def test_enumerations_are_written_as_their_words() -> None:
    """A StrEnum stands in the line as its value."""
    line = Renderer().render(Event.RELEASE_HELD, {"outcome": Outcome.HELD}, START, NOW)
    assert b'"outcome":"held"' in line.raw


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b'{"seq":1}', b'{"seq":true,"prev":"a"}', b"\xff"]
)
def test_anything_else_is_no_record(raw: bytes) -> None:
    """Only an object with a place in a chain is read as a record."""
    assert parse(raw) is None


def test_moments_are_utc_with_microseconds() -> None:
    """A moment of another zone is written in UTC."""
    assert timestamp(datetime.fromisoformat("2026-11-23T18:40:00+01:00")) == (
        "2026-11-23T17:40:00.000000Z"
    )
