"""A register in a real PostgreSQL: read only, quick, and away for a while under load."""

import json
import os
import re
import signal
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from corpora import postgres, sites
from corpora.postgres import Server, number_of, some_jobs
from corpora.sites import Site
from medrelease.identifiers.job_number import JobFormat
from medrelease.policy.row import Row
from medrelease.register import Options, open_register, sql
from medrelease.terms.faults import Transient
from medrelease.terms.words import Consent, Wait

pytestmark = pytest.mark.skipif(
    postgres.programs() is None, reason="PostgreSQL is not installed: apt-get install postgresql"
)
JOBS = JobFormat(r"\d{2} \d{5}")
FULL = bool(os.environ.get("MEDRELEASE_FULL"))
SIZE = 1_000_000 if FULL else 20_000
FILES = 300 if FULL else 60


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server with the table filled."""
    made = Server()
    try:
        made.start()
        made.fill(SIZE)
        yield made
    finally:
        made.close()


Opener = Callable[..., sql.SqlRegister]


@pytest.fixture
def opened(server: Server) -> Iterator[Opener]:
    """Opens the table, or something else of the server, as a register."""
    with ExitStack() as closing:

        def make(**options: Any) -> sql.SqlRegister:
            made = open_register(
                Options(server.url, **(options or {"table": "jobs"})), Path("/"), JOBS
            )
            assert isinstance(made, sql.SqlRegister)
            closing.callback(made.close)
            return made

        yield make


def job_of(index: int) -> str:
    """The job number of the index-th row."""
    return f"{10 + index // 100_000:02} {index % 100_000:05}"


def spaced(number: str) -> str:
    """Ten digits in the canonical form."""
    return f"{number[:3]} {number[3:6]} {number[6:]}"


def test_rows_are_read(opened: Opener) -> None:
    """A look-up gives the row of that job and of no other, and none where there is none."""
    register = opened()
    for index in (0, 1, SIZE - 1):
        row = register.look_up(job_of(index))
        assert isinstance(row, Row)
        assert row.hc == spaced(number_of(index))
        assert (Consent.TEACHING in row.consent) is (index % 3 == 0)
    assert register.look_up("99 99999") is None


def test_types_of_a_database(server: Server, opened: Opener) -> None:
    """Dates, arrays and numbers of a real table, and other names, read as a file's cells do."""
    server.say(
        "CREATE TABLE typed AS SELECT 2302210::bigint AS job, 123456789::bigint AS hc_no,"
        " ARRAY['record','print'] AS consent, NULL::text AS kind, 'Dr N'::varchar AS clinician,"
        " DATE '2026-01-02' AS consent_date, NULL::date AS expires,"
        " TIMESTAMP '2026-12-01 10:00' AS withdrawn"
    )
    query = "SELECT job::text AS job_no, * FROM typed"
    row = opened(query=query).look_up("23 02210")
    assert isinstance(row, Row)
    assert row.hc == "012 345 6789"
    assert row.consent == {Consent.RECORD, Consent.PRINT}
    assert [str(day) for day in (row.consent_date, row.expires, row.withdrawn)] == [
        "2026-01-02",
        "None",
        "2026-12-01",
    ]


def test_the_connection_cannot_write(server: Server, opened: Opener) -> None:
    """Though the account may, no statement of the register's connections changes anything."""
    register = opened()
    for statement in ("DELETE FROM jobs", "CREATE TABLE mine (a int)", "DROP TABLE jobs"):
        with register._engine.connect() as connection, pytest.raises(sql.exc.DBAPIError) as caught:
            connection.exec_driver_sql(statement)
        assert "read-only" in str(caught.value)
    assert server.say("SELECT count(*) FROM jobs").strip() == str(SIZE)


def test_a_look_up_that_takes_too_long_is_given_up(server: Server, opened: Opener) -> None:
    """A query that never ends makes the register unavailable, and not the service hang."""
    server.say("CREATE VIEW slow AS SELECT jobs.*, pg_sleep(60)::text AS z FROM jobs LIMIT 1")
    register = opened(table="slow")
    with register._engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW statement_timeout").scalar() == "10s"
        connection.exec_driver_sql("SET statement_timeout = '300ms'")
    started = time.monotonic()
    with pytest.raises(Transient):
        register.look_up("10 00000")
    assert time.monotonic() - started < 30


def test_a_broken_connection_is_made_anew(server: Server, opened: Opener) -> None:
    """Connections that the server ended are replaced; a server that is away is told as such."""
    register = opened()
    assert register.look_up("10 00000") is not None
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = "
    server.say(ended + "'medrelease'")
    assert register.look_up("10 00000") is not None
    server.stop()
    for ask in (lambda: register.look_up("10 00000"), lambda: register.snapshot_id, register.check):
        with pytest.raises(Transient) as caught:
            ask()
        assert caught.value.wait is Wait.REGISTER_UNAVAILABLE
        assert "10 00000" not in str(caught.value)
    server.start()
    assert register.look_up("10 00000") is not None


def test_look_ups(opened: Opener) -> None:
    """Every look-up of many gives its own row; what one costs is printed (mark: 2 ms)."""
    register = opened()
    times = []
    for index in some_jobs(300, SIZE):
        started = time.perf_counter()
        row = register.look_up(job_of(index))
        times.append(time.perf_counter() - started)
        assert isinstance(row, Row)
        assert row.hc == spaced(number_of(index))
    print(f"{SIZE} jobs: a look-up takes {statistics.median(times) * 1000:.2f} ms in the median")


def site_with(server: Server, root: Path) -> Site:
    """A site whose register is the server's table."""
    site = Site(root)
    site.edit(r"^url = .*$", f'url = "{server.url}"\ntable = "jobs"')
    site.config.chmod(0o600)
    return site


def test_files_wait_while_the_server_is_away(server: Server, tmp_path: Path) -> None:
    """`run --once` gives up with exit 1, leaves the file, and `status` says why."""
    site = site_with(server, tmp_path / "site")
    site.edit(r"^patience = .*$", "patience = 1.0")
    site.drop(f"{job_of(0)}/a.jpg", sites.jpeg(1))
    server.stop()
    try:
        assert site.once().returncode == 1
        assert site.waiting() == [f"clinician/{job_of(0)}/a.jpg"]
        said = json.loads(site.call("status", "--json").stdout)
        assert said["waits"] == {"register-unavailable": 1}
        assert "register-unavailable" in site.call("status").stdout
        page = (site.root / "share/STATUS.html").read_text()
        assert "register-unavailable" in page
    finally:
        server.start()
    assert site.once().returncode == 0
    assert "waits" not in json.loads(site.call("status", "--json").stdout)


def test_stopped_and_started_under_load(server: Server, tmp_path: Path) -> None:
    """A server that goes and comes while files stream in: none leaves wrongly, none is lost.

    Each file's coded name must carry the number of its own row. On the teaching route those
    without consent are held, and so are those whose consent is withdrawn while the server is away.
    """
    site = site_with(server, tmp_path / "site")
    indices = some_jobs(FILES, SIZE, seed=11)
    consenting = [index for index in indices if index % 3 == 0]
    late = consenting[4:8]
    # these are examined, at a second each
    taught = consenting[:8] + [index for index in indices if index % 3][:3]
    with site.running() as service:
        for position, index in enumerate(indices):
            picture = sites.jpeg(index, comment=str(index).encode())
            site.drop(f"{job_of(index)}/{position}.jpg", picture)
            if position in (FILES // 4, FILES // 2):
                server.stop(signal.SIGQUIT if position == FILES // 4 else signal.SIGINT)
            if position in (FILES // 3, 2 * FILES // 3):
                server.start()
            if position == 2 * FILES // 3:
                names = ", ".join(f"'{job_of(one)}'" for one in late)
                server.say(f"UPDATE jobs SET withdrawn = '2026-01-01' WHERE job_no IN ({names})")
                for one in taught:
                    picture = sites.plain(one)
                    site.drop(f"{job_of(one)}/t.jpg", picture, route="teaching")
                server.stop()
                time.sleep(1)
                server.start()
        service.until_idle(240)
    wanted = {f"{job_of(index)} -1-{spaced(number_of(index))}.jpg" for index in indices}
    assert set(site.released()) == wanted
    assert len(site.released("teaching")) == 4
    held = site.held("teaching")
    assert {
        path.split("/")[0] for path, reason in held.items() if reason == "consent-withdrawn"
    } == {job_of(index) for index in late}
    assert len(held) == 7
    assert site.held() == {}
    assert site.call("audit", "verify").returncode == 0
    log = (site.root / "service.log").read_text()
    assert "register-unavailable" in log
    assert not re.search(r"\d{3} \d{3} \d{4}", log)
