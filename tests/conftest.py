"""Fixtures that more than one kind of test uses."""

from pathlib import Path

import pytest

from corpora.sites import Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site with one registered job that consents to teaching."""
    return Site(tmp_path / "site")
