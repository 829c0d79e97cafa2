"""Trails to test with: a clock that is set by hand, a signer, and lines of a working site."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from medrelease.audit.notes import Signer, load_or_create_signer
from medrelease.audit.trail import Options, Trail
from medrelease.terms.words import Event

HC = "012 345 6789"
NAME = f"23 02210 -1-{HC}.jpg"
ULID = "01J0000000000000000000000A"


@dataclass
class Clock:
    """A clock that moves only when it is told to."""

    now: datetime = field(default_factory=lambda: datetime(2026, 11, 23, 17, 40, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Move on (or back) by a timedelta's keywords."""
        self.now += timedelta(**by)


@dataclass
class Site:
    """A folder for a trail, its key and its clock."""

    root: Path
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.audit.mkdir(parents=True, exist_ok=True)

    @property
    def audit(self) -> Path:
        """The trail's folder."""
        return self.root / "audit"

    @property
    def today(self) -> Path:
        """Today's segment."""
        return self.audit / "audit.jsonl"

    @property
    def signer(self) -> Signer:
        """The site's signer, made when it is first asked for."""
        return load_or_create_signer(self.root / "keys" / "trail.pem")

    def open(
        self,
        sinks: Iterable[Callable[[dict[str, Any]], None]] = (),
        recovered: Callable[[], object] = lambda: None,
        **options: Any,
    ) -> Trail:
        """Open the trail; no note is due by itself unless `options` say so."""
        chosen: dict[str, Any] = {"checkpoint_lines": 10**6, "checkpoint_seconds": 3600.0}
        return Trail(
            self.audit,
            self.clock,
            self.signer,
            Options(**chosen | options),
            sinks=sinks,
            recovered=recovered,
        )

    def lines(self) -> list[bytes]:
        """The raw lines of today's segment, with their newlines."""
        return self.today.read_bytes().splitlines(keepends=True)

    def rewrite(self, lines: Iterable[bytes]) -> None:
        """Put other lines in the place of today's segment."""
        self.today.write_bytes(b"".join(lines))

    def copy(self, to: Path) -> "Site":
        """The same site in another folder."""
        shutil.copytree(self.root, to)
        return Site(to, Clock(self.clock.now))


def ulid(number: int) -> str:
    """A release id for a number."""
    return f"01J{number:023d}"


def release(number: int, **fields: Any) -> dict[str, Any]:
    """The fields of a release of one image of the policy's own example job."""
    return {
        "release_id": ulid(number),
        "outcome": "released",
        "route": "clinician",
        "purpose": "care",
        "job_no": "23 02210",
        "image_no": number,
        "coded_name": f"23 02210 -{number}-{HC}.jpg",
        "subject": "0000-0000-0000-0000-0",
        "source": {"sha256": f"{number:064x}", "bytes": 1, "kind": "jpeg", "name_hmac": "0" * 64},
        "result": {"sha256": f"{number + 1000:064x}", "bytes": 1, "kind": "jpeg"},
    } | fields


def work(trail: Trail, first: int, last: int) -> None:
    """Record the releases of some images: intended and published."""
    for number in range(first, last + 1):
        trail.append(Event.RELEASE_INTENDED, release(number))
        trail.append(Event.RELEASE_PUBLISHED, release(number))
