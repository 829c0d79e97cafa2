"""The rows that speak of one job, put together, and what is wrong with any of them."""

from collections.abc import Iterable, Iterator, Sequence

from medrelease.identifiers import hc_number
from medrelease.identifiers.hc_number import Check
from medrelease.identifiers.job_number import JobFormat
from medrelease.policy.row import Row
from medrelease.register.cells import job_of, read_row
from medrelease.register.table import Finding, Layout, RowInvalid

Cells = Sequence[str]


def answer(job: str, rows: Iterable[tuple[int, Cells]], layout: Layout) -> Row | RowInvalid | None:
    """What the rows of one job say: equal ones once, different ones nothing that can be used.

    A row is given with its line in a file, or 0.
    """
    said: dict[Row | RowInvalid, int] = {}
    for line, cells in rows:
        said.setdefault(read_row(job, cells, layout, line), line)
    invalid = next((each for each in said if isinstance(each, RowInvalid)), None)
    if invalid is not None:
        return invalid
    if len(said) > 1:
        return RowInvalid(job, ("two rows of the job differ",), [*said.values()][1])
    return next(iter(said), None)


def findings(
    rows: Iterable[tuple[int, Cells]], layout: Layout, job_format: JobFormat, check: Check
) -> list[Finding]:
    """Everything that is wrong with any row; a row is given with its line."""
    found = []
    first: dict[str, tuple[int, Row | RowInvalid]] = {}
    for line, cells in rows:
        job = job_of(cells, layout, job_format)
        if job is None:
            found.append(Finding(line, "job_no is not a job number of this site"))
            continue
        row = read_row(job, cells, layout)
        found += [Finding(line, problem) for problem in _problems(row, check)]
        earlier, before = first.setdefault(job, (line, row))
        if before != row:
            found.append(Finding(line, f"the row differs from line {earlier} of the same job"))
    return found


def _problems(row: Row | RowInvalid, check: Check) -> Iterator[str]:
    if isinstance(row, RowInvalid):
        yield from row.problems
        return
    if row.hc is not None and not hc_number.valid(row.hc, check):
        yield "hc_no fails the site's check of H&C numbers"
    if row.withdrawn_unreadable:
        yield "withdrawn is no date, and counts as withdrawn"


def is_blank(cells: Cells) -> bool:
    """Whether a row has nothing in any cell."""
    return not "".join(cells).strip()
