"""One job's row of the register, as the policy reads it."""

from dataclasses import dataclass
from datetime import date

from medrelease.terms.words import Consent, Kind


@dataclass(frozen=True, slots=True)
class Row:
    """What the register says of a job; an empty cell is None or an empty set.

    `job` and `hc` are canonical. `withdrawn_unreadable` stands where the cell holds something
    that is no date, which counts as withdrawn (rule 4). `studies` are the references of the
    studies that the patient consented to.
    """

    job: str
    hc: str | None = None
    consent: frozenset[Consent] = frozenset()
    kind: Kind | None = None
    clinician: str | None = None
    consent_date: date | None = None
    expires: date | None = None
    withdrawn: date | None = None
    withdrawn_unreadable: bool = False
    studies: frozenset[str] = frozenset()
