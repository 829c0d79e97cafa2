"""Cut the trail's writer off at every file operation, and start again.

Whatever had been acknowledged is there, the trail opens without a person's help, and the
verification finds it intact. A write is cut in its middle, as a power cut would.
"""

import contextlib
import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpora.trails import Site, release
from medrelease.audit import reading
from medrelease.audit.notes import Signer
from medrelease.audit.verification import verify_trail
from medrelease.audit.writer import Options, Writer
from medrelease.terms.faults import TrailFault, Transient
from medrelease.terms.words import Event

CALLS = ("write", "fsync", "rename", "replace", "open", "fchmod", "mkdir", "ftruncate")
MOST = 400


class Crash(BaseException):
    """The end of the process: nothing in the program catches it."""


class Cut:
    """Counts the file operations and ends, or fails, the one of a given number."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int, error: int | None) -> None:
        self.at, self.error, self.count = at, error, 0
        for name in CALLS:
            monkeypatch.setattr(os, name, self._wrap(name, getattr(os, name)))

    def _wrap(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self.count += 1
            if self.count == self.at:
                if name == "write":
                    original(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                raise Crash if self.error is None else OSError(self.error, "planted")
            return original(*arguments, **named)

        return call


def writer(site: Site, signer: Signer, acknowledged: list[int]) -> Writer:
    """Open the trail; what is acknowledged is collected."""
    return Writer(
        site.audit,
        clock=site.clock,
        signer=signer,
        options=Options(checkpoint_lines=3),
        durable=lambda record: acknowledged.append(record["seq"]),
        noted=lambda _: None,
    )


def day(site: Site, signer: Signer, acknowledged: list[int]) -> None:
    """A start, some releases, a note, midnight, another release, a stop."""
    opened = writer(site, signer, acknowledged)
    try:
        for number in range(2):
            opened.commit([(Event.RELEASE_INTENDED, release(number))])
        opened.make_note()
        site.clock.move(days=1)
        opened.commit([(Event.RELEASE_INTENDED, release(9)), (Event.SERVICE_STOPPED, {})])
        opened.make_note()
    finally:
        opened.close()


def survives(site: Site, acknowledged: list[int]) -> None:
    """Start again, untroubled, and look."""
    writer(site, site.signer, acknowledged).close()
    found = {record["seq"] for _, record in reading.records(site.audit)}
    assert set(acknowledged) <= found
    verdict = verify_trail(site.audit, site.signer.public)
    assert verdict.verdict == "intact", verdict.findings


def run(site: Site, at: int, error: int | None) -> bool:
    """One day with one cut; False when the day has fewer operations than that."""
    acknowledged: list[int] = []
    signer = site.signer
    with pytest.MonkeyPatch.context() as patched:
        cut = Cut(patched, at, error)
        with contextlib.suppress(Crash, TrailFault, Transient):
            day(site, signer, acknowledged)
    survives(site, acknowledged)
    return cut.count >= at


@pytest.mark.parametrize("error", [None, errno.EIO, errno.ENOSPC], ids=["crash", "EIO", "ENOSPC"])
def test_every_cut_is_survived(tmp_path: Path, error: int | None) -> None:
    """A crash, EIO or ENOSPC at each operation loses no acknowledged line and breaks no chain."""
    tried = 0
    while run(Site(tmp_path / str(tried)), tried + 1, error):
        tried += 1
        assert tried < MOST
    assert tried > 40


def test_a_crash_during_recovery_is_survived(tmp_path: Path) -> None:
    """The first crash leaves a torn line, the second comes while it is being cut off."""
    tried = 0
    while True:
        site = Site(tmp_path / str(tried))
        acknowledged: list[int] = []
        signer = site.signer
        day(site, signer, acknowledged)
        with site.today.open("ab") as file:
            file.write(b'{"v":1,')
        with pytest.MonkeyPatch.context() as patched:
            cut = Cut(patched, tried + 1, None)
            with contextlib.suppress(Crash):
                writer(site, signer, acknowledged).close()
        survives(site, acknowledged)
        if cut.count <= tried:
            break
        tried += 1
    assert tried > 10
