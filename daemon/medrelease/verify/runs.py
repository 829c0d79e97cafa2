"""Text out of bytes of unknown make: decoding without guessing wrong, and printable runs."""

import re

MOST = 4000
"""Runs taken from one blob; motion video behind a photograph is mostly noise."""

_ASCII = re.compile(rb"[\x20-\x7e]{6,}")
_WIDE_LE = re.compile(rb"(?:[\x20-\x7e]\x00){4,}")
_WIDE_BE = re.compile(rb"(?:\x00[\x20-\x7e]){4,}")


def decode(raw: bytes) -> str:
    """Return bytes as text: UTF-8 where they are UTF-8, else Latin-1, without NULs at the ends."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return text.strip("\0 \t\r\n")


def printable(raw: bytes) -> list[str]:
    """Return the printable runs of a blob: ASCII of six or more, UTF-16 of four or more."""
    found = [run.decode("ascii") for run in _first(_ASCII, raw)]
    found += [run.decode("utf-16-le") for run in _first(_WIDE_LE, raw)]
    found += [run.decode("utf-16-be") for run in _first(_WIDE_BE, raw)]
    return found


def _first(pattern: re.Pattern[bytes], raw: bytes) -> list[bytes]:
    """Return at most MOST matches, in order."""
    runs: list[bytes] = []
    for match in pattern.finditer(raw):
        runs.append(match.group())
        if len(runs) == MOST:
            break
    return runs
