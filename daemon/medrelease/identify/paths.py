"""Reads what a path below its route folder says: numbers, and who asked for the image.

Each folder's name and the file's name without its suffix are read one by one. H&C numbers are
taken first, then job numbers, then image numbers, so that no digit is read twice.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from medrelease.identifiers import hc_number
from medrelease.identifiers.hc_number import Found
from medrelease.identifiers.job_number import JobFormat

_SUFFIX = re.compile(r"(?<=.)\.[A-Za-z0-9]{1,16}$")
_IMAGE_NUMBER = r"([0-9]{1,6})(?![^\W_])"
_CODED_IMAGE = re.compile(rf" -{_IMAGE_NUMBER}")
_NAMED_IMAGE = re.compile(rf"(?<![^\W_])[Ii][Mm][Aa][Gg][Ee] {_IMAGE_NUMBER}")
_BETWEEN = r"(?:_|[^\w\0]){0,8}"
_BARE_HC_AFTER = re.compile(rf"{_BETWEEN}([0-9]{{10}})(?![0-9])")
_BARE_HC_BEFORE = re.compile(rf"(?<![0-9])([0-9]{{10}}){_BETWEEN}$")
_RECIPIENT = re.compile(r"to\s+(\S.*)", re.IGNORECASE | re.DOTALL)
_MANY_DIGITS = re.compile(r"\d(?:(?:_|[^\w\0]){0,3}\d){6,}")
_AROUND = " ."
"""What Windows leaves off the end of a name, and a person does not see."""


@dataclass(frozen=True, slots=True)
class PathWords:
    """The numbers that a path names, canonical and not yet checked, and the recipient."""

    jobs: frozenset[str] = frozenset()
    images: frozenset[int] = frozenset()
    hcs: frozenset[str] = frozenset()
    recipient: str | None = None


@dataclass(slots=True)
class _Heard:
    jobs: set[str] = field(default_factory=set)
    images: set[int] = field(default_factory=set)
    hcs: set[str] = field(default_factory=set)


def read_path(path: bytes, job_format: JobFormat) -> PathWords:
    """What a path says: '/' between parts, relative to the route folder, the file's name last.

    Bytes that are no UTF-8 are no digits and disturb nothing. Where several folders name a
    recipient the innermost counts.
    """
    *folders, name = path.decode("utf-8", "surrogateescape").split("/")
    heard = _Heard()
    whole = [folder.strip(_AROUND) for folder in folders]
    for folder in folders:
        _read_name(folder, job_format, heard, is_folder=True)
    heard.hcs |= {number for number in map(hc_number.parse, whole) if number}
    heard.jobs.update(job_format.find_split(whole))
    _read_name(_SUFFIX.sub("", name), job_format, heard, is_folder=False)
    return PathWords(
        jobs=frozenset(heard.jobs),
        images=frozenset(heard.images),
        hcs=frozenset(heard.hcs),
        recipient=_recipient(folders, job_format),
    )


def _read_name(name: str, job_format: JobFormat, heard: _Heard, *, is_folder: bool) -> None:
    spoken = list(hc_number.find(name))
    heard.hcs.update(each.number for each in spoken)
    rest = _blanked(name, spoken)
    jobs = list(job_format.find(rest, folder=is_folder))
    heard.jobs.update(each.number for each in jobs)
    for job in jobs:
        _read_beside(rest, job, heard)
    unread = _blanked(rest, jobs)
    heard.images |= {int(digits) for digits in _NAMED_IMAGE.findall(unread)} - {0}


def _read_beside(name: str, job: Found, heard: _Heard) -> None:
    """What stands beside a job number: ` -N` is an image number, ten bare digits an H&C number.

    In the coded form the image number stands between the two.
    """
    end = job.end
    image = _CODED_IMAGE.match(name, end)
    if image:
        heard.images |= {int(image[1])} - {0}
        end = image.end()
    for bare in (_BARE_HC_AFTER.match(name, end), _BARE_HC_BEFORE.search(name, 0, job.start)):
        number = hc_number.parse(bare[1]) if bare else None
        if number is not None:
            heard.hcs.add(number)


def _blanked(name: str, spans: Iterable[Found]) -> str:
    """The name with what was read replaced by NUL, which no file name holds, at equal length."""
    for span in spans:
        name = name[: span.start] + "\0" * (span.end - span.start) + name[span.end :]
    return name


def _recipient(folders: list[str], job_format: JobFormat) -> str | None:
    """Who asked: the rest of the innermost folder named `to ...`, fit for the trail.

    Numbers in it are left out in whatever digits and spelling they come, since the trail names
    no patient (DESIGN.md 5.5), and so are bytes that are no UTF-8.
    """
    for folder in reversed(folders):
        named = _RECIPIENT.fullmatch(folder.strip())
        if named:
            text = _blanked(named[1], hc_number.find(named[1]))
            text = _blanked(text, list(job_format.find(text, folder=True)))
            text = _MANY_DIGITS.sub(" ", text)
            seen = "".join(each if each.isprintable() else " " for each in text)
            return " ".join(seen.split()) or None
    return None
