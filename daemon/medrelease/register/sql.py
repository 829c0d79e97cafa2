"""A register in a database that SQLAlchemy reaches: one table, or one query, read only.

Each look-up asks the database for the one job, under each spelling of it, so that a million
jobs need an index on the job number and nothing else.
"""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import exc

from medrelease.identifiers.hc_number import Check
from medrelease.identifiers.job_number import JobFormat
from medrelease.policy.row import Row
from medrelease.register.cells import job_of
from medrelease.register.rows import Cells, answer, findings, is_blank
from medrelease.register.table import (
    Finding,
    HeaderError,
    Layout,
    Options,
    RowInvalid,
    layout,
)
from medrelease.terms.faults import ConfigError, Transient
from medrelease.terms.words import Wait

RENEWED_SECONDS = 30.0
"""How often `snapshot_id` says that the content may have changed."""


class SqlRegister:
    """A register behind an SQLAlchemy URL; may be asked from several threads.

    Raises ConfigError for a URL, driver, table or query that cannot be used.
    """

    def __init__(
        self, options: Options, base_dir: Path, job_format: JobFormat, check: Check
    ) -> None:
        self._columns = options.columns
        self._job_format = job_format
        self._check = check
        self._job_column = options.columns.get("job_no", "job_no")
        self._source = _source(options, self._job_column)
        self._engine = _engine(options.url, base_dir)

    @property
    def snapshot_id(self) -> str:
        """Another text every 30 seconds.

        A database tells nobody that it changed, and to hash a million rows is too dear. So
        the files held for the register are simply looked up again, one row each, this often.
        """
        return f"sql:{math.floor(time.monotonic() / RENEWED_SECONDS)}"

    def look_up(self, job: str) -> Row | RowInvalid | None:
        """See `Register`."""
        column = self._source.c[self._job_column]
        wanted = column.in_(self._job_format.spellings(job))
        with self._asked(wanted) as (where, rows):
            return answer(job, [c for c in rows if self._is_of(c, where, job)], where)

    def check(self) -> list[Finding]:
        """See `Register`."""
        with self._asked(None) as (where, rows):
            filled = ((line, cells) for line, cells in enumerate(rows, 1) if not is_blank(cells))
            return findings(filled, where, self._job_format, self._check)

    def _is_of(self, cells: Cells, where: Layout, job: str) -> bool:
        return job_of(cells, where, self._job_format) == job

    @contextmanager
    def _asked(
        self, wanted: sqlalchemy.ColumnElement[bool] | None
    ) -> Iterator[tuple[Layout, Iterator[Cells]]]:
        """Run one query; faults of the database carry no parameters and no values."""
        query = sqlalchemy.select(sqlalchemy.text("*")).select_from(self._source)
        try:
            with self._engine.connect() as connection:
                result = connection.execute(query if wanted is None else query.where(wanted))
                where = layout(list(result.keys()), self._columns)
                yield where, (_texts(row) for row in result)
        except (exc.DBAPIError, exc.TimeoutError) as fault:
            raise _unavailable(f"the register's database failed ({type(fault).__name__})") from None
        except HeaderError as fault:
            raise _unavailable(f"the register cannot be used: {fault}") from None


def _source(options: Options, job_column: str) -> sqlalchemy.FromClause:
    """What is asked: a table, with its schema before a full stop, or a query."""
    column: sqlalchemy.ColumnClause[Any] = sqlalchemy.column(job_column)
    if (options.table is None) == (options.query is None):
        raise ConfigError((("register", "a database needs either table or query"),))
    if options.query is not None:
        text = sqlalchemy.text(options.query.strip().rstrip(";").replace(":", "\\:"))
        return text.columns(column).subquery("register")
    schema, _, name = (options.table or "").rpartition(".")
    return sqlalchemy.table(name, column, schema=schema or None)


def _engine(url: str, base_dir: Path) -> sqlalchemy.Engine:
    """A small pool of read-only connections, each tried before it is used."""
    try:
        parsed = _read_only(sqlalchemy.make_url(url), base_dir)
        return sqlalchemy.create_engine(
            parsed,
            pool_pre_ping=True,
            hide_parameters=True,
            execution_options={"postgresql_readonly": True},
        )
    except (exc.ArgumentError, exc.NoSuchModuleError):
        message = "neither csv:FILE nor a URL of a database that SQLAlchemy knows"
        raise ConfigError((("register.url", message),)) from None
    except ImportError as fault:
        message = f"the database driver {fault.name} is not installed"
        raise ConfigError((("register.url", message),)) from None


def _read_only(url: sqlalchemy.URL, base_dir: Path) -> sqlalchemy.URL:
    """For SQLite a URI that opens the file to read and never makes it."""
    if url.get_backend_name() != "sqlite" or not url.database:
        return url
    path = (base_dir / url.database).absolute()
    return url.set(database=path.as_uri()).update_query_dict({"mode": "ro", "uri": "true"})


def _texts(row: Sequence[Any] | sqlalchemy.Row[Any]) -> Cells:
    return [_text(value) for value in row]


def _text(value: object) -> str:
    """A column's value as the text that a CSV register would hold."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return ";".join(sorted(_text(each) for each in value))
    return str(value)


def _unavailable(message: str) -> Transient:
    return Transient(Wait.REGISTER_UNAVAILABLE, message)
