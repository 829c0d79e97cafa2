"""What `audit find` looks for: a job, a coded name, a subject code, or a patient.

The trail names no H&C number outside coded names, so a search for a patient also looks for
the subject codes that the number has on every route, and the keyed hashes of a job, under every
site key that there was.
"""

import os
from collections.abc import Iterable
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any

from medrelease.audit import search
from medrelease.config.keys import site_keys
from medrelease.config.load import load
from medrelease.config.settings import Settings
from medrelease.identifiers import keyed
from medrelease.identifiers.job_number import JobFormat
from medrelease.ledger.linkage import Linkage
from medrelease.service.assemble import LINKAGE


def find_records(
    file: Path, *, job: str | None, name: str | None, subject: str | None, hc: str | None
) -> list[dict[str, Any]]:
    """The records that match the one thing asked for, oldest first.

    `hc` is canonical; a job may be spelt in any of its forms, and a subject code as a person
    reads it out. Raises ConfigError.
    """
    settings = load(file)
    keys = site_keys(settings.site.state, os.environ)
    labels = {route.key_label for route in settings.routes} | _labels_of_old(settings)
    hmacs: set[str] = set()
    subjects: set[str] = {keyed.parse_subject_code(subject) or subject} if subject else set()
    if job is not None:
        job = JobFormat(settings.numbers.job).canonical(job) or job
        hmacs = {keyed.hmac_hex(key, job) for key in _derived(keys, labels | {"trail"})}
    if hc is not None:
        subjects = {keyed.subject_code(key, hc) for key in _derived(keys, labels)}
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


def _derived(keys: Iterable[bytes], labels: Iterable[str]) -> list[bytes]:
    """The key of every label under every site key that there was."""
    return [keyed.route_key(key, label) for key, label in product(keys, labels)]


def _labels_of_old(settings: Settings) -> set[str]:
    """The labels of routes and studies that released once and need not be configured any more."""
    place = settings.site.state / LINKAGE
    if not place.exists():
        return set()
    with closing(Linkage(place)) as linkage:
        return linkage.labels()
