"""What `check` says of notes that should leave the host, and of the kernel's walls."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from corpora import sites
from medrelease.config.load import load
from medrelease.pixels import models
from medrelease.service import checks
from medrelease.service.checks import Finding
from medrelease.workers.sandbox import Report

OTHER_DISK = Path("/dev/shm")


def found(site: sites.Site, look: Callable[..., object], code: str) -> Finding:
    """The finding of that code."""
    (finding,) = [f for f in look(load(site.config)) if f.code == code]  # type: ignore[attr-defined]
    assert isinstance(finding, Finding)
    return finding


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder on another filesystem than the site's, where there is one."""
    place = OTHER_DISK / f"medrelease-notes-{os.getpid()}"
    place.mkdir()
    if place.stat().st_dev == tmp_path.stat().st_dev:
        place.rmdir()
        pytest.skip("no second filesystem to write to")
    return place


def test_check_follows_a_note_on_its_way_from_the_host(site: sites.Site, elsewhere: Path) -> None:
    """It warns until a note has really gone elsewhere, and again once newer ones do not follow."""

    def look() -> tuple[str, str]:
        finding = found(site, checks._trail, "notes-elsewhere")
        return finding.severity, finding.cause

    try:
        assert "nowhere but this host" in look()[1]
        site.edit(r"^notes_dir = .*$", f'notes_dir = "{site.root / "audit"}"')
        assert "same filesystem" in look()[1]
        site.edit(r"^notes_dir = .*$", f'notes_dir = "{elsewhere / "absent"}"')
        assert "cannot be read" in look()[1]
        site.edit(r"^notes_dir = .*$", f'notes_dir = "{elsewhere}"')
        assert look() == ("warning", "no signed note has gone to audit.notes_dir yet")
        assert site.once().returncode == 0
        assert look()[0] == "ok"
        sorted(elsewhere.iterdir())[-1].unlink()
        assert "newest note elsewhere covers" in look()[1]
    finally:
        for note in elsewhere.iterdir():
            note.unlink()
        elsewhere.rmdir()


@pytest.mark.parametrize(
    ("report", "severity", "said"),
    [
        (Report(landlock_abi=5, seccomp=True), "ok", "Landlock ABI 5 and seccomp"),
        (Report(landlock_abi=0, seccomp=True), "warning", "seccomp filter stands alone"),
        (Report(landlock_abi=5, seccomp=False), "error", "no seccomp filter"),
    ],
)
def test_check_says_what_the_walls_are_made_of(
    site: sites.Site, monkeypatch: pytest.MonkeyPatch, report: Report, severity: str, said: str
) -> None:
    """Without Landlock it warns that seccomp stands alone, without seccomp it is an error."""
    monkeypatch.setattr(checks, "sandbox_report", lambda: report)
    finding = found(site, checks._workers, "sandbox")
    assert finding.severity == severity
    assert said in finding.cause


def test_check_names_every_model_and_its_hash(site: sites.Site) -> None:
    """With everything installed each model is a finding of its own, by its file's hash."""
    findings = [f for f in checks._pixels(load(site.config)) if f.code == "pixels"]
    assert {finding.severity for finding in findings} == {"ok"}
    assert sorted(finding.cause.split()[0] for finding in findings) == [
        "PP-OCRv6_det_small.onnx",
        "PP-OCRv6_rec_small.onnx",
        "centerface.onnx",
    ]
    assert all(len(finding.cause.split()[1]) == 64 for finding in findings)


@pytest.mark.parametrize(
    ("place", "severity"),
    [("medrelease.pixels.models.KNOWN", "error"), ("medrelease.pixels.faces.FOLDER", "warning")],
)
def test_check_says_which_routes_a_missing_model_stops(
    site: sites.Site, monkeypatch: pytest.MonkeyPatch, place: str, severity: str
) -> None:
    """An altered model is an error, an absent one a warning; a route that keeps is not named."""
    if place.endswith("KNOWN"):
        altered = {name: frozenset[str]() for name in models.KNOWN}
        monkeypatch.setattr(place, altered)
    else:
        monkeypatch.setattr(place, Path("absent"))
    troubles = [f for f in checks._pixels(load(site.config)) if f.code == "pixels" and f.remedy]
    (finding,) = troubles
    assert finding.severity == severity
    assert "held as pixels-not-examined" in finding.cause
    assert "teaching" in finding.cause
    assert "clinician" not in finding.cause
