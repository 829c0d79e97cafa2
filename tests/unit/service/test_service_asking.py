"""Who may ask whose a code is, and what root asks of a service that runs as somebody else."""

import grp
import os
import pwd
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from medrelease.release import requests
from medrelease.release.requests import Request
from medrelease.service import asking
from medrelease.service.asking import as_owner, may_read_linkage

SERVICE, MEMBER, OTHER = 991, 1001, 1002
NAMES = {SERVICE: "medrelease", MEMBER: "anna", OTHER: "ben"}


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anna is of the linkage group, Ben is not, and the service owns the state folder."""
    group = SimpleNamespace(gr_gid=500, gr_mem=["anna"])
    monkeypatch.setattr(grp, "getgrnam", lambda name: group)
    monkeypatch.setattr(
        pwd, "getpwuid", lambda uid: SimpleNamespace(pw_name=NAMES[uid], pw_gid=uid)
    )
    monkeypatch.setattr(asking.Path, "stat", lambda self: SimpleNamespace(st_uid=SERVICE))


@pytest.mark.parametrize(
    ("uid", "sudo", "may"),
    [
        (0, None, True),
        (0, OTHER, True),
        (SERVICE, MEMBER, True),
        (SERVICE, OTHER, False),
        (SERVICE, None, False),
        (MEMBER, None, True),
        (OTHER, None, False),
        (OTHER, MEMBER, False),
    ],
)
@pytest.mark.usefixtures("people")
def test_root_and_the_linkage_group_only(
    monkeypatch: pytest.MonkeyPatch, uid: int, sudo: int | None, may: bool
) -> None:
    """Root, and members of the group by themselves or by sudo to the service's user, may."""
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    monkeypatch.setattr(os, "getuid", lambda: uid)
    monkeypatch.delenv("SUDO_UID", raising=False)
    if sudo is not None:
        monkeypatch.setenv("SUDO_UID", str(sudo))
    assert may_read_linkage(Path("state")) is may


def test_without_the_group_it_is_the_sites_owner(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """On a machine where nobody made the group, the owner may, and nobody else."""

    def absent(name: str) -> None:
        raise KeyError(name)

    monkeypatch.setattr(grp, "getgrnam", absent)
    owner = tmp_path.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner or 4711)
    assert may_read_linkage(tmp_path) is (owner != 0)
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    assert may_read_linkage(tmp_path) is False


@pytest.mark.skipif(os.geteuid() != 0, reason="only root acts for another")
def test_what_root_leaves_belongs_to_the_service() -> None:
    """Requests that root leaves, and what root writes in the service's stead, are the owner's."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        state = Path(folder)
        os.chown(state, SERVICE, SERVICE)
        place = requests.leave(state, Request("retry", "R", 0, "root", None))
        assert {place.stat().st_uid, place.parent.stat().st_uid} == {SERVICE}
        with as_owner(state):
            assert os.geteuid() == SERVICE
            (state / "ledger").touch()
        assert os.geteuid() == 0
        assert (state / "ledger").stat().st_uid == SERVICE
