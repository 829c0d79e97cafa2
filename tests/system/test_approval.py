"""Approval by a second person, in the folder and by the command."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from corpora import pictures, sites
from corpora.sites import FOLDER, Site

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another's file")

SECOND = 4711


@pytest.fixture
def held(site: Site) -> tuple[Site, Path]:
    """A site whose clinician route needs approval, with one held file."""
    site.edit(r'^approval = "none"', 'approval = "required"')
    site.drop(f"{FOLDER}/a.jpg", sites.jpeg(1))
    assert site.once().returncode == 3
    assert list(site.held().values()) == ["approval-needed"]
    return site, site.root / "share/held/clinician" / FOLDER / "a.jpg"


def test_the_dropper_cannot_approve(held: tuple[Site, Path]) -> None:
    """An approval file of the very person who dropped the image changes nothing."""
    site, place = held
    place.with_name("a.jpg.APPROVE").write_text("")
    site.once()
    assert place.exists()
    assert site.released() == []


def test_a_second_person_approves_by_a_file(held: tuple[Site, Path]) -> None:
    """Somebody else's approval file releases the image, and the record says who agreed."""
    site, place = held
    approval = place.with_name("a.jpg.APPROVE")
    with site.running() as service:
        approval.write_text("")
        os.chown(approval, SECOND, -1)
        service.until(lambda: len(site.released()) == 1)
        service.until(lambda: not approval.exists())
    assert site.events("release.published")[0]["approval"]["uid"] == SECOND


def test_a_linked_or_older_file_does_not_count(held: tuple[Site, Path]) -> None:
    """An approval file with a second link is nobody's agreement."""
    site, place = held
    approval = place.with_name("a.jpg.APPROVE")
    approval.write_text("")
    os.chown(approval, SECOND, -1)
    (site.root / "other").hardlink_to(approval)
    site.once()
    assert site.released() == []


def test_the_command_approves_for_another_login_only(held: tuple[Site, Path]) -> None:
    """`held release` refuses the dropper and releases for the login behind sudo."""
    site, _ = held
    (entry,) = json.loads(site.call("held", "list", "--json").stdout)
    words = ("held", "release", entry["release_id"], "--reason", "seen by me")
    assert site.call(*words).returncode == 1
    other = {**os.environ, "SUDO_UID": str(SECOND)}
    assert site.call(*words, env=other).returncode == 0
    assert len(site.released()) == 1
    record = site.events("release.published")[0]
    assert record["approval"] == {"user": f"uid:{SECOND}", "uid": SECOND, "reason": "seen by me"}


def test_other_bytes_are_not_what_was_agreed_to(held: tuple[Site, Path]) -> None:
    """Who puts another image in the held one's place approves nothing, by file or by command."""
    site, place = held
    place.write_bytes(sites.jpeg(2))
    approval = place.with_name("a.jpg.APPROVE")
    approval.write_text("")
    os.chown(approval, SECOND, -1)
    (entry,) = json.loads(site.call("held", "list", "--json").stdout)
    words = ("held", "release", entry["release_id"], "--reason", "seen by me")
    refused = site.call(*words, env={**os.environ, "SUDO_UID": str(SECOND)})
    assert refused.returncode == 1
    assert "not the one that was held" in refused.stdout
    site.once()
    assert site.released() == []
    approval.unlink()
    assert site.call("held", "retry", entry["release_id"]).returncode == 0
    (again,) = json.loads(site.call("held", "list", "--json").stdout)
    assert again["reason"] == "approval-needed"
    assert again["release_id"] != entry["release_id"]


def test_a_dropped_file_of_that_name_is_no_approval(held: tuple[Site, Path]) -> None:
    """A file that somebody drops as a.jpg.APPROVE is held like any other, and agrees to nothing."""
    site, place = held
    dropped = site.drop(f"{FOLDER}/a.jpg.APPROVE", b"yes")
    os.chown(dropped, SECOND, -1)
    assert site.once().returncode == 3
    assert place.with_name("a.jpg.APPROVE").exists()
    site.once()
    assert site.released() == []


def test_discarding_needs_a_reason_and_destroys_nothing(held: tuple[Site, Path]) -> None:
    """Without a reason nothing is discarded; with one the original is kept for the usual time."""
    site, place = held
    (entry,) = json.loads(site.call("held", "list", "--json").stdout)
    for words in ((), ("--reason", "  ")):
        assert site.call("held", "discard", entry["release_id"], *words).returncode == 2
    data = place.read_bytes()
    assert site.call("held", "discard", entry["release_id"], "--reason", "twice").returncode == 0
    assert not place.exists()
    (resolved,) = site.events("hold.resolved")
    assert resolved["approval"]["reason"] == "twice"
    (kept,) = json.loads(site.call("originals", "list", "--json").stdout)
    copy = site.root.parent / "copy.jpg"
    words = ("originals", "restore", kept["release_id"], "--to", str(copy))
    assert site.call(*words, "--reason", "wanted").returncode == 0
    assert copy.read_bytes() == data


def test_a_running_service_says_what_came_of_a_request(held: tuple[Site, Path]) -> None:
    """The command waits for the service's answer, and fails where the service refuses."""
    site, _ = held
    (entry,) = json.loads(site.call("held", "list", "--json").stdout)
    words = ("held", "release", entry["release_id"], "--reason", "seen by me")
    with site.running():
        refused = site.call(*words)
        assert refused.returncode == 1
        assert "ask a second person" in refused.stdout
        agreed = site.call(*words, env={**os.environ, "SUDO_UID": str(SECOND)})
        assert (agreed.returncode, agreed.stdout) == (0, "done\n")
    assert len(site.released()) == 1
    assert os.listdir(site.root / "state/requests") == []


def test_agreements_add_up_one_hold_at_a_time(tmp_path: Path) -> None:
    """Writing and the route's own rule are two questions: each is agreed to by itself, once."""
    site = Site(tmp_path / "site", text="hold")
    site.edit(r'^approval = "none"', 'approval = "required"')
    dropped = pictures.saved(pictures.labelled(2, "SMITH 12/03/1956"), "PNG")
    site.drop(f"{FOLDER}/a.png", dropped)
    assert site.once().returncode == 3
    other = {**os.environ, "SUDO_UID": str(SECOND)}
    for reason in ("residual-text", "approval-needed"):
        (entry,) = json.loads(site.call("held", "list", "--json").stdout)
        assert entry["reason"] == reason
        words = ("held", "release", entry["release_id"], "--reason", "seen by me")
        assert site.call(*words, env=other).returncode == 0
    (name,) = site.released()
    assert np.array_equal(pictures.opened(site.release(name)), pictures.opened(dropped))
    (record,) = site.events("release.published")
    assert record["actions"]["text-left"] >= 1
    assert record["pixels"] == "examined"
