"""Text out of bytes of unknown make: decoding without guessing wrong, and printable runs."""

import re

MOST = 4000
"""Runs taken from one blob; motion video behind a photograph is mostly noise."""

_ASCII = re.compile(rb"[\x20-\x7e]{6,}")
_WIDE_LE = re.compile(rb"(?:[\x20-\x7e]\x00){4,}")
_WIDE_BE = re.compile(rb"(?:\x00[\x20-\x7e]){4,}")
_SOI = b"\xff\xd8\xff"
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_CODING = frozenset({0xC4, 0xDA, 0xDB, 0xDD, *range(0xC0, 0xC4)})
"""The segments that only code the picture: DHT, SOS with its scan, DQT, DRI and the frames."""


def decode(raw: bytes) -> str:
    """Return bytes as text: UTF-8 where they are UTF-8, else Latin-1, without NULs at the ends."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return text.strip("\0 \t\r\n")


def printable(raw: bytes) -> list[str]:
    """Return the printable runs of a blob: ASCII of six or more, UTF-16 of four or more."""
    raw = _without_coded_pictures(raw)
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


def _without_coded_pictures(raw: bytes) -> bytes:
    """Blank the tables and scans of JPEG pictures in a blob, such as a camera's thumbnail.

    They are no text, and the same tables rightly stand in the finished picture. Application and
    comment segments of such a picture stay and are read like everything else.
    """
    blob = bytearray(raw)
    at = blob.find(_SOI)
    while at >= 0:
        at = blob.find(_SOI, _blank_picture(blob, at + 2))
    return bytes(blob)


def _blank_picture(blob: bytearray, at: int) -> int:
    """Blank one JPEG picture from its first segment on; returns where its segments end."""
    while at + 4 <= len(blob) and blob[at] == 0xFF and blob[at + 1] not in (0xD8, 0xD9):
        end = at + 2 + int.from_bytes(blob[at + 2 : at + 4], "big")
        code = blob[at + 1]
        if code == 0xDA:
            marker = _AFTER_SCAN.search(blob, end)
            end = marker.start() if marker else len(blob)
        if code in _CODING:
            stop = min(end, len(blob))
            blob[at:stop] = bytes(stop - at)
        at = max(end, at + 2)
    return at
