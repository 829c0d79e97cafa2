"""A register in a database: the same rows as from a file, read only, and away when it is away."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import pytest

from medrelease.identifiers.job_number import JobFormat
from medrelease.policy.row import Row
from medrelease.register import Finding, Options, RowInvalid, open_register, sql
from medrelease.terms.faults import ConfigError, Transient
from medrelease.terms.words import Consent, Kind, Wait

JOBS = JobFormat(r"\d{2} \d{5}")
URL = "sqlite:///register.db"
ROW = Row(
    job="23 02210",
    hc="012 345 6789",
    consent=frozenset({Consent.RECORD}),
    kind=Kind.X_RAY,
    clinician="Dr Smith",
    consent_date=date(2026, 1, 2),
    studies=frozenset({"ABC"}),
)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with a SQLite register of two jobs, one of them spelled without its space."""
    with closing(sqlite3.connect(tmp_path / "register.db")) as database:
        database.execute(
            "CREATE TABLE jobs (job_no, hc_no, consent, kind, clinician, consent_date, expires,"
            " withdrawn, study)"
        )
        database.executemany(
            "INSERT INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    "2302210",
                    123456789,
                    "record",
                    "x-ray",
                    "Dr Smith",
                    "2026-01-02",
                    None,
                    "",
                    "ABC",
                ),
                ("23 02211", None, "everything", None, None, None, None, None, None),
                ("nonsense", None, None, None, None, None, None, None, None),
            ],
        )
        database.commit()
    yield tmp_path


def test_table(folder: Path) -> None:
    """A job is found under each spelling, with numbers and NULLs read as a file's cells are."""
    register = open_register(Options(URL, table="jobs"), folder, JOBS)
    assert register.look_up("23 02210") == ROW
    assert isinstance(register.look_up("23 02211"), RowInvalid)
    assert register.look_up("23 02212") is None
    assert [finding.line for finding in register.check()] == [2, 3]
    assert register.check()[1] == Finding(3, "job_no is not a job number of this site")


def test_query_and_columns(folder: Path) -> None:
    """A query may give other names, which the configuration maps, and may hold colons."""
    query = """SELECT job_no AS "Job No", hc_no, consent, kind, clinician, consent_date, expires,
        withdrawn, study FROM jobs WHERE job_no <> 'a::b' AND job_no <> ':c';"""
    options = Options(URL, query=query, columns={"job_no": "Job No"})
    assert open_register(options, folder, JOBS).look_up("23 02210") == ROW


def test_the_database_is_only_read(folder: Path) -> None:
    """The connection cannot write, and an absent database is not made."""
    register = open_register(Options(URL, table="jobs"), folder, JOBS)
    assert isinstance(register, sql.SqlRegister)
    with register._engine.connect() as connection, pytest.raises(sql.exc.OperationalError):
        connection.exec_driver_sql("DELETE FROM jobs")
    away = open_register(Options("sqlite:///absent.db", table="jobs"), folder, JOBS)
    with pytest.raises(Transient) as caught:
        away.look_up("23 02210")
    assert caught.value.wait is Wait.REGISTER_UNAVAILABLE
    assert not (folder / "absent.db").exists()


@pytest.mark.parametrize(
    "options",
    [
        Options(URL, table="nowhere"),
        Options(URL, query="SELECT job_no FROM jobs"),
        Options(URL, query="SELECT FROM"),
        Options(URL, table="jobs", columns={"expires": "until"}),
    ],
)
def test_wrong_tables_and_columns_make_it_unavailable(folder: Path, options: Options) -> None:
    """A missing table or column makes the register unreadable, and no value is told."""
    register = open_register(options, folder, JOBS)
    with pytest.raises(Transient) as caught:
        register.look_up("23 02210")
    assert "02210" not in str(caught.value)
    with pytest.raises(Transient):
        register.check()


@pytest.mark.parametrize(
    "options",
    [
        Options("nonsense", table="jobs"),
        Options("nosuch://host/db", table="jobs"),
        Options(URL),
        Options(URL, table="jobs", query="SELECT 1"),
        Options("oracle+cx_oracle://user:secret@host/db", table="jobs"),
    ],
)
def test_unusable_configuration(folder: Path, options: Options) -> None:
    """A URL or mapping that cannot work is an error of the configuration, told without secrets."""
    with pytest.raises(ConfigError) as caught:
        open_register(options, folder, JOBS)
    assert "secret" not in str(caught.value)


def test_rows_that_differ(folder: Path) -> None:
    """Two spellings of one job with different rows hold it."""
    with closing(sqlite3.connect(folder / "register.db")) as database:
        database.execute("INSERT INTO jobs SELECT '23-02210', 9434765919, consent, kind, clinician,"
                         " consent_date, expires, withdrawn, study FROM jobs LIMIT 1")  # fmt: skip
        database.commit()
    said = open_register(Options(URL, table="jobs"), folder, JOBS).look_up("23 02210")
    assert said == RowInvalid("23 02210", ("two rows of the job differ",))


def test_values_become_the_texts_of_a_file() -> None:
    """Dates, moments and arrays of a database read as the cells of a CSV register."""
    assert sql._texts(
        [date(2026, 1, 2), datetime(2026, 1, 2, 3), ["record", "print"], 5, None]
    ) == [
        "2026-01-02",
        "2026-01-02",
        "print;record",
        "5",
        "",
    ]


def test_snapshot_changes_by_the_clock(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database's snapshot is another one every ten seconds and the same in between."""
    register = open_register(Options(URL, table="jobs"), folder, JOBS)
    seen = []
    for now in (60.0, 69.9, 70.0):
        monkeypatch.setattr(sql.time, "monotonic", lambda now=now: now)
        seen.append(register.snapshot_id)
    assert seen[0] == seen[1] != seen[2]


def test_an_absent_database_has_no_snapshot(tmp_path: Path) -> None:
    """Asking for the snapshot alone tells that the database is away."""
    with pytest.raises(Transient):
        _ = open_register(Options(URL, table="jobs"), tmp_path, JOBS).snapshot_id


def test_a_csv_register_does_not_import_sqlalchemy() -> None:
    """Opening a CSV register leaves SQLAlchemy out of the process."""
    code = (
        "import sys; from pathlib import Path; from medrelease.register import *;"
        "from medrelease.identifiers.job_number import JobFormat;"
        "open_register(Options('csv:x.csv'), Path('.'), JobFormat('J[0-9]+'));"
        "sys.exit('sqlalchemy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
