"""Reading segments, the end of the trail, and what comes as it comes."""

import threading
from itertools import islice
from pathlib import Path

import pytest

from corpora.trails import HC, ULID, Site, release, ulid, work
from medrelease.audit import reading
from medrelease.audit.journal import journal_fields
from medrelease.audit.search import find
from medrelease.terms.words import Event


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site with three days of trail, two releases a day."""
    site = Site(tmp_path / "site")
    trail = site.open()
    for day in range(3):
        work(trail, 2 * day + 1, 2 * day + 2)
        site.clock.move(days=1)
    trail.close()
    return site


def seqs(found: object) -> list[int]:
    """The places in the chain."""
    return [record["seq"] for record in found]  # type: ignore[attr-defined]


def test_records_come_in_the_order_of_the_chain(site: Site) -> None:
    """Segments are read oldest first, and today's last."""
    found = seqs(record for _, record in reading.records(site.audit))
    assert found == list(range(1, len(found) + 1))
    assert len(reading.segments(site.audit)) == 3


def test_reading_after_a_line_leaves_older_segments_out(site: Site) -> None:
    """The line asked for is in the first segment that is read, and none is left out behind it."""
    total = sum(1 for _ in reading.records(site.audit))
    for after in range(total + 3):
        found = seqs(record for _, record in reading.records(site.audit, after))
        assert found[0] <= max(after, 1)
        assert found[-1] == total
    assert found[0] > 1


def test_a_reader_is_not_led_astray_by_midnight(site: Site) -> None:
    """A day that ends while the trail is read is neither doubled nor left out."""
    trail = site.open()
    lines = reading.lines(site.audit)
    first = next(lines)
    site.clock.move(days=1)
    work(trail, 9, 9)
    found = [first, *lines]
    trail.close()
    assert seqs(line.record for line in found) == list(range(1, len(found) + 1))


@pytest.mark.parametrize("count", [0, 1, 5, 12, 1000])
def test_tail_gives_the_last_records(site: Site, count: int) -> None:
    """The end of the trail over as many segments as it takes."""
    everything = [record for _, record in reading.records(site.audit)]
    assert reading.tail(site.audit, count) == (everything[-count:] if count else [])


def test_tail_of_no_trail_is_empty(tmp_path: Path) -> None:
    """A site that never ran has no line."""
    assert reading.tail(tmp_path, 10) == []


def test_follow_gives_what_comes(site: Site) -> None:
    """A follower sees lines that are written later, over midnight too, each once."""
    last = reading.tail(site.audit, 1)[0]["seq"]
    found: list[int] = []
    follower = threading.Thread(
        target=lambda: found.extend(seqs(islice(reading.follow(site.audit, last, pause=0.01), 4)))
    )
    follower.start()
    trail = site.open()
    site.clock.move(days=1)
    work(trail, 7, 9)
    follower.join(timeout=10)
    trail.close()
    assert found == list(range(last + 1, last + 5))


def test_find_gives_every_line_of_the_releases_meant(site: Site) -> None:
    """A line without the number belongs to the release that has it."""
    trail = site.open()
    trail.append(Event.ORIGINAL_DISPOSED, {"release_id": ulid(3)})
    trail.append(Event.RELEASE_HELD, {"release_id": ULID, "job_no": "24 00001"})
    trail.close()
    name = str(release(3)["coded_name"])
    for sought in ({"name": name}, {"name": name.upper()}):
        events = [record["event"] for record in find(site.audit, **sought)]
        assert events == ["release.intended", "release.published", "original.disposed"]
    assert [r["release_id"] for r in find(site.audit, job="24 00001")] == [ULID]
    assert len(list(find(site.audit, hc=HC))) == 13


def test_find_knows_a_number_from_a_part_of_one(site: Site) -> None:
    """Digits that continue on either side are another number."""
    assert not list(find(site.audit, hc="12 345 6789"))
    assert not list(find(site.audit, hc="012 345 678"))
    assert not list(find(site.audit))


def test_find_reaches_research_routes_by_code_and_hash(site: Site) -> None:
    """Where the trail names neither job nor subject, its keyed forms are searched."""
    code = "ABCD-EFGH-JKMN-PQRS-T"
    fields = {"release_id": ULID, "job_hmac": "ab" * 32, "coded_name": f"{code} -1.jpg"}
    trail = site.open()
    trail.append(Event.RELEASE_PUBLISHED, fields)
    trail.close()
    for sought in ({"subject": code}, {"subjects": {code}}, {"job_hmacs": {"ab" * 32}}):
        assert [r["release_id"] for r in find(site.audit, **sought)] == [ULID]


def test_the_journal_gets_no_name_number_or_free_text() -> None:
    """Whatever a record holds, its journal fields show the release and the program's own words."""
    record = {
        **release(1),
        "seq": 5,
        "event": "hold.resolved",
        "reason": f"wrong patient, was {HC}",
        "route": HC,
        "basis": "care",
        "actions": {"exif": 2, "note": HC, "gps": 1},
    }
    fields = journal_fields(record)
    assert not any("345" in text or "02210" in text for text in fields.values())
    assert fields["MEDRELEASE_RELEASE_ID"] == ulid(1)
    assert fields["MEDRELEASE_ACTIONS"] == "3"
    assert "MEDRELEASE_REASON" not in fields
    assert journal_fields({**record, "reason": "consent-missing"})["MEDRELEASE_REASON"] == (
        "consent-missing"
    )
