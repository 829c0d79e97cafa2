"""Two digests side by side: they are the ones that hashlib takes one after the other."""

import hashlib
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora import clean_photos as clean
from medrelease.service import checks
from medrelease.terms.words import Reason
from medrelease.verify import Accepted, coded, digest
from medrelease.verify import _digests as native

LENGTHS = [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 1000, 4096, 10_001]
side_by_side = pytest.mark.skipif(
    not native.possible(), reason="this processor has no instructions for SHA-256"
)


def plainly(*data: bytes) -> tuple[str, ...]:
    """The SHA-256 of each, by hashlib."""
    return tuple(hashlib.sha256(each).hexdigest() for each in data)


@side_by_side
@pytest.mark.parametrize("length", LENGTHS)
def test_every_length_beside_every_other(length: int) -> None:
    """Whatever is left of a block at the end of either row, and however much longer one is."""
    data = random.Random(length).randbytes(length)
    for other in LENGTHS:
        beside = random.Random(-other).randbytes(other)
        pair = native.Pair()
        pair.feed(data, beside)
        assert tuple(each.hex() for each in pair.digests()) == plainly(data, beside)


@side_by_side
@settings(deadline=None)
@given(st.lists(st.tuples(st.binary(max_size=300), st.binary(max_size=300)), max_size=12))
def test_rows_may_come_in_any_pieces(fed: list[tuple[bytes, bytes]]) -> None:
    """How the rows are cut changes nothing, and a digest may be asked for at any time."""
    pair, one, other = native.Pair(), b"", b""
    for mine, theirs in fed:
        pair.feed(mine, theirs)
        one, other = one + mine, other + theirs
        assert tuple(each.hex() for each in pair.digests()) == plainly(one, other)


@pytest.mark.parametrize("possible", [True, False])
@pytest.mark.parametrize("sizes", [(0, 5), (3 << 20, (3 << 20) + 7), (70, 5 << 20)])
def test_files_of_any_length(
    monkeypatch: pytest.MonkeyPatch, sizes: tuple[int, int], possible: bool
) -> None:
    """Longer ones than a piece, with the processor's instructions and without."""
    monkeypatch.setattr(digest, "SIDE_BY_SIDE", possible and native.possible())
    one, other = (random.Random(size).randbytes(size) for size in sizes)
    assert digest.both(memoryview(one), memoryview(other)) == plainly(one, other)


@settings(deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=4), st.integers(0, 199), st.integers(1, 255))
def test_bytes_are_the_same_or_not(data: bytes, more: bytes, place: int, change: int) -> None:
    """One byte that differs, anywhere, or another length is seen."""
    other = bytearray(data + more)
    assert coded.same_bytes(memoryview(data), memoryview(other)) == (not more)
    if data:
        other[place % len(data)] ^= change
        assert not coded.same_bytes(memoryview(data), memoryview(other))
        assert not coded.same_bytes(memoryview(data), memoryview(bytes(other[: len(data)])))


def test_without_its_module_nothing_is_proved(prove, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation whose C modules were not built releases nothing, and `check` says so."""
    monkeypatch.setattr(coded, "HAS_DIGESTS", False)
    assert prove(clean.png(), clean.png()).reason is Reason.DECODER_MISSING
    monkeypatch.setattr(checks, "_built", lambda module: "_digests" not in module)
    (finding,) = checks._c_modules(None)  # type: ignore[arg-type]
    assert "every file is held" in finding.cause


def test_the_record_names_the_right_file(prove) -> None:
    """Source and finished file are not mixed up."""
    source = clean.with_chunk(clean.png(), b"tEXt", b"Comment\0x")
    accepted = prove(source, clean.png())
    assert isinstance(accepted, Accepted)
    assert (accepted.source_sha256, accepted.sha256) == plainly(source, clean.png())
