"""Which filesystems are polled."""

from pathlib import Path

import pytest

from medrelease.intake.filesystem import (
    filesystem_type,
    gives_events,
    keeps_owners,
    reason,
)

MOUNTS = rb"""22 27 0:21 / / rw,relatime - ext4 /dev/vda rw
23 22 0:22 / /srv/share rw - cifs //host/share rw
24 22 0:23 / /srv/a\040b rw shared:1 - nfs4 host:/a rw
25 22 0:24 / /stack rw - tmpfs tmpfs rw
26 22 0:25 / /stack rw - fuse.sshfs host:/ rw
"""


@pytest.mark.parametrize(
    ("path", "kind", "events"),
    [
        ("/var/tmp", "ext4", True),
        ("/srv/share/outbox", "cifs", False),
        ("/srv/shared", "ext4", True),
        ("/srv/a b/c", "nfs4", False),
        ("/stack", "fuse.sshfs", False),
    ],
)
def test_mount_of_a_path(tmp_path: Path, path: str, kind: str, events: bool) -> None:
    """The deepest and last mount above a path says its type, and the type whether to poll."""
    (tmp_path / "mountinfo").write_bytes(MOUNTS)
    assert filesystem_type(Path(path), tmp_path / "mountinfo") == kind
    assert gives_events(kind) is events
    assert kind in reason(kind)
    assert ("polled" in reason(kind)) is not events


def test_this_machine(tmp_path: Path) -> None:
    """The real list of mounts names a type; an unreadable one does not stop anything."""
    assert filesystem_type(tmp_path) != "unknown"
    assert filesystem_type(tmp_path, tmp_path / "absent") == "unknown"


@pytest.mark.parametrize(
    ("kind", "own"),
    [("ext4", True), ("xfs", True), ("nfs4", True), ("cifs", False), ("fuse.sshfs", False)],
)
def test_who_owns_a_file(kind: str, own: bool) -> None:
    """Where every file has one owner, the owner tells nothing of who approved."""
    assert keeps_owners(kind) is own
