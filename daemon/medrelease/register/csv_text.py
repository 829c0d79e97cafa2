"""Reads a register's bytes as CSV, as spreadsheets write it; never half of it.

RFC 4180, and what Excel and LibreOffice make of it: comma, semicolon or tab between cells;
UTF-8 with or without its mark, UTF-16 with its mark, else Windows-1252.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from medrelease.register.cells import date_of, text_of
from medrelease.register.rows import Cells, is_blank
from medrelease.register.table import HeaderError, Layout, layout

_DELIMITERS = (",", ";", "\t")
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class UnreadableError(Exception):
    """The file as a whole cannot be believed; `line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows below the header, blank ones left out, each with the line that it ends on."""

    layout: Layout
    rows: tuple[tuple[int, Cells], ...]


def read_sheet(data: bytes, columns: Mapping[str, str]) -> Sheet:
    """Read the whole file. Raises UnreadableError, with the line, where it looks half-written."""
    text = _decoded(data)
    if "\0" in text:
        raise UnreadableError(_line_of(text, "\0"), "there are NUL bytes in the register")
    delimiter, where = _header(text, columns)
    rows = [(line, cells) for line, cells in _cells(text, delimiter) if not is_blank(cells)]
    last_line, last = rows[-1]
    if not text.endswith(("\n", "\r")) and not _ends_whole(last, where):
        raise UnreadableError(last_line, "the register ends in the middle of a row")
    return Sheet(where, tuple(rows[1:]))


def _ends_whole(last: Cells, where: Layout) -> bool:
    """Whether a last row that no line break ends cannot be the beginning of another one.

    A row that is cut in or before its last cell may have lost a withdrawal, or have become the
    name of another study. A whole date cannot; nor can a cell that nothing is read from, or a
    list of studies that is empty.
    """
    if len(last) != where.width:
        return len(last) > where.width
    column = next((c for c, place in where.places.items() if place == where.width - 1), None)
    text = text_of(last[-1])
    if column in ("consent_date", "expires", "withdrawn"):
        return date_of(text) is not None
    return column in (None, "clinician") or (column == "study" and not text)


def _decoded(data: bytes) -> str:
    try:
        if data.startswith(_UTF_16_MARKS):
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        if data.startswith(_UTF_16_MARKS):
            raise UnreadableError(line, "the register is no whole UTF-16 text") from None
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        raise UnreadableError(line, "the register is neither UTF-8 nor Windows-1252") from None


def _header(text: str, columns: Mapping[str, str]) -> tuple[str, Layout]:
    """The delimiter under which the first row is a header, and where its columns stand.

    Where none will do, the fault is told of the delimiter that divides the row best.
    """
    faults: dict[int, tuple[int, HeaderError]] = {}
    for delimiter in _DELIMITERS:
        first = next((row for row in _cells(text, delimiter) if not is_blank(row[1])), None)
        if first is None:
            raise UnreadableError(1, "the register has no header")
        line, cells = first
        try:
            return delimiter, layout(cells, columns)
        except HeaderError as fault:
            faults.setdefault(len(cells), (line, fault))
    line, best = faults[max(faults)]
    raise UnreadableError(line, str(best)) from None


def _cells(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Every row with the line it ends on; strict, so that a stray quote swallows nothing."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error:
        raise UnreadableError(reader.line_num, "the quotes do not pair up") from None


def _line_of(text: str, character: str) -> int:
    return text.count("\n", 0, text.index(character)) + 1
