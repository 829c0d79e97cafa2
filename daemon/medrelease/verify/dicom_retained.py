"""Which attributes an option of PS3.15 Annex E lets stay, so that their values prove nothing.

dicom_retained.csv lists the rows of Table E.1-1 that an option keeps (K), and the dates that
Modified Dates moves: a moved date may be another one's by chance. It is derived from the facts of
the standard by scripts/derive_dicom_tables.py.
"""

import csv
from functools import cache
from importlib.resources import files

_FULL, _MODIFIED = "retain-longitudinal-full-dates", "retain-longitudinal-modified-dates"


def _rows() -> tuple[tuple[int, frozenset[str]], ...]:
    text = files(__package__).joinpath("dicom_retained.csv").read_text("utf-8")
    lines = list(csv.reader(text.splitlines()))[1:]
    return tuple((int(tag, 16), frozenset(options.split())) for tag, options in lines)


_ROWS = _rows()
"""Read with the module: a worker's sandbox lets no file be opened later."""


@cache
def retained(options: frozenset[str]) -> frozenset[int]:
    """The tags of the attributes that some of `options` keep; of both kinds of dates the moved."""
    asked = options - {_FULL} if _MODIFIED in options else options
    return frozenset(tag for tag, keeping in _ROWS if keeping & asked)
