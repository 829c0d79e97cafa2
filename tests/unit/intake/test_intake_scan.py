"""The look at the outbox: everything that is there, nothing that is not."""

import os
import socket
import time
from pathlib import Path

import pytest

from corpora import shares
from medrelease.intake.litter import is_litter
from medrelease.intake.scan import look
from medrelease.intake.share import Share
from medrelease.spool.layout import Layout
from medrelease.terms.faults import Transient
from medrelease.terms.words import Wait

ROUTES = frozenset(shares.ROUTES)


@pytest.fixture(name="layout")
def _layout(tmp_path: Path) -> Layout:
    return shares.make(tmp_path)


@pytest.fixture(name="share")
def _share(layout: Layout) -> Share:
    return Share.pin(layout.share)


def test_files_at_any_depth(layout: Layout, share: Share) -> None:
    """Files are found at every depth, by raw bytes, with the stamp that lstat gives."""
    paths = [b"a.jpg", b"x/y/z/\xff\xfe.jpg", b"n" * 255, b"deep/" * 200 + b"b.jpg", b"a\nb.jpg"]
    arrivals = [shares.drop(layout, path) for path in paths]
    found = look(share, ROUTES)
    assert {(seen.path, seen.stamp) for seen in found.arrivals} == {
        (arrival.path, arrival.stamp) for arrival in arrivals
    }
    assert (found.specials, found.unknown_routes, found.litter, found.errors) == ([], [], 0, 0)


def test_specials_are_reported_and_left(layout: Layout, share: Share) -> None:
    """Links, FIFOs and sockets are named by kind; nothing behind a link is looked at."""
    route = layout.outbox("clinician")
    (route / "to a file").symlink_to("/etc/passwd")
    (route / "to a folder").symlink_to("/etc")
    os.mkfifo(route / "fifo")
    with socket.socket(socket.AF_UNIX) as sock:
        here = Path.cwd()
        os.chdir(route)
        sock.bind("socket")
        os.chdir(here)
    found = look(share, ROUTES)
    assert found.arrivals == []
    assert {(special.kind, special.path) for special in found.specials} == {
        ("symbolic link", b"to a file"),
        ("symbolic link", b"to a folder"),
        ("fifo", b"fifo"),
        ("socket", b"socket"),
    }
    assert len(os.listdir(route)) == 4


def test_route_folder_swapped_for_a_link(layout: Layout, share: Share, tmp_path: Path) -> None:
    """A route folder that became a symbolic link is a special, not a way out."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.jpg").touch()
    layout.outbox("clinician").rmdir()
    layout.outbox("clinician").symlink_to(tmp_path / "outside")
    found = look(share, ROUTES)
    assert found.arrivals == []
    assert [(special.kind, special.route) for special in found.specials] == [
        ("symbolic link", "clinician")
    ]


LITTER = [
    "Thumbs.db",
    "THUMBS.DB",
    ".DS_Store",
    "desktop.ini",
    "Desktop.INI",
    "._IMG_1.jpg",
    "~$letter.docx",
    ".hidden",
    "a.tmp",
    "A.TMP",
    "a.jpg.part",
    "a.crdownload",
    "a.partial",
    "a.filepart",
    "~WRL0001.tmp",
    "a.jpg~",
]


def test_litter_is_counted_and_left(layout: Layout, share: Share) -> None:
    """Litter of every kind, in any case, and hidden folders whole, are ignored."""
    for name in [*LITTER, ".Trash/a.jpg", "keep.jpg"]:
        shares.drop(layout, name.encode())
    found = look(share, ROUTES)
    assert [seen.path for seen in found.arrivals] == [b"keep.jpg"]
    assert found.litter == len(LITTER) + 1
    assert len(shares.tree(layout.outbox("clinician"))) == len(LITTER) + 3


@pytest.mark.parametrize(
    "name", ["thumbs.db.jpg", "a.tmp.jpg", "part", "~a.jpg", "tmp", "a.WHY.txt"]
)
def test_what_is_no_litter(name: str) -> None:
    """A name that only resembles litter is a file like all others."""
    assert not is_litter(name.encode())


def test_unknown_routes(layout: Layout, share: Share) -> None:
    """Folders and files beside the route folders are told apart from drops."""
    (layout.share / "outbox" / "elsewhere").mkdir()
    (layout.share / "outbox" / "elsewhere" / "a.jpg").touch()
    (layout.share / "outbox" / "b.jpg").touch()
    found = look(share, ROUTES)
    assert found.arrivals == []
    assert sorted(found.unknown_routes) == [b"b.jpg", b"elsewhere"]


def test_missing_route_folder_is_no_fault(layout: Layout, share: Share) -> None:
    """A route folder that was deleted stops no look; the others are still seen."""
    layout.outbox("teaching").rmdir()
    shares.drop(layout, b"a.jpg")
    assert len(look(share, ROUTES).arrivals) == 1


@pytest.mark.parametrize("gone", ["outbox", ".medrelease/sentinel"])
def test_share_that_went_away(layout: Layout, share: Share, gone: str) -> None:
    """A share without its outbox or sentinel is a fault that waits, never an empty list."""
    (layout.share / gone).rename(layout.share / "elsewhere")
    with pytest.raises(Transient) as caught:
        look(share, ROUTES)
    assert caught.value.wait is Wait.SHARE_GONE


def test_another_share_in_its_place(layout: Layout, share: Share) -> None:
    """A sentinel that is not the pinned one means another share is mounted there."""
    layout.sentinel.write_text("another")
    with pytest.raises(Transient):
        look(share, ROUTES)
    with pytest.raises(Transient):
        Share.pin(layout.share / "outbox")


def test_closed_folder_is_counted(layout: Layout, share: Share, unprivileged: None) -> None:
    """A folder that may not be entered is an error that stops no other."""
    shares.drop(layout, b"closed/a.jpg")
    shares.drop(layout, b"open/b.jpg")
    (layout.outbox("clinician") / "closed").chmod(0)
    found = look(share, ROUTES)
    (layout.outbox("clinician") / "closed").chmod(0o700)
    assert (len(found.arrivals), found.errors) == (1, 1)


def test_no_descriptor_leaks(layout: Layout, share: Share) -> None:
    """A look closes every folder that it opened."""
    shares.drop(layout, b"a/b/c/d.jpg")
    before = len(os.listdir("/proc/self/fd"))
    look(share, ROUTES)
    assert len(os.listdir("/proc/self/fd")) == before


def test_look_is_fast(layout: Layout, share: Share) -> None:
    """Ten thousand files in a thousand folders cost a small part of a second."""
    for n in range(1000):
        folder = layout.outbox("clinician") / f"{n:04d}"
        folder.mkdir()
        for m in range(10):
            (folder / f"{m}.jpg").touch()
    began = time.process_time()
    assert len(look(share, ROUTES).arrivals) == 10_000
    assert time.process_time() - began < 1.5
