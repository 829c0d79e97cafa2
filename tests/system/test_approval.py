"""Approval by a second person, in the folder and by the command."""

import json
import os
from pathlib import Path

import pytest

from corpora import sites
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
