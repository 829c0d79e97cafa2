"""A share of one route, and what claims files in it."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpora import shares
from medrelease.spool.claims import Claims
from medrelease.spool.layout import Layout
from medrelease.spool.lease import ignore_lease_signals


@pytest.fixture(name="layout")
def _layout(tmp_path: Path) -> Layout:
    return shares.make(tmp_path)


@pytest.fixture(name="claims")
def _claims(layout: Layout) -> Iterator[Claims]:
    before = signal.getsignal(signal.SIGIO)
    ignore_lease_signals()
    claims = Claims(layout)
    yield claims
    claims.close_all()
    signal.signal(signal.SIGIO, before)
