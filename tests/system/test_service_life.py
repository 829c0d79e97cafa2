"""The running service: what wakes it, what stops it, and what it makes of an interrupted life."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from corpora import sites
from corpora.sites import FOLDER, ROW, Site


def test_directory_moved_in_whole_is_released(site: Site, tmp_path: Path) -> None:
    """A folder of images that is moved into the outbox in one step goes out, every file of it."""
    outside = tmp_path / FOLDER / "deeper"
    outside.mkdir(parents=True)
    for number in range(5):
        (outside / f"IMG_{number}.jpg").write_bytes(sites.jpeg(number))
    with site.running() as service:
        (tmp_path / FOLDER).rename(site.outbox() / FOLDER)
        service.until(lambda: len(site.released()) == 5)


def test_file_that_grows_again_is_taken_whole(site: Site) -> None:
    """A file that is quiet, then written to again before it settles, is released as it ends."""
    site.edit(r"^settle = .*$", "settle = 1.0")
    whole = sites.jpeg(1)
    with site.running() as service:
        place = site.drop(f"{FOLDER}/a.jpg", whole[:300])
        time.sleep(0.5)
        with place.open("ab") as file:
            file.write(whole[300:])
        service.until(lambda: len(site.released()) == 1)
    assert site.events("release.published")[0]["source"]["bytes"] == len(whole)


def test_reload_takes_a_new_route_and_survives_a_broken_file(site: Site) -> None:
    """SIGHUP brings a new route; a configuration that cannot be used changes nothing."""
    with site.running() as service:
        good = site.config.read_text()
        site.config.write_text("[site\n")
        service.process.send_signal(signal.SIGHUP)
        site.drop(f"{FOLDER}/a.jpg", sites.jpeg(1))
        service.until(lambda: len(site.released()) == 1)
        route = '[[route]]\nname = "ward"\npurpose = "care"\ndestination = "ward"\nhsc = true\n'
        site.config.write_text(good + "\n" + route)
        service.process.send_signal(signal.SIGHUP)
        service.until((site.root / "share/released/ward").exists)
        site.drop(f"{FOLDER}/b.jpg", sites.jpeg(2), route="ward")
        service.until(lambda: len(site.released("ward")) == 1)
    assert len(site.events("config.loaded")) == 2


def test_killed_service_loses_nothing_and_doubles_nothing(site: Site) -> None:
    """SIGKILL again and again in the middle of the work, and every file goes out exactly once."""
    total = 60
    for number in range(total):
        site.drop(f"{FOLDER}/IMG_{number}.jpg", sites.jpeg(number))
    command = [sys.executable, "-m", "medrelease", "--config", str(site.config), "run"]
    for pause in (1.2, 1.5, 1.8, 2.1):
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            time.sleep(pause)
            process.kill()
    assert site.once().returncode == 0
    assert len(site.released()) == total
    published = {r["release_id"]: r for r in site.events("release.published")}
    assert len({r["coded_name"] for r in published.values()}) == total
    assert len({r["source"]["sha256"] for r in published.values()}) == total
    assert site.call("audit", "verify").returncode == 0
    assert os.listdir(site.root / "share/.medrelease/claims") == []


def test_register_coming_back_lets_waiting_files_go(site: Site) -> None:
    """While the register is away files wait; when it comes back they go by themselves."""
    (site.root / "register.csv").unlink()
    with site.running() as service:
        site.drop(f"{FOLDER}/a.jpg", sites.jpeg(1))
        time.sleep(1.0)
        assert site.waiting() == [f"clinician/{FOLDER}/a.jpg"]
        site.register(ROW)
        service.until(lambda: len(site.released()) == 1)


def test_amended_consent_lets_a_held_file_go(site: Site) -> None:
    """A file held for consent goes out by itself once the register has the consent."""
    with site.running() as service:
        site.drop(f"{FOLDER}/a.jpg", sites.jpeg(1), route="print")
        service.until(lambda: list(site.held("print").values()) == ["consent-missing"])
        site.register(ROW.replace("record;teaching", "record;teaching;print"))
        service.until(lambda: len(site.released("print")) == 1)
        service.until(lambda: site.held("print") == {})
    assert len(site.events("hold.resolved")) == 1
    assert not list((site.root / "share/held/print").rglob("*.WHY.txt"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder immutable")
@pytest.mark.skipif(shutil.which("chattr") is None, reason="chattr is not there (e2fsprogs)")
def test_read_only_released_folder_makes_files_wait(site: Site) -> None:
    """While released cannot be written to nothing is lost; when it can be again all goes."""
    folder = site.root / "share/released/clinician"
    if subprocess.run(["chattr", "+i", str(folder)], check=False).returncode:
        pytest.skip("this filesystem has no immutable flag")
    try:
        site.edit(r"^patience = .*$", "patience = 1.0")
        site.drop(f"{FOLDER}/a.jpg", sites.jpeg(1))
        assert site.once().returncode == 3
        assert not site.events("release.intended")
    finally:
        subprocess.run(["chattr", "-i", str(folder)], check=True)
    assert site.once().returncode == 0
    assert len(site.released()) == 1


def test_share_that_is_gone_is_not_empty(site: Site) -> None:
    """A share whose sentinel is not there is away: nothing is taken, and it comes back."""
    sentinel = site.root / "share/.medrelease/sentinel"
    with site.running() as service:
        sentinel.rename(site.root / "sentinel")
        site.drop(f"{FOLDER}/a.jpg", sites.jpeg(1))
        time.sleep(1.0)
        assert site.waiting() == [f"clinician/{FOLDER}/a.jpg"]
        (site.root / "sentinel").rename(sentinel)
        service.until(lambda: len(site.released()) == 1)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder immutable")
@pytest.mark.skipif(shutil.which("chattr") is None, reason="chattr is not there (e2fsprogs)")
def test_hold_that_cannot_be_moved_is_recorded_once_and_finished_later(site: Site) -> None:
    """While held cannot be written to the file stays claimed; then it is moved, not held again."""
    folder = site.root / "share/held/clinician"
    if subprocess.run(["chattr", "+i", str(folder)], check=False).returncode:
        pytest.skip("this filesystem has no immutable flag")
    with site.running() as service:
        try:
            site.drop("nobody.jpg", sites.jpeg(1))
            service.until(lambda: bool(site.events_so_far("release.held")))
            time.sleep(1.0)
            assert not site.held()
        finally:
            subprocess.run(["chattr", "-i", str(folder)], check=True)
        service.until(lambda: site.held() == {"nobody.jpg": "identity-missing"})
    assert len(site.events("release.held")) == 1
    assert os.listdir(site.root / "share/.medrelease/claims") == []
