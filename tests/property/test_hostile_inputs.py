"""A short run of the fuzzer: what the long one (`scripts/bench fuzz`) looks for, from a seed."""

from collections.abc import Iterator
from itertools import islice

import pytest

from corpora.fuzzing import Finding, Rooms, mutations, seeds

FILES = seeds()


@pytest.fixture
def rooms() -> Iterator[Rooms]:
    """Both rooms, ready to be fed."""
    with Rooms() as both:
        yield both


@pytest.mark.parametrize("seed", [101, 102])
def test_mutated_files_raise_nothing_linger_nowhere_and_leave_clean(
    rooms: Rooms, seed: int
) -> None:
    """Every input is held, or comes out clean, stable under cleaning and readable."""
    met = set()
    for data in islice(mutations(FILES, seed), 900):
        met.add(rooms.judge(data))
    assert {"accepted", "malformed", "incomplete"} <= met


def test_the_prover_believes_no_mutation_of_a_clean_pair_that_another_reader_refuses(
    rooms: Rooms,
) -> None:
    """Any two files may meet in the prover: it answers, and neither raises nor lingers."""
    files = mutations(FILES, 103)
    met = {rooms.believe(one, next(files)) for one in islice(files, 300)}
    assert "malformed" in met


def test_a_finding_is_found(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    """The harness itself is no empty form: a prover that believes everything is caught."""
    soiled = next(data for data in FILES if data[:3] == b"\xff\xd8\xff" and b"MARK" in data)
    held, clean = rooms._pass(soiled)
    monkeypatch.setattr(rooms, "_pass", lambda data: (held, data))
    with pytest.raises(Finding, match="marker"):
        rooms.judge(soiled)
    monkeypatch.setattr(rooms, "_pass", lambda data: (held, clean[:-40]))
    with pytest.raises(Finding, match="refuses"):
        rooms.judge(soiled)
