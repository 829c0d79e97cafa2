"""What every register offers, whatever it is kept in, and how its columns are found."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from medrelease.policy.row import Row

REQUIRED = (
    "job_no",
    "hc_no",
    "consent",
    "kind",
    "clinician",
    "consent_date",
    "expires",
    "withdrawn",
)
COLUMNS = (*REQUIRED, "study")
"""The columns of DESIGN.md 5.3; only `study` may be absent."""


@dataclass(frozen=True, slots=True)
class Options:
    """The `[register]` table. `url` is `csv:FILE` or an SQLAlchemy URL.

    `table` or `query` say what a database is asked for; `columns` maps names of `COLUMNS` to
    the register's own names where these differ.
    """

    url: str
    table: str | None = None
    query: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RowInvalid:
    """The register has the job and says something of it that cannot be read.

    `problems` name columns and no values; `line` is where the row stands in a file, 0 where
    the register is none.
    """

    job: str
    problems: tuple[str, ...]
    line: int = 0

    @property
    def problem(self) -> str:
        """All of it in one text, with the line where there is one."""
        text = "; ".join(self.problems)
        return f"line {self.line} of the register: {text}" if self.line else text


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with the register: the line (of a database the row, from 1 on)."""

    line: int
    message: str


class Register(Protocol):
    """A register that can be asked for a job.

    Every member raises `Transient` (register-unavailable) while the register is absent,
    unreadable or half-written.
    """

    @property
    def snapshot_id(self) -> str:
        """A text that is another one when the register's content may have changed.

        Asking for it proves that the register can be reached.
        """

    def look_up(self, job: str) -> Row | RowInvalid | None:
        """What the register says of a canonical job number; None where it has no such job."""

    def check(self) -> list[Finding]:
        """Everything that is wrong with any row, in the order of the rows."""

    def close(self) -> None:
        """Let go of what the register holds open; it can still be asked, and opens it anew."""


class HeaderError(Exception):
    """The columns are not what they must be; turned into `Transient` by its register."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each column stands in a row of `width` cells."""

    places: Mapping[str, int]
    width: int


def layout(header: Sequence[str], columns: Mapping[str, str]) -> Layout:
    """Find the columns by name, whatever the case and the spaces around.

    Raises HeaderError, naming the columns, where a required one is absent or one stands twice.
    """
    names = [_folded(name) for name in header]
    wanted = {column: columns.get(column, column) for column in COLUMNS}
    _refuse([own for own in wanted.values() if names.count(_folded(own)) > 1], "twice")
    places = {c: names.index(_folded(own)) for c, own in wanted.items() if _folded(own) in names}
    _refuse([wanted[c] for c in REQUIRED if c not in places], "not at all")
    if wanted["study"] != "study" and "study" not in places:
        _refuse([wanted["study"]], "not at all")
    return Layout(places, len(names))


def _refuse(names: Iterable[str], how_often: str) -> None:
    listed = ", ".join(names)
    if listed:
        raise HeaderError(f"these columns stand in the register {how_often}: {listed}")


def _folded(name: str) -> str:
    return name.strip().casefold()
