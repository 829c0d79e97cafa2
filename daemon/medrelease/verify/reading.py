"""What a format's reader hands back, the same shape for a source and for a finished file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from medrelease.terms.flow import Mask


@dataclass(frozen=True, slots=True)
class Reading:
    """One file as the prover understands it.

    `texts`: of a source every text or metadata value that could identify (a date that the
    profile keeps or shifts is not one, nor a code term); of a finished file every text field
    there is. A `str` is compared in all its encodings, `bytes` as they stand.
    `picture`: SHA-256 in hexadecimal over the canonical coded picture, built alike on both
    sides, so that equal digests mean an untouched picture; or what compares as one, where the
    bytes themselves are compared.
    `counts`: numbers for the record, by kind.
    `shown`: (name, value) pairs of what decides how the picture is shown: orientation,
    colour, resolution. Both sides must agree on every pair.
    `streams`: of a finished file, bytes that stand in it only in compressed form, inflated.
    `coded`: of a finished file, the [start, end) ranges in bytes of its entropy-coded or raw
    picture data, in ascending order. Chance hits are likely there and nowhere else.
    `pixels`: the SHA-256 over the decoded pixels with hidden colour zeroed; called only
    where `picture` differs. None where the format is never coded anew.
    `blanked`: the SHA-256 over the decoded pixels without those under the masks; of a finished
    file it refuses masked pixels that are not of one colour. Called only where there are masks,
    and None where the format is never blanked.
    `meant`: of a source, the masks of single pages that a set of masks comes to, where one page
    shows through another.
    """

    texts: tuple[str | bytes, ...]
    picture: object
    counts: Mapping[str, int] = field(default_factory=dict)
    shown: tuple[tuple[str, str], ...] = ()
    streams: tuple[bytes, ...] = ()
    coded: tuple[tuple[int, int], ...] = ()
    pixels: Callable[[], str] | None = None
    blanked: Callable[[tuple[Mask, ...]], str] | None = None
    meant: Callable[[tuple[Mask, ...]], tuple[Mask, ...]] | None = None
