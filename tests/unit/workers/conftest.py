"""Pools of workers over the test's own folder, closed after it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from medrelease.workers.local import LocalPool


@pytest.fixture(name="start_pool")
def _start_pool(tmp_path: Path) -> Iterator[Callable[..., LocalPool]]:
    pools: list[LocalPool] = []
    (tmp_path / "source").write_bytes(b"bytes of an image")

    def start_pool(**chosen: Any) -> LocalPool:
        usual: dict[str, Any] = {"processes": 1, "timeout": 20.0}
        pools.append(LocalPool(tmp_path, "corpora.worker_operations", **{**usual, **chosen}))
        return pools[-1]

    yield start_pool
    for pool in pools:
        pool.close()
