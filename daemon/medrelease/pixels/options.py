"""What is asked of an examination: frozen data, free of paths and configuration."""

from dataclasses import dataclass

from medrelease.terms.words import Format


@dataclass(frozen=True, slots=True)
class Options:
    """How one file is to be looked at.

    `format` is what the file is known to be. `keep` are the terms that may stay in a picture,
    `identifiers` what the register and the path say of the patient: never kept, and counted.
    After `seconds` of looking the file is held, however many pages are left.
    """

    format: Format
    keep: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    seconds: float = 300.0
