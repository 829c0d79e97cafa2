"""Dates moved into the past by a subject's offset: intervals stay, to the second.

The Retain Longitudinal Temporal Information with Modified Dates option (PS3.15 section E.3.6).
The offset is in whole days, so times and time zones stay as they are.
"""

import re
from datetime import date, timedelta

_DATE = re.compile(rb"(\d{4})[.]?(\d\d)[.]?(\d\d)")
_CLOCK = rb"(?:[01]\d|2[0-3])(?:[0-5]\d(?:(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?"
_TIME = re.compile(_CLOCK)
_COLONS = re.compile(rb"\d\d:\d\d(?::\d\d(?:\.\d+)?)?")
"""How the time was written before DICOM 3.0 (PS3.5 section 6.2)."""
_ZONE = rb"[+-](?:0\d|1[0-4])[0-5]\d"
_DATETIME = re.compile(rb"(\d{4})(?:(\d\d)(?:(\d\d)(%b)?)?)?(%b)?" % (_CLOCK, _ZONE))


def moved(vr: bytes, value: bytes, days: int) -> bytes | None:
    """A DA, TM or DT value (`\\` between several) `days` earlier; None where one is invalid."""
    convert = {b"DA": _date, b"TM": _time, b"DT": _datetime}[vr]
    parts = [convert(part.strip(b" \0"), days) for part in value.split(b"\\")]
    return b"\\".join(part for part in parts if part is not None) if None not in parts else None


def _date(value: bytes, days: int) -> bytes | None:
    found = _DATE.fullmatch(value)
    return _earlier(found[1], found[2], found[3], days) if found else None


def _time(value: bytes, _days: int) -> bytes | None:
    if _COLONS.fullmatch(value):
        value = value.replace(b":", b"")
    return value if _TIME.fullmatch(value) else None


def _datetime(value: bytes, days: int) -> bytes | None:
    """A date and time; a partial one is moved from the first day it could mean."""
    found = _DATETIME.fullmatch(value)
    if not found:
        return None
    year, month, day, clock, zone = found.groups()
    moved_date = _earlier(year, month or b"01", day or b"01", days)
    if moved_date is None:
        return None
    length = 4 + len(month or b"") + len(day or b"")
    return moved_date[:length] + (clock or b"") + (zone or b"")


def _earlier(year: bytes, month: bytes, day: bytes, days: int) -> bytes | None:
    try:
        then = date(int(year), int(month), int(day)) - timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return f"{then.year:04d}{then.month:02d}{then.day:02d}".encode()
