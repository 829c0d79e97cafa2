"""The shape of medrelease.toml: one pydantic model a table, with every default (DESIGN.md 5.2).

A model knows its own keys and what one value of each may be. What several keys say together is
`config.checks`' to judge, so that a misspelt key never hides a wrong combination.
"""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from medrelease.config.light import DEFAULT_PATHS
from medrelease.identifiers.job_number import JobFormat
from medrelease.terms.words import Purpose

DICOM_OPTIONS = (
    "clean-pixel-data",
    "clean-recognizable-visual-features",
    "clean-graphics",
    "clean-structured-content",
    "clean-descriptors",
    "retain-longitudinal-full-dates",
    "retain-longitudinal-modified-dates",
    "retain-patient-characteristics",
    "retain-device-identity",
    "retain-institution-identity",
    "retain-uids",
    "retain-safe-private",
)
"""The options of PS3.15 Annex E that a route may choose, by the names of the file."""

COLUMNS = (
    "job_no",
    "hc_no",
    "consent",
    "kind",
    "clinician",
    "consent_date",
    "expires",
    "withdrawn",
    "study",
)
"""The columns of the job register, in the order of the file that `init` writes (5.3)."""

_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def memory_bytes(text: str) -> int:
    """The bytes that `1G` and the like stand for; raises ValueError for any other text."""
    match = re.fullmatch(r"([1-9][0-9]*)([KMGT]?)", text)
    if not match:
        raise ValueError('must be a number of bytes with K, M, G or T, such as "1G"')
    return int(match[1]) * _UNITS[match[2]]


def _line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("must be one line of text")
    return text


def _path(text: str) -> str:
    if not text or "\0" in text:
        raise ValueError("must be the path of a folder")
    return text


def _memory(text: str) -> str:
    memory_bytes(text)
    return text


def _job_pattern(text: str) -> str:
    JobFormat(text)
    return text


def _executor(text: str) -> str:
    if text != "local":
        raise ValueError('must be "local": this version has no other executor')
    return text


def _option(text: str) -> str:
    if text not in DICOM_OPTIONS:
        raise ValueError("is no DICOM option; there are " + ", ".join(DICOM_OPTIONS))
    return text


def _day(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return date.fromisoformat(value)
    return value


Line = Annotated[str, AfterValidator(_line)]
FolderPath = Annotated[str, AfterValidator(_path)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Days = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
Text = Literal["redact", "hold", "keep"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class SiteTable(_Table):
    """`[site]`"""

    name: Line = "Medical Photography"
    contact: Line = "the Medical Photography office"
    policy: Line = (
        "Photography, digital and video imaging of Service Users: "
        "Consent and Confidentiality, Copyright and Storage"
    )
    share: FolderPath = DEFAULT_PATHS["share"]
    state: FolderPath = DEFAULT_PATHS["state"]
    audit: FolderPath = DEFAULT_PATHS["audit"]
    settle: Seconds = 2.0
    patience: Seconds = 600
    originals_days: Days = 30
    released_days: Days = 0


class RegisterTable(_Table):
    """`[register]`"""

    url: Line = "csv:register.csv"
    table: Line | None = None
    query: Annotated[str, Field(min_length=1)] | None = None
    columns: dict[str, Line] = {name: name for name in COLUMNS}


class NumbersTable(_Table):
    """`[numbers]`"""

    job: Annotated[str, AfterValidator(_job_pattern)] = r"\d{2} \d{5}"
    check: Literal["check-digit", "hc-range", "off"] = "check-digit"


class PixelsTable(_Table):
    """`[pixels]`; the default of `keep` are the marks of side and position on X-rays."""

    text: Text = "redact"
    keep: list[Line] = [
        *("L", "R", "LT", "RT", "LEFT", "RIGHT"),
        *("AP", "PA", "LAT", "ERECT", "SUPINE", "PRONE"),
    ]
    max_masked: Share = 0.2


class WorkersTable(_Table):
    """`[workers]`"""

    processes: Annotated[int, Field(ge=0, le=1024)] = 0
    memory: Annotated[str, AfterValidator(_memory)] = "1G"
    timeout: Seconds = 60
    executor: Annotated[str, AfterValidator(_executor)] = "local"


class AuditTable(_Table):
    """`[audit]`"""

    checkpoint_lines: Annotated[int, Field(gt=0)] = 100
    checkpoint_seconds: Seconds = 60
    journal: bool = True
    notes_dir: str = ""
    metrics: str = ""


class RoutePixels(_Table):
    """`pixels = {...}` of a route: what is absent is as under `[pixels]`."""

    text: Text | None = None
    keep: list[Line] | None = None
    max_masked: Share | None = None


class RouteDicom(_Table):
    """`dicom = {options = [...]}` of a route."""

    options: list[Annotated[str, AfterValidator(_option)]] = []


class RouteStudy(_Table):
    """`study = {...}` of a research route."""

    reference: Line
    ends: Annotated[date | None, BeforeValidator(_day)] = None
    basis: Literal["consent", "secondary"]


class RouteTable(_Table):
    """One `[[route]]`; the defaults of `destination` and `filename` hang on other keys."""

    name: str
    purpose: Annotated[Purpose, Field(strict=False)]
    destination: Line | None = None
    hsc: bool = False
    filename: str | None = None
    gmc10: Literal["dicom", "register", "off"] = "dicom"
    approval: Literal["none", "required"] = "none"
    pixels: RoutePixels = RoutePixels()
    dicom: RouteDicom = RouteDicom()
    study: RouteStudy | None = None


class Document(_Table):
    """The whole file."""

    site: SiteTable = SiteTable()
    register_: Annotated[RegisterTable, Field(alias="register")] = RegisterTable()
    numbers: NumbersTable = NumbersTable()
    pixels: PixelsTable = PixelsTable()
    workers: WorkersTable = WorkersTable()
    audit: AuditTable = AuditTable()
    route: Annotated[list[RouteTable], Field(min_length=1)]


TABLES: dict[tuple[str, ...], type[_Table]] = {
    (): Document,
    ("site",): SiteTable,
    ("register",): RegisterTable,
    ("numbers",): NumbersTable,
    ("pixels",): PixelsTable,
    ("workers",): WorkersTable,
    ("audit",): AuditTable,
    ("route",): RouteTable,
    ("route", "pixels"): RoutePixels,
    ("route", "dicom"): RouteDicom,
    ("route", "study"): RouteStudy,
}
"""Every table of the file by its key path, without the places of `[[route]]` in their list."""


def known_names(table: tuple[str, ...]) -> tuple[str, ...]:
    """The keys that a table of the file may have; none for a table that there is not."""
    if table not in TABLES:
        return ()
    fields = TABLES[table].model_fields
    return tuple(field.alias or name for name, field in fields.items())


def default_filename(purpose: Purpose) -> str:
    """The template of a route that gives none (DESIGN.md 5.2)."""
    return "{job} -{image}-{hc}" if purpose is Purpose.CARE else "{subject} -{image}"
