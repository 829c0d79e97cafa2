"""Reads one row's cells; what cannot be read for certain makes the row invalid.

The texts are those of a CSV file or of a database, as a spreadsheet may have left them.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from medrelease.identifiers import hc_number
from medrelease.identifiers.job_number import JobFormat
from medrelease.policy.row import Row
from medrelease.register.table import COLUMNS, Layout, RowInvalid
from medrelease.terms.words import Consent, Kind

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_SHORTENED = re.compile(r"[0-9]{7,9}")


Faults = list[str]
"""What is wrong with the cells of one row: names of columns, and no values."""


def read_row(job: str, cells: Sequence[str], layout: Layout, line: int = 0) -> Row | RowInvalid:
    """The row of a job whose number was read already, or everything that is wrong with it."""
    faults: Faults = []
    texts = _named(cells, layout, faults)
    row = None if faults else _read(job, texts, faults)
    return RowInvalid(job, tuple(faults), line) if row is None or faults else row


def job_of(cells: Sequence[str], layout: Layout, job_format: JobFormat) -> str | None:
    """The canonical job number of a row, None where its cell holds none."""
    place = layout.places["job_no"]
    return job_format.canonical(text_of(cells[place])) if place < len(cells) else None


def text_of(cell: str) -> str:
    """A cell without the spaces around and without the spreadsheet's `="..."`."""
    text = cell.strip()
    kept = _AS_TEXT.fullmatch(text) if text.startswith("=") else None
    return kept[1].strip() if kept else text


def _named(cells: Sequence[str], layout: Layout, faults: Faults) -> Mapping[str, str]:
    surplus = cells[layout.width :]
    if len(cells) < layout.width or any(text_of(cell) for cell in surplus):
        faults.append("the row has another number of cells than the header")
        return {}
    texts = dict.fromkeys(COLUMNS, "")
    texts |= {column: text_of(cells[place]) for column, place in layout.places.items()}
    if any("\n" in text or "\r" in text for text in texts.values()):
        faults.append("a cell of the row holds a line break")
    return texts


def _read(job: str, texts: Mapping[str, str], faults: Faults) -> Row:
    withdrawn = date_of(texts["withdrawn"])
    return Row(
        job=job,
        hc=_hc(texts["hc_no"], faults),
        consent=_consent(texts["consent"], faults),
        kind=_kind(texts["kind"], faults),
        clinician=texts["clinician"] or None,
        consent_date=_date("consent_date", texts, faults),
        expires=_date("expires", texts, faults),
        withdrawn=withdrawn,
        withdrawn_unreadable=bool(texts["withdrawn"]) and withdrawn is None,
        studies=frozenset(_words(texts["study"])),
    )


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(";") if word.strip()]


def _hc(text: str, faults: Faults) -> str | None:
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
        faults.append("hc_no is not an H&C number")
    return restored


def _consent(text: str, faults: Faults) -> frozenset[Consent]:
    words = {word.lower() for word in _words(text)}
    if not words <= {*Consent}:
        faults.append("consent is not record, teaching, print, internet with ; between")
    return frozenset(Consent(word) for word in words & {*Consent})


def _kind(text: str, faults: Faults) -> Kind | None:
    if text and text.lower() not in {*Kind}:
        faults.append("kind is not one of the kinds that are known")
        return None
    return Kind(text.lower()) if text else None


def _date(column: str, texts: Mapping[str, str], faults: Faults) -> date | None:
    found = date_of(texts[column])
    if texts[column] and found is None:
        faults.append(f"{column} is not a date like 2026-11-23")
    return found


def date_of(text: str) -> date | None:
    """The day of a cell, None where it holds none."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
