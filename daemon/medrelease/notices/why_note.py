"""The note beside a held file: what is the matter, what to do, whom to ask (DESIGN.md 5.6).

It shows no identifier: who may see the file's name may not be allowed to see more.
"""

import textwrap

import jinja2

from medrelease.notices.reasons import EXPLANATIONS, verdict
from medrelease.terms.flow import Hold

_WIDTH = 78

_templates = jinja2.Environment(
    loader=jinja2.PackageLoader("medrelease.notices", "."),
    autoescape=False,  # noqa: S701 - plain text
    trim_blocks=True,
    keep_trailing_newline=True,
    undefined=jinja2.StrictUndefined,
)


def render(hold: Hold, *, release_id: str, contact: str, policy_title: str) -> str:
    """The text of `<name>.WHY.txt`: the verdict first, the policy's title last."""
    return _templates.get_template("why_note.txt.j2").render(
        verdict=verdict(hold.reason),
        steps=[_wrapped(step) for step in EXPLANATIONS[hold.reason].remedy],
        contact=_one_line(contact),
        reason=hold.reason.value,
        detail=_one_line(hold.detail),
        release_id=release_id,
        policy_title=_one_line(policy_title),
    )


def _wrapped(step: str) -> str:
    return textwrap.fill(step, _WIDTH, initial_indent="   ", subsequent_indent="   ").lstrip()


def _one_line(text: str) -> str:
    """A text without line breaks and control characters, so that it cannot pose as another line."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
