"""H&C numbers: what is read, what passes, what is a likely slip."""

import pytest

from medrelease.identifiers import hc_number
from medrelease.identifiers.hc_number import Scheme


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
    ("first", "last", "scheme"),
    [
        (320_000_001, 399_999_999, Scheme.HC),
        (400_000_000, 499_999_999, Scheme.NHS),
        (600_000_000, 799_999_999, Scheme.NHS),
        (312_000_000, 320_000_000, None),
        (500_000_000, 599_999_999, None),
        (999_000_000, 999_999_999, None),
    ],
)
def test_numbers_are_recognised_by_their_range(
    first: int, last: int, scheme: Scheme | None
) -> None:
    """With its check digit a number is of the scheme of its range; with another, of none."""
    checked = [
        with_check_digit(nine) for nine in (*range(first, first + 5), *range(last - 4, last + 1))
    ]
    numbers = [number for number in checked if number is not None]
    assert len(numbers) > 5
    for number in numbers:
        assert hc_number.scheme(number) is scheme
        assert hc_number.scheme(number[:-1] + str((int(number[-1]) + 1) % 10)) is None


@pytest.mark.parametrize(
    ("stem", "by_10", "by_11"),
    [("010 120 123", 4, 0), ("290 200 000", 5, 6), ("311 299 999", 4, 1)],
)
def test_chi_numbers_have_two_check_digits(stem: str, by_10: int, by_11: int) -> None:
    """A number that begins with a day that there was is a CHI number with either digit.

    The digits by modulus 10 were reckoned by hand after ISO/IEC 7812-1. A site that takes H&C
    numbers only refuses both.
    """
    good = {digit for digit in range(10) if hc_number.valid(f"{stem}{digit}", "check-digit")}
    assert good == {by_10, by_11}
    for digit in good:
        assert hc_number.scheme(f"{stem}{digit}") is Scheme.CHI
        assert not hc_number.valid(f"{stem}{digit}", "hc-range")


@pytest.mark.parametrize("number", ["290 201 0004", "320 120 1232", "310 400 0004", "000 101 0001"])
def test_modulus_10_is_for_days_that_there_were(number: str) -> None:
    """What does not begin with a day of the calendar has no second check digit."""
    assert hc_number.scheme(number) is not Scheme.CHI
    assert hc_number.valid(number, "check-digit") is hc_number.passes_modulus_11(number)


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
