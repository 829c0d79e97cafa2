"""Site keys in generations, the way back from a code, and a study that has ended."""

import json
import os
import re

import pytest

from corpora import sites
from corpora.sites import FOLDER, HC, JOB, ROW, Site

OTHER_JOB, OTHER_HC = "23 02211", "943 476 5919"
OTHER_ROW = f"{OTHER_JOB},{OTHER_HC},record;teaching,photograph,Dr X,2020-01-01,,,\n"
STUDY = """
[[route]]
name = "study"
purpose = "research"
destination = "the team"
study = { reference = "ABC", ends = %s, basis = "consent" }
"""


@pytest.fixture
def site(site: Site) -> Site:
    """A site whose care route gives codes: they are the same ones, and cost no look at pixels."""
    site.edit(r'^filename = "\{job\}.*$', 'filename = "{subject} -{image}"')
    return site


def code_in(name: str) -> str:
    """The subject code of a coded name of the default form."""
    return name.split(" ", maxsplit=1)[0]


def found(site: Site, code: str) -> dict[str, str]:
    """What `linkage find` says of a code."""
    done = site.call("linkage", "find", code, "--reason", "asked by the clinician", "--json")
    assert done.returncode == 0, done.stderr
    said: dict[str, str] = json.loads(done.stdout)
    return said


def test_a_newer_key_breaks_no_old_code(site: Site) -> None:
    """Who has a code keeps it; new subjects get theirs under the newer key; all lead back."""
    site.register(ROW, OTHER_ROW)
    site.drop(f"{FOLDER}/a.jpg", sites.plain(1))
    assert site.once().returncode == 0
    (old,) = site.released()
    keys = site.root / "state/keys/site.key"
    first = keys.read_text()
    assert site.call("key", "new").returncode == 0
    assert keys.read_text().startswith(first)
    assert len(keys.read_text().split()) == 2
    assert keys.stat().st_mode & 0o777 == 0o600
    site.drop(f"{FOLDER}/b.jpg", sites.plain(2))
    site.drop(f"{FOLDER}/a again.jpg", sites.plain(1))
    site.drop(f"{OTHER_JOB}/c.jpg", sites.plain(3))
    assert site.once().returncode == 0
    names = site.released()
    assert len(names) == 3
    assert f"{code_in(old)} -2.jpg" in names
    assert len(site.events("release.repeated")) == 1
    new = next(name for name in names if code_in(name) != code_in(old))
    assert found(site, code_in(old))["subject"] == HC
    assert found(site, code_in(new))["subject"] == OTHER_HC
    keys.write_text(first)  # the code of the newer key was not made under the first
    site.drop(f"{OTHER_JOB}/d.jpg", sites.plain(4))
    assert site.once().returncode == 0
    assert len({code_in(name) for name in site.released()}) == 3


def test_every_look_is_recorded_with_its_reason(site: Site) -> None:
    """`linkage find` records who asked for which code and why, also where no code is known."""
    site.drop(f"{FOLDER}/a.jpg", sites.plain(1))
    assert site.once().returncode == 0
    code = code_in(site.released()[0])
    for reason in ((), ("--reason", " ")):
        assert site.call("linkage", "find", code, *reason).returncode == 2
    assert site.events("linkage.read") == []
    assert found(site, code.lower().replace("-", ""))["subject"] == HC
    assert site.call("linkage", "find", code[:-1] + "!", "--reason", "x").returncode == 2
    unknown = "0000-0000-0000-0000-0"
    assert site.call("linkage", "find", unknown, "--reason", "x").returncode == 1
    looks = site.events("linkage.read")
    assert [look["subject"] for look in looks] == [code, unknown]
    assert looks[0]["approval"]["reason"] == "asked by the clinician"
    assert looks[0]["approval"]["uid"] == os.getuid()
    trail = (site.root / "audit/audit.jsonl").read_text()
    assert HC not in trail


def test_what_has_left_of_a_patient_is_found_under_every_key(site: Site) -> None:
    """`audit find --hc` lists coded releases of before and after a newer key, and gone routes'."""
    site.drop(f"{FOLDER}/a.jpg", sites.plain(1))
    assert site.once().returncode == 0
    assert site.call("key", "new").returncode == 0
    site.drop(f"{FOLDER}/b.jpg", sites.plain(2))
    assert site.once().returncode == 0
    text = site.config.read_text()
    site.config.write_text(
        re.sub(r'(?s)\[\[route\]\]\nname = "clinician".*?(?=\[\[route\]\])', "", text)
    )
    done = site.call("audit", "find", "--hc", "-", "--json", input=f"{HC}\n")
    left = [r for r in json.loads(done.stdout) if r["event"] == "release.published"]
    assert len(left) == 2
    done = site.call("audit", "find", "--job", JOB, "--json")
    assert len([r for r in json.loads(done.stdout) if r["event"] == "release.published"]) == 2


def test_after_its_end_a_study_holds_everything(site: Site) -> None:
    """From the day after its end on nothing leaves for a study, whoever consented to it.

    With a later end in the configuration what was held for it is tried again by itself.
    """
    site.config.write_text(site.config.read_text() + STUDY % "2020-01-01")
    site.register(ROW.replace(",\n", ",ABC\n"), OTHER_ROW)
    for number, job in enumerate((JOB, OTHER_JOB)):
        site.drop(f"{job}/a.jpg", sites.plain(number), route="study")
    assert site.once().returncode == 3
    assert site.released("study") == []
    assert set(site.held("study").values()) == {"study-ended"}
    site.edit(r"ends = 2020-01-01", "ends = 2999-01-01")
    site.once()
    assert "study-ended" not in site.held("study").values()
    assert site.held("study")[f"{OTHER_JOB}/a.jpg"] == "study-consent-missing"
    for record in site.trail():
        if record["study"]:
            assert (record["job_no"], record["image_no"], record["subject"]) == (None,) * 3
