"""What `explain` says of one file: the decision by the steps of a release, and what is removed."""

import os
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from medrelease.config.settings import Settings
from medrelease.notices.reasons import EXPLANATIONS
from medrelease.policy import picture
from medrelease.register import Register
from medrelease.release import preview
from medrelease.release.case import Case
from medrelease.release.cleaning import known_identifiers
from medrelease.release.deciding import authorise
from medrelease.release.desk import Rules
from medrelease.release.identifying import consult, identify, open_case
from medrelease.service.assemble import now, register_of, rules
from medrelease.service.single import any_route, copy_out, workbench
from medrelease.spool.origin import stamp_of
from medrelease.terms.faults import Transient
from medrelease.terms.flow import Claim, Examined, Hold, Probe
from medrelease.terms.words import Reason
from medrelease.workers.local import LocalPool

Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reader:
    """Enough of a desk to decide about a file, and nothing to release it with."""

    rules: Rules
    register: Register

    def today(self) -> date:
        """The site's local day."""
        return now().astimezone().date()


def explain(file: Path, settings: Settings, drawn: Path | None = None) -> Told:
    """What would happen to a file if it were dropped where it lies; writes nothing to the site.

    A file that lies in an outbox or held folder of the site speaks for its route and identity;
    any other is only looked at and cleaned for show. With `drawn` the picture with its boxes is
    written there, as PNG. Raises FileExistsError.
    """
    place = _placed(file, settings)
    told: Told = {"route": place[0] if place else None}
    if file.stat().st_size == 0:
        return told | _held(Hold(Reason.EMPTY))
    chosen = rules(settings)
    reader = Reader(chosen, register_of(settings, chosen))
    with workbench(file, settings.workers.memory, settings.workers.timeout) as (bench, pool):
        found = preview.probe(pool)
        if isinstance(found, Hold):
            return told | _held(found)
        told |= {"format": found.format.value, "bytes": found.size}
        case = _opened(reader, place, file, found) if place else None
        told |= _worked(reader, case, pool, found, draws=drawn is not None)
        if drawn is not None and (bench / preview.PICTURE).exists():
            copy_out(bench / preview.PICTURE, drawn)
    return told


def _opened(reader: Reader, place: tuple[str, bytes], file: Path, found: Probe) -> Case:
    claim = Claim("", *place, stamp_of(file.stat()), "outbox", leased=False)
    return replace(open_case(reader, claim), probe=found)


def _worked(
    reader: Reader, case: Case | None, pool: LocalPool, found: Probe, *, draws: bool
) -> Told:
    """Clean and examine the file, and decide about it where it lies on a route."""
    decided = _decided(reader, case)
    route = case.route if case else any_route("redact")
    known = known_identifiers(decided) if isinstance(decided, Case) else ()
    recipe = replace(preview.one_time_recipe(), identifiers=known)
    cleaned = preview.clean(pool, found, recipe)
    if isinstance(cleaned, Hold):
        return _first_hold(decided, cleaned)
    seconds = reader.rules.look_seconds
    seen = preview.examine(pool, cleaned, route, recipe, seconds) if route.examines else None
    if isinstance(seen, Hold):
        return _first_hold(decided, seen)
    if draws:
        preview.draw(pool, cleaned, seen.masks if seen else ())
    told: Told = {"removed": dict(cleaned.sanitised.actions), "proof": cleaned.proved.proof.value}
    if seen is not None:
        told["seen"] = _seen(seen)
        if isinstance(decided, Case):
            decided = _decided(reader, replace(decided, examined=seen))
        elif decided is None:
            decided = picture.judge_alone(seen, route)
        masked = preview.mask(pool, cleaned, seen, route, recipe)
        if isinstance(masked, Hold):
            return _first_hold(decided, masked) | told
        told["proof"] = masked.proved.proof.value
    return _said(decided) | told


def _decided(reader: Reader, case: Case | None) -> Case | Hold | Transient | None:
    """The decision by the very steps of a release; None for a file that is on no route."""
    decided: Case | Hold | None = case
    try:
        for step in (consult, identify, authorise):
            if isinstance(decided, Case):
                decided = step(reader, decided)
    except Transient as fault:
        return fault
    return decided


def _first_hold(decided: Case | Hold | Transient | None, hold: Hold) -> Told:
    """What holds the file first: the decision, or else what came of the work."""
    return _said(decided) if isinstance(decided, Hold | Transient) else _held(hold)


def _said(decided: Case | Hold | Transient | None) -> Told:
    if decided is None:
        return {"would": "clean"}
    if isinstance(decided, Transient):
        return {"would": "wait", "reason": decided.wait.value, "detail": str(decided)}
    if isinstance(decided, Hold):
        return _held(decided)
    permit = decided.permit
    assert permit is not None  # noqa: S101 - `authorise` gives a permit or a hold
    return {
        "would": "release",
        "basis": permit.basis.value,
        "identifiability": permit.identifiability.value,
        "pixels": permit.pixels.value,
    }


def _seen(seen: Examined) -> Told:
    """What the pixels showed, as counts and as yes or no."""
    return {
        "text": seen.text,
        "codes": seen.codes,
        "device": seen.devices,
        "text-kept": seen.kept,
        "identifiers": seen.identifiers,
        "text-doubtful": seen.residual,
        "masked-share": round(seen.masked_share, 4),
        "face": seen.face,
        "eyes-covered": seen.eyes_covered,
        "identification-frame": seen.identification_frame,
    }


def _placed(file: Path, settings: Settings) -> tuple[str, bytes] | None:
    """The route and the path below its folder, for a file in an outbox or held folder."""
    resolved = file.resolve()
    for root in ("outbox", "held"):
        for route in settings.routes:
            folder = (settings.site.share / root / route.name).resolve()
            if resolved.is_relative_to(folder):
                return route.name, os.fsencode(resolved.relative_to(folder))
    return None


def _held(hold: Hold) -> Told:
    entry = EXPLANATIONS[hold.reason]
    return {
        "would": "hold",
        "reason": hold.reason.value,
        "title": entry.title,
        "detail": hold.detail,
    }
