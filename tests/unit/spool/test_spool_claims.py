"""Claims: taken, watched, sent back and found again, whatever others do meanwhile."""

import os
import stat

import pytest

from corpora import shares
from medrelease.spool import files, origin
from medrelease.spool.claims import Blocked, Claims
from medrelease.spool.layout import Layout
from medrelease.terms.faults import Transient
from medrelease.terms.flow import Claim
from medrelease.terms.words import Reason, Wait


def taken(claims: Claims, layout: Layout, path: bytes, data: bytes = b"an image") -> Claim:
    """A claim on a file that was just dropped."""
    claim = claims.take(shares.drop(layout, path, data), shares.release_id())
    assert isinstance(claim, Claim)
    return claim


def outbox(layout: Layout) -> dict[bytes, bytes | None]:
    """What lies in the outbox of the route."""
    return shares.tree(layout.outbox("clinician"))


NAMES = [
    b"IMG_0001.JPG",
    b"23 02210/to Dr Quinn/a.jpg",
    b"\xff\xfe not utf-8 \x80.jpg",
    b"n" * 251 + b".jpg",
    b"new\nline.jpg",
    b"deep/" * 60 + b"a.jpg",
]


@pytest.mark.parametrize("path", NAMES, ids=range(len(NAMES)))
def test_take_and_send_back(claims: Claims, layout: Layout, path: bytes) -> None:
    """A claim moves the file where only the service reaches it, and sending back undoes it."""
    claim = taken(claims, layout, path)
    assert not any(outbox(layout).values())
    place = layout.private / claims.relative_path(claim)
    assert place.read_bytes() == b"an image"
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert claims.recheck(claim)
    assert claims.send_back(claim) == path
    assert outbox(layout)[path] == b"an image"
    assert not os.listdir(layout.private / "claims")


def test_take_many_shares_its_fsyncs(
    claims: Claims, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred files are claimed with two waits for the disk, not with hundreds."""
    synced: list[str] = []
    monkeypatch.setattr(files, "sync", lambda _: synced.append("one"))
    monkeypatch.setattr(files, "sync_filesystem", lambda _: synced.append("all"))
    arrivals = [(shares.drop(layout, b"%d.jpg" % n), shares.release_id()) for n in range(100)]
    results = claims.take_many(arrivals)
    assert [type(result) for result in results] == [Claim] * 100
    assert synced == ["all", "all"]


def test_one_bad_file_stops_no_other(claims: Claims, layout: Layout) -> None:
    """In one batch every file gets an answer of its own."""
    good = shares.drop(layout, b"good.jpg")
    gone = shares.drop(layout, b"gone/gone.jpg")
    linked = shares.drop(layout, b"linked.jpg")
    os.unlink(layout.outbox("clinician") / "gone/gone.jpg")
    os.link(layout.outbox("clinician") / "linked.jpg", layout.share / "elsewhere")
    linked = shares.arrival(layout, b"linked.jpg")
    batch = [(each, shares.release_id()) for each in (gone, good, linked)]
    first, second, third = claims.take_many(batch)
    assert first is Wait.UNSTABLE
    assert isinstance(second, Claim)
    assert isinstance(third, Blocked)
    assert third.hold.reason is Reason.HARD_LINK
    assert len(os.listdir(layout.private / "claims")) == 2


def test_open_writer_waits(claims: Claims, layout: Layout) -> None:
    """A file that somebody has open for writing is not taken, however still it is."""
    arrival = shares.drop(layout, b"a.jpg")
    with open(layout.outbox("clinician") / "a.jpg", "ab"):
        assert claims.take(arrival, shares.release_id()) is Wait.UNSTABLE
    assert outbox(layout) == {b"a.jpg": b"an image"}
    assert not os.listdir(layout.private / "claims")
    assert isinstance(claims.take(arrival, shares.release_id()), Claim)


def test_changed_since_the_look_waits(claims: Claims, layout: Layout) -> None:
    """A file that is not what the scan saw is left for the next look."""
    arrival = shares.drop(layout, b"a.jpg")
    shares.drop(layout, b"a.jpg", b"another image")
    assert claims.take(arrival, shares.release_id()) is Wait.UNSTABLE
    assert outbox(layout) == {b"a.jpg": b"another image"}


def test_write_after_the_claim_is_noticed(claims: Claims, layout: Layout) -> None:
    """A claimed file that is opened for writing again fails the look after the last read."""
    claim = taken(claims, layout, b"a.jpg")
    assert claim.leased
    place = layout.private / claims.relative_path(claim)
    with pytest.raises(BlockingIOError):
        os.open(place, os.O_WRONLY | os.O_NONBLOCK)
    assert not claims.recheck(claim)


def test_changes_are_noticed_without_a_lease(
    claims: Claims, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where leases are not to be had, size, times and links still tell."""
    monkeypatch.setattr("medrelease.spool.lease.fcntl.fcntl", _no_lease)
    grown, linked = taken(claims, layout, b"a.jpg"), taken(claims, layout, b"b.jpg")
    assert not grown.leased
    assert claims.recheck(grown)
    with open(layout.private / claims.relative_path(grown), "ab") as file:
        file.write(b"more")
    assert not claims.recheck(grown)
    os.link(layout.private / claims.relative_path(linked), layout.share / "second name")
    assert not claims.recheck(linked)


def _no_lease(*_: object) -> int:
    raise OSError(22, "no leases here")


def test_descriptor_kept_by_the_uploader(
    claims: Claims, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that opens the file between look and rename sends it back to waiting."""
    arrival = shares.drop(layout, b"a.jpg")
    place = layout.outbox("clinician") / "a.jpg"
    rename = files.rename_noreplace
    kept: list[int] = []

    def opened_just_then(*arguments: int | bytes) -> None:
        rename(*arguments)  # type: ignore[arg-type]
        if not kept:
            monkeypatch.setattr("medrelease.spool.lease.fcntl.fcntl", _no_lease_for_writer)
            kept.append(1)

    def _no_lease_for_writer(*_: object) -> int:
        raise BlockingIOError(11, "open for writing")

    monkeypatch.setattr(files, "rename_noreplace", opened_just_then)
    assert claims.take(arrival, shares.release_id()) is Wait.UNSTABLE
    assert place.read_bytes() == b"an image"
    assert not os.listdir(layout.private / "claims")


@pytest.mark.parametrize("swap", ["file", "link"])
def test_swapped_just_before_the_rename(
    claims: Claims, layout: Layout, monkeypatch: pytest.MonkeyPatch, swap: str
) -> None:
    """Another file or a link put in its place at the last moment goes back, unread."""
    secret = layout.share / "secret"
    secret.write_bytes(b"another patient")
    arrival = shares.drop(layout, b"a.jpg")
    place = layout.outbox("clinician") / "a.jpg"
    rename = files.rename_noreplace

    def swapped(*arguments: int | bytes) -> None:
        monkeypatch.setattr(files, "rename_noreplace", rename)
        place.unlink()
        place.symlink_to(secret) if swap == "link" else place.write_bytes(b"an image")
        rename(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(files, "rename_noreplace", swapped)
    assert claims.take(arrival, shares.release_id()) is Wait.UNSTABLE
    assert place.is_symlink() == (swap == "link")
    assert not os.listdir(layout.private / "claims")


def test_parent_swapped_for_a_link(claims: Claims, layout: Layout) -> None:
    """A folder of the path that became a symbolic link leads nowhere."""
    arrival = shares.drop(layout, b"sub/a.jpg")
    outside = layout.share / "outside"
    (layout.outbox("clinician") / "sub").rename(outside)
    (layout.outbox("clinician") / "sub").symlink_to(outside)
    assert claims.take(arrival, shares.release_id()) is Wait.UNSTABLE
    assert (outside / "a.jpg").exists()


def test_special_files_are_not_claimed(claims: Claims, layout: Layout) -> None:
    """A FIFO or symbolic link is neither opened nor moved."""
    os.mkfifo(layout.outbox("clinician") / "fifo")
    (layout.outbox("clinician") / "link").symlink_to("/etc/passwd")
    for name in (b"fifo", b"link"):
        found = claims.take(shares.arrival(layout, name), shares.release_id())
        assert found is Wait.UNSTABLE
    assert len(outbox(layout)) == 2


def test_unreadable_is_blocked(claims: Claims, layout: Layout, unprivileged: None) -> None:
    """A file that the service may not read is claimed unread, to be held."""
    shares.drop(layout, b"a.jpg")
    os.chmod(layout.outbox("clinician") / "a.jpg", 0)
    found = claims.take(shares.arrival(layout, b"a.jpg"), shares.release_id())
    assert isinstance(found, Blocked)
    assert found.hold.reason is Reason.UNREADABLE


def test_folder_that_gives_nothing_away_waits(
    claims: Claims, layout: Layout, unprivileged: None
) -> None:
    """A file in a folder that it cannot be renamed out of waits, where it is."""
    arrival = shares.drop(layout, b"sub/a.jpg")
    os.chmod(layout.outbox("clinician") / "sub", 0o555)
    assert claims.take(arrival, shares.release_id()) is Wait.SHARE_GONE
    os.chmod(layout.outbox("clinician") / "sub", 0o755)
    assert not os.listdir(layout.private / "claims")


def test_send_back_overwrites_nothing(claims: Claims, layout: Layout) -> None:
    """A name taken meanwhile gets `~` and six characters; a folder turned file is stepped over."""
    claim = taken(claims, layout, b"sub/a.jpg")
    shares.drop(layout, b"sub/a.jpg", b"newer")
    back = claims.send_back(claim)
    assert back == b"sub/a~" + claim.release_id[-6:].encode() + b".jpg"
    other = taken(claims, layout, b"folder/b.jpg")
    os.rmdir(layout.outbox("clinician") / "folder")
    shares.drop(layout, b"folder", b"a file now")
    assert claims.send_back(other) == b"b.jpg"
    assert outbox(layout)[b"sub/a.jpg"] == b"newer"


def test_send_back_into_a_deleted_outbox(claims: Claims, layout: Layout) -> None:
    """Route folders that were deleted meanwhile are made again."""
    claim = taken(claims, layout, b"sub/a.jpg")
    os.rmdir(layout.outbox("clinician") / "sub")
    os.rmdir(layout.outbox("clinician"))
    assert claims.send_back(claim) == b"sub/a.jpg"


def test_pending_after_a_restart(claims: Claims, layout: Layout) -> None:
    """A new start finds every claim with its origin, and clears what was never moved."""
    first = taken(claims, layout, b"\xff/a.jpg")
    second = taken(claims, layout, b"b.jpg")
    claims.close_all()
    os.mkdir(layout.private / "claims" / shares.release_id())
    again = Claims(layout)
    pending = again.pending()
    assert [(c.release_id, c.path, c.stamp) for c in pending] == [
        (c.release_id, c.path, c.stamp) for c in (first, second)
    ]
    assert len(os.listdir(layout.private / "claims")) == 2
    resumed = again.resume(pending[0])
    assert isinstance(resumed, Claim)
    assert resumed.leased
    assert again.recheck(resumed)
    again.close_all()


def test_pending_finishes_a_half_done_move(claims: Claims, layout: Layout) -> None:
    """A file that a crash left both in the outbox and in its claim is claimed, once."""
    claim = taken(claims, layout, b"sub/a.jpg")
    claims.close_all()
    os.link(layout.private / claims.relative_path(claim), layout.outbox("clinician") / "sub/a.jpg")
    pending = Claims(layout).pending()
    assert [c.stamp.nlink for c in pending] == [1]
    assert not (layout.outbox("clinician") / "sub/a.jpg").exists()


def test_pending_with_a_torn_origin_loses_nothing(claims: Claims, layout: Layout) -> None:
    """A claim whose origin cannot be read is still a claim, on some route."""
    claim = taken(claims, layout, b"a.jpg")
    claims.close_all()
    (layout.private / "claims" / claim.release_id / os.fsdecode(origin.NAME)).write_bytes(b"{")
    (found,) = Claims(layout).pending()
    assert (found.release_id, found.route) == (claim.release_id, "clinician")


def test_resume_sends_an_open_file_back(claims: Claims, layout: Layout) -> None:
    """A claim that its uploader still writes to goes back to the outbox at a restart."""
    claim = taken(claims, layout, b"a.jpg")
    claims.close_all()
    with open(layout.private / claims.relative_path(claim), "ab"):
        again = Claims(layout)
        assert again.resume(again.pending()[0]) is Wait.UNSTABLE
    assert outbox(layout) == {b"a.jpg": b"an image"}


def test_resume_while_it_is_held(claims: Claims, layout: Layout) -> None:
    """A claim that is taken up again within one run keeps one descriptor, not two."""
    claim = taken(claims, layout, b"a.jpg")
    before = len(os.listdir("/proc/self/fd"))
    resumed = claims.resume(claim)
    assert resumed == claim
    assert len(os.listdir("/proc/self/fd")) == before


def test_share_gone_is_transient(claims: Claims, layout: Layout) -> None:
    """Nothing is claimed, and nothing is made, where the share is not there."""
    arrival = shares.drop(layout, b"a.jpg")
    layout.private.rename(layout.share / "elsewhere")
    with pytest.raises(Transient) as caught:
        claims.take(arrival, shares.release_id())
    assert caught.value.wait is Wait.SHARE_GONE
    with pytest.raises(Transient):
        layout.make(shares.ROUTES)
    assert not layout.private.exists()


def test_no_space_leaves_the_file(
    claims: Claims, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full while the origin is written leaves the file where it was."""

    def full(*_: object) -> None:
        raise OSError(28, "no space")

    arrival = shares.drop(layout, b"a.jpg")
    monkeypatch.setattr(files, "write_new", full)
    assert claims.take(arrival, shares.release_id()) is Wait.NO_SPACE
    assert outbox(layout) == {b"a.jpg": b"an image"}
    assert not os.listdir(layout.private / "claims")


def test_failed_fsync_sends_files_back(
    claims: Claims, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Moves that cannot be made durable are undone, each file back where it was."""
    arrivals = [(shares.drop(layout, b"%d.jpg" % n), shares.release_id()) for n in range(6)]
    calls: list[int] = []

    def second_fails(_: int) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise OSError(5, "input/output error")

    monkeypatch.setattr(files, "sync_filesystem", second_fails)
    assert claims.take_many(arrivals) == [Wait.SHARE_GONE] * 6
    assert len(outbox(layout)) == 6


def test_no_descriptor_leaks(claims: Claims, layout: Layout) -> None:
    """Each claim holds one descriptor, and closing lets go of it."""
    before = len(os.listdir("/proc/self/fd"))
    held = [taken(claims, layout, b"%d.jpg" % n) for n in range(8)]
    assert len(os.listdir("/proc/self/fd")) == before + 8
    for claim in held:
        claims.send_back(claim)
    assert len(os.listdir("/proc/self/fd")) == before
