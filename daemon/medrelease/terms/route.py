"""A route: one outgoing folder with its purpose, destination and coding scheme."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from medrelease.terms.words import Purpose


@dataclass(frozen=True, slots=True)
class Study:
    """A research study that a route serves (DESIGN.md section 2, rules 3 and 11)."""

    reference: str
    ends: date | None
    basis: Literal["consent", "secondary"]


@dataclass(frozen=True, slots=True)
class Route:
    """One `[[route]]` of the configuration, with every default filled in.

    `text` says what becomes of writing in the picture, `keep` which terms may stay there, and
    `max_masked` which share of a picture may be masked (DESIGN.md 5.2).
    """

    name: str
    purpose: Purpose
    destination: str
    hsc: bool
    filename: str
    gmc10: Literal["dicom", "register", "off"]
    approval: Literal["none", "required"]
    text: Literal["redact", "hold", "keep"]
    dicom_options: frozenset[str]
    study: Study | None
    keep: tuple[str, ...] = ()
    max_masked: float = 0.2

    @property
    def examines(self) -> bool:
        """Whether the pixels of its files are looked at: `keep` on care alone says no."""
        return self.text != "keep" or self.purpose is not Purpose.CARE

    @property
    def key_label(self) -> str:
        """The label under which this route's key is derived: per study for research."""
        return f"study:{self.study.reference}" if self.study else f"route:{self.name}"

    @property
    def names_job(self) -> bool:
        """Whether the coded name carries the job number, so that images count per job."""
        return "{job}" in self.filename
