"""An attacker on the share: races against the running service, and names that are weapons."""

import json
import os
import time
from pathlib import Path

import pytest

from corpora import sites
from corpora.attacker import Attacker
from corpora.sites import FOLDER, Site

SECRET = sites.jpeg(77_777)


def _state(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    """Names, bytes, modes and times of everything outside."""
    return {
        str(place.relative_to(folder)): (
            place.read_bytes() if place.is_file() else b"",
            place.stat().st_mode,
            place.stat().st_mtime_ns if place.is_file() else 0,
        )
        for place in folder.rglob("*")
    }


@pytest.mark.parametrize(
    ("seed", "seconds"),
    [(1, 6), *(pytest.param(seed, 60, marks=pytest.mark.full) for seed in range(2, 7))],
)
def test_races_on_the_share_reach_nothing_outside(
    site: Site, tmp_path: Path, seed: int, seconds: float
) -> None:
    """Links, pipes, folders and late writes, put under the service's hands while it works.

    Nothing outside is read into a release, moved, overwritten or added to; the service lives;
    the trail holds; and what was dropped by others meanwhile is released.
    """
    site.edit(r"^text = .*$", 'text = "keep"')
    site.edit(r"^processes = .*$", "processes = 1")
    outside = tmp_path / "outside"
    (outside / "deeper").mkdir(parents=True)
    for name in ("a.jpg", "0.jpg", "1.jpg", "note", "deeper/2.jpg"):
        (outside / name).write_bytes(SECRET)
    before = _state(outside)
    site.register(sites.ROW, "23 00777,012 345 6789,record,photograph,,2020-01-01,,,\n")
    with site.running() as service, Attacker(site, outside, seed) as attacker:
        ends = time.monotonic() + seconds
        for number in range(4):
            site.drop(f"23 00777 012 345 6789/{number}.jpg", sites.jpeg(number))
        while time.monotonic() < ends:
            assert service.process.poll() is None
            time.sleep(0.1)
        service.until(lambda: sum("00777" in name for name in site.released()) == 4)
    assert _state(outside) == before
    assert sum(attacker.done.values()) > 100
    assert len(attacker.done) >= 10
    scan = SECRET[SECRET.index(b"\xff\xda") :]
    assert not [name for name in site.released() if scan in site.release(name)]
    verified = site.call("audit", "verify", "--json")
    assert json.loads(verified.stdout)["findings"] == []


NAMES = [
    b"a\nb.jpg",
    b"\x1b]0;owned\x07\x1b[31m.jpg",
    b"<script>alert(1)<.jpg",
    b"<img src=x onerror=alert(1)>.jpg",
    b"$(touch owned).jpg",
    b"`touch owned`.jpg",
    b"; touch owned #.jpg",
    b"| touch owned.jpg",
    b"-rf",
    b"--config=owned.jpg",
    b"a..jpg",
    b"a..",
    b" ",
    b" owned .jpg",
    b"a" * 255,
    "é".encode() * 127,
    b"\xff\xfe\x80owned.jpg",
    "\u202egpj.owned".encode(),
    "\u2028owned.jpg".encode(),
    b"CON.jpg",
    b"owned.WHY.txt",
    b"owned.jpg.WHY.txt",
    b"owned.APPROVE",
    b"%s%n%x.jpg",
    b"{0.__class__}{{7*7}}.jpg",
    b"\\..\\..\\owned.jpg",
    b"*",
    b"?[a-z].jpg",
    b"'\"; DROP TABLE held; --.jpg",
    b"\r.jpg",
    b"\x7f\x08\x08.jpg",
    b"&lt;owned&gt;.jpg",
    b"owned\xc2\x9b31m.jpg",
    b"sentinel",
    b"origin.json",
    b"file",
]
FOLDERS_OF = [
    b"to <script>alert(2)<",
    b"to =cmd|'owned'!A0",
    b"to \x1b[2J owned\n",
    b"to ../../owned",
    b"to " + b"o" * 200,
]
WORDS = ("owned", "<script>alert", "alert(", "DROP", "\x1b", "\u202e", "touch", "__class__")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, str]:
    """A site on which every name was dropped, with and without an identity; and the run's log."""
    site = Site(tmp_path_factory.mktemp("names") / "site")
    site.edit(r"^text = .*$", 'text = "keep"')
    site.edit(r"^processes = .*$", "processes = 1")
    for number, name in enumerate(NAMES):
        site.drop(FOLDER.encode() + b"/" + name, sites.jpeg(number))
        site.drop(b"nobody/" + name, sites.jpeg(100 + number))
    for number, folder in enumerate(FOLDERS_OF):
        site.drop(FOLDER.encode() + b"/" + folder + b"/a.jpg", sites.jpeg(200 + number))
    done = site.call("run", "--once", cwd=site.root)
    assert done.returncode == 3, done.stderr
    return site, done.stderr


def test_every_name_ends_in_a_disposition(run: tuple[Site, str]) -> None:
    """All of them are released or held, none is lost, and nothing new lies anywhere else."""
    site, _ = run
    assert site.waiting() == []
    assert len(site.released()) == len(NAMES) + len(FOLDERS_OF)
    outcomes = [r["event"] for r in site.trail() if r["event"] == "release.held"]
    assert len(outcomes) == len(NAMES)
    # one of the dropped folders is called so itself, and lies in the outbox until it is tidied
    outbox = os.fsencode(site.root / "share/outbox")
    walked = [p for p, _, _ in os.walk(os.fsencode(site.root)) if not p.startswith(outbox)]
    assert b"owned" not in map(os.path.basename, walked)
    assert not list(site.root.glob("owned*"))
    assert not list(site.root.parent.glob("owned*"))
    assert {place.name for place in site.root.iterdir()} == {
        "medrelease.toml",
        "register.csv",
        "share",
        "state",
        "audit",
    }


def test_no_name_is_in_what_people_read(run: tuple[Site, str]) -> None:
    """Neither the log, nor STATUS.html, nor any note says a dropped name in any form."""
    site, log = run
    for line in log.splitlines():
        assert isinstance(json.loads(line), dict)
        assert line.isascii()
    status = (site.root / "share/STATUS.html").read_text()
    notes = [
        place.read_text()
        for place in (site.root / "share/held").rglob("*.WHY.txt")
        if b"\xff\xd8" not in place.read_bytes()
    ]
    assert notes
    for text in (log, status, *notes):
        assert [word for word in WORDS if word in text] == []


def test_no_name_drives_the_terminal(run: tuple[Site, str]) -> None:
    """What the verbs print has no control character but the end of a line."""
    site, _ = run
    for words in (
        ("status",),
        ("held", "list"),
        ("originals", "list"),
        ("audit", "tail", "-n", "500"),
        ("audit", "find", "--job", "23 02210"),
        ("audit", "verify"),
        ("check",),
    ):
        said = site.call(*words)
        text = said.stdout + said.stderr
        assert [c for c in text if not c.isprintable() and c != "\n"] == [], words


def test_a_recipient_is_data_in_trail_and_exports(run: tuple[Site, str]) -> None:
    """What stood behind `to` is one JSON text in the trail, and no formula in the CSV."""
    site, _ = run
    recipients = {r["recipient"] for r in site.events("release.published") if r["recipient"]}
    assert any("<script>" in each for each in recipients)
    rows = site.call("audit", "export", "--format", "csv").stdout
    assert "'=cmd|" in rows
    assert "\x1b" not in rows
