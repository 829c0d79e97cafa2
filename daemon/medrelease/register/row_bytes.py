"""One row of the register as bytes, for the keyed hash that the trail keeps of it."""

import json
from datetime import date

from medrelease.policy.row import Row


def row_bytes(row: Row) -> bytes:
    """The row's content, the same bytes for the same content whatever the register's form.

    JSON in UTF-8, keys sorted, no white space, dates as YYYY-MM-DD, sets sorted; an unreadable
    withdrawal is told from none. So the trail can show on which row a decision was made.
    """
    content = {
        "job_no": row.job,
        "hc_no": row.hc,
        "consent": sorted(row.consent),
        "kind": row.kind,
        "clinician": row.clinician,
        "consent_date": _day(row.consent_date),
        "expires": _day(row.expires),
        "withdrawn": "?" if row.withdrawn_unreadable else _day(row.withdrawn),
        "study": sorted(row.studies),
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
