"""STATUS.html: what waits, what is held and why, what has gone; one file that loads no other.

It lies in the share, so it shows release ids in place of H&C numbers and of dropped names, and
of a release to a study nothing but its id (DESIGN.md 5.5). Its one script turns the page grey when
the last look is long ago; the page names the script's hash, and a browser runs no other.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import jinja2

from medrelease.notices.reasons import EXPLANATIONS, WAITS
from medrelease.terms.words import Reason, Wait

STALE_SECONDS = 120
"""After so long without a look the page is grey; a working service looks every few seconds."""

MOST_LINES = 200
"""Of each list the newest so many are shown: the page is written anew with every look."""

_SCRIPT = f"""
(function () {{
  var look = document.querySelector("time[data-look]"), note = document.getElementById("stale");
  function age() {{
    var fresh = look && Date.now() - Date.parse(look.dateTime) < {STALE_SECONDS}000;
    document.documentElement.classList.toggle("stale", !fresh);
    note.hidden = fresh;
  }}
  age();
  setInterval(age, 5000);
}})();
"""


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
    """Everything the page shows; `waiting` counts files by cause.

    `held` and `released` are in order of time, the oldest first.
    """

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
        page=page,
        explanations=EXPLANATIONS,
        waits=WAITS,
        most=MOST_LINES,
        minutes=STALE_SECONDS // 60,
        script=_SCRIPT,
        script_hash=base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode(),
    )
