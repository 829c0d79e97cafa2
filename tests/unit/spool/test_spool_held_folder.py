"""Held as it lies there: what is listed, which notes and folders go."""

import os
from datetime import UTC, datetime, timedelta

from corpora import shares
from medrelease.spool import held_folder, notes
from medrelease.spool.layout import Layout


def test_scan_lists_files_with_their_releases(layout: Layout) -> None:
    """Each held file is listed with the release id of its note, sorted by path."""
    release_id = shares.release_id()
    shares.drop(layout, b"sub/\xff.jpg", root="held")
    shares.drop(layout, b"sub/\xff.jpg.WHY.txt", f"Release: {release_id}".encode(), "held")
    shares.drop(layout, b"alone.jpg", root="held")
    (layout.held("clinician") / "link").symlink_to("/etc/passwd")
    found = held_folder.scan_held(layout, shares.ROUTES, lambda _: True)
    assert [(held.path, held.release_id) for held in found] == [
        (b"alone.jpg", None),
        (b"sub/\xff.jpg", release_id),
    ]


def test_notes_go_with_their_file(layout: Layout) -> None:
    """A note of ours without its file is removed; one whose claim still runs, or that the trail
    does not know, stays."""
    gone, running, foreign = (shares.release_id() for _ in range(3))
    for name, release_id in (("gone", gone), ("running", running), ("foreign", foreign)):
        shares.drop(layout, f"{name}.jpg.WHY.txt".encode(), release_id.encode(), "held")
    os.mkdir(layout.private / "claims" / running)
    found = held_folder.scan_held(layout, shares.ROUTES, {gone, running}.__contains__)
    assert sorted(os.listdir(layout.held("clinician"))) == [
        "foreign.jpg.WHY.txt",
        "running.jpg.WHY.txt",
    ]
    assert [held.path for held in found] == [b"foreign.jpg.WHY.txt"]


def test_returned_note(layout: Layout) -> None:
    """A note of ours that came back into an outbox is removed; any other such file is not."""
    ours, foreign = shares.release_id(), shares.release_id()
    shares.drop(layout, b"sub/a.jpg.WHY.txt", b"Release: " + ours.encode())
    shares.drop(layout, b"b.jpg.WHY.txt", b"Release: " + foreign.encode())
    shares.drop(layout, b"c.jpg.WHY.txt", b"my own remarks")
    known = {ours}.__contains__
    assert notes.remove_returned(layout, "clinician", b"sub/a.jpg.WHY.txt", known)
    assert not notes.remove_returned(layout, "clinician", b"b.jpg.WHY.txt", known)
    assert not notes.remove_returned(layout, "clinician", b"c.jpg.WHY.txt", known)
    assert len(shares.tree(layout.outbox("clinician"))) == 3


def test_emptied_folders_go_after_patience(layout: Layout) -> None:
    """A sub-folder that has stood empty for the patience goes, a route's folder never."""
    for name in ("empty", "young", "full", "nested/inner"):
        (layout.outbox("clinician") / name).mkdir(parents=True)
    shares.drop(layout, b"full/a.jpg")
    now = datetime.now(UTC) + timedelta(seconds=700)
    os.utime(layout.outbox("clinician") / "young", (now.timestamp(), now.timestamp()))
    removed = held_folder.remove_empty_folders(layout, "outbox", shares.ROUTES, now, 600)
    assert removed == 2
    assert sorted(os.listdir(layout.outbox("clinician"))) == ["full", "nested", "young"]
    assert layout.outbox("teaching").is_dir()


def test_deleted_route_folder_is_made_again(layout: Layout) -> None:
    """Looking through held makes a deleted route folder again."""
    os.rmdir(layout.held("teaching"))
    assert held_folder.scan_held(layout, shares.ROUTES, lambda _: True) == ()
    assert layout.held("teaching").is_dir()
