"""STATUS.html: what waits, what is held and why, what has gone; one file without scripts.

It lies in the share, so it shows release ids in place of H&C numbers and of dropped names, and
of a release to a study nothing but its id (DESIGN.md 5.5).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import jinja2

from medrelease.notices.reasons import EXPLANATIONS, WAITS
from medrelease.terms.words import Reason, Wait


@dataclass(frozen=True, slots=True)
class HeldLine:
    """A held file; `since` in the site's local time."""

    release_id: str
    route: str
    reason: Reason
    since: datetime


@dataclass(frozen=True, slots=True)
class ReleasedLine:
    """A released file; `moment` in the site's local time; `study` hides all but the id."""

    release_id: str
    route: str
    job_no: str | None
    image_no: int | None
    moment: datetime
    study: bool


@dataclass(frozen=True, slots=True)
class StatusPage:
    """Everything the page shows; `waiting` counts files by cause."""

    site: str
    contact: str
    last_look: datetime | None
    waiting: Mapping[Wait, int]
    held: Sequence[HeldLine]
    released: Sequence[ReleasedLine]


def _sentence(text: str) -> str:
    """A title as it begins a line: only its first letter changes."""
    return text[:1].upper() + text[1:]


_templates = jinja2.Environment(
    loader=jinja2.PackageLoader("medrelease.notices", "."),
    autoescape=True,
    trim_blocks=True,
    keep_trailing_newline=True,
    undefined=jinja2.StrictUndefined,
)
_templates.filters["sentence"] = _sentence


def render(page: StatusPage) -> str:
    """The page as HTML, every value escaped."""
    return _templates.get_template("status.html.j2").render(
        page=page, explanations=EXPLANATIONS, waits=WAITS
    )
