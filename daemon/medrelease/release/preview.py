"""`explain` and `clean`: the same steps on one file, with nothing claimed and nothing recorded."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from medrelease.identifiers import keyed
from medrelease.release import answers, operations
from medrelease.terms.faults import WorkerLost
from medrelease.terms.flow import Hold, Probe, Sanitised
from medrelease.terms.words import Reason
from medrelease.workers.protocol import Job, Workers

SOURCE, FINISHED = "source", "finished"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """One file that was cleaned and proved outside a release."""

    probe: Probe
    sanitised: Sanitised
    proved: answers.Proved


@dataclass(frozen=True, slots=True)
class Recipe:
    """With what a file is cleaned: the route's choices, or one-time ones for `clean`."""

    route_key: bytes
    patient_label: str
    subject: str
    dicom_options: frozenset[str]
    hsc: bool
    identifiers: tuple[str, ...] = ()


def one_time_recipe() -> Recipe:
    """Keys that nobody keeps: what they made cannot be linked to anything, ever."""
    key = secrets.token_bytes(32)
    code = keyed.subject_code(key, secrets.token_hex(16))
    return Recipe(key, code, code, frozenset(), hsc=False)


def probe(workers: Workers) -> Probe | Hold:
    """Look at `source` in the pool's folder."""
    answer = _ask(workers, "probe", (SOURCE,), ())
    return answer if isinstance(answer, Hold) else answers.read_probe(answer)


def clean(workers: Workers, found: Probe, recipe: Recipe) -> Cleaned | Hold:
    """Sanitise `source` to `finished` in the pool's folder and have it proved."""
    answer = _ask(
        workers,
        operations.suited("clean", found.format),
        (SOURCE,),
        (FINISHED,),
        {
            "patient_label": recipe.patient_label,
            "route_key": recipe.route_key.hex(),
            "subject": recipe.subject,
            "dicom_options": sorted(recipe.dicom_options),
            "hsc": recipe.hsc,
        },
    )
    sanitised = answer if isinstance(answer, Hold) else answers.read_sanitised(answer)
    if isinstance(sanitised, Hold):
        return sanitised
    answer = _ask(
        workers,
        operations.suited("prove", sanitised.format),
        (SOURCE, FINISHED),
        (),
        {
            "identifiers": list(recipe.identifiers),
            "published": [recipe.patient_label],
            "format": sanitised.format.value,
            "dicom_options": sorted(recipe.dicom_options),
        },
    )
    proved = answer if isinstance(answer, Hold) else answers.read_proved(answer)
    return proved if isinstance(proved, Hold) else Cleaned(found, sanitised, proved)


def _ask(
    workers: Workers,
    operation: str,
    reads: tuple[str, ...],
    writes: tuple[str, ...],
    options: Mapping[str, Any] | None = None,
) -> Mapping[str, Any] | Hold:
    try:
        return workers.submit(Job(operation, reads, writes, 1, dict(options or {}))).result()
    except WorkerLost:
        return Hold(Reason.WORKER_FAILED)
