"""Mutated photographs: whatever comes in, a hold or a clean file comes out, and nothing else."""

import time

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpora import photos
from corpora.cleaned import cleaned
from corpora.fuzzing import with_check_sums
from medrelease.sanitise.png_filter import refilter, unfilter
from medrelease.terms.flow import Hold, Sanitised

SEEDS = [data for _, data in photos.faithful()] + [data for _, data, _ in photos.planted()]
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["set", "delete", "insert", "copy", "cut"]),
        st.floats(0, 1, exclude_max=True) | st.floats(0, 0.02),
        st.binary(min_size=1, max_size=12) | st.sampled_from([b"\xff" * 4, bytes(4), b"\x7f\xff"]),
    ),
    min_size=1,
    max_size=6,
)


def mutated(data: bytes, edits: list[tuple[str, float, bytes]]) -> bytes:
    """A file with edits at places given as shares of its length."""
    changed = bytearray(data)
    for kind, share, value in edits:
        at = int(len(changed) * share)
        if kind == "set":
            changed[at : at + len(value)] = value
        elif kind == "delete":
            del changed[at : at + len(value)]
        elif kind == "insert":
            changed[at:at] = value
        elif kind == "copy":
            changed[at:at] = changed[: at % 400]
        elif share > 0.5:
            del changed[at:]
    return bytes(changed)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SEEDS), EDITS)
def test_mutations_end_in_a_hold_or_a_clean_file(
    data: bytes, edits: list[tuple[str, float, bytes]]
) -> None:
    """No mutation makes the room raise or linger, and what it cleaned cleans to itself."""
    changed = mutated(data, edits)
    if changed[:4] == b"\x89PNG":
        changed = with_check_sums(changed)
    begun = time.process_time()
    outcome, finished = cleaned(changed)
    assert time.process_time() - begun < 2
    assert isinstance(outcome, Hold | Sanitised)
    if isinstance(outcome, Sanitised):
        again, twice = cleaned(finished)
        assert isinstance(again, Sanitised)
        assert twice == finished


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 9), st.integers(1, 12), st.sampled_from([1, 2, 3, 4, 6, 8]), st.randoms())
def test_filters_are_undone_as_the_standard_says(
    count: int, columns: int, step: int, random: object
) -> None:
    """Bands of any mix of filters come out as a byte-by-byte reading of clause 9 has it."""
    noise = np.random.default_rng(random.getrandbits(32))  # type: ignore[attr-defined]
    coded = noise.integers(0, 256, (count, columns * step)).astype(np.uint8)
    above = noise.integers(0, 256, columns * step).astype(np.uint8)
    kinds = noise.integers(0, 5, count).astype(np.uint8)
    plain = unfilter(np.hstack((kinds[:, None], coded)), above, step)
    assert plain.tolist() == _slowly(kinds.tolist(), coded.tolist(), above.tolist(), step)
    anew = np.frombuffer(refilter(plain, above, step, plain=False), np.uint8).reshape(count, -1)
    assert np.array_equal(unfilter(anew, above, step), plain)


def _slowly(
    kinds: list[int], coded: list[list[int]], above: list[int], step: int
) -> list[list[int]]:
    """The filters undone one byte at a time."""
    rows = []
    for kind, row in zip(kinds, coded, strict=True):
        plain: list[int] = []
        for at, byte in enumerate(row):
            left, corner = (plain[at - step], above[at - step]) if at >= step else (0, 0)
            up = above[at]
            far = {value: abs(left + up - corner - value) for value in (corner, up, left)}
            nearest = next(v for v in (left, up, corner) if far[v] == min(far.values()))
            guess = (0, left, up, (left + up) // 2, nearest)[kind]
            plain.append((byte + guess) & 255)
        rows.append(plain)
        above = plain
    return rows
