"""The index follows the trail, can be lost, and answers what a release asks."""

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from corpora.trails import Site, release, ulid, work
from medrelease.audit import reading
from medrelease.ledger import reader
from medrelease.ledger.store import Ledger
from medrelease.terms.faults import Defect, TrailBroken, Transient
from medrelease.terms.words import Event, Wait

CODE = "ABCD-EFGH-JKMN-PQRS-T"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site whose trail is still empty."""
    return Site(tmp_path / "site")


@pytest.fixture
def ledger(site: Site) -> Iterator[Ledger]:
    """An empty index."""
    ledger = Ledger(site.root / "ledger.sqlite")
    yield ledger
    ledger.close()


def tell(site: Site, ledger: Ledger, *events: tuple[Event, Mapping[str, Any]]) -> None:
    """Append to the trail with the index behind it."""
    trail = site.open(sinks=[ledger.apply])
    for event, fields in events:
        trail.append(event, fields)
    trail.close()


def test_the_head_is_the_trails_head(site: Site, ledger: Ledger) -> None:
    """The index hashes a record as the trail hashed its line."""
    tell(site, ledger, (Event.RELEASE_HELD, release(1, user="Zoë")))
    raw, record = list(reading.records(site.audit))[-1]
    assert ledger.head()[0] == record["seq"]
    fresh = Ledger(site.root / "fresh.sqlite")
    assert fresh.roll_forward([(r, x) for r, x in reading.records(site.audit)]) == record["seq"]
    assert fresh.head() == ledger.head()
    fresh.close()
    assert raw


def test_states_follow_the_events(site: Site, ledger: Ledger) -> None:
    """Intended, published, removed; held, resolved; repeated."""
    steps = [
        (Event.RELEASE_INTENDED, "intended"),
        (Event.RELEASE_PUBLISHED, "published"),
        (Event.ORIGINAL_DISPOSED, "published"),
        (Event.RELEASE_REMOVED, "removed"),
        (Event.RELEASE_HELD, "held"),
        (Event.HOLD_RESOLVED, "none"),
        (Event.RELEASE_REPEATED, "repeated"),
    ]
    assert ledger.state(ulid(1)) == "none"
    assert not ledger.knows(ulid(1))
    for event, state in steps:
        tell(site, ledger, (event, release(1, reason="consent-missing")))
        assert ledger.state(ulid(1)) == state
    found = ledger.release(ulid(1))
    assert found is not None
    assert (found.disposed, found.reason) == (True, None)


def test_a_number_is_used_once_a_release_was_intended(site: Site, ledger: Ledger) -> None:
    """A held file's number is free, and a removed file's stays used."""
    tell(
        site,
        ledger,
        (Event.RELEASE_INTENDED, release(1)),
        (Event.RELEASE_INTENDED, release(2)),
        (Event.RELEASE_HELD, release(3)),
        (Event.RELEASE_REMOVED, release(1)),
        (Event.RELEASE_HELD, release(2, image_no=None)),
        (Event.RELEASE_PUBLISHED, release(4, job_no="23 02211")),
    )
    assert ledger.numbers_of_job("23 02210") == {1, 2}
    assert ledger.numbers_of_job("23 02211") == {4}
    assert ledger.numbers_of_subject("clinician", "0000-0000-0000-0000-0") == {1, 2, 4}
    assert ledger.numbers_of_subject("teaching", "0000-0000-0000-0000-0") == set()


def test_research_numbers_are_read_out_of_the_coded_name(site: Site, ledger: Ledger) -> None:
    """Where the trail names neither subject nor number, the name does."""
    secret = {"job_no": None, "image_no": None, "subject": None, "study": "S1", "route": "s1"}
    tell(
        site,
        ledger,
        (Event.RELEASE_INTENDED, release(1, **secret, coded_name=f"{CODE} -7.jpg")),
        (Event.RELEASE_INTENDED, release(2, **secret, coded_name="another form.jpg")),
    )
    assert ledger.numbers_of_subject("s1", CODE) == {7}
    found = ledger.release(ulid(1))
    assert found is not None
    assert (found.subject, found.image_no, found.job_no) == (CODE, 7, None)


def test_same_bytes_and_names_are_found(site: Site, ledger: Ledger) -> None:
    """Releases of the same source, and the one that stands under a name."""
    name = str(release(1)["coded_name"])
    tell(
        site,
        ledger,
        (Event.RELEASE_PUBLISHED, release(1)),
        (Event.RELEASE_HELD, release(2, source=release(1)["source"])),
    )
    assert [r.release_id for r in ledger.same_bytes(release(1)["source"]["sha256"])] == [ulid(1)]
    known = ledger.known_in_released("clinician", name)
    assert known is not None
    assert known.result_sha256 == release(1)["result"]["sha256"]
    assert ledger.known_in_released("print", name) is None
    tell(site, ledger, (Event.RELEASE_REMOVED, release(1)))
    assert ledger.known_in_released("clinician", name) is None


def test_what_is_held_and_what_was_published(site: Site, ledger: Ledger) -> None:
    """Lists and counts for people, by the service and by a verb that only reads."""
    tell(site, ledger, (Event.RELEASE_PUBLISHED, release(1)))
    site.clock.move(hours=1)
    tell(
        site,
        ledger,
        (Event.RELEASE_HELD, release(3, reason="consent-missing")),
        (Event.RELEASE_HELD, release(2, reason="empty")),
        (Event.RELEASE_PUBLISHED, release(4)),
    )
    place = site.root / "ledger.sqlite"
    assert [(r.release_id, r.reason) for r in ledger.held()] == [
        (ulid(3), "consent-missing"),
        (ulid(2), "empty"),
    ]
    assert [r.release_id for r in ledger.published_since("2026-11-23T18")] == [ulid(4)]
    assert [r.release_id for r in ledger.published_before("2026-11-23T18")] == [ulid(1)]
    assert reader.counts(place, "2026-11-23T18") == {"held": 2, "released_today": 1}
    assert reader.held_list(place)[0] == {
        "release_id": ulid(3),
        "route": "clinician",
        "reason": "consent-missing",
        "since": "2026-11-23T18:40:00.000000Z",
    }
    assert reader.head(place) == ledger.head()


def test_a_site_that_never_ran_has_nothing(tmp_path: Path) -> None:
    """Reading makes no file."""
    place = tmp_path / "ledger.sqlite"
    assert reader.counts(place, "2026") == {"held": 0, "released_today": 0}
    assert reader.held_list(place) == []
    assert reader.head(place) is None
    assert not place.exists()


def test_roll_forward_takes_what_is_missing(site: Site, ledger: Ledger) -> None:
    """A start folds in what a crash kept from the index, in days that it has not seen."""
    tell(site, ledger, (Event.RELEASE_PUBLISHED, release(1)))
    trail = site.open()
    work(trail, 2, 3)
    site.clock.move(days=1)
    work(trail, 4, 5)
    trail.close()
    assert ledger.roll_forward(reading.records(site.audit, ledger.head()[0])) > 0
    assert ledger.numbers_of_job("23 02210") == {1, 2, 3, 4, 5}
    assert ledger.roll_forward(reading.records(site.audit, ledger.head()[0])) == 0


def test_the_index_reads_the_trail_between_recovery_and_the_first_new_line(
    site: Site, ledger: Ledger
) -> None:
    """What is folded in is durable by then, and a cut trail gets no line more."""

    def catch_up() -> None:
        ledger.roll_forward(reading.records(site.audit, ledger.head()[0]))

    trail = site.open()
    work(trail, 1, 2)
    trail.close()
    trail = site.open(sinks=[ledger.apply], recovered=catch_up)
    work(trail, 3, 3)
    trail.close()
    assert ledger.numbers_of_job("23 02210") == {1, 2, 3}
    for note in (site.audit / "notes").glob("*.note"):
        note.unlink()
    site.rewrite(site.lines()[:4])
    with pytest.raises(TrailBroken):
        site.open(recovered=catch_up)
    assert len(site.lines()) == 4


@pytest.mark.parametrize("kept", [0, 1, 3])
def test_a_trail_behind_the_ledger_was_cut(site: Site, ledger: Ledger, kept: int) -> None:
    """The index remembers a line that the trail has lost."""
    tell(site, ledger, (Event.RELEASE_PUBLISHED, release(1)))
    site.rewrite(site.lines()[:kept])
    with pytest.raises(TrailBroken):
        ledger.roll_forward(reading.records(site.audit, ledger.head()[0]))


def test_a_trail_with_another_line_was_changed(site: Site, ledger: Ledger) -> None:
    """The index remembers the hash of the last line."""
    tell(site, ledger, (Event.RELEASE_PUBLISHED, release(1)))
    site.rewrite([*site.lines()[:-1], site.lines()[-1].replace(b"2026-", b"2025-")])
    with pytest.raises(TrailBroken):
        ledger.roll_forward(reading.records(site.audit, ledger.head()[0]))


def test_a_gap_is_a_defect_and_a_known_line_nothing(site: Site, ledger: Ledger) -> None:
    """Lines come in order; one that comes again changes nothing."""
    trail = site.open()
    work(trail, 1, 2)
    trail.close()
    found = [record for _, record in reading.records(site.audit)]
    ledger.apply(found[0])
    ledger.apply(found[0])
    assert ledger.head()[0] == 1
    with pytest.raises(Defect):
        ledger.apply(found[2])


def test_a_damaged_index_is_set_aside_and_made_again(site: Site, ledger: Ledger) -> None:
    """The trail is the truth: a lost index costs nothing but time."""
    tell(site, ledger, (Event.RELEASE_PUBLISHED, release(1)))
    ledger.close()
    place = site.root / "ledger.sqlite"
    place.write_bytes(b"no database" * 1000)
    again = Ledger(place)
    assert again.head()[0] == 0
    again.roll_forward(reading.records(site.audit))
    assert again.state(ulid(1)) == "published"
    assert (site.root / "ledger.sqlite.damaged").exists()
    again.close()


def test_a_full_disk_makes_questions_wait_and_loses_nothing(
    site: Site, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the index cannot be written no stale number is given out."""

    def full(*_: object) -> None:
        error = sqlite3.OperationalError("full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    with monkeypatch.context() as patched:
        patched.setattr("medrelease.ledger.store._upsert", full)
        tell(site, ledger, (Event.RELEASE_PUBLISHED, release(1)))
        with pytest.raises(Transient) as caught:
            ledger.numbers_of_job("23 02210")
        assert caught.value.wait is Wait.NO_SPACE
    assert ledger.numbers_of_job("23 02210") == {1}


def test_the_files_are_for_the_service_alone(site: Site, ledger: Ledger) -> None:
    """The state's databases have mode 0600."""
    assert (site.root / "ledger.sqlite").stat().st_mode & 0o777 == 0o600
    assert ledger.head() == (0, "0" * 64)
