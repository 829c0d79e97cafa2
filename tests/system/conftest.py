"""What the tests of crashes, power cuts and disk faults share: a place for worlds, and one."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpora.worlds import World, background, place_for_worlds


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in memory for the worlds of one module."""
    own = tmp_path_factory.mktemp("worlds")
    folder = place_for_worlds(own) / f"medrelease-{os.getpid()}-{own.name}"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def world(base: Path) -> World:
    """A site that has worked before."""
    return background(base / "background")
