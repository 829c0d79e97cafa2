"""A register in a database that SQLAlchemy reaches: one table, or one query, read only.

Each look-up asks the database for the one job, under each spelling of it, so that a million
jobs need an index on the job number and nothing else.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy import event, exc

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

Answer = TypeVar("Answer")

RENEWED_SECONDS = 10.0
"""How often `snapshot_id` says that the content may have changed."""

_PATIENCE_SECONDS = 10
"""How long a database may take to be reached, or to answer a query."""

_ANYTHING = sqlalchemy.text("SELECT 1")
_SPELLINGS = ("spaced", "hyphened", "bare")
_LIBPQ_DRIVERS = ("psycopg", "psycopg2")
_ROWS_AT_ONCE = 1000
_SESSIONS = {
    "postgresql": (
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
        f"SET statement_timeout = '{_PATIENCE_SECONDS}s'",
    ),
    "mysql": ("SET SESSION TRANSACTION READ ONLY",),
    "mariadb": ("SET SESSION TRANSACTION READ ONLY",),
}
"""What is said first on each new connection: the account may be able to write, we are not."""


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
        job_column = options.columns.get("job_no", "job_no")
        source = _source(options, job_column)
        # made once: what a statement is made of need not be taken apart for each look-up
        whole = sqlalchemy.select(sqlalchemy.text("*")).select_from(source)
        spelt = [source.c[job_column] == sqlalchemy.bindparam(name) for name in _SPELLINGS]
        self._one = whole.where(sqlalchemy.or_(*spelt))
        self._all = whole.execution_options(yield_per=_ROWS_AT_ONCE)
        self._known: tuple[tuple[str, ...], Layout] | None = None
        self._engine = _engine(options.url, base_dir)

    @property
    def snapshot_id(self) -> str:
        """Another text every ten seconds, of a database that could be reached just now.

        A database tells nobody that it changed, and to hash a million rows is too dear. So
        the files held for the register are simply looked up again, one row each, this often.
        """
        self._tried(self._reach)
        return f"sql:{math.floor(time.monotonic() / RENEWED_SECONDS)}"

    def look_up(self, job: str) -> Row | RowInvalid | None:
        """See `Register`. A connection that breaks meanwhile is tried once more."""
        return self._tried(partial(self._look_up, job))

    def _look_up(self, job: str) -> Row | RowInvalid | None:
        spellings = self._job_format.spellings(job)
        wanted = {name: spellings[min(n, len(spellings) - 1)] for n, name in enumerate(_SPELLINGS)}
        with self._asked(self._one, wanted) as (where, rows):
            return answer(job, [(0, c) for c in rows if self._is_of(c, where, job)], where)

    def _reach(self) -> None:
        with _told(), self._engine.connect() as connection:
            connection.execute(_ANYTHING)

    def _tried(self, question: Callable[[], Answer]) -> Answer:
        """Ask; where the server ended the connection meanwhile, ask again over new ones."""
        try:
            return question()
        except _BrokenError:
            return question()

    def check(self) -> list[Finding]:
        """See `Register`."""
        with self._asked(self._all, {}) as (where, rows):
            filled = ((line, cells) for line, cells in enumerate(rows, 1) if not is_blank(cells))
            return findings(filled, where, self._job_format, self._check)

    def close(self) -> None:
        """End the connections."""
        self._engine.dispose()

    def _is_of(self, cells: Cells, where: Layout, job: str) -> bool:
        return job_of(cells, where, self._job_format) == job

    @contextmanager
    def _asked(
        self, query: sqlalchemy.Select[Any], values: Mapping[str, str]
    ) -> Iterator[tuple[Layout, Iterator[Cells]]]:
        """Run one query; faults of the database carry no parameters and no values."""
        with _told(), self._engine.connect() as connection:
            result = connection.execute(query, values)
            yield self._where(tuple(result.keys())), (_texts(row) for row in result)

    def _where(self, header: tuple[str, ...]) -> Layout:
        """Where the columns stand: the same for every answer until the table is changed."""
        if self._known is None or self._known[0] != header:
            self._known = header, layout(header, self._columns)
        return self._known[1]


class _BrokenError(Transient):
    """The connection itself broke: another one may do."""


@contextmanager
def _told() -> Iterator[None]:
    """Faults of the database as `Transient`, without parameters and values."""
    try:
        yield
    except (exc.DBAPIError, exc.TimeoutError) as fault:
        message = f"the register's database failed ({type(fault).__name__})"
        if isinstance(fault, exc.DBAPIError) and fault.connection_invalidated:
            raise _BrokenError(Wait.REGISTER_UNAVAILABLE, message) from None
        raise Transient(Wait.REGISTER_UNAVAILABLE, message) from None
    except HeaderError as fault:
        message = f"the register cannot be used: {fault}"
        raise Transient(Wait.REGISTER_UNAVAILABLE, message) from None


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
    """A small pool of read-only connections."""
    try:
        parsed = _read_only(sqlalchemy.make_url(url), base_dir)
        engine = sqlalchemy.create_engine(
            parsed,
            connect_args=_connecting(parsed),
            hide_parameters=True,
            isolation_level="AUTOCOMMIT",  # one question is one round trip
            pool_timeout=_PATIENCE_SECONDS,
        )
    except (exc.ArgumentError, exc.NoSuchModuleError):
        message = "neither csv:FILE nor a URL of a database that SQLAlchemy knows"
        raise ConfigError((("register.url", message),)) from None
    except ImportError as fault:
        message = f"the database driver {fault.name} is not installed"
        raise ConfigError((("register.url", message),)) from None
    event.listen(engine, "connect", partial(_begin_session, engine.dialect.name))
    return engine


def _connecting(url: sqlalchemy.URL) -> dict[str, Any]:
    """How long libpq waits for a server that does not answer; what the URL says stands."""
    if url.get_backend_name() != "postgresql" or url.get_driver_name() not in _LIBPQ_DRIVERS:
        return {}
    own = {
        "connect_timeout": _PATIENCE_SECONDS,
        "tcp_user_timeout": _PATIENCE_SECONDS * 1000,
        "application_name": "medrelease",
    }
    return {key: value for key, value in own.items() if key not in url.query}


def _begin_session(dialect: str, connection: Any, _record: object) -> None:
    """The first words on a new connection."""
    statements = _SESSIONS.get(dialect, ())
    if statements:
        with closing(connection.cursor()) as cursor:
            for statement in statements:
                cursor.execute(statement)
        connection.commit()


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
