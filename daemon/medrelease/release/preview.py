"""`explain` and `clean`: the same steps on one file, with nothing claimed and nothing recorded."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from medrelease.identifiers import keyed
from medrelease.policy import picture
from medrelease.release import answers, examining, operations
from medrelease.terms.faults import WorkerLost
from medrelease.terms.flow import Examined, Hold, Mask, Probe, Sanitised
from medrelease.terms.route import Route
from medrelease.terms.words import Format, Reason
from medrelease.workers.protocol import Job, Workers

SOURCE, FINISHED, MASKED, PICTURE = "source", "finished", "masked", "picture"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """One file that was cleaned and proved outside a release; `name` is its file on the bench."""

    probe: Probe
    sanitised: Sanitised
    proved: answers.Proved
    name: str = FINISHED


@dataclass(frozen=True, slots=True)
class Recipe:
    """With what a file is cleaned: the route's choices, or one-time ones for `clean`."""

    route_key: bytes
    patient_label: str
    subject: str
    dicom_options: frozenset[str]
    hsc: bool
    identifiers: tuple[str, ...] = ()
    masks: tuple[Mask, ...] = ()
    pixels_examined: bool = False
    faces_excluded: bool = False


def one_time_recipe() -> Recipe:
    """Keys that nobody keeps: what they made cannot be linked to anything, ever."""
    key = secrets.token_bytes(32)
    code = keyed.subject_code(key, secrets.token_hex(16))
    return Recipe(key, code, code, frozenset(), hsc=False)


def probe(workers: Workers) -> Probe | Hold:
    """Look at `source` in the pool's folder."""
    answer = _ask(workers, "probe", (SOURCE,), ())
    return answer if isinstance(answer, Hold) else answers.read_probe(answer)


def clean(workers: Workers, found: Probe, recipe: Recipe, name: str = FINISHED) -> Cleaned | Hold:
    """Sanitise `source` to the new file `name` in the pool's folder and have it proved."""
    answer = _ask(
        workers,
        operations.suited("clean", found, blanked=bool(recipe.masks)),
        (SOURCE,),
        (name,),
        {
            "patient_label": recipe.patient_label,
            "route_key": recipe.route_key.hex(),
            "subject": recipe.subject,
            "dicom_options": sorted(recipe.dicom_options),
            "hsc": recipe.hsc,
            "masks": answers.plain_masks(recipe.masks),
            "pixels_examined": recipe.pixels_examined,
            "faces_excluded": recipe.faces_excluded,
        },
    )
    sanitised = answer if isinstance(answer, Hold) else answers.read_sanitised(answer)
    if isinstance(sanitised, Hold):
        return sanitised
    answer = _ask(
        workers,
        operations.suited("prove", found, blanked=bool(recipe.masks)),
        (SOURCE, name),
        (),
        {
            "identifiers": list(recipe.identifiers),
            "published": [recipe.patient_label],
            "format": sanitised.format.value,
            "dicom_options": sorted(recipe.dicom_options),
            "masks": answers.plain_masks(recipe.masks),
        },
    )
    proved = answer if isinstance(answer, Hold) else answers.read_proved(answer)
    return proved if isinstance(proved, Hold) else Cleaned(found, sanitised, proved, name)


def examine(
    workers: Workers, cleaned: Cleaned, route: Route, recipe: Recipe, seconds: float
) -> Examined | Hold:
    """Look at the pixels of a cleaned file as a route would."""
    form = cleaned.sanitised.format
    options = examining.options(form, route.keep, recipe.identifiers, seconds)
    answer = _ask(workers, "examine", (SOURCE, cleaned.name), (), options)
    return answer if isinstance(answer, Hold) else answers.read_examined(answer)


def mask(
    workers: Workers, cleaned: Cleaned, seen: Examined, route: Route, recipe: Recipe
) -> Cleaned | Hold:
    """Clean once more with what was seen blanked, where that changes the file."""
    masks = picture.masks(seen, route)
    if not masks and cleaned.probe.format is not Format.DICOM:
        return cleaned
    told = replace(
        recipe,
        masks=masks,
        pixels_examined=picture.leaves_nothing(seen, route),
        faces_excluded=not seen.face and not seen.eyes_covered,
    )
    return clean(workers, cleaned.probe, told, MASKED)


def draw(workers: Workers, cleaned: Cleaned, masks: tuple[Mask, ...]) -> Hold | None:
    """Draw the pages of a cleaned file with boxes around `masks`, as the PNG file `picture`."""
    options = {"format": cleaned.sanitised.format.value, "masks": answers.plain_masks(masks)}
    answer = _ask(workers, "draw", (SOURCE, cleaned.name), (PICTURE,), options)
    return answer if isinstance(answer, Hold) else answers.read_drawn(answer)


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
