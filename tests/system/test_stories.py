"""What people live through with the real service, by moving files and saving the register only."""

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from corpora import sites
from corpora.sites import Service, Site

HC, OTHER_HC = "012 345 6789", "943 476 5919"
SLIP = "they differ by one digit or a swapped pair"


class Department:
    """A site with its service running, and a register of jobs that stories may change."""

    def __init__(self, site: Site, service: Service) -> None:
        self.site = site
        self.service = service
        self._rows: dict[str, str] = {}

    def job(self, job: str, hc: str = HC, consent: str = "record", withdrawn: str = "") -> None:
        """Save the register with one job's row changed."""
        row = f"{job},{hc},{consent},photograph,Dr Quinn,2020-01-01,,{withdrawn},\n"
        self._rows[job] = row
        self.site.register(*self._rows.values())

    def until_held(self, path: str, route: str, reason: str) -> Path:
        """Wait until a file stands in held for a reason; returns its note."""
        self.service.until(lambda: self.site.held(route).get(path) == reason)
        return self.site.root / "share/held" / route / f"{path}.WHY.txt"

    def until_released(self, route: str, number: int) -> list[str]:
        """Wait until so many files stand in released; returns their names."""
        self.service.until(lambda: len(self.site.released(route)) == number)
        self.service.until_idle()
        return self.site.released(route)

    def found(self, *words: str) -> list[dict[str, object]]:
        """What `audit find` lists."""
        found: list[dict[str, object]] = json.loads(
            self.site.call("audit", "find", *words, "--json").stdout
        )
        return found


@pytest.fixture(scope="module")
def department(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Department]:
    """One service for all stories; each has jobs of its own."""
    site = Site(tmp_path_factory.mktemp("stories") / "site")
    site.edit(r'(?s)(name = "internet".*?)approval = "none"', r'\1approval = "required"')
    with site.running() as service:
        yield Department(site, service)


def test_amended_consent(department: Department) -> None:
    """A held file goes by itself, and alone, once the register shows the amended consent."""
    site = department.site
    department.job("23 00001")
    department.job("23 00002")
    for job in ("23 00001", "23 00002"):
        site.drop(f"{job}/a.jpg", sites.plain(int(job[-1])), route="print")
    note = department.until_held("23 00001/a.jpg", "print", "consent-missing")
    words = re.sub(r"\s+", " ", note.read_text())
    assert "seek amended consent from the patient or a representative" in words
    department.until_held("23 00002/a.jpg", "print", "consent-missing")
    department.job("23 00001", consent="record;print")
    (name,) = department.until_released("print", 1)
    department.service.until(lambda: not note.exists())
    assert list(site.held("print")) == ["23 00002/a.jpg"]
    published = [r for r in department.found("--name", name) if r["event"] == "release.published"]
    assert published[0]["basis"] == "consent"
    assert published[0]["register_row_hmac"]
    (held,) = (r for r in department.found("--job", "23 00001") if r["event"] == "release.held")
    assert held["register_row_hmac"] != published[0]["register_row_hmac"]


def test_withdrawal(department: Department) -> None:
    """A withdrawal stops what has not left, care goes on, and what has left can be listed."""
    site = department.site
    department.job("23 00011", consent="record;teaching")
    site.drop("23 00011/a.jpg", sites.plain(11), route="teaching")
    (left,) = department.until_released("teaching", 1)
    department.job("23 00011", consent="record;teaching", withdrawn="2026-01-01")
    site.drop("23 00011/b.jpg", sites.plain(12), route="teaching")
    site.drop("23 00011/a again.jpg", sites.plain(11), route="teaching")
    department.until_held("23 00011/b.jpg", "teaching", "consent-withdrawn")
    department.until_held("23 00011/a again.jpg", "teaching", "consent-withdrawn")
    site.drop("23 00011/c.jpg", sites.plain(13))
    department.service.until(lambda: f"23 00011 -1-{HC}.jpg" in site.released())
    records = department.found("--job", "23 00011")
    gone = {r["coded_name"] for r in records if r["event"] == "release.published"}
    assert gone == {left, f"23 00011 -1-{HC}.jpg"}
    assert site.released("teaching") == [left]


def test_withdrawal_stops_what_is_under_way(department: Department) -> None:
    """Of many files on their way none leaves after the withdrawal was saved, and none is lost."""
    site = department.site
    department.job("23 00061", consent="record;teaching")
    before = len(site.released("teaching"))
    for number in range(12):
        site.drop(f"23 00061/{number}.jpg", sites.plain(1000 + number), route="teaching")
    department.service.until(lambda: len(site.released("teaching")) > before)
    department.job("23 00061", consent="record;teaching", withdrawn="2026-01-01")
    saved = datetime.now(UTC)
    department.service.until_idle()
    records = department.found("--job", "23 00061")
    left = [r for r in records if r["event"] == "release.intended"]
    held = [r for r in records if r["event"] == "release.held"]
    assert {r["reason"] for r in held} <= {"consent-withdrawn"}
    assert len(left) + len(held) == 12
    assert len({r["register_row_hmac"] for r in left}) == 1
    assert not {r["register_row_hmac"] for r in left} & {r["register_row_hmac"] for r in held}
    # a decision made on the row of before may still have been on its way to the disk
    last = max(datetime.fromisoformat(str(r["ts"])) for r in left)
    assert last < saved + timedelta(seconds=2)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another's file")
def test_approval_skips_no_other_step(department: Department) -> None:
    """A second person's agreement releases a file, and not one whose consent was withdrawn."""
    site = department.site
    for job in ("23 00021", "23 00022"):
        department.job(job, consent="record;internet")
        site.drop(f"{job}/a.jpg", sites.plain(int(job[-2:])), route="internet")
        department.until_held(f"{job}/a.jpg", "internet", "approval-needed")
    department.job("23 00022", consent="record;internet", withdrawn="2026-01-01")
    for job in ("23 00021", "23 00022"):
        agreed = site.root / "share/held/internet" / job / "a.jpg.APPROVE"
        agreed.touch()
        os.chown(agreed, 4711, -1)
    department.until_released("internet", 1)
    department.until_held("23 00022/a.jpg", "internet", "consent-withdrawn")
    (record,) = (
        r for r in department.found("--job", "23 00021") if r["event"] == "release.published"
    )
    assert record["approval"] == {
        "user": "uid:4711",
        "uid": 4711,
        "reason": "approved in the held folder",
    }


def test_mistyped_number(department: Department) -> None:
    """A slip in an H&C number is called one, without numbers; the file goes from a right folder."""
    site = department.site
    department.job("23 00031")
    site.drop("23 00031 012 345 6798/a.jpg", sites.plain(31))
    site.drop("23 00031 943 476 5919/b.jpg", sites.plain(32))
    wrong = department.until_held("23 00031 012 345 6798/a.jpg", "clinician", "hc-number-invalid")
    other = department.until_held("23 00031 943 476 5919/b.jpg", "clinician", "identity-conflict")
    assert SLIP in wrong.read_text()
    assert SLIP not in other.read_text()
    for note in (wrong, other):
        text = re.sub(r"Release: .*", "", note.read_text())
        assert "the folder or file name" in text
        assert "the register" in text
        assert not re.search(r"\d{3}", text)
    (held,) = (
        record
        for record in department.found("--job", "23 00031")
        if record["reason"] == "identity-conflict" and record["event"] == "release.held"
    )
    assert held["identity"] == {
        "job": ["path", "register"],
        "image": [],
        "hc": ["path", "register"],
    }
    right = site.outbox() / f"23 00031 {HC}"
    right.mkdir()
    wrong.with_name("a.jpg").rename(right / "a.jpg")
    department.service.until(lambda: f"23 00031 -1-{HC}.jpg" in site.released())
    department.service.until(lambda: not wrong.exists())


def test_same_picture_under_two_patients(department: Department) -> None:
    """The very picture that left for one patient is held under another, on whatever route."""
    site = department.site
    department.job("23 00041", consent="record;teaching")
    department.job("23 00042", OTHER_HC, consent="record;teaching")
    site.drop("23 00041/a.jpg", sites.plain(41))
    department.service.until(lambda: f"23 00041 -1-{HC}.jpg" in site.released())
    before = site.released("teaching")
    site.drop("23 00042/a.jpg", sites.plain(41))
    site.drop("23 00042/b.jpg", sites.plain(41), route="teaching")
    note = department.until_held("23 00042/a.jpg", "clinician", "other-patient")
    department.until_held("23 00042/b.jpg", "teaching", "other-patient")
    assert "tell your line manager" in re.sub(r"\s+", " ", note.read_text())
    assert site.released("teaching") == before


def test_taken_away_and_dropped_again(department: Department) -> None:
    """What was taken away is written again under its name; on another route it is a new release."""
    site = department.site
    name = f"23 00051 -1-{HC}.jpg"
    department.job("23 00051", consent="record;teaching")
    site.drop("23 00051/a.jpg", sites.plain(51))
    department.service.until(lambda: name in site.released())
    (site.root / "share/released/clinician" / name).unlink()
    site.drop("23 00051/same.jpg", sites.plain(51))
    department.service.until(lambda: name in site.released())
    site.drop("23 00051/once more.jpg", sites.plain(51))
    taught = len(site.released("teaching"))
    site.drop("23 00051/taught.jpg", sites.plain(51), route="teaching")
    department.until_released("teaching", taught + 1)
    events = [
        (r["event"], r["route"])
        for r in department.found("--job", "23 00051")
        if str(r["event"]).startswith("release.")
    ]
    assert sorted(events) == sorted(
        [
            *[("release.intended", "clinician"), ("release.published", "clinician")] * 2,
            ("release.repeated", "clinician"),
            ("release.intended", "teaching"),
            ("release.published", "teaching"),
        ]
    )
