"""Putting a file into held: what is remembered of the hold."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from medrelease.ledger.held_places import HeldPlace
from medrelease.release import holding
from medrelease.release.case import Case
from medrelease.spool.holding import HeldPlace as Placed
from medrelease.terms.flow import Claim, Hold, Stamp
from medrelease.terms.words import Reason

CLAIM = Claim("01ARZ3NDEKTSV4RRFFQ69G5FAV", "r", b"a", Stamp(0, 0, 1, 0, 0, 1, 0), "outbox", False)


def test_a_hold_began_before_its_note_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever approves the moment the note stands there, while the disk still works, counts."""
    now = [datetime(2026, 11, 23, tzinfo=UTC)]
    remembered: list[HeldPlace] = []
    shown: list[datetime] = []
    desk: Any = SimpleNamespace(
        clock=lambda: now[0],
        layout=None,
        claims=None,
        rules=SimpleNamespace(contact="the office", policy_title="the policy"),
        held_places=SimpleNamespace(remember=remembered.append),
        log=SimpleNamespace(info=lambda message, **fields: None),
    )

    def slow_disk(*_: object) -> Placed:
        shown.append(now[0])
        now[0] += timedelta(seconds=5)
        return Placed("r", b"a", b"a.WHY.txt")

    monkeypatch.setattr(holding.holding, "hold", slow_disk)
    monkeypatch.setattr(holding.work, "remove_all", lambda layout, release_id: None)
    route: Any = None
    holding.settle(desk, Case(CLAIM, route), Hold(Reason.APPROVAL_NEEDED, ""))
    assert [place.since for place in remembered] == shown
