"""Every attack on the trail, and the verdict it must give."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from corpora.trails import Site, release, work
from medrelease.audit.checkpoint import parse_note
from medrelease.audit.findings import Verdict
from medrelease.audit.line import digest
from medrelease.audit.verification import ReleasedFile, verify_trail
from medrelease.terms.words import Event


@pytest.fixture(scope="module")
def intact_site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site with a day's work and several notes."""
    site = Site(tmp_path_factory.mktemp("intact") / "site")
    trail = site.open(checkpoint_lines=8)
    work(trail, 1, 20)
    trail.close()
    return site


@pytest.fixture
def site(intact_site: Site, tmp_path: Path) -> Site:
    """A copy that a test may attack."""
    return intact_site.copy(tmp_path / "site")


def verdict(site: Site, **given: object) -> Verdict:
    """What the verification says."""
    return verify_trail(site.audit, site.signer.public, **given)  # type: ignore[arg-type]


def codes(found: Verdict) -> set[str]:
    """The codes of the findings."""
    return {finding.code for finding in found.findings}


def head(site: Site) -> tuple[int, str]:
    """The ledger's head of a trail that is known to be good."""
    lines = site.lines()
    return len(lines), digest(lines[-1].rstrip(b"\n"))


def forge(lines: list[bytes], start: int, **fields: object) -> list[bytes]:
    """Change a line and make the chain good again from there, as one who knows the format."""
    records = [json.loads(line) for line in lines]
    records[start] |= fields
    made = lines[:start]
    for record in records[start:]:
        record["prev"] = digest(made[-1].rstrip(b"\n")) if made else "0" * 64
        record["seq"] = len(made) + 1
        made.append(json.dumps(record, separators=(",", ":")).encode() + b"\n")
    return made


def remove_notes(site: Site, after: int) -> None:
    """Remove the notes that cover more than so many lines."""
    for note in (site.audit / "notes").glob("*.note"):
        if int(note.stem) > after:
            note.unlink()


def test_an_untouched_trail_is_intact(site: Site) -> None:
    """Without an attack there is no finding, and the head is the last line's hash."""
    found = verdict(site, ledger_head=head(site))
    assert (found.verdict, found.findings, found.findings_count) == ("intact", (), 0)
    assert (found.records, found.head) == head(site)


Attack = Callable[[list[bytes]], list[bytes]]
ATTACKS: dict[str, Attack] = {
    "edit": lambda ls: [*ls[:9], ls[9].replace(b'"care"', b'"print"'), *ls[10:]],
    "edit first": lambda ls: [ls[0].replace(b"log.opened", b"log.closed"), *ls[1:]],
    "delete": lambda ls: [*ls[:9], *ls[10:]],
    "delete first": lambda ls: ls[1:],
    "reorder": lambda ls: [*ls[:9], ls[10], ls[9], *ls[11:]],
    "duplicate": lambda ls: [*ls[:10], ls[9], *ls[10:]],
    "duplicate last": lambda ls: [*ls, ls[-1]],
    "garbage": lambda ls: [*ls[:9], b"garbage\n", *ls[9:]],
    "zero bytes": lambda ls: [*ls[:9], b"\0\0\n", *ls[9:]],
    "another key": lambda ls: [*ls[:-1], ls[-1].replace(b'"proof"', b'"prove"')],
    "cut": lambda ls: ls[:15],
    "cut to nothing": lambda ls: [],
    "rewrite": lambda ls: forge(ls, 9, purpose="print"),
    "rewrite and cut": lambda ls: forge(ls, 9, purpose="print")[:15],
    "insert": lambda ls: forge([*ls[:9], ls[9], *ls[9:]], 9),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_an_attack_on_the_lines_is_seen(site: Site, attack: Attack) -> None:
    """Edit, delete, reorder, duplicate, cut and rewrite without the key all break the verdict."""
    site.rewrite(attack(site.lines()))
    assert verdict(site).verdict == "broken"


def test_an_edit_of_the_last_line_is_seen_by_the_ledger(site: Site) -> None:
    """Behind the newest note only the ledger knows the line."""
    known = head(site)
    site.rewrite([*site.lines()[:-1], site.lines()[-1].replace(b"2026-11", b"2025-11")])
    assert codes(verdict(site, ledger_head=known)) == {"ledger-mismatch"}


def test_a_rewrite_with_its_notes_removed_is_seen(site: Site) -> None:
    """The lines that tell of notes accuse who took the notes away."""
    site.rewrite(forge(site.lines(), 9, purpose="print"))
    remove_notes(site, 9)
    assert "note-missing" in codes(verdict(site))


def test_a_rewrite_with_no_note_left_is_seen(site: Site) -> None:
    """A trail of some length without any note is not the service's."""
    quiet = [line for line in site.lines() if b"log.note" not in line]
    site.rewrite(forge(quiet, 0, purpose="print"))
    remove_notes(site, 0)
    assert codes(verdict(site)) == {"no-note"}


def test_a_rollback_of_trail_and_notes_is_seen_from_elsewhere(site: Site) -> None:
    """Only the ledger, or a note that left the host, knows what was rolled back."""
    known = head(site)
    newest = sorted((site.audit / "notes").glob("*.note"))[-1]
    elsewhere = parse_note(newest.read_bytes())
    lines = site.lines()
    end = max(n for n, line in enumerate(lines[:-5]) if b"log.note" in line) + 1
    site.rewrite(lines[:end])
    remove_notes(site, end - 1)
    assert verdict(site).verdict == "intact"
    assert codes(verdict(site, ledger_head=known)) == {"ledger-ahead"}
    assert codes(verdict(site, notes=[elsewhere])) == {"note-ahead"}


def test_a_note_from_elsewhere_that_agrees_is_accepted(site: Site) -> None:
    """A newer note of the same trail changes nothing."""
    newest = sorted((site.audit / "notes").glob("*.note"))[-1]
    note = parse_note(newest.read_bytes())
    newest.unlink()
    assert note is not None
    found = verdict(site, notes=[note])
    assert found.unsigned == 1
    assert "note-missing" in codes(found)


def test_a_forged_note_is_seen(site: Site, tmp_path: Path) -> None:
    """A note signed by another key, or no note at all, breaks the verdict."""
    newest = sorted((site.audit / "notes").glob("*.note"))[-1]
    note = parse_note(newest.read_bytes())
    assert note is not None
    newest.write_bytes(Site(tmp_path / "other").signer.sign(note.checkpoint).text())
    assert "note-forged" in codes(verdict(site))
    newest.write_bytes(b"nothing")
    assert "note-forged" in codes(verdict(site))


def test_a_missing_day_is_seen(site: Site) -> None:
    """A whole segment that is taken away breaks the chain."""
    trail = site.open()
    site.clock.move(days=1)
    work(trail, 21, 21)
    trail.close()
    assert verdict(site).verdict == "intact"
    (site.audit / "audit-2026-11-23.jsonl").unlink()
    assert "chain" in codes(verdict(site))


def test_a_torn_line_at_the_end_of_an_earlier_day_is_no_crash(site: Site) -> None:
    """Only today's file can have been torn by a crash."""
    trail = site.open()
    site.clock.move(days=1)
    trail.append(Event.RELEASE_HELD, {})
    trail.close()
    with (site.audit / "audit-2026-11-23.jsonl").open("ab") as file:
        file.write(b"{")
    assert verdict(site).verdict == "broken"


def test_a_torn_last_line_is_a_remark(site: Site) -> None:
    """What a crash leaves is recovery and not exit 12."""
    with site.today.open("ab") as file:
        file.write(b'{"v":1,"se')
    found = verdict(site)
    assert found.verdict == "intact"
    assert "torn" in {remark.code for remark in found.remarks}


def test_findings_are_bounded(site: Site) -> None:
    """A wholly wrong trail gives a hundred findings and their count."""
    site.rewrite([b'{"seq":5,"prev":"x"}\n'] * 500)
    found = verdict(site)
    assert len(found.findings) == 100
    assert found.findings_count > 900


def test_no_finding_carries_a_name_or_number(site: Site) -> None:
    """Findings point to lines by seq only."""
    site.rewrite(ATTACKS["edit"](site.lines()))
    found = verdict(site, released=[ReleasedFile("clinician", "23 02210 -99-x.jpg", lambda: "0")])
    assert "23 02210" not in repr(found)
    assert "012 345" not in repr(found)


def on_disk(number: int, content: bytes | None = None) -> ReleasedFile:
    """The released file of an image, or other bytes under its name."""
    sha256 = release(number)["result"]["sha256"]
    if content is not None:
        sha256 = hashlib.sha256(content).hexdigest()
    return ReleasedFile("clinician", str(release(number)["coded_name"]), lambda: sha256)


def gone() -> str:
    """A file that was removed after it was listed."""
    raise FileNotFoundError


def test_released_files_that_stand_as_published_are_fine(site: Site) -> None:
    """Every file present: no remark; some sent and taken away: one remark."""
    assert verdict(site, released=[on_disk(n) for n in range(1, 21)]).remarks == ()
    found = verdict(site, released=[on_disk(n) for n in range(1, 11)])
    assert found.verdict == "intact"
    assert [remark.code for remark in found.remarks] == ["absent"]


def test_an_unknown_or_altered_released_file_breaks_the_verdict(site: Site) -> None:
    """Exit 12 for a file that no line published, or whose bytes are others."""
    assert codes(verdict(site, released=[on_disk(1, b"other")])) == {"released-altered"}
    assert codes(verdict(site, released=[on_disk(99)])) == {"released-unknown"}
    wrong_route = on_disk(1)._replace(route="print")
    assert codes(verdict(site, released=[wrong_route])) == {"released-unknown"}


def test_a_release_under_way_or_taken_away_is_a_remark(site: Site) -> None:
    """Between intended and published, and between recording a removal and removing."""
    trail = site.open()
    trail.append(Event.RELEASE_INTENDED, release(30))
    trail.append(Event.RELEASE_REMOVED, release(1, result=None))
    trail.close()
    found = verdict(site, released=[on_disk(30), on_disk(1), on_disk(2)._replace(sha256=gone)])
    assert found.verdict == "intact"
    assert {"unfinished", "not-removed"} <= {remark.code for remark in found.remarks}


def test_progress_is_reported(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long verification says how far it is."""
    monkeypatch.setattr("medrelease.audit.verification._STEP", 10)
    seen: list[int] = []
    verify_trail(site.audit, site.signer.public, progress=seen.append)
    assert seen[:3] == [10, 20, 30]
