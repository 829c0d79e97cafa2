"""H&C numbers: what is read, what passes, what is a likely slip."""

import pytest

from medrelease.identifiers import hc_number


@pytest.mark.parametrize("text", ["012 345 6789", "012-345-6789", "0123456789"])
def test_three_spellings_are_read(text: str) -> None:
    """The three spellings of the contract give one canonical form."""
    assert hc_number.parse(text) == "012 345 6789"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "012 345-6789",
        "012  345 6789",
        " 012 345 6789",
        "012 345 678",
        "012 345 67890",
        "012345 6789",
        "٠١٢٣٤٥٦٧٨٩",
        "012\u00a0345\u00a06789",
        "012 345 6789\n",
    ],
)
def test_nothing_else_is_read(text: str) -> None:
    """Other spellings, other lengths and other scripts' digits are no H&C number."""
    assert hc_number.parse(text) is None


def test_find_needs_digit_boundaries() -> None:
    """A number inside a longer run of digits is not one; underscores and letters are no bar."""
    assert list(hc_number.find("1012 345 6789 012 345 67890")) == []
    found = list(hc_number.find("x012-345-6789_943 476 5919"))
    assert [each.number for each in found] == ["012 345 6789", "943 476 5919"]
    assert "x012-345-6789_943 476 5919"[found[0].start : found[0].end] == "012-345-6789"


def test_check_digit() -> None:
    """The policy's example and the NHS Data Dictionary's pass modulus 11; others do not."""
    assert hc_number.valid("012 345 6789", "check-digit")
    assert hc_number.valid("943 476 5919", "check-digit")
    assert not hc_number.valid("012 345 6780", "check-digit")
    assert hc_number.valid("012 345 6780", "off")


def with_check_digit(nine: int) -> str | None:
    """The H&C number of nine digits, by the textbook: 11 minus the weighted sum's remainder."""
    digits = f"{nine:09}"
    check = 11 - sum((10 - place) * int(digit) for place, digit in enumerate(digits)) % 11
    return None if check == 10 else hc_number.parse(f"{digits}{check % 11}")


def test_range_of_northern_ireland() -> None:
    """`hc-range` takes 320 000 001 to 399 999 999 with a check digit, and no neighbour."""
    inside = [n for n in map(with_check_digit, (320_000_001, 350_123_456, 399_999_999)) if n]
    outside = [n for n in map(with_check_digit, (320_000_000, 319_999_999, 400_000_000)) if n]
    assert len(inside) >= 2
    assert len(outside) >= 2
    assert all(hc_number.valid(number, "hc-range") for number in inside)
    assert not any(hc_number.valid(number, "hc-range") for number in outside)
    assert all(hc_number.valid(number, "check-digit") for number in outside)
    wrong = inside[0][:-1] + str((int(inside[0][-1]) + 1) % 10)
    assert not hc_number.valid(wrong, "hc-range")


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ("012 345 6789", False),
        ("012 345 6780", True),
        ("012 345 6798", True),
        ("012 354 6789", True),
        ("013 245 6789", True),
        ("210 345 6789", False),
        ("012 345 6700", False),
        ("112 345 6780", False),
    ],
)
def test_slip(other: str, expected: bool) -> None:
    """One digit or one swap of neighbours apart is a likely slip; more, or none, is not."""
    assert hc_number.slip("012 345 6789", other) is expected
    assert hc_number.slip(other, "012 345 6789") is expected
