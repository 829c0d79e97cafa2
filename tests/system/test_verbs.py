"""The verbs, called as an administrator calls them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from corpora import sites
from corpora.sites import FOLDER, HC, JOB, Site

EXPORT = ("audit", "export", "--format", "fhir")


def test_init_refuses_a_folder_that_is_not_empty(tmp_path: Path) -> None:
    """`init` in a folder with something in it exits 2 and changes nothing."""
    (tmp_path / "x").write_text("x")
    command = [sys.executable, "-m", "medrelease", "init", str(tmp_path)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2
    assert os.listdir(tmp_path) == ["x"]


def test_check_of_a_new_site_has_no_error(site: Site) -> None:
    """A site that was just made passes its own check, with every finding well formed."""
    done = site.call("check", "--json")
    assert done.returncode == 0, done.stdout
    for finding in json.loads(done.stdout):
        assert set(finding) == {"code", "severity", "cause", "remedy"}
        assert finding["severity"] in ("ok", "warning")


def test_unknown_key_is_78_with_the_nearest_name(site: Site) -> None:
    """A key that is not known is a configuration error that names the nearest known one."""
    site.edit(r"^settle = .*$", "setle = 1.0")
    for verb in (("check",), ("run", "--once")):
        done = site.call(*verb)
        assert done.returncode == 78
        assert "settle" in done.stdout + done.stderr


def test_config_is_accepted_before_and_after_a_verb(site: Site) -> None:
    """`--config` means the same on either side of the verb."""
    before = site.call("status", "--json")
    after = site.call("status", "--json", "--config", str(site.config), with_config=False)
    assert before.returncode == after.returncode == 0
    assert json.loads(before.stdout) == json.loads(after.stdout)


def test_status_counts(site: Site) -> None:
    """`status` counts what waits, what is held and what went today."""
    site.drop(f"{FOLDER}/a.jpg", sites.jpeg(1))
    site.drop("nobody.jpg", sites.jpeg(2))
    site.once()
    site.drop(f"{FOLDER}/b.jpg", sites.jpeg(3))
    told = json.loads(site.call("status", "--json").stdout)
    assert set(told) == {"waiting", "held", "released_today", "last_scan", "trail"}
    assert (told["waiting"], told["held"], told["released_today"]) == (1, 1, 1)


def test_held_list_show_and_discard(site: Site) -> None:
    """A hold can be listed, explained and discarded with a reason, and its bytes are kept."""
    site.drop("nobody.jpg", sites.jpeg(2))
    site.once()
    (entry,) = json.loads(site.call("held", "list", "--json").stdout)
    assert set(entry) == {"release_id", "route", "reason", "since"}
    release_id = entry["release_id"]
    assert "identity-missing" in site.call("held", "show", release_id).stdout
    assert site.call("held", "discard", release_id).returncode == 2
    assert site.call("held", "discard", release_id, "--reason", "a test shot").returncode == 0
    assert json.loads(site.call("held", "list", "--json").stdout) == []
    kept = json.loads(site.call("originals", "list", "--json").stdout)
    assert len(kept) == 1
    resolved = site.events("hold.resolved")[0]
    assert resolved["approval"]["reason"] == "a test shot"


def test_original_can_be_had_back_and_that_is_recorded(site: Site, tmp_path: Path) -> None:
    """`originals restore` gives the very bytes that were dropped, after recording it."""
    site.drop(f"{FOLDER}/a.jpg", sites.jpeg(1))
    site.once()
    (kept,) = json.loads(site.call("originals", "list", "--json").stdout)
    to = tmp_path / "back.jpg"
    done = site.call(
        "originals", "restore", kept["release_id"], "--to", str(to), "--reason", "asked for"
    )
    assert done.returncode == 0, done.stderr
    assert to.read_bytes() == sites.jpeg(1)
    assert len(site.events("original.restored")) == 1


def test_linkage_leads_back_and_is_recorded(site: Site) -> None:
    """A subject code leads back to the number it stands for, and the look is in the trail."""
    site.drop(f"{FOLDER}/a.jpg", sites.jpeg(1), route="teaching")
    site.once()
    code = site.events("release.published")[0]["subject"]
    done = site.call("linkage", "find", code, "--reason", "the clinician asked", "--json")
    assert json.loads(done.stdout)["subject"] == HC
    assert len(site.events("linkage.read")) == 1


@pytest.mark.parametrize(
    ("words", "given"),
    [
        (("--job", JOB), None),
        (("--name", "23 02210 -1-012 345 6789.jpg"), None),
        (("--hc", "-"), HC + "\n"),
    ],
)
def test_find_by_each_key(site: Site, words: tuple[str, ...], given: str | None) -> None:
    """The trail is found by job, by coded name and by an H&C number from standard input."""
    site.drop(f"{FOLDER}/a.jpg", sites.jpeg(1))
    site.once()
    done = site.call("audit", "find", *words, "--json", input=given)
    found = json.loads(done.stdout)
    assert "release.published" in [record["event"] for record in found]


def test_export_hides_names_unless_asked(site: Site) -> None:
    """`audit export` writes CSV and FHIR, and the coded name that carries a number on request."""
    site.edit(r"^text = .*$", 'text = "keep"')
    site.drop(f"{FOLDER}/a.jpg", sites.jpeg(1))
    site.once()
    for form in ("csv", "fhir"):
        hidden = site.call("audit", "export", "--format", form).stdout
        assert "PrivacyDisclosure.Source" in hidden or "coded_name" in hidden.splitlines()[0]
        assert HC not in hidden
        assert "hmac-sha256:" in hidden
        shown = site.call("audit", "export", "--format", form, "--with-names").stdout
        assert f"{JOB} -1-{HC}.jpg" in shown
    assert site.call("audit", "export").returncode == 2


def test_explain_says_what_would_happen_and_writes_nothing(site: Site) -> None:
    """`explain` tells the decision on a dropped file and leaves the site as it was."""
    place = site.drop(f"{FOLDER}/a.jpg", sites.jpeg(1, comment=b"a remark"), route="print")
    before = sorted(p for p in site.root.rglob("*"))
    told = json.loads(site.call("explain", str(place), "--json").stdout)
    assert (told["would"], told["reason"]) == ("hold", "consent-missing")
    assert sorted(p for p in site.root.rglob("*")) == before


def test_clean_writes_a_clean_copy_outside_the_site_only(site: Site, tmp_path: Path) -> None:
    """`clean` removes a comment, refuses to write into a site, and exits 3 for a broken file."""
    source = tmp_path / "in.jpg"
    source.write_bytes(sites.jpeg(1, comment=b"Siobhan Fitzwilliam"))
    out = tmp_path / "out.jpg"
    assert site.call("clean", str(source), "-o", str(out)).returncode == 0
    assert b"Fitzwilliam" not in out.read_bytes()
    inside = site.root / "share/released/clinician/x.jpg"
    assert site.call("clean", str(source), "-o", str(inside)).returncode == 2
    source.write_bytes(sites.jpeg(1)[:-100])
    broken = tmp_path / "b.jpg"
    assert site.call("clean", str(source), "-o", str(broken)).returncode == 3
    assert not broken.exists()


@pytest.mark.parametrize(
    "words", [("status",), ("audit", "tail"), ("held", "list"), ("--help",), EXPORT]
)
def test_reading_verbs_load_no_heavy_library(site: Site, words: tuple[str, ...]) -> None:
    """Verbs that only read import click, tomllib, sqlite3 and structlog at most."""
    script = (
        "import sys, runpy\n"
        f"sys.argv = ['medrelease', '--config', {str(site.config)!r}, *{words!r}]\n"
        "try:\n    runpy.run_module('medrelease', run_name='__main__')\n"
        "except SystemExit:\n    pass\n"
        "heavy = {'PIL', 'numpy', 'pydicom', 'pydantic', 'jinja2', 'watchdog', 'sqlalchemy',"
        " 'cryptography', 'systemd'}\n"
        "print('LOADED', sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert "LOADED []" in done.stdout, done.stdout + done.stderr
