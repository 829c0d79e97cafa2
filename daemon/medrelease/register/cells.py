"""Reads one row's cells; what cannot be read for certain makes the row invalid.

The texts are those of a CSV file or of a database, as a spreadsheet may have left them.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NoReturn

from medrelease.identifiers import hc_number
from medrelease.identifiers.job_number import JobFormat
from medrelease.policy.row import Row
from medrelease.register.table import COLUMNS, Layout, RowInvalid
from medrelease.terms.words import Consent, Kind

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_SHORTENED = re.compile(r"[0-9]{7,9}")


class _CellError(Exception):
    """A cell that cannot be read; the text names its column and what is wrong."""


def read_row(job: str, cells: Sequence[str], layout: Layout) -> Row | RowInvalid:
    """The row of a job whose number was read already."""
    try:
        return _read(job, _named(cells, layout))
    except _CellError as fault:
        return RowInvalid(job, str(fault))


def job_of(cells: Sequence[str], layout: Layout, job_format: JobFormat) -> str | None:
    """The canonical job number of a row, None where its cell holds none."""
    place = layout.places["job_no"]
    return job_format.canonical(text_of(cells[place])) if place < len(cells) else None


def text_of(cell: str) -> str:
    """A cell without the spaces around and without the spreadsheet's `="..."`."""
    text = cell.strip()
    kept = _AS_TEXT.fullmatch(text) if text.startswith("=") else None
    return kept[1].strip() if kept else text


def _named(cells: Sequence[str], layout: Layout) -> Mapping[str, str]:
    surplus = cells[layout.width :]
    if len(cells) < layout.width or any(text_of(cell) for cell in surplus):
        raise _CellError("the row has another number of cells than the header")
    texts = dict.fromkeys(COLUMNS, "")
    texts |= {column: text_of(cells[place]) for column, place in layout.places.items()}
    if any("\n" in text or "\r" in text for text in texts.values()):
        raise _CellError("a cell of the row holds a line break")
    return texts


def _read(job: str, texts: Mapping[str, str]) -> Row:
    withdrawn = _date_or_none(texts["withdrawn"])
    return Row(
        job=job,
        hc=_hc(texts["hc_no"]),
        consent=frozenset(_consent(word) for word in _words(texts["consent"])),
        kind=_kind(texts["kind"]),
        clinician=texts["clinician"] or None,
        consent_date=_date("consent_date", texts["consent_date"]),
        expires=_date("expires", texts["expires"]),
        withdrawn=withdrawn,
        withdrawn_unreadable=bool(texts["withdrawn"]) and withdrawn is None,
        studies=frozenset(_words(texts["study"])),
    )


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(";") if word.strip()]


def _hc(text: str) -> str | None:
    """The canonical H&C number, its check digit not yet looked at.

    A spreadsheet takes `0123456789` for a number and drops the zeros in front. They are put
    back where the check digit then proves that nothing else is missing.
    """
    if not text:
        return None
    whole = hc_number.parse(text)
    if whole is not None:
        return whole
    restored = hc_number.parse(text.zfill(10)) if _SHORTENED.fullmatch(text) else None
    if restored is None or not hc_number.passes_modulus_11(restored):
        _fail("hc_no", "an H&C number")
    return restored


def _consent(word: str) -> Consent:
    try:
        return Consent(word.lower())
    except ValueError:
        _fail("consent", "record, teaching, print, internet with ; between")


def _kind(text: str) -> Kind | None:
    try:
        return Kind(text.lower()) if text else None
    except ValueError:
        _fail("kind", "one of the kinds that are known")


def _date(column: str, text: str) -> date | None:
    found = _date_or_none(text)
    if text and found is None:
        _fail(column, "a date like 2026-11-23")
    return found


def _date_or_none(text: str) -> date | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _fail(column: str, expected: str) -> NoReturn:
    raise _CellError(f"{column} is not {expected}")
