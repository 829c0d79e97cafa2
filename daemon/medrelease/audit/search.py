"""Find the lines that tell of a job, a coded name, a subject or an H&C number.

Two passes: the first learns which releases are meant, the second gives every line of them, so
that what happened to an image is told from its first record to its last.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medrelease.audit.reading import records


def find(
    directory: Path,
    *,
    job: str | None = None,
    name: str | None = None,
    subject: str | None = None,
    hc: str | None = None,
    subjects: Collection[str] = frozenset(),
    job_hmacs: Collection[str] = frozenset(),
) -> Iterator[dict[str, Any]]:
    """Every record of the releases that match one of what is given, in the order of the trail.

    `job` and `hc` are canonical. `job_hmacs` are the job's keyed hashes, one a key; `subjects`
    the codes of the H&C number (or of the job), one a route or study: with them research routes
    are searched too, whose lines carry neither.
    """
    codes = frozenset(subjects) | ({subject} if subject else frozenset())
    sought = _Sought(job, frozenset(job_hmacs), name and name.casefold(), codes, _whole(hc))
    wanted = {
        record["release_id"]
        for _, record in records(directory)
        if record.get("release_id") and sought.in_(record)
    }
    for _, record in records(directory):
        if record.get("release_id") in wanted or sought.in_(record):
            yield record


def _whole(hc: str | None) -> re.Pattern[str] | None:
    """The number as it stands in a coded name, and not as a part of a longer one."""
    return re.compile(rf"(?<!\d){re.escape(hc)}(?!\d)") if hc else None


@dataclass(frozen=True, slots=True)
class _Sought:
    job: str | None
    job_hmacs: frozenset[str]
    name: str | None
    codes: frozenset[str]
    hc: re.Pattern[str] | None

    def in_(self, record: Mapping[str, Any]) -> bool:
        """Whether a record tells of any of it."""
        coded_name = str(record.get("coded_name") or "")
        return (
            (self.job is not None and record.get("job_no") == self.job)
            or record.get("job_hmac") in self.job_hmacs
            or (self.name is not None and coded_name.casefold() == self.name)
            or record.get("subject") in self.codes
            or any(code in coded_name for code in self.codes)
            or (self.hc is not None and self.hc.search(coded_name) is not None)
        )
