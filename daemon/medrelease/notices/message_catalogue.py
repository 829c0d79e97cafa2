"""The journal's message catalogue: what `journalctl -x` says beside a held file's entry.

The text of systemd/medrelease.catalog, made from the one table of reasons by
scripts/derive_message_catalogue.py (systemd's catalogue format: systemd.io/CATALOG).
"""

import textwrap

from medrelease.notices.reasons import EXPLANATIONS, verdict
from medrelease.terms.message_ids import message_id
from medrelease.terms.words import Reason

_HEAD = """\
# Why medrelease holds a file: made by scripts/derive_message_catalogue.py, do not edit.
"""


def render() -> str:
    """One entry a reason, in the order of the table."""
    return "\n".join([_HEAD, *(_entry(reason) for reason in EXPLANATIONS)])


def _entry(reason: Reason) -> str:
    told = EXPLANATIONS[reason]
    steps = [f"{number}. {step}" for number, step in enumerate(told.remedy, 1)]
    paragraphs = [told.cause, *steps]
    lines = [
        f"-- {message_id(reason.value)}",
        f"Subject: {verdict(reason)}",
        "Defined-By: medrelease",
        "",
        *(textwrap.fill(paragraph, 78) for paragraph in paragraphs),
        "",
        f"Reason: {reason.value}, folder: @MEDRELEASE_ROUTE@, release: @MEDRELEASE_RELEASE_ID@",
    ]
    return "\n".join(lines) + "\n"
