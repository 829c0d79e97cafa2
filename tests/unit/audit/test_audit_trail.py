"""The trail under many threads, over days, and on disks that fail."""

import errno
import json
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpora.trails import Site, release, work
from medrelease.audit import reading
from medrelease.audit.line import digest
from medrelease.audit.verification import verify_trail
from medrelease.terms.faults import Defect, TrailBroken, TrailFault, Transient
from medrelease.terms.words import Event, Wait


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site whose trail is still empty."""
    return Site(tmp_path / "site")


def events(site: Site) -> list[str]:
    """Every event of the trail, oldest first."""
    return [record["event"] for _, record in reading.records(site.audit)]


def intact(site: Site) -> bool:
    """Whether the verification finds nothing."""
    return verify_trail(site.audit, site.signer.public).verdict == "intact"


def failing(monkeypatch: pytest.MonkeyPatch, name: str, error: int, place: Path) -> dict[str, int]:
    """Let an os call fail on one file until `left` reaches 0; `seen` counts the calls."""
    state = {"left": 1, "seen": 0}
    original: Callable[..., Any] = getattr(os, name)

    def call(descriptor: int, *rest: Any) -> Any:
        if Path(os.readlink(f"/proc/self/fd/{descriptor}")) == place:
            state["seen"] += 1
            if state["left"]:
                state["left"] -= 1
                if name == "write":
                    original(descriptor, bytes(rest[0])[:7])
                raise OSError(error, os.strerror(error))
        return original(descriptor, *rest)

    monkeypatch.setattr(os, name, call)
    return state


def test_a_trail_begins_opened_signed_and_with_mode_0640(site: Site) -> None:
    """The first line of a site is log.opened, and a note covers it."""
    site.open().close()
    assert events(site) == ["log.opened", "log.note"]
    assert stat.S_IMODE(site.today.stat().st_mode) == 0o640
    assert (site.audit / "notes" / "000000000001.note").exists()


def test_append_returns_the_record_that_stands_in_the_file(site: Site) -> None:
    """When append returns, the line is there to be read."""
    trail = site.open()
    record = trail.append(Event.RELEASE_HELD, release(1))
    assert json.loads(site.lines()[-1]) == record
    assert trail.head == (record and record["seq"], digest(site.lines()[-1].rstrip()))
    trail.close()
    with pytest.raises(TrailFault):
        trail.append(Event.RELEASE_HELD, {})


def test_thirty_two_threads_share_fsyncs(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every append is durable when it returns, and far fewer fsyncs than lines are made."""
    trail = site.open()
    syncs = failing(monkeypatch, "fsync", 0, site.today)
    syncs["left"] = 0

    def produce() -> None:
        for number in range(25):
            trail.append(Event.RELEASE_HELD, release(number))

    threads = [threading.Thread(target=produce) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    trail.close()
    assert events(site).count("release.held") == 800
    assert syncs["seen"] < 400
    assert intact(site)


def test_one_bad_record_of_a_batch_fails_alone(site: Site) -> None:
    """A record that is none is refused to its own caller only."""
    trail = site.open()
    outcomes: list[object] = []

    def produce(fields: dict[str, Any]) -> None:
        try:
            outcomes.append(trail.append(Event.RELEASE_HELD, fields))
        except Defect as defect:
            outcomes.append(defect)

    threads = [
        threading.Thread(target=produce, args=({"actions": {"a": bad}},))
        for bad in (1, object(), 2, object())
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    trail.close()
    assert sum(isinstance(outcome, Defect) for outcome in outcomes) == 2
    assert events(site).count("release.held") == 2
    assert intact(site)


def test_a_record_nobody_waits_for_is_written_soon(site: Site) -> None:
    """Without wait the caller goes on at once, and the close writes what is queued."""
    trail = site.open()
    assert trail.append(Event.ORIGINAL_DISPOSED, {}, wait=False) is None
    with pytest.raises(Defect):
        trail.append(Event.ORIGINAL_DISPOSED, {"colour": 1}, wait=False)
    trail.close()
    assert "original.disposed" in events(site)


def test_sinks_have_seen_the_record_when_append_returns(site: Site) -> None:
    """The ledger behind the trail is never behind its caller."""
    seen: list[int] = []
    trail = site.open(sinks=[lambda record: seen.append(record["seq"])])
    record = trail.append(Event.RELEASE_HELD, release(1))
    assert record is not None
    assert seen == list(range(1, record["seq"] + 1))
    trail.close()


def test_a_sink_that_raises_lets_nobody_wait_for_ever(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect behind the trail stops the releases rather than hanging them."""
    monkeypatch.setattr(threading, "excepthook", lambda _: None)

    def fail(record: dict[str, Any]) -> None:
        if record["event"] == "release.held":
            raise ZeroDivisionError

    trail = site.open(sinks=[fail])
    with pytest.raises(TrailFault):
        trail.append(Event.RELEASE_HELD, {})
    with pytest.raises(TrailFault):
        trail.append(Event.SERVICE_STOPPED, {})
    trail.close()


def test_midnight_begins_a_new_segment_under_the_same_chain(site: Site) -> None:
    """The old day's file gets its day's name and a note, the new one begins with log.opened."""
    trail = site.open()
    work(trail, 1, 2)
    site.clock.move(days=1)
    work(trail, 3, 3)
    trail.close()
    old = site.audit / "audit-2026-11-23.jsonl"
    assert json.loads(old.read_bytes().splitlines()[-1])["event"] == "log.note"
    assert json.loads(site.lines()[0])["event"] == "log.opened"
    assert [p.name for p in reading.segments(site.audit)] == [old.name, "audit.jsonl"]
    assert intact(site)


def test_a_start_on_another_day_closes_the_old_one(site: Site) -> None:
    """A segment that was left over night is given its day at the next start."""
    site.open().close()
    site.clock.move(days=3)
    site.open().close()
    assert reading.segments(site.audit)[0].name == "audit-2026-11-23.jsonl"
    assert intact(site)


def test_a_segment_of_the_day_is_never_overwritten(site: Site) -> None:
    """Where the day's name is taken the trail stops."""
    trail = site.open()
    other = site.audit / "audit-2026-11-23.jsonl"
    other.write_bytes(b"evidence\n")
    site.clock.move(days=1)
    with pytest.raises(TrailFault):
        trail.append(Event.RELEASE_HELD, {})
    trail.close()
    assert other.read_bytes() == b"evidence\n"


def test_a_clock_set_back_keeps_the_segment(site: Site) -> None:
    """Segments stay in the order of the chain whatever the clock does."""
    trail = site.open()
    site.clock.move(days=-2)
    work(trail, 1, 1)
    trail.close()
    site.open().close()
    assert reading.segments(site.audit) == [site.today]
    verdict = verify_trail(site.audit, site.signer.public)
    assert verdict.verdict == "intact"
    assert "clock" in {remark.code for remark in verdict.remarks}


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_leaves_no_byte_and_passes(
    site: Site, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    """A short write is cut back, the caller waits, and the next append succeeds."""
    trail = site.open()
    before = site.today.read_bytes()
    failing(monkeypatch, "write", error, site.today)
    with pytest.raises(Transient) as caught:
        trail.append(Event.RELEASE_HELD, release(1))
    assert caught.value.wait is Wait.NO_SPACE
    assert site.today.read_bytes() == before
    trail.append(Event.RELEASE_HELD, release(1))
    trail.close()
    assert intact(site)


def test_a_record_nobody_waits_for_outlives_a_full_disk(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody waits for is kept until there is room."""
    trail = site.open()
    full = failing(monkeypatch, "write", errno.ENOSPC, site.today)
    trail.append(Event.ORIGINAL_DISPOSED, {}, wait=False)
    while full["left"]:
        threading.Event().wait(0.01)
    trail.append(Event.RELEASE_HELD, {})
    trail.close()
    assert events(site).count("original.disposed") == 1


@pytest.mark.parametrize(
    ("call", "error"), [("write", errno.EIO), ("fsync", errno.EIO), ("fsync", errno.ENOSPC)]
)
def test_any_other_error_ends_all_releases(
    site: Site, monkeypatch: pytest.MonkeyPatch, call: str, error: int
) -> None:
    """After such an error nothing is appended any more; a restart writes the segment anew."""
    trail = site.open()
    work(trail, 1, 2)
    inode = site.today.stat().st_ino
    with monkeypatch.context() as patched:
        failing(patched, call, error, site.today)
        with pytest.raises(TrailFault):
            trail.append(Event.RELEASE_HELD, release(3))
    with pytest.raises(TrailFault):
        trail.append(Event.RELEASE_HELD, release(3))
    assert trail.fault is not None
    trail.close()
    site.open().close()
    assert site.today.stat().st_ino != inode
    assert intact(site)


def test_a_trail_moved_or_written_by_another_program_stops(site: Site) -> None:
    """Nobody else rotates or writes the trail."""
    trail = site.open()
    with site.today.open("ab") as file:
        file.write(b"{}\n")
    with pytest.raises(TrailFault):
        trail.append(Event.RELEASE_HELD, {})
    trail.close()


@pytest.mark.parametrize("torn", [b'{"v":1,"seq":', b"no json\n", b"\0" * 4096, b"\0\0\nx\ny\n"])
def test_a_torn_end_is_cut_off_kept_aside_and_recorded(site: Site, torn: bytes) -> None:
    """What a crash left unfinished is no record, and is not lost either."""
    trail = site.open()
    work(trail, 1, 2)
    trail.close()
    with site.today.open("ab") as file:
        file.write(torn)
    assert verify_trail(site.audit, site.signer.public).verdict == "intact"
    site.open().close()
    assert events(site)[-2:] == ["log.recovered", "log.note"]
    assert [p.read_bytes() for p in (site.audit / "torn").iterdir()] == [torn]
    assert intact(site)


def test_a_torn_first_line_is_recovered(site: Site) -> None:
    """A site whose very first write was cut begins again."""
    site.today.write_bytes(b'{"v":1')
    site.open().close()
    assert events(site) == ["log.opened", "log.recovered", "log.note"]
    assert intact(site)


def test_an_empty_file_is_begun_with_log_opened(site: Site) -> None:
    """A crash between making the file and its first line loses nothing."""
    site.today.touch()
    site.open().close()
    assert events(site)[0] == "log.opened"


def test_a_crash_in_the_middle_of_midnight_is_continued(site: Site) -> None:
    """The old day renamed and no new file yet: the chain goes on in a new one."""
    trail = site.open()
    work(trail, 1, 1)
    trail.close()
    site.today.rename(site.audit / "audit-2026-11-23.jsonl")
    site.clock.move(days=1)
    site.open().close()
    assert intact(site)


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [*lines[:2], lines[2].replace(b"clinician", b"clinicien"), *lines[3:]],
        lambda lines: [*lines[:2], *lines[3:]],
        lambda lines: [*lines[:2], b"no json\n", *lines[3:]],
        lambda lines: lines[:2],
        lambda lines: [lines[0].replace(b'"ts":"2026', b'"ts":"abcd'), *lines[1:]],
    ],
)
def test_a_changed_trail_is_not_continued(
    site: Site, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    """Edited, shortened or cut lines are found at the start: exit 12, not recovery."""
    trail = site.open()
    work(trail, 1, 3)
    trail.close()
    site.rewrite(change(site.lines()))
    with pytest.raises(TrailBroken):
        site.open()


def test_another_sites_key_does_not_continue_the_trail(site: Site) -> None:
    """A lost or changed key is seen at the start."""
    site.open().close()
    (site.root / "keys" / "trail.pem").unlink()
    with pytest.raises(TrailBroken):
        site.open()


def test_notes_are_made_by_lines_and_also_written_elsewhere(site: Site, tmp_path: Path) -> None:
    """Every so many lines a note is made, and a copy goes to the other folder."""
    other = tmp_path / "elsewhere"
    other.mkdir()
    trail = site.open(checkpoint_lines=10, notes_dir=other)
    work(trail, 1, 30)
    trail.close()
    here = sorted(p.name for p in (site.audit / "notes").glob("*.note"))
    assert len(here) >= 6
    assert here == sorted(p.name for p in other.iterdir())
    assert intact(site)


def test_notes_are_made_by_time(site: Site) -> None:
    """A single line is covered after the set seconds."""
    trail = site.open(checkpoint_seconds=0.05)
    trail.append(Event.RELEASE_HELD, {})
    for _ in range(100):
        if events(site)[-1] == "log.note":
            break
        threading.Event().wait(0.02)
    assert events(site)[-1] == "log.note"
    trail.close()


def test_a_note_that_cannot_be_written_stops_no_release(site: Site, tmp_path: Path) -> None:
    """The other folder may be gone: the trail says so and goes on."""
    trail = site.open(notes_dir=tmp_path / "not there")
    trail.append(Event.RELEASE_HELD, {})
    assert trail.note_fault == "ENOENT"
    trail.close()
    assert intact(site)
