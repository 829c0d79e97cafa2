"""The effective configuration: frozen values with every default filled in and every path absolute.

One dataclass a table of the file (DESIGN.md 5.2). The rooms below own option types of their own;
the service builds those from what stands here.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal

from medrelease.terms.route import Route

Finding = tuple[str, str]
"""A key path of the file, such as `site.settle`, and what is to be said about it."""


@dataclass(frozen=True, slots=True)
class Site:
    """`[site]`: who runs it and where it lives; `settle` and `patience` in seconds."""

    name: str
    contact: str
    policy: str
    share: Path
    state: Path
    audit: Path
    settle: float
    patience: float
    originals_days: int
    released_days: int


@dataclass(frozen=True, slots=True)
class Register:
    """`[register]`: where the job register is read; `columns` maps our names to its own.

    `url` is as written, `csv:` and a path or an SQLAlchemy URL, and a path in it is relative to
    the file's folder; for a database one of `table` and `query` is set.
    """

    url: str
    table: str | None
    query: str | None
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Numbers:
    """`[numbers]`: the canonical form of a job number, and how an H&C number is checked."""

    job: str
    check: Literal["check-digit", "hc-range", "off"]


@dataclass(frozen=True, slots=True)
class Pixels:
    """`[pixels]`, or one route's own: what becomes of writing in the picture."""

    text: Literal["redact", "hold", "keep"]
    keep: tuple[str, ...]
    max_masked: float


@dataclass(frozen=True, slots=True)
class Workers:
    """`[workers]`: `memory` in bytes and `timeout` in seconds, both for one worker process.

    `processes` is 0 where the number of cores decides.
    """

    processes: int
    memory: int
    timeout: float
    executor: str


@dataclass(frozen=True, slots=True)
class Trail:
    """`[audit]`: when a signed note is due, and where notes and figures go besides the site."""

    checkpoint_lines: int
    checkpoint_seconds: float
    journal: bool
    notes_dir: Path | None
    metrics: str


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration, as `config.load.load` gives it.

    `remarks` are findings that stop nothing and that `check` reports as warnings.
    """

    file: Path
    site: Site
    register: Register
    numbers: Numbers
    pixels: Pixels
    workers: Workers
    audit: Trail
    routes: tuple[Route, ...]
    route_pixels: Mapping[str, Pixels]
    remarks: tuple[Finding, ...] = ()
    policy_sha256: str = ""

    def route(self, name: str) -> Route | None:
        """The route of that name, or None."""
        return next((route for route in self.routes if route.name == name), None)


def with_digest(settings: Settings) -> Settings:
    """The same settings with `policy_sha256` set: two sites with one digest act alike."""
    content = asdict(settings)
    for aside in ("file", "remarks", "policy_sha256"):
        del content[aside]
    content["register"]["url"] = _without_password(settings.register.url)
    line = json.dumps(content, sort_keys=True, separators=(",", ":"), default=_plain)
    return replace(settings, policy_sha256=hashlib.sha256(line.encode()).hexdigest())


def _without_password(url: str) -> str:
    # The digest stands in every record: a password must not be open to guessing through it.
    return re.sub(r"(?<=://)([^:@/]*):[^/]*@", r"\1@", url)


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no canonical form for {type(value).__name__}")
