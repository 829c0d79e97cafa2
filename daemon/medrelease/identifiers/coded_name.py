"""Coded names: the names under which images leave, such as `23 02210 -1-012 345 6789.jpg`.

A route's `filename` is a template over {job} {image} {hc} {subject} {study} (DESIGN.md 5.2).
A `Template` writes a name from the numbers and reads the numbers back out of a name;
`validate` says beforehand what makes a template unfit for its route.
"""

import re
from collections.abc import Iterator
from typing import TypedDict

from medrelease.identifiers import file_name, hc_number, keyed
from medrelease.identifiers.job_number import LONGEST as LONGEST_JOB

FIELDS = ("job", "image", "hc", "subject", "study")
LARGEST_IMAGE = 999_999

_SHAPES = {
    "job": r".+",
    "image": r"[1-9][0-9]*",
    "hc": r"[0-9]{3} [0-9]{3} [0-9]{4}",
    "subject": r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}-[0-9A-Z]",
    "study": r".+",
}
_LENGTHS = {"job": LONGEST_JOB, "image": len(str(LARGEST_IMAGE)), "hc": 12, "subject": 21}
_PIECES = re.compile(r"\{([^{}]*)\}|([^{}]+|[{}])")
_IMAGES = tuple("9" * length for length in range(1, len(str(LARGEST_IMAGE)) + 1))
_TEN_DIGITS = re.compile(r"(?<![0-9])[0-9]{10}(?![0-9])")
_EXTENSION = re.compile(r"\.[a-z0-9]{1,5}")


class Parts(TypedDict):
    """What a coded name says; a field that the template does not have is None."""

    job: str | None
    image: int
    hc: str | None
    subject: str | None
    study: str | None
    extension: str


class Template:
    """One route's template. Raises ValueError for one with unknown fields or without {image}."""

    def __init__(self, text: str) -> None:
        faults = list(_misspelt(text))
        if faults:
            raise ValueError("; ".join(faults))
        self.text = text
        self._pieces = _pieces(text)
        self.fields = frozenset(field for field, _ in self._pieces if field)
        shape = "".join(
            f"(?P<{field}>{_SHAPES[field]})" if field else re.escape(literal)
            for field, literal in self._pieces
        )
        self._shape = re.compile(rf"{shape}(?P<extension>{_EXTENSION.pattern})")

    def format(
        self,
        *,
        image: int,
        job: str | None = None,
        hc: str | None = None,
        subject: str | None = None,
        study: str | None = None,
        extension: str = ".jpg",
    ) -> str:
        """The coded name. Values for fields that the template does not have are not used.

        Raises ValueError, without any value in it, where a field of the template has no
        value, or a wrong one, or the name could not stand in a folder.
        """
        given = {"job": job, "image": str(image), "hc": hc, "subject": subject, "study": study}
        values = {field: _checked(field, given[field]) for field in self.fields}
        if not _EXTENSION.fullmatch(extension):
            raise ValueError("the extension is not a small one of letters and digits")
        name = "".join(values[field] if field else literal for field, literal in self._pieces)
        if "hc" not in self.fields and _reads_as_hc(name):
            raise ValueError("the coded name would read as an H&C number")
        name += extension
        if file_name.problems(name):
            raise ValueError(f"the coded name cannot be used: {file_name.problems(name)[0]}")
        return name

    def parse(self, name: str) -> Parts | None:
        """The numbers of a coded name that this template wrote; None for any other name."""
        match = self._shape.fullmatch(name)
        if match is None or file_name.problems(name):
            return None
        said = match.groupdict()
        if not all(_fits(field, said[field]) for field in self.fields):
            return None
        return Parts(
            job=said.get("job"),
            image=int(said["image"]),
            hc=said.get("hc"),
            subject=said.get("subject"),
            study=said.get("study"),
            extension=said["extension"],
        )


def validate(text: str, *, hsc: bool, study: str | None) -> tuple[str, ...]:
    """Every reason why a template cannot serve a route, in words that can follow `filename: `.

    `study` is the reference of the route's study; None where the route is not for research.
    The rules on {hc} and {job} are DESIGN.md section 2, rules 10 and 11.
    """
    found = [*_misspelt(text)]
    fields = {field for field, _ in _pieces(text) if field}
    if not fields & {"job", "hc", "subject"}:
        found.append("it must hold {job}, {hc} or {subject}")
    if "hc" in fields and not hsc:
        found.append("{hc} may only stand where hsc = true: the H&C number is an identifier")
    if study is not None:
        found += [
            f"{{{field}}} may not stand on a research route"
            for field in ("hc", "job")
            if field in fields
        ]
    elif "study" in fields:
        found.append("{study} has no value: the route names no study")
    if any(_reads_as_hc(_filled(text, study, digits)) for digits in _IMAGES):
        found.append("with some image numbers the name would read as an H&C number")
    found += _longest_name(text, study)
    return tuple(found)


def _filled(text: str, study: str | None, image: str) -> str:
    """The template with an image number and the study's reference, and nothing in other fields."""
    values = {"image": image, "study": study or ""}
    return "".join(values.get(field, "") if field else literal for field, literal in _pieces(text))


def _reads_as_hc(name: str) -> bool:
    """Whether a name holds ten digits in one of the spellings of an H&C number."""
    return any(hc_number.find(name)) or _TEN_DIGITS.search(name) is not None


def _pieces(text: str) -> list[tuple[str, str]]:
    """The template in order, as (field, "") or ("", literal text)."""
    return [(match[1] or "", match[2] or "") for match in _PIECES.finditer(text)]


def _misspelt(text: str) -> Iterator[str]:
    """What is wrong with a template whatever its route: fields, and the text between them."""
    fields = [match[1] for match in _PIECES.finditer(text) if match[1] is not None]
    for field in dict.fromkeys(fields):
        if field not in FIELDS:
            yield "it has an unknown field; there are " + " ".join(f"{{{f}}}" for f in FIELDS)
        elif fields.count(field) > 1:
            yield f"{{{field}}} stands in it twice"
    if "image" not in fields:
        yield "it must hold {image}, so that two images of a job have two names"
    literals = [literal for _, literal in _pieces(text) if literal]
    if {"{", "}"} & {*literals}:
        yield "it has a brace that belongs to no field"
    if re.search(r"\}[0-9{]|[0-9}]\{", text):
        yield "neither a digit nor another field may stand directly beside a field"
    if any(any(hc_number.find(literal)) for literal in literals):
        yield "its own text reads as an H&C number"


def _longest_name(text: str, study: str | None) -> Iterator[str]:
    """What is wrong with the longest name that the template can give."""
    pieces = _pieces(text)
    if study is not None and "study" in {field for field, _ in pieces}:
        yield from (f"the study's reference: {fault}" for fault in _study_faults(study))
    lengths = _LENGTHS | {"study": len((study or "").encode("utf-8", "surrogatepass"))}
    longest = "".join(
        "9" * lengths.get(field, 0) if field else literal for field, literal in pieces
    )
    yield from file_name.problems(longest + ".jpeg")


def _study_faults(study: str) -> Iterator[str]:
    yield from file_name.problems(study)
    if any(hc_number.find(study)):
        yield "it reads as an H&C number"


def _checked(field: str, value: str | None) -> str:
    if value is None:
        raise ValueError(f"the coded name needs {{{field}}} and there is none")
    if not _fits(field, value):
        raise ValueError(f"the coded name cannot hold that {{{field}}}")
    return value


def _fits(field: str, value: str) -> bool:
    """Whether a value has its field's form; job and study must not smuggle an H&C number in."""
    if not re.fullmatch(_SHAPES[field], value):
        return False
    if field == "image":
        return int(value) <= LARGEST_IMAGE
    if field == "subject":
        return keyed.parse_subject_code(value) == value
    return field == "hc" or not any(hc_number.find(value))
