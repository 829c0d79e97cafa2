"""What the prover says of a finished file that it believes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from medrelease.terms.words import Format, Proof


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finished file that was read cold, to its last byte, and found clean.

    `sha256` (64 hexadecimal digits) and `size` (bytes) are those of the finished file,
    `source_sha256` that of the file it was made from. `actions` are counts, never values.
    """

    format: Format
    sha256: str
    size: int
    source_sha256: str
    proof: Proof
    actions: Mapping[str, int] = field(default_factory=dict)
