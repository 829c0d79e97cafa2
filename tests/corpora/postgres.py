"""A PostgreSQL server of a test's own: in a folder of its own, on a free port of loopback.

It runs as nobody where the test runs as root, for PostgreSQL refuses to; it is ended by its pid.
"""

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

COLUMNS = "job_no,hc_no,consent,kind,clinician,consent_date,expires,withdrawn,study"
_NOBODY = 65534


def programs() -> Path | None:
    """Where the newest server's programs lie: Debian keeps them out of the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    here = shutil.which("initdb")
    return found[-1].parent if found else Path(here).parent if here else None


def number_of(index: int) -> str:
    """The H&C number of the index-th patient, in Northern Ireland's range, with its check digit."""
    nine = 320_000_001 + index * 7
    while True:
        weighted = sum(int(d) * w for d, w in zip(str(nine), range(10, 1, -1), strict=True))
        check = -weighted % 11
        if check < 10:
            return f"{nine}{check}"
        nine += 1


def rows(count: int) -> Iterator[str]:
    """So many jobs, as COPY takes them: each third consents to teaching."""
    for index in range(count):
        job = f"{10 + index // 100_000:02} {index % 100_000:05}"
        consent = "record;teaching" if index % 3 == 0 else "record"
        number = number_of(index)
        spaced = f"{number[:3]} {number[3:6]} {number[6:]}"
        cells = [job, spaced, consent, "photograph", f"Dr {index % 97}", "2020-01-01"]
        yield "\t".join([*cells, "\\N", "\\N", "\\N"]) + "\n"


class Server:
    """One server; `url` is what a site's configuration takes. Close it, and all of it is gone."""

    def __init__(self) -> None:
        found = programs()
        assert found is not None
        self._programs = found
        self._folder = Path(tempfile.mkdtemp(prefix="medrelease-postgres-", dir="/tmp"))
        self._user: dict[str, int | list[int]] = {}
        if os.geteuid() == 0:
            os.chown(self._folder, _NOBODY, _NOBODY)
            self._user = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None
        words = ["initdb", "-D", "data", "-U", "reader", "-A", "trust", "-E", "UTF8", "-N"]
        self._run(*words, "--locale=C.UTF-8")

    @property
    def url(self) -> str:
        """The URL for SQLAlchemy."""
        return f"postgresql+psycopg://reader@127.0.0.1:{self.port}/postgres"

    def _run(self, program: str, *words: str, given: str | None = None) -> str:
        done = subprocess.run(
            [str(self._programs / program), *words],
            cwd=self._folder,
            input=given,
            capture_output=True,
            text=True,
            check=True,
            timeout=240,
            **self._user,  # type: ignore[call-overload]
        )
        return str(done.stdout)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [str(self._programs / "postgres"), "-D", "data", "-p", str(self.port)]
        command += ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        command += ["-c", "fsync=off", "-c", "max_wal_size=4GB"]
        with (self._folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=self._folder,
                stdout=log,
                stderr=log,
                **self._user,  # type: ignore[call-overload]
            )
        deadline = time.monotonic() + 60
        ready = ["pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run([str(self._programs / ready[0]), *ready[1:]], check=False).returncode:
            assert self.process.poll() is None, (self._folder / "log").read_text()[-2000:]
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT is a fast shutdown, SIGQUIT one that drops everything."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(60)
            self.process = None

    def close(self) -> None:
        """End it and remove its folder."""
        self.stop()
        shutil.rmtree(self._folder)

    def say(self, statement: str, given: str | None = None) -> str:
        """What psql answers to a statement; `given` is what a COPY reads."""
        words = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "reader", "-d", "postgres"]
        return self._run(
            "psql", *words, "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", statement, given=given
        )

    def fill(self, count: int) -> None:
        """A table `jobs` of so many rows, with an index on the job number."""
        types = ", ".join(f"{column} text" for column in COLUMNS.split(","))
        self.say(f"CREATE TABLE jobs ({types})")
        self.say(f"COPY jobs ({COLUMNS}) FROM STDIN", given="".join(rows(count)))
        self.say("CREATE INDEX ON jobs (job_no)")
        self.say("ANALYZE jobs")


def some_jobs(count: int, of: int, seed: int = 7) -> list[int]:
    """Different indices of jobs below `of`."""
    return random.Random(seed).sample(range(of), count)
