"""What `audit find` looks for: a job, a coded name, a subject code, or a patient.

The trail names no H&C number outside coded names, so a search for a patient also looks for
the subject codes that the number has on every route, and the keyed hashes of a job.
"""

import os
from pathlib import Path
from typing import Any

from medrelease.audit import search
from medrelease.config.keys import site_key
from medrelease.config.load import load
from medrelease.identifiers import keyed
from medrelease.identifiers.job_number import JobFormat


def find_records(
    file: Path, *, job: str | None, name: str | None, subject: str | None, hc: str | None
) -> list[dict[str, Any]]:
    """The records that match the one thing asked for, oldest first.

    `hc` is canonical; a job may be spelt in any of its forms. Raises ConfigError.
    """
    settings = load(file)
    key = site_key(settings.site.state, os.environ)
    hmacs: set[str] = set()
    subjects: set[str] = {subject} if subject else set()
    if job is not None:
        job = JobFormat(settings.numbers.job).canonical(job) or job
        labels = {r.key_label for r in settings.routes if r.study is not None} | {"trail"}
        hmacs = {keyed.hmac_hex(keyed.route_key(key, label), job) for label in labels}
    if hc is not None:
        labels = {r.key_label for r in settings.routes}
        subjects = {keyed.subject_code(keyed.route_key(key, label), hc) for label in labels}
    return list(
        search.find(
            settings.site.audit,
            job=job,
            name=name,
            hc=hc,
            subjects=frozenset(subjects),
            job_hmacs=frozenset(hmacs),
        )
    )
