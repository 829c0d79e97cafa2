"""What a verification says: findings, which break the trail, and remarks, which do not.

No text here carries a coded name: a finding points to a line by its seq.
"""

from dataclasses import dataclass, field
from typing import Literal

_KEPT = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or worth saying; `seq` is the line it is about, if any."""

    code: str
    text: str
    seq: int | None = None


@dataclass(slots=True)
class Findings:
    """A list that keeps its first hundred and counts the rest."""

    kept: list[Finding] = field(default_factory=list)
    count: int = 0

    def add(self, code: str, text: str, seq: int | None = None) -> None:
        """Note one finding."""
        self.count += 1
        if len(self.kept) < _KEPT:
            self.kept.append(Finding(code, text, seq))


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome: `records` counts lines, `head` is the SHA-256 of the last one.

    `unsigned` counts the lines behind the newest note, which nothing but the chain protects.
    """

    verdict: Literal["intact", "broken"]
    records: int
    head: str
    unsigned: int
    findings: tuple[Finding, ...]
    findings_count: int
    remarks: tuple[Finding, ...]
