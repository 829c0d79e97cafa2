"""What the prover is told about a file that it cannot read out of the bytes."""

from dataclasses import dataclass

from medrelease.terms.flow import Mask
from medrelease.terms.words import Format


@dataclass(frozen=True, slots=True)
class Options:
    """The knowledge that the register, the path and the route bring to the proof.

    `identifiers` must not appear anywhere in the finished file: H&C number, job number, clinician,
    parts of the dropped name. `published` is shown on purpose (the job number on a route inside
    health and social care, the subject code elsewhere) and is exempt, whole and in its words.
    `format` is the one the cleaner says it wrote; None takes what the bytes say.
    `dicom_options` are the route's options of PS3.15 Annex E, which decide what may have stayed.
    `masks` are the rectangles that the cleaner was told to blank: inside them (grown to the coding
    grid where the format has one) the finished picture must be constant, outside unchanged.
    """

    identifiers: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    format: Format | None = None
    dicom_options: frozenset[str] = frozenset()
    masks: tuple[Mask, ...] = ()
