"""What `init` makes, what it refuses, and who may open it."""

import stat
from pathlib import Path

import pytest

from medrelease.config.init import make_site, template
from medrelease.config.load import load

PRIVATE = ["share/.medrelease", "share/.medrelease/claims", "state", "state/keys"]


def mode(path: Path) -> int:
    """The permission bits of a path."""
    return stat.S_IMODE(path.stat().st_mode)


def test_a_site_is_complete(tmp_path: Path) -> None:
    """Every folder and file of DESIGN.md 5.1 is there, for each of the four routes."""
    site = tmp_path / "new" / "site"
    assert make_site(site) is None
    routes = ["clinician", "internet", "print", "teaching"]
    for place in ("outbox", "released", "held"):
        assert sorted(path.name for path in (site / "share" / place).iterdir()) == routes
    inner = {path.name for path in (site / "share" / ".medrelease").iterdir()}
    assert inner == {"claims", "work", "originals", "sentinel"}
    assert (site / "audit" / "notes").is_dir()
    assert (site / "medrelease.toml").read_text(encoding="utf-8") == template()
    header = "job_no,hc_no,consent,kind,clinician,consent_date,expires,withdrawn,study\n"
    assert (site / "register.csv").read_text(encoding="utf-8") == header
    assert load(site / "medrelease.toml").site.share == site / "share"


def test_nobody_else_opens_store_and_keys(tmp_path: Path) -> None:
    """The store, the state and the key are the service's alone; senders do not write released."""
    make_site(tmp_path / "site")
    site = tmp_path / "site"
    assert {mode(site / name) for name in PRIVATE} == {0o700}
    assert mode(site / "state/keys/site.key") == 0o600
    assert mode(site / "share/outbox/clinician") == 0o3770
    assert mode(site / "share/released/clinician") & 0o022 == 0


def test_two_sites_have_two_keys(tmp_path: Path) -> None:
    """A key is 64 hexadecimal digits, drawn anew for each site."""
    for name in ("one", "two"):
        make_site(tmp_path / name)
    keys = {(tmp_path / name / "state/keys/site.key").read_text() for name in ("one", "two")}
    assert len(keys) == 2
    assert all(len(bytes.fromhex(key.strip())) == 32 for key in keys)


@pytest.mark.parametrize("occupied", ["folder", "file"])
def test_what_is_there_is_left_alone(tmp_path: Path, occupied: str) -> None:
    """A folder with anything in it, or a file, is refused and stays as it was."""
    site = tmp_path / "site"
    if occupied == "file":
        site.write_text("mine")
    else:
        site.mkdir()
        (site / ".kept").write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    assert make_site(site)
    assert sorted(tmp_path.rglob("*")) == before


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    """A folder that is there and empty becomes the site."""
    assert make_site(tmp_path) is None
    assert (tmp_path / "medrelease.toml").is_file()
