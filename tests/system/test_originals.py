"""The store of originals: what is kept, how it is had back, and what its end leaves behind."""

import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from corpora import shares, sites
from corpora.sites import FOLDER, Site
from medrelease.release import publishing
from medrelease.spool.claims import Claims
from medrelease.terms.flow import Claim

STORE = "share/.medrelease/originals"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site with one release behind it."""
    site = Site(tmp_path_factory.mktemp("made") / "site")
    site.edit(r"^text = .*$", 'text = "keep"')
    site.edit(r"^processes = .*$", "processes = 1")
    site.drop(f"{FOLDER}/a.jpg", sites.jpeg(1))
    assert site.once().returncode == 0
    return site


@pytest.fixture
def kept(made: Site, tmp_path: Path) -> tuple[Site, str]:
    """A copy of that site, and the release id of its original."""
    site = made.copied(tmp_path / "site")
    (entry,) = json.loads(site.call("originals", "list", "--json").stdout)
    assert set(entry) == {"release_id", "route", "since"}
    return site, str(entry["release_id"])


def bytes_of(site: Site, release_id: str) -> Path:
    """Where an original's bytes lie."""
    (place,) = (site.root / STORE / release_id).glob("?" * 64)
    return place


def test_an_original_lies_under_its_digest_and_nobody_else_can_read_it(
    kept: tuple[Site, str],
) -> None:
    """Its name is the SHA-256 of what it holds, which the trail says too; the store is 0700."""
    site, release_id = kept
    place = bytes_of(site, release_id)
    assert place.read_bytes() == sites.jpeg(1)
    assert place.name == hashlib.sha256(sites.jpeg(1)).hexdigest()
    assert site.events("original.disposed")[0]["source"]["sha256"] == place.name
    assert (site.root / STORE).stat().st_mode & 0o777 == 0o700


def test_restore_goes_back_under_its_name_and_overwrites_nothing(kept: tuple[Site, str]) -> None:
    """Where the name is taken meanwhile, the original gets `~` and a part of its release id."""
    site, release_id = kept
    site.drop(f"{FOLDER}/a.jpg", b"somebody's new file")
    done = site.call("originals", "restore", release_id, "--reason", "asked for")
    assert done.returncode == 0, done.stderr
    names = sorted(os.listdir(site.outbox() / FOLDER))
    assert names == ["a.jpg", f"a~{release_id[-6:]}.jpg"]
    assert (site.outbox() / FOLDER / "a.jpg").read_bytes() == b"somebody's new file"
    assert (site.outbox() / FOLDER / names[1]).read_bytes() == sites.jpeg(1)
    assert json.loads(site.call("originals", "list", "--json").stdout) == []
    (record,) = site.events("original.restored")
    assert record["actions"] == {"returned": 1}
    assert record["approval"]["reason"] == "asked for"
    verified = json.loads(site.call("audit", "verify", "--json").stdout)
    assert (verified["verdict"], verified["remarks"]) == ("intact", [])


def test_restore_beside_a_running_service(kept: tuple[Site, str]) -> None:
    """The service records it, takes the file as a drop, and knows the image again."""
    site, release_id = kept
    with site.running() as service:
        assert (
            site.call("originals", "restore", release_id, "--reason", "once more").returncode == 0
        )
        service.until(lambda: bool(site.events_so_far("release.repeated")))
        service.until_idle()
    assert site.released() == ["23 02210 -1-012 345 6789.jpg"]
    assert len(site.events("original.restored")) == 1


@pytest.mark.parametrize("where", ["taken", "site", "folder"])
def test_a_copy_goes_to_a_new_file_outside_only(
    kept: tuple[Site, str], tmp_path: Path, where: str
) -> None:
    """What exists is not overwritten, nothing is put into the site, and nothing is recorded."""
    site, release_id = kept
    (tmp_path / "taken").write_bytes(b"mine")
    places = {
        "taken": tmp_path / "taken",
        "site": site.root / "share/released/clinician/x.jpg",
        "folder": tmp_path,
    }
    done = site.call("originals", "restore", release_id, "--to", str(places[where]))
    assert done.returncode == 1
    assert (tmp_path / "taken").read_bytes() == b"mine"
    assert site.released() == ["23 02210 -1-012 345 6789.jpg"]
    assert site.events("original.restored") == []


def test_an_altered_original_is_not_given_back(kept: tuple[Site, str], tmp_path: Path) -> None:
    """Bytes that are not those that were stored stay where they are, and verify says so."""
    site, release_id = kept
    bytes_of(site, release_id).write_bytes(b"another")
    for more in ((), ("--to", str(tmp_path / "copy"))):
        assert site.call("originals", "restore", release_id, *more).returncode == 1
    assert not (tmp_path / "copy").exists()
    assert site.events("original.restored") == []
    assert site.call("audit", "verify").returncode == 12


def test_an_original_ends_after_its_days_with_a_last_look(kept: tuple[Site, str]) -> None:
    """It is destroyed on record; one that was altered meanwhile raises an alert first."""
    site, release_id = kept
    bytes_of(site, release_id).write_bytes(b"another")
    site.edit(r"^originals_days = .*$", "originals_days = 0")
    assert site.once().returncode == 0
    assert os.listdir(site.root / STORE) == []
    (alert,) = site.events("security.alert")
    assert (alert["release_id"], alert["actions"]) == (release_id, {"original-altered": 1})
    ended = [r for r in site.events("original.disposed") if r["actions"] == {"destroyed": 1}]
    assert [record["release_id"] for record in ended] == [release_id]
    verified = json.loads(site.call("audit", "verify", "--json").stdout)
    assert (verified["verdict"], verified["remarks"]) == ("intact", [])


@pytest.mark.parametrize("same", [True, False])
def test_an_original_is_looked_at_when_it_is_put_away(tmp_path: Path, same: bool) -> None:
    """Bytes that came behind the release raise an alert, and the record has their digest."""
    layout = shares.make(tmp_path)
    claims = Claims(layout)
    claim = claims.take(shares.drop(layout, b"a.jpg"), shares.release_id())
    assert isinstance(claim, Claim)
    said: list[tuple[str, dict[str, Any]]] = []
    found = hashlib.sha256(b"an image").hexdigest()
    desk: Any = SimpleNamespace(
        layout=layout,
        claims=claims,
        clock=lambda: datetime.now(UTC),
        log=SimpleNamespace(warning=lambda *_, **__: None),
        trail=SimpleNamespace(append=lambda event, fields, wait=True: said.append((event, fields))),
        trail_key=lambda _: b"k" * 32,
    )
    case: Any = SimpleNamespace(
        claim=claim,
        route=SimpleNamespace(name="clinician", study=None),
        probe=SimpleNamespace(sha256=found if same else "0" * 64),
    )
    publishing.dispose(desk, case)
    events = [event for event, _ in said]
    assert events == ([] if same else ["security.alert"]) + ["original.disposed"]
    assert said[-1][1]["source"]["sha256"] == found
