"""Job numbers: the spellings that follow from the site's pattern, and patterns refused."""

import pytest

from medrelease.identifiers.job_number import JobFormat

DEFAULT = JobFormat(r"\d{2} \d{5}")


def found(text: str, *, folder: bool, form: JobFormat = DEFAULT) -> list[str]:
    """The job numbers of one name."""
    return [each.number for each in form.find(text, folder=folder)]


@pytest.mark.parametrize("text", ["23 02210", "23-02210", "2302210"])
def test_canonical(text: str) -> None:
    """Three spellings of one job give its canonical form."""
    assert DEFAULT.canonical(text) == "23 02210"


@pytest.mark.parametrize(
    "text", ["", "23_02210", "23  02210", "23 0221", "123 02210", "23 02210 ", "٢٣ ٠٢٢١٠"]
)
def test_not_canonical(text: str) -> None:
    """Anything else is no job number."""
    assert DEFAULT.canonical(text) is None


def test_find_in_folder_and_file() -> None:
    """Without a separator a job number counts in folder names only."""
    assert found("Job 2302210 knee", folder=True) == ["23 02210"]
    assert found("Job 2302210 knee", folder=False) == []
    assert found("x23-02210_y", folder=False) == ["23 02210"]
    assert found("23 02210 and 23-02211", folder=False) == ["23 02210", "23 02211"]


def test_find_needs_digit_boundaries() -> None:
    """A job number inside a longer run of digits is none."""
    assert found("2023 02210 20231105 23 022101", folder=True) == []


def test_split_folders() -> None:
    """Two consecutive folders that are the two parts name a job; any other pair does not."""
    assert list(DEFAULT.find_split(["a", "23", "02210", "b"])) == ["23 02210"]
    assert list(DEFAULT.find_split(["23", "a", "02210"])) == []
    assert list(DEFAULT.find_split(["23", "02210 x"])) == []
    assert list(DEFAULT.find_split(["23"])) == []


def test_alternatives_prefer_the_longest_reading() -> None:
    """With an old and a new form, the old one inside the new one is not a second job."""
    form = JobFormat(r"\d{5}|\d{2} \d{5}")
    assert found("23 02210", folder=True, form=form) == ["23 02210"]
    assert found("02210", folder=False, form=form) == ["02210"]


def test_ambiguous_run_of_digits_is_no_job() -> None:
    """Digits that could be divided in two ways name no job; one way does."""
    form = JobFormat(r"\d{1,2} \d{4,5}")
    assert form.canonical("230221") is None
    assert form.canonical("2302210") == "23 02210"
    assert form.canonical("23-0221") == "23 0221"


def test_letters_and_classes() -> None:
    """Letters, literal hyphens, character classes and escaped spaces are understood."""
    form = JobFormat(r"[A-Z]I-\d{4}\ [ab|(\]]\d")
    assert form.canonical("MI-1234 a7") == "MI-1234 a7"
    assert form.canonical("MI-1234-a7") == "MI-1234 a7"
    assert form.canonical("MI-1234a7") == "MI-1234 a7"
    assert form.canonical("MI1234 a7") is None
    assert JobFormat(r"[]x] \d").canonical("]-1") == "] 1"
    assert JobFormat(r"[^]x] \d").canonical("x 1") is None


def test_three_parts() -> None:
    """Every space of the canonical form may be written in its own way."""
    form = JobFormat(r"[A-Z]{2} \d{2} \d{4}")
    assert form.canonical("MI-23 0221") == "MI 23 0221"
    assert form.canonical("MI230221") == "MI 23 0221"
    assert list(form.find_split(["MI", "23", "0221"])) == ["MI 23 0221"]


def test_spellings_for_a_register() -> None:
    """A register may be asked for a job under each of its spellings, without repeats."""
    assert DEFAULT.spellings("23 02210") == ("23 02210", "23-02210", "2302210")
    assert JobFormat(r"\d{7}").spellings("2302210") == ("2302210",)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"(\d{2}) \d{5}", "capture groups"),
        (r"(?P<job>\d{7})", "capture groups"),
        (r"\d* \d*", "part of it matches an empty"),
        (r"\d*", "matches an empty text"),
        (r"", "matches an empty text"),
        (r"[", "not a valid"),
        (r"^\d{2} \d{5}$", "anchor"),
        (r"\d{2} ?\d{5}", "exactly once"),
        (r"\d{2}  \d{5}", "two spaces"),
        (r" \d{5}", "begins or ends"),
        (r"(?i)mi \d{5}", "flags"),
        (r"\d{10}", "H&C"),
        (r"\d{3} \d{3} \d{4}", "H&C"),
    ],
)
def test_patterns_that_cannot_serve(pattern: str, words: str) -> None:
    """A pattern that cannot serve is refused with what is wrong with it."""
    with pytest.raises(ValueError, match=words):
        JobFormat(pattern)


def test_values_that_cannot_stand_in_a_name() -> None:
    """Whatever the pattern admits, a path separator or an H&C number is no job number."""
    anything = JobFormat(r"J.+")
    assert anything.canonical("J1") == "J1"
    assert anything.canonical("J/../1") is None
    assert anything.canonical("J 012 345 6789") is None
    assert anything.canonical("J" + "1" * 64) is None
    assert anything.canonical("J\udcff") is None
    assert JobFormat(r"3\d{9}").canonical("3200000010") is None
