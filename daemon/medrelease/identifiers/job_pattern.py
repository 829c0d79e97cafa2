"""Takes the regular expression for job numbers apart at its spaces.

The parts can then be joined again by a hyphen, by nothing or by a folder boundary. Only the
spaces at the outermost level of the pattern count as separators.
"""

import re
from collections.abc import Iterator

_QUANTIFIERS = ("*", "+", "?", "{")


def split(pattern: str) -> tuple[tuple[str, ...], ...]:
    """The alternatives of a pattern, each as its parts between spaces.

    Raises ValueError, in words that can follow "job: ", for a pattern that cannot serve.
    """
    _compile(pattern)
    forms: list[list[str]] = [[""]]
    for piece, depth in _pieces(pattern):
        if depth == 0 and piece in {"^", "$", r"\A", r"\Z"}:
            raise ValueError(f"it must not hold an anchor ({piece}): the whole form is meant")
        if depth == 0 and piece == "|":
            forms.append([""])
        elif depth == 0 and piece in {" ", r"\ "}:
            forms[-1].append("")
        else:
            forms[-1][-1] += piece
    for form in forms:
        _require_parts(form)
    return tuple(tuple(form) for form in forms)


def _compile(pattern: str) -> None:
    try:
        compiled = re.compile(pattern, re.ASCII)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError("it is not a valid regular expression") from error
    if compiled.groups:
        raise ValueError("it must not hold capture groups: write (?:...) for (...)")
    if re.match(r"\(\?[aiLmsux]", pattern):
        raise ValueError("it must not set flags for the whole expression")
    if compiled.fullmatch(""):
        raise ValueError("it matches an empty text")


def _require_parts(form: list[str]) -> None:
    for place, part in enumerate(form):
        if not part:
            raise ValueError("it begins or ends with a space, or has two spaces together")
        if place and part.startswith(_QUANTIFIERS):
            raise ValueError("a space in it must be there exactly once")
        try:
            empty = re.fullmatch(part, "", re.ASCII)
        except re.error as error:
            raise ValueError("it cannot be divided at its spaces") from error
        if empty:
            raise ValueError("a part of it matches an empty text")


def _pieces(pattern: str) -> Iterator[tuple[str, int]]:
    """Single characters, escapes and whole character classes, each with its nesting depth."""
    place = depth = 0
    while place < len(pattern):
        end = _class_end(pattern, place) if pattern[place] == "[" else place + 1
        if pattern[place] == "\\":
            end = place + 2
        piece = pattern[place:end]
        depth -= piece == ")"
        yield piece, depth
        depth += piece == "("
        place = end


def _class_end(pattern: str, place: int) -> int:
    """The end of the character class that opens at `place`; a first `]` is an ordinary one."""
    place += 2 if pattern[place + 1] == "^" else 1
    place += pattern[place] == "]"
    while pattern[place] != "]":
        place += 2 if pattern[place] == "\\" else 1
    return place + 1
