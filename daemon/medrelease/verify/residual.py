"""The search for residual identifiers: nothing that the source, the register or the path called
the patient may be left in the finished bytes.

Where the picture itself is coded, chance speaks too: there a short needle counts only in one of
the writings people use, and a ramp of bytes, as a grey wedge has it, is not taken for a number.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise
from operator import itemgetter

from medrelease.verify.mapped import Behind
from medrelease.verify.needles import Needles, words
from medrelease.verify.reading import Reading
from medrelease.verify.refusal import residual
from medrelease.verify.search import Patterns, forms, unbased

_ENOUGH = 100_000
_PIECE, _OVERLAP = 1 << 20, 1 << 12
_SURE = 9
"""A pattern of this many bytes is not met by chance in coded data, whatever its case: 2^-63 a
byte position against 2^27 positions."""


def prove_absent(needles: Needles, finished: Reading, view: memoryview) -> None:
    """Search a finished file for what must not be in it.

    Raises Refusal(residual-identifier); its detail counts hits by kind of place and holds no value.
    """
    places: Counter[str] = Counter()
    listed: list[str | bytes] = [*needles.long, *needles.raw]
    patterns = Patterns([*map(forms, needles.long), *((value,) for value in needles.raw)])
    for start, end, number in islice(patterns.hits(view, _ENOUGH), _ENOUGH):
        inside = _inside(finished.coded, start, end)
        if inside and not _believable(listed[number], bytes(view[start:end])):
            continue
        places["picture data" if inside else "bytes"] += 1
    for piece in _beside(finished.coded, view):
        places["base64"] += _count(patterns, unbased(piece))
    for stream in finished.streams:
        places["base64"] += _count(patterns, unbased(stream))
        places["inflated stream"] += _count(patterns, stream)
    places["text field"] += _in_fields(needles, finished.texts, patterns)
    if +places:
        hits = ", ".join(f"{count} in {place}" for place, count in sorted((+places).items()))
        residual(f"identifiers left in the finished file: {hits}")


def _count(patterns: Patterns, octets: bytes) -> int:
    return sum(1 for _ in islice(patterns.hits(octets, _ENOUGH), _ENOUGH))


def _beside(coded: Sequence[tuple[int, int]], view: memoryview) -> Iterator[memoryview]:
    """Return the bytes that are no coded picture data, in overlapping pieces."""
    starts = [0, *(end for _, end in coded)]
    ends = [*(start for start, _ in coded), len(view)]
    passed, behind = 0, Behind(view)
    for first, last in zip(starts, ends, strict=True):
        for start in range(first, last, _PIECE):
            yield view[start : min(start + _PIECE + _OVERLAP, last)]
        behind.leave(view[passed:last])
        passed = last


def _inside(ranges: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Return whether [start, end) lies wholly in one of the ranges, which ascend."""
    place = bisect_right(ranges, start, key=itemgetter(0)) - 1
    return place >= 0 and end <= ranges[place][1]


def _believable(needle: str | bytes, found: bytes) -> bool:
    """Return whether a hit in coded picture data is more than chance."""
    if isinstance(needle, bytes):
        return found == needle
    steps = {ord(after) - ord(before) for before, after in pairwise(needle)}
    if len(steps) == 1 and steps <= {-1, 0, 1}:
        return False
    if len(found) >= _SURE:
        return True
    cases = (needle, needle.lower(), needle.upper(), needle.title())
    return any(found in forms(case) for case in cases)


def _in_fields(needles: Needles, texts: Iterable[str | bytes], patterns: Patterns) -> int:
    """Count the text fields that are, or have as a word, a short identifier, and long ones."""
    short = {needle.casefold() for needle in needles.short}
    fields = [
        field if isinstance(field, str) else field.decode("latin-1") for field in texts if field
    ]
    lowered = [field.casefold().strip("\0 ") for field in fields]
    count = sum(1 for low in lowered if low in short or words(low) & short)
    joined = "\n".join(fields).encode("utf-8", "replace")
    return count + _count(patterns, joined)
