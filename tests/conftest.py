"""Fixtures that more than one kind of test uses."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from corpora.built import build_beside_sources
from corpora.sites import Site

build_beside_sources()

# The same examples at every run, so that a change is judged by what it changes; --full looks for
# new ones.
settings.register_profile("settled", derandomize=True)
if not os.environ.get("MEDRELEASE_FULL"):
    settings.load_profile("settled")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site with one registered job that consents to teaching."""
    return Site(tmp_path / "site")


NOBODY = 65534


@pytest.fixture
def unprivileged(tmp_path: Path) -> Iterator[None]:
    """Run the test as nobody where it would run as root, whom no mode of a file stops.

    Name it last: what the fixtures before it made under `tmp_path` is given to nobody.
    """
    if os.geteuid() != 0:
        yield
        return
    for folder in (tmp_path, *tmp_path.parents[:3]):
        if str(folder).startswith("/tmp/"):
            folder.chmod(folder.stat().st_mode | 0o011)
    for above, folders, files in os.walk(tmp_path):
        for name in (above, *(os.path.join(above, n) for n in folders + files)):
            os.chown(name, NOBODY, NOBODY, follow_symlinks=False)
    os.setresuid(NOBODY, NOBODY, 0)
    yield
    os.setresuid(0, 0, 0)
