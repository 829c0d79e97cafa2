"""Publishing and the store of originals: whole, once, and never over another file."""

import hashlib
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from corpora import shares
from medrelease.spool import files, lease, originals, publishing, work
from medrelease.spool.claims import Claims
from medrelease.spool.layout import Layout
from medrelease.terms.faults import Defect, Transient
from medrelease.terms.flow import Claim, Published, Verified
from medrelease.terms.words import Format, Proof, Wait

NOW = datetime(2026, 11, 23, 17, 40, tzinfo=UTC)
NAME = "23 02210 -1-012 345 6789.jpg"


@pytest.fixture(name="claim")
def _claim(layout: Layout, claims: Claims) -> Claim:
    taken = claims.take(shares.drop(layout, b"sub/a.jpg"), shares.release_id())
    assert isinstance(taken, Claim)
    return taken


def finished(layout: Layout, claim: Claim, data: bytes = b"clean") -> Verified:
    """A work file as a worker leaves it, accepted by the verifier."""
    name = work.name(claim, 1)
    place = layout.private / work.relative_path(name)
    place.write_bytes(data)
    place.chmod(0o600)
    digest = hashlib.sha256(data).hexdigest()
    return Verified(
        claim, name, Format.JPEG, digest, len(data), "", Proof.CODED_IDENTICAL, actions={}
    )


def test_publish(layout: Layout, claim: Claim) -> None:
    """A released file has its coded name, mode 0640, the time of release and no attributes."""
    verified = finished(layout, claim)
    place = layout.private / work.relative_path(verified.work)
    os.setxattr(place, "user.origin", b"camera")
    published = publishing.publish(layout, verified, NAME, NOW)
    assert published == Published(verified, NAME)
    released = layout.released("clinician") / NAME
    assert released.read_bytes() == b"clean"
    assert stat.S_IMODE(released.stat().st_mode) == 0o640
    assert released.stat().st_mtime == NOW.timestamp()
    assert os.listxattr(released) == []
    assert not place.exists()
    assert publishing.digest(released) == verified.sha256
    assert publishing.released_names(layout, "clinician") == (NAME.encode(),)


def test_publish_overwrites_nothing(layout: Layout, claim: Claim) -> None:
    """A name that is taken is an answer, and both files stay as they are."""
    shares.drop(layout, NAME.encode(), b"earlier", "released")
    assert publishing.publish(layout, finished(layout, claim), NAME, NOW) is None
    assert (layout.released("clinician") / NAME).read_bytes() == b"earlier"


@pytest.mark.parametrize("error", [38, 22, 95], ids=["ENOSYS", "EINVAL", "EOPNOTSUPP"])
def test_publish_without_renameat2(
    layout: Layout, claim: Claim, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    """Where the kernel cannot rename without replacing, link and unlink do the same."""

    class Old:
        def renameat2(self, *_: object) -> int:
            return -1

    monkeypatch.setattr(files, "_libc", Old())
    monkeypatch.setattr(files.ctypes, "get_errno", lambda: error)
    assert publishing.publish(layout, finished(layout, claim), NAME, NOW) is not None
    assert (layout.released("clinician") / NAME).stat().st_nlink == 1
    assert publishing.publish(layout, finished(layout, claim), NAME, NOW) is None


def test_half_done_publication_reads_as_done(layout: Layout, claim: Claim) -> None:
    """A crash between link and unlink left both names: publishing again takes the work's away."""
    verified = finished(layout, claim)
    place = layout.private / work.relative_path(verified.work)
    os.link(place, layout.released("clinician") / NAME)
    assert publishing.publish(layout, verified, NAME, NOW) is not None
    assert not place.exists()


def test_other_bytes_are_not_published(layout: Layout, claim: Claim) -> None:
    """A work file that changed after the verifier read it is a defect, not a release."""
    verified = finished(layout, claim)
    (layout.private / work.relative_path(verified.work)).write_bytes(b"dirty")
    with pytest.raises(Defect):
        publishing.publish(layout, verified, NAME, NOW)
    assert publishing.released_names(layout, "clinician") == ()


def test_worker_that_kept_its_descriptor(layout: Layout, claim: Claim) -> None:
    """A work file that somebody can still write to is not published."""
    verified = finished(layout, claim)
    with (
        open(layout.private / work.relative_path(verified.work), "r+b"),
        pytest.raises(Defect, match="open for writing"),
    ):
        publishing.publish(layout, verified, NAME, NOW)


@pytest.mark.parametrize("name", ["../a.jpg", ".hidden", "/a.jpg"])
def test_coded_name_is_a_name(layout: Layout, claim: Claim, name: str) -> None:
    """A coded name that leads elsewhere is refused."""
    with pytest.raises(Defect):
        publishing.publish(layout, finished(layout, claim), name, NOW)


def test_deleted_released_folder_is_made_again(layout: Layout, claim: Claim) -> None:
    """A released route folder that was deleted is there again, with its mode."""
    os.rmdir(layout.released("clinician"))
    publishing.ready(layout, "clinician")
    assert publishing.publish(layout, finished(layout, claim), NAME, NOW) is not None
    assert stat.S_IMODE(layout.released("clinician").stat().st_mode) == 0o2750


def test_read_only_released_folder_waits(layout: Layout, claim: Claim, unprivileged: None) -> None:
    """A released folder that cannot be written to makes the file wait, before and at the move."""
    layout.released("clinician").chmod(0o550)
    with pytest.raises(Transient):
        publishing.ready(layout, "clinician")
    with pytest.raises(Transient):
        publishing.publish(layout, finished(layout, claim), NAME, NOW)
    layout.released("clinician").chmod(0o750)


def test_full_disk_waits(layout: Layout, claim: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    """ENOSPC while publishing is told as such."""

    def full(*_: object) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(files, "rename_noreplace", full)
    with pytest.raises(Transient) as caught:
        publishing.publish(layout, finished(layout, claim), NAME, NOW)
    assert caught.value.wait is Wait.NO_SPACE


def test_a_worker_that_kept_its_output_changes_nothing(
    layout: Layout, claim: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With leases such a file is refused; without, what is published is a copy of its own."""
    verified = finished(layout, claim)
    kept = os.open(layout.private / work.relative_path(verified.work), os.O_WRONLY)
    try:
        with pytest.raises(Defect, match="open for writing"):
            publishing.publish(layout, verified, NAME, NOW)
        monkeypatch.setattr(lease, "take", lambda _: lease.Lease.UNAVAILABLE)
        assert isinstance(publishing.publish(layout, verified, NAME, NOW), Published)
        os.pwrite(kept, b"Siobhan", 0)
    finally:
        os.close(kept)
    assert (layout.released("clinician") / NAME).read_bytes() == b"clean"
    assert os.listdir(layout.private / "work") == []


def test_remove_released(layout: Layout) -> None:
    """What was sent can be removed, once."""
    shares.drop(layout, NAME.encode(), b"sent", "released")
    assert publishing.remove_released(layout, "clinician", NAME)
    assert not publishing.remove_released(layout, "clinician", NAME)
    assert publishing.digest(layout.released("clinician") / NAME) is None


def test_work_files(layout: Layout, claim: Claim) -> None:
    """Work files are removed by name, by release, or all at the start."""
    for attempt in range(3):
        (layout.private / work.relative_path(work.name(claim, attempt))).touch()
    (layout.private / "work" / "other.1").touch()
    work.remove(layout, work.name(claim, 0))
    work.remove(layout, work.name(claim, 0))
    assert len(os.listdir(layout.private / "work")) == 3
    work.remove_all(layout, claim.release_id)
    assert os.listdir(layout.private / "work") == ["other.1"]
    work.remove_leftovers(layout)
    assert os.listdir(layout.private / "work") == []


def test_dispose_and_restore(layout: Layout, claims: Claims, claim: Claim, tmp_path: Path) -> None:
    """An original goes into the store with its digest, and comes back where it was dropped."""
    original = originals.dispose(layout, claims, claim, NOW)
    assert original is not None
    assert original.sha256 == hashlib.sha256(b"an image").hexdigest()
    assert originals.dispose(layout, claims, claim, NOW) == original
    assert originals.list_originals(layout) == (original,)
    assert claims.pending() == []
    originals.copy_to(layout, original, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"an image"
    with pytest.raises(Transient):
        originals.copy_to(layout, original, tmp_path / "copy")
    assert originals.restore_to_outbox(layout, original) == b"sub/a.jpg"
    assert (layout.outbox("clinician") / "sub/a.jpg").read_bytes() == b"an image"
    assert originals.list_originals(layout) == ()


def test_unreadable_original_is_stored(
    layout: Layout, claims: Claims, claim: Claim, unprivileged: None
) -> None:
    """A discarded file that may not be read is kept like any other, without a digest."""
    (layout.private / claims.relative_path(claim)).chmod(0)
    original = originals.dispose(layout, claims, claim, NOW)
    assert original is not None
    assert original.sha256 == ""


def test_originals_expire(layout: Layout, claims: Claims, claim: Claim) -> None:
    """Originals go after their days, not before."""
    originals.dispose(layout, claims, claim, NOW)
    assert originals.expired(layout, 30, NOW + timedelta(days=30)) == ()
    (original,) = originals.expired(layout, 30, NOW + timedelta(days=31))
    originals.destroy(layout, original)
    assert original.release_id == claim.release_id
    assert os.listdir(layout.private / "originals") == []


def test_layout_modes(layout: Layout) -> None:
    """The private folders are the service's alone; the others keep their group."""
    modes = {
        folder: stat.S_IMODE(folder.stat().st_mode)
        for folder in (layout.private, layout.outbox("teaching"), layout.released("teaching"))
    }
    assert list(modes.values()) == [0o700, 0o3770, 0o2750]
    assert stat.S_IMODE(layout.sentinel.stat().st_mode) == 0o600
    sentinel = layout.sentinel.read_bytes()
    layout.establish(shares.ROUTES)
    assert layout.sentinel.read_bytes() == sentinel
