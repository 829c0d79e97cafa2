"""A taken-over worker inside the real service: nothing unproved leaves, no neighbour is hurt."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from corpora import sites
from corpora.hostile_workers import NAME
from corpora.sites import Site

ATTACKS = {
    "clean:pass-through": None,
    "clean:append": None,
    "clean:nothing": None,
    "clean:linger": None,
    "clean:other-format": None,
    "clean:told-detail": "malformed",
    "clean:no-format": "worker-failed",
    "clean:another-job": "worker-failed",
    "probe:another-digest": "incomplete",
    "prove:another-digest": "defect",
    "prove:another-source": "incomplete",
}
MORE = {
    "clean:no-count": "worker-failed",
    "clean:alerts": "worker-failed",
    "clean:pickle": "worker-failed",
    "clean:too-long": "worker-failed",
    "probe:a-number": "worker-failed",
    "probe:another-job": "worker-failed",
    "prove:another-proof": "worker-failed",
    "prove:pickle": "worker-failed",
}
"""What the file makes its worker do, and why it must then be held; None: for any reason."""


@pytest.mark.parametrize("attacks", [ATTACKS, pytest.param(MORE, marks=pytest.mark.full)])
def test_a_taken_over_worker_gets_nothing_out(site: Site, attacks: dict[str, str | None]) -> None:
    """Each attack is held for its reason, every neighbour is released, and no name is anywhere.

    The neighbours are of other jobs, and go through the same two kinds of workers meanwhile.
    """
    site.edit(r"^text = .*$", 'text = "keep"')
    site.edit(r"^processes = .*$", "processes = 1")
    jobs = [f"23 {number:05d}" for number in range(100, 100 + 2 * len(attacks))]
    site.register(*(f"{job},012 345 6789,record,photograph,,2020-01-01,,,\n" for job in jobs))
    for number, attack in enumerate(attacks):
        comment = b"EVIL:" + attack.encode() + b": " + NAME
        hostile = sites.jpeg(number, comment=comment)
        site.drop(f"{jobs[2 * number]} 012 345 6789/{attack}.jpg".replace(":", "-"), hostile)
        site.drop(f"{jobs[2 * number + 1]} 012 345 6789/good.jpg", sites.jpeg(1000 + number))
    done = _run(site)
    assert done.returncode == 3, done.stderr
    held = {Path(path).stem: reason for path, reason in site.held().items()}
    assert set(held) == {attack.replace(":", "-") for attack in attacks}
    for attack, reason in attacks.items():
        assert reason in (None, held[attack.replace(":", "-")]), (attack, held)
    released = site.released()
    assert len(released) == len(attacks)
    assert {name[:8] for name in released} == set(jobs[1::2])
    assert not [name for name in released if NAME in site.release(name)]
    for note in (site.root / "share/held").rglob("*.WHY.txt"):
        assert "Fitzwilliam" not in note.read_text()
        assert "012 345" not in note.read_text()
    assert b"Fitzwilliam" not in (site.root / "audit/audit.jsonl").read_bytes()
    assert "Fitzwilliam" not in done.stderr
    assert not os.path.exists("/tmp/pickled")


def _run(site: Site) -> "subprocess.CompletedProcess[str]":
    tests = str(Path(__file__).parents[1])
    path = os.pathsep.join([tests, os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-m", "corpora.hostile_workers", str(site.config)],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
        env=os.environ | {"PYTHONPATH": path},
    )
