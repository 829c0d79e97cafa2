"""Settles whose image it is: all that speak must agree (DESIGN.md 5.3).

The path and the register may supply a number; DICOM and the pixels may only confirm or
contradict one. A disagreement names its sources and never its values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations

from medrelease.identifiers import hc_number
from medrelease.identifiers.hc_number import Check, Scheme
from medrelease.identify.paths import PathWords
from medrelease.policy.row import Row
from medrelease.terms.flow import Hold, Identity
from medrelease.terms.words import Reason, Speaker

_SOURCES = {
    Speaker.PATH: "the folder or file name",
    Speaker.REGISTER: "the register",
    Speaker.DICOM: "the DICOM header",
    Speaker.PIXELS: "the picture itself",
}
_SLIP = "they differ by one digit or a swapped pair"


@dataclass(frozen=True, slots=True)
class _Said:
    """One H&C number and who said it."""

    speaker: Speaker
    number: str


def reconcile(
    words: PathWords,
    *,
    row: Row | None,
    dicom_hc: str | None,
    pixels_hc: str | None,
    needs: frozenset[str],
    check: Check,
) -> Identity | Hold:
    """The identity that everybody agrees on, or why there is none.

    `row` is the register's row of the path's one job, None where it has none. `dicom_hc` and
    `pixels_hc` are canonical numbers, not yet checked. `needs` are the fields of the route's
    name; a job number is needed in any case.
    """
    said = _heard(words, row, dicom_hc, pixels_hc, check)
    images = frozenset[int]() if _counts_per_subject(needs) else words.images
    hold = _invalid(said, check) or _conflict(words, said, images) or _missing(words, said, needs)
    spoken = _spoken(words, row, said, images)
    if hold is not None:
        return replace(hold, spoken=spoken)
    hc = _supplied(said)
    return Identity(
        job=next(iter(words.jobs)),
        image=next(iter(images), None),
        hc=hc,
        spoken={**spoken, "hc": spoken["hc"] if hc else ()},
        recipient=words.recipient,
    )


def _spoken(
    words: PathWords, row: Row | None, said: list[_Said], images: frozenset[int]
) -> Mapping[str, tuple[Speaker, ...]]:
    """Who spoke for each of the three, whether or not they agree."""
    for_job = (Speaker.PATH, *([Speaker.REGISTER] if row else [])) if words.jobs else ()
    return {
        "job": for_job,
        "image": (Speaker.PATH,) if images else (),
        "hc": tuple(dict.fromkeys(each.speaker for each in said)),
    }


def _heard(
    words: PathWords, row: Row | None, dicom_hc: str | None, pixels_hc: str | None, check: Check
) -> list[_Said]:
    """Every H&C number that somebody says; DICOM and pixels are silent unless theirs is valid."""
    said = [_Said(Speaker.PATH, number) for number in sorted(words.hcs)]
    if row is not None and row.hc is not None:
        said.append(_Said(Speaker.REGISTER, row.hc))
    for speaker, number in ((Speaker.DICOM, dicom_hc), (Speaker.PIXELS, pixels_hc)):
        if number is not None and hc_number.valid(number, check):
            said.append(_Said(speaker, number))
    return said


def _counts_per_subject(needs: frozenset[str]) -> bool:
    """Whether images are numbered per subject, so that a number in the path is silent."""
    return "subject" in needs and "job" not in needs


def _invalid(said: list[_Said], check: Check) -> Hold | None:
    """`hc-number-invalid`, naming whose number it is, and whether it looks like a slip."""
    wrong = [each for each in said if not hc_number.valid(each.number, check)]
    if not wrong:
        return None
    sources = " and ".join(dict.fromkeys(_SOURCES[each.speaker] for each in wrong))
    detail = f"the H&C number in {sources} fails its check"
    issued = {hc_number.scheme(each.number) for each in wrong}
    if issued <= {Scheme.NHS, Scheme.CHI}:
        kind = " or ".join(sorted(scheme for scheme in issued if scheme))
        detail = f"the number in {sources} is {kind}, and this site takes H&C numbers only"
    others = [each for each in said if each not in wrong]
    near = [o for w in wrong for o in others if hc_number.slip(w.number, o.number)]
    if near:
        detail += f"; {_SOURCES[near[0].speaker]} has one like it: {_SLIP}"
    return Hold(Reason.HC_NUMBER_INVALID, detail)


def _conflict(words: PathWords, said: list[_Said], images: frozenset[int]) -> Hold | None:
    """`identity-conflict`, naming the first two sources that disagree."""
    if len(words.jobs) > 1:
        detail = f"{_SOURCES[Speaker.PATH]} has two different job numbers"
        alike = any(hc_number.slip(one, other) for one, other in combinations(words.jobs, 2))
        return Hold(Reason.IDENTITY_CONFLICT, f"{detail}; {_SLIP}" if alike else detail)
    if len(images) > 1:
        detail = f"{_SOURCES[Speaker.PATH]} has two different image numbers"
        return Hold(Reason.IDENTITY_CONFLICT, detail)
    for one, other in combinations(said, 2):
        if one.number != other.number:
            return Hold(Reason.IDENTITY_CONFLICT, _disagreement(one, other))
    return None


def _disagreement(one: _Said, other: _Said) -> str:
    if one.speaker is other.speaker:
        detail = f"{_SOURCES[one.speaker]} has two different H&C numbers"
    else:
        detail = f"{_SOURCES[one.speaker]} and {_SOURCES[other.speaker]} have different H&C numbers"
    return f"{detail}; {_SLIP}" if hc_number.slip(one.number, other.number) else detail


def _missing(words: PathWords, said: list[_Said], needs: frozenset[str]) -> Hold | None:
    """`identity-missing`, naming all that is missing."""
    missing = []
    if not words.jobs:
        missing.append("no job number in a folder or file name")
    if "hc" in needs and _supplied(said) is None:
        missing.append("no H&C number in a folder or file name, nor in the register")
    return Hold(Reason.IDENTITY_MISSING, "; ".join(missing)) if missing else None


def _supplied(said: list[_Said]) -> str | None:
    """The number that path or register supply; the other two never supply one."""
    may = (Speaker.PATH, Speaker.REGISTER)
    return next((each.number for each in said if each.speaker in may), None)
