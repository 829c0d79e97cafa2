"""Release ids: ULIDs that carry their time and sort by it."""

import pytest

from medrelease.identifiers import base32, release_id


def test_new_carries_its_time() -> None:
    """The time that an id was made at can be read back, at both ends of the range."""
    for moment in (0, 1, 1_795_455_600_123, (1 << 48) - 1):
        made = release_id.new(moment)
        assert release_id.is_release_id(made)
        assert release_id.time_ms(made) == moment


def test_ids_differ_and_sort_by_time() -> None:
    """Ids of one millisecond differ, and a later one sorts behind."""
    assert len({release_id.new(5) for _ in range(1000)}) == 1000
    assert release_id.new(5) < release_id.new(6) < release_id.new(1_795_455_600_123)


@pytest.mark.parametrize("moment", [-1, 1 << 48])
def test_moments_that_do_not_fit(moment: int) -> None:
    """A moment outside 48 bits is refused."""
    with pytest.raises(ValueError, match="48 bits"):
        release_id.new(moment)


def test_known_ulid() -> None:
    """The example of the ULID specification reads as its own time."""
    assert release_id.time_ms("01ARZ3NDEKTSV4RRFFQ69G5FAV") == 1469922850259


@pytest.mark.parametrize(
    "text", ["", "01ARZ3NDEKTSV4RRFFQ69G5FA", "81ARZ3NDEKTSV4RRFFQ69G5FAV",
             "01arz3ndektsv4rrffq69g5fav", "01ARZ3NDEKTSV4RRFFQ69G5FAU", "../3NDEKTSV4RRFFQ69G5FAV"]
)  # fmt: skip
def test_other_texts_are_no_ids(text: str) -> None:
    """Other lengths, alphabets and cases are no release id."""
    assert not release_id.is_release_id(text)
    with pytest.raises(ValueError, match="not a release id"):
        release_id.time_ms(text)


def test_base32_refuses_what_does_not_fit() -> None:
    """A number too large, or negative, is refused; a foreign character has no value."""
    assert base32.encode(1023, 2) == "ZZ"
    assert base32.values("0Z") == [0, 31]
    assert base32.values("U") is None
    assert base32.heard("u") is None
    for number in (1024, -1):
        with pytest.raises(ValueError, match="does not fit"):
            base32.encode(number, 2)
