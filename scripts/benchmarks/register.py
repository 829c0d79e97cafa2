"""What the job register costs: a CSV file read again, and look-ups in PostgreSQL.

    scripts/bench register [JOBS]            JOBS in the database: 1,000,000 if not given

Marks: 100,000 rows of CSV reloaded in under 1 s of CPU; a look-up under 2 ms in the median. Each
figure stands beside the least that could be done: the csv module alone, psycopg alone.
"""

import csv
import io
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from corpora import postgres
from medrelease.identifiers.job_number import JobFormat
from medrelease.register import Options, open_register

JOBS = JobFormat(r"\d{2} \d{5}")
CSV_ROWS = 100_000
LOOK_UPS = 2000
TURNS = 5


def least_cpu(work: Callable[[], object]) -> float:
    """The least CPU seconds of several turns at it."""
    figures = []
    for _ in range(TURNS):
        started = time.process_time()
        work()
        figures.append(time.process_time() - started)
    return min(figures)


def median(question: Callable[[str], object], jobs: list[str]) -> tuple[float, float]:
    """Milliseconds by the clock in the median, and of our CPU on average, of one question."""
    times, cpu = [], time.process_time()
    for job in jobs:
        started = time.perf_counter()
        found = question(job)
        times.append(time.perf_counter() - started)
        if not found:
            raise AssertionError("a job was not found")
    return statistics.median(times) * 1000, (time.process_time() - cpu) / len(jobs) * 1000


def say(what: str, figure: str, beside: str) -> None:
    """One line of the table."""
    sys.stdout.write(f"{what:<44} {figure:>22}   {beside}\n")


def csv_file() -> bool:
    """A CSV register of 100,000 rows: read again, and asked."""
    header = postgres.COLUMNS + "\n"
    rows = (row.replace("\t", ",").replace("\\N", "") for row in postgres.rows(CSV_ROWS))
    text = header + "".join(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "register.csv")
        path.write_text(text)
        register = open_register(Options("csv:register.csv"), Path(folder), JOBS)

        def reload() -> None:
            path.write_text(text)  # another mtime: the next look-up reads it again
            register.look_up("10 00000")

        cpu = least_cpu(reload) - least_cpu(lambda: path.write_text(text))
        alone = least_cpu(lambda: list(csv.reader(io.StringIO(text))))
        jobs = [f"10 {random.randrange(CSV_ROWS):05}" for _ in range(LOOK_UPS)]  # noqa: S311
        look_up, _ = median(register.look_up, jobs)
    say(
        f"CSV, {CSV_ROWS} rows read again", f"{cpu:.2f} s of CPU", f"csv module alone {alone:.2f} s"
    )
    say("CSV, a look-up", f"{look_up:.3f} ms", "")
    return cpu < 1


def database(size: int) -> bool:
    """Look-ups in a PostgreSQL of so many jobs."""
    import psycopg  # noqa: PLC0415  only where there is a server

    server = postgres.Server()
    try:
        server.start()
        server.fill(size)
        register = open_register(Options(server.url, table="jobs"), Path("/"), JOBS)
        jobs = [
            f"{10 + index // 100_000:02} {index % 100_000:05}"
            for index in postgres.some_jobs(LOOK_UPS, size)
        ]
        register.look_up(jobs[0])
        clock, cpu = median(register.look_up, jobs)
        with psycopg.connect(
            f"host=127.0.0.1 port={server.port} user=reader dbname=postgres"
        ) as raw:
            raw.autocommit = True
            query = "SELECT * FROM jobs WHERE job_no = %s"
            alone, own = median(lambda job: raw.execute(query, (job,)).fetchall(), jobs)
        register.close()
    finally:
        server.close()
    beside = f"psycopg alone {alone:.2f} ms, {own:.2f} ms of CPU"
    say(f"PostgreSQL, {size} jobs, a look-up", f"{clock:.2f} ms, {cpu:.2f} ms of CPU", beside)
    return clock < 2


def main() -> int:
    """Prints the table; exit 1 where a mark is missed."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    kept = csv_file()
    if postgres.programs() is None:
        sys.stdout.write("PostgreSQL is not installed: apt-get install postgresql\n")
    else:
        kept = database(size) and kept
    sys.stdout.write(f"marks: 1 s of CPU, 2 ms in the median: {'kept' if kept else 'missed'}\n")
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main())
