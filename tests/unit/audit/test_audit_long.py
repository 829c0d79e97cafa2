"""Trails of years: verified in bounded memory, with word of how far it is."""

import tracemalloc
from pathlib import Path

import pytest

from corpora import long_trails
from corpora.trails import Site
from medrelease.audit import verification
from medrelease.audit.verification import verify_trail


def peak(root: Path, days: int, records: int) -> int:
    """The bytes of Python objects that a verification holds at most."""
    site = Site(root)
    folder = root / "long"
    long_trails.write(folder, site.signer, days, records)
    told: list[int] = []
    tracemalloc.start()
    try:
        found = verify_trail(folder, site.signer.public, progress=told.append)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (found.verdict, found.records, found.findings_count) == ("intact", records, 0)
    assert told == list(range(verification._STEP, records + 1, verification._STEP))
    return most


def test_memory_does_not_grow_with_the_trail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight times the lines and four times the days take no more memory, but for the notes' list.

    Eight bytes a note are kept: 0.8 MB in ten years of a thousand thousand records each.
    """
    monkeypatch.setattr(verification, "_STEP", 1000)
    small = peak(tmp_path / "small", 10, 1_000)
    large = peak(tmp_path / "large", 40, 8_000)
    assert large < small + 200_000


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_ten_years_are_verified(tmp_path: Path) -> None:
    """3,650 days with 1,000,000 records, in the memory that a week takes."""
    assert peak(tmp_path, 3_650, 1_000_000) < 20 << 20
