r"""Job numbers: the department's number for one session of photography.

What one looks like is the site's to say, by a regular expression for the canonical form
(`[numbers] job`, `\d{2} \d{5}` for `23 02210`). The ways in which people write it on folders
and files follow from its spaces (DESIGN.md 5.3): a hyphen for a space anywhere, nothing for
it or a folder boundary in folder names only.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import product

from medrelease.identifiers import file_name, hc_number
from medrelease.identifiers.hc_number import Found
from medrelease.identifiers.job_pattern import split

LONGEST = 64
"""Bytes of UTF-8 that a job number may have, so that every coded name fits."""


class JobFormat:
    """The site's form of job numbers. Raises ValueError for a pattern that cannot serve."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self._forms = split(pattern)
        self._exact = re.compile(pattern, re.ASCII)
        self._spaced = [_compiled(form, "([ -])") for form in self._forms]
        self._bare = [_compiled(form, "") for form in self._forms]
        self._parts = [[re.compile(part, re.ASCII) for part in form] for form in self._forms]
        spaced = [_joined(form, "[ -]") for form in self._forms]
        bare = [_joined(form, "") for form in self._forms if len(form) > 1]
        self._in_file = _finder(spaced)
        self._in_folder = _finder(spaced + bare)
        if any(self._exact.fullmatch(text) for text in ("012 345 6789", "0123456789")):
            raise ValueError("it also matches H&C numbers")

    def canonical(self, text: str) -> str | None:
        """The canonical form of a job number that stands alone, with or without separators.

        None where the text is no job number, can be divided in two ways, reads as an H&C
        number, or could not stand in a file name.
        """
        if self._exact.fullmatch(text):
            return text if _acceptable(text) else None
        readings = {*self._separated(text), *self._unseparated(text)}
        return readings.pop() if len(readings) == 1 else None

    def spellings(self, job: str) -> tuple[str, ...]:
        """A canonical job number as a register may write it, the canonical form first."""
        return tuple(dict.fromkeys((job, job.replace(" ", "-"), job.replace(" ", ""))))

    def find(self, name: str, *, folder: bool) -> Iterator[Found]:
        """Every job number in one folder's name, or in one file's name without its suffix."""
        for match in (self._in_folder if folder else self._in_file).finditer(name):
            number = self.canonical(match.group())
            if number is not None:
                yield Found(match.start(), match.end(), number)

    def find_split(self, folders: Sequence[str]) -> Iterator[str]:
        """Every job number whose parts are the whole names of consecutive folders."""
        for parts, start in product(self._parts, range(len(folders))):
            names = folders[start : start + len(parts)]
            if len(parts) < 2 or len(names) < len(parts):
                continue
            if all(part.fullmatch(name) for part, name in zip(parts, names, strict=True)):
                number = self.canonical(" ".join(names))
                if number is not None:
                    yield number

    def _separated(self, text: str) -> Iterator[str]:
        for form in self._spaced:
            match = form.fullmatch(text)
            if match:
                yield from _only_acceptable(_spaced_out(match))

    def _unseparated(self, text: str) -> Iterator[str]:
        for form, parts in zip(self._bare, self._parts, strict=True):
            if form.fullmatch(text):
                for reading in _divisions(text, parts):
                    yield from _only_acceptable(reading)


def _joined(form: Sequence[str], separator: str) -> str:
    return separator.join(f"(?:{part})" for part in form)


def _compiled(form: Sequence[str], separator: str) -> re.Pattern[str]:
    return re.compile(_joined(form, separator), re.ASCII)


def _finder(alternatives: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![0-9])(?:{'|'.join(alternatives)})(?![0-9])", re.ASCII)


def _spaced_out(match: re.Match[str]) -> str:
    """The matched text with a space at each separator (the pattern's only groups)."""
    text = match.string
    for group in range(1, match.re.groups + 1):
        text = f"{text[: match.start(group)]} {text[match.end(group) :]}"
    return text


def _divisions(text: str, parts: Sequence[re.Pattern[str]]) -> Iterator[str]:
    """Every way to divide a text without separators into the parts of a form."""
    if len(parts) == 1:
        if parts[0].fullmatch(text):
            yield text
        return
    for end in range(1, len(text)):
        if parts[0].fullmatch(text, 0, end):
            for rest in _divisions(text[end:], parts[1:]):
                yield f"{text[:end]} {rest}"


def _only_acceptable(number: str) -> Iterator[str]:
    if _acceptable(number):
        yield number


def _acceptable(number: str) -> bool:
    """Whether a number can be told from an H&C number and can stand in a coded name."""
    plain = number.isascii() and number.replace(" ", "").isalnum()
    if not plain and file_name.problems(number):
        return False
    return len(number.encode()) <= LONGEST and not _reads_as_hc(number)


def _reads_as_hc(number: str) -> bool:
    if len(number) < 10:
        return False
    return hc_number.parse(number) is not None or any(hc_number.find(number))
