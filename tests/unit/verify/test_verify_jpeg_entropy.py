"""The C modules of the two rooms: what they refuse to work on, and what happens without them."""

from struct import pack

import pytest

from corpora import clean_photos as clean
from corpora.masked import cleaned_under, proved_under
from medrelease import sanitise, verify
from medrelease.sanitise import _entropy as cleaning
from medrelease.sanitise import jpeg_scan
from medrelease.service import checks
from medrelease.terms.flow import Hold
from medrelease.terms.words import Reason
from medrelease.verify import _entropy as proving
from medrelease.verify import jpeg_entropy

DC, AC = bytes([0, 1, *bytes(14), 3]), bytes([0, 1, *bytes(14), 0])
SCAN = (0, 1, 2, 1, 0, 63, 0, 0, 0, 2, 1)
PLANE = (1, 1, 2, 1, 0, 1)


def test_without_its_module_a_room_holds_every_jpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation whose C modules were not built releases no JPEG, and says so."""
    picture = clean.jpeg()
    monkeypatch.setattr(jpeg_entropy, "HAS_ENTROPY", False)
    verdict = proved_under(picture, picture, ())
    assert isinstance(verdict, Hold)
    assert verdict.reason is Reason.DECODER_MISSING
    monkeypatch.setattr(jpeg_scan, "HAS_ENTROPY", False)
    outcome, _ = cleaned_under(picture, ())
    assert isinstance(outcome, Hold)
    assert outcome.reason is Reason.DECODER_MISSING


def test_check_misses_a_module_that_was_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """`check` calls a missing module an error, and says nothing bad of present ones."""
    (well,) = checks._c_modules(None)  # type: ignore[arg-type]
    assert well.severity == "ok"
    monkeypatch.setattr(checks, "_built", lambda module: "verify._entropy" not in module)
    (finding,) = checks._c_modules(None)  # type: ignore[arg-type]
    assert finding.severity == "error"
    assert "verify" in finding.cause


def numbers(*changed: tuple[int, int], cleaner: bool) -> bytes:
    """A scan of one component with two blocks, some of its numbers changed."""
    row = [*SCAN, *PLANE, *([0] if cleaner else [])]
    for place, value in changed:
        row[place] = value
    return pack(f"{len(row)}i", *row)


WRONG = [
    ((1, 0),),
    ((1, 5),),
    ((2, 0),),
    ((3, -1),),
    ((4, 1),),
    ((5, 64),),
    ((8, -1),),
    ((11, 0),),
    ((12, 9),),
    ((13, 1 << 30),),
    ((15, 7),),
    ((16, -1),),
]


@pytest.mark.parametrize("changed", WRONG)
def test_numbers_that_describe_no_scan_are_refused(changed: tuple[tuple[int, int], ...]) -> None:
    """Neither module walks with a geometry or tables that would lead it out of its memory."""
    data = memoryview(b"\0\0\xff\xd9")
    with pytest.raises(ValueError, match=r"\w"):
        cleaning.walk(data, 0, numbers(*changed, cleaner=True), [DC, AC], None, None, 0)
    with pytest.raises(ValueError, match=r"\w"):
        cleaning.spread(data, 0, numbers(*changed, cleaner=True), [DC, AC], None, None, 3)
    with pytest.raises(ValueError, match=r"\w"):
        proving.spread(data, 0, numbers(*changed, cleaner=False), (DC, AC), (), None, 3)
    with pytest.raises(ValueError, match=r"\w"):
        proving.prove(data, 0, numbers(*changed, cleaner=False), (DC, AC), (), None, None)


@pytest.mark.parametrize("table", [b"", bytes(15), DC + b"x", DC[:-1], b"\3" + bytes(15) + b"abc"])
def test_tables_that_contradict_themselves_are_refused(table: bytes) -> None:
    """A table of a wrong length, or with more codes than its lengths can have, is no table."""
    data = memoryview(b"\0\0\xff\xd9")
    with pytest.raises(ValueError, match="table"):
        cleaning.walk(data, 0, numbers(cleaner=True), [table, AC], None, None, 0)
    with pytest.raises(ValueError, match="table"):
        proving.prove(data, 0, numbers(cleaner=False), (table, AC), (), None, None)


def test_masks_and_planes_of_another_size_are_refused() -> None:
    """What is handed in beside the scan must be of its picture's size."""
    data = memoryview(b"\0\0\xff\xd9")
    with pytest.raises(ValueError, match="masked"):
        cleaning.walk(data, 0, numbers(cleaner=True), [DC, AC], None, b"\0", 0)
    with pytest.raises(ValueError, match="masked"):
        proving.prove(data, 0, numbers(cleaner=False), (DC, AC), (), b"\0", None)
    band = ((0, 1), (4, 1))
    with pytest.raises(ValueError, match="plane"):
        cleaning.walk(data, 0, numbers(*band, cleaner=True), [DC, AC], [bytearray(8)], None, 0)
    with pytest.raises(ValueError, match="plane"):
        proving.prove(data, 0, numbers(*band, cleaner=False), (DC, AC), (bytearray(8),), None, None)


def test_what_a_scan_needs_is_learned_alike_in_both_rooms() -> None:
    """Of two blocks, the second with its tenth coefficient, both tell that and the symbols."""
    dc, ac = bytes([1, *bytes(15), 0]), bytes([1, 1, *bytes(14), 0x91, 0x00])
    # block one: DC of no size, end of block; block two: DC, nine zeros and a one, end of block
    coded = memoryview(bytes([0b01000110, 0b11111111, 0x00]) + b"\xff\xd9")
    told, met, symbols = cleaning.spread(
        coded, 0, numbers(cleaner=True), [dc, ac], None, None, 3 | 14 << 16
    )
    assert (told, met[0]) == (0, 1 | 1 << 10)
    assert [at for at, flag in enumerate(symbols[1]) if flag] == [0, 0x91]
    verdict, found, read = proving.spread(
        coded, 0, numbers(cleaner=False), (dc, ac), (), None, 3 | 1 << 16
    )
    assert (verdict, found[0]) == (0, 1 | 1 << 10)
    assert [at for at, flag in enumerate(read[1]) if flag] == [0, 0x91]


def test_the_rooms_share_no_module() -> None:
    """Each room walks with code of its own."""
    assert cleaning.__file__ != proving.__file__
    assert sanitise.__file__ != verify.__file__


def test_a_sink_that_raises_is_heard() -> None:
    """An exception of the digest's ends the proof instead of being lost."""

    def sink(_: bytes) -> None:
        raise RuntimeError("full")

    # two blocks: DC of no size, end of block; then ones to fill the byte
    code = bytes([0b00001111])
    data = memoryview(code + b"\xff\xd9")
    dc, ac = bytes([1, *bytes(15), 0]), bytes([1, *bytes(15), 0])
    said = proving.prove(data, 0, numbers(cleaner=False), (dc, ac), (), None, bytearray().extend)
    assert said == (0, 1, 0)
    with pytest.raises(RuntimeError, match="full"):
        proving.prove(data, 0, numbers(cleaner=False), (dc, ac), (), None, sink)
