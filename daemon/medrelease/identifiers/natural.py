"""The order in which a person expects files: IMG_2 before IMG_10, capitals or not.

Image numbers are given out in this order (DESIGN.md 5.3), so it must be total and must not
depend on a locale: the bytes themselves decide between names that read alike.
"""

import re

_RUNS = re.compile(r"[0-9]+|[^0-9]+")

Run = tuple[int, int, str]
SortKey = tuple[tuple[tuple[Run, ...], ...], bytes]


def sort_key(path: bytes) -> SortKey:
    """The sort key of a relative path, '/' between parts; bytes that are no UTF-8 are kept."""
    parts = path.decode("utf-8", "surrogateescape").casefold().split("/")
    return tuple(tuple(_run(text) for text in _RUNS.findall(part)) for part in parts), path


def _run(text: str) -> Run:
    """Digits before letters; digits by value, as length and text, since they may be many."""
    if "0" <= text[0] <= "9":
        significant = text.lstrip("0")
        return 0, len(significant), significant
    return 1, 0, text
