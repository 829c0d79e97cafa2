"""PS3.15 Table E.1-1 (edition 2026d): what the profile and its options ask for an attribute.

The table lies beside this module as attributes.csv. Where several options that are in force name
an action for one attribute, the stricter one is taken: clean (C) before keep (K), so that a date
of calibration is shifted where Retain Device Identity and Modified Dates are both chosen.
"""

import csv
from enum import StrEnum
from functools import cache
from importlib.resources import files

EDITION = "2026d"


class Action(StrEnum):
    """What is done to one attribute, with every condition resolved."""

    REMOVE = "remove"
    EMPTY = "empty"
    DUMMY = "dummy"
    UID = "uid"
    KEEP = "keep"
    CLEAN = "clean"
    UNLISTED = "unlisted"


_PRESENT = {"1": 2, "1C": 2, "2": 1, "2C": 1}
"""How much of an attribute its Type demands: a value, at least the attribute, or nothing."""

_PLAIN = {
    "X": Action.REMOVE,
    "D": Action.DUMMY,
    "U": Action.UID,
    "K": Action.KEEP,
    "C": Action.CLEAN,
}


@cache
def rows() -> tuple[tuple[str, str, str, dict[str, str]], ...]:
    """The rows of the table: tag (8 characters, `x` for any digit), name, basic, options."""
    text = files(__package__).joinpath("attributes.csv").read_text("utf-8")
    lines = list(csv.reader(text.splitlines()))[1:]
    return tuple(
        (tag, name, basic, dict(pair.split("=") for pair in options.split()))
        for tag, name, basic, options in lines
    )


@cache
def _cells() -> dict[int, tuple[str, dict[str, str]]]:
    """The rows with one tag each, by tag as a number."""
    whole = (row for row in rows() if len(row[0]) == 8 and "x" not in row[0])
    return {int(tag, 16): (basic, options) for tag, _, basic, options in whole}


def cell(tag: int, options: frozenset[str]) -> str | None:
    """The action code of an attribute under the options in force; None where not listed."""
    found = _cells().get(tag)
    if found is None:
        return None
    basic, by_option = found
    codes = {by_option[option] for option in options & by_option.keys()}
    if not codes:
        return basic
    return "C" if "C" in codes else "K"


def resolve(code: str, kind: str) -> Action:
    """The action for a code such as `X/Z/D`, by the Type of the attribute in its IOD.

    `kind` is `1`, `1C`, `2`, `2C` or `3` (PS3.5 section 7.4). A conditional attribute that is
    present is taken to be present for its condition. Z on Type 1 becomes a dummy, which E.1.1
    permits.
    """
    if code in _PLAIN:
        return _PLAIN[code]
    need = _PRESENT.get(kind, 0)
    allowed = code.split("/")
    if need == 0 and "X" in allowed:
        return Action.REMOVE
    if need == 2 and "U*" in allowed:
        return Action.UID
    if need == 2:
        return Action.DUMMY
    return Action.EMPTY if "Z" in allowed else Action.DUMMY
