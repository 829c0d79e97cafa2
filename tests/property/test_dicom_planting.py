"""Nothing planted survives: each row of the table in each VR, each place, each character set."""

from itertools import product

import pytest

from corpora import dicoms
from corpora.dicom_cleaning import cleaned, proved
from corpora.dicom_planting import (
    DATE_FORMS,
    MARKERS,
    NAMES,
    VRS,
    every_place,
    forms,
    named_in,
    planted_as,
    planted_implicit,
    table_tags,
    traces,
)
from medrelease.verify import Accepted

CLEANING = ("clean-descriptors", "clean-graphics", "clean-structured-content")
MOVING = (*CLEANING, "retain-longitudinal-modified-dates", "retain-safe-private")
STANDING = frozenset(m for m in (*MARKERS, *DATE_FORMS) if m != "194711.310742")
"""What may not stand where dates are moved by whole days: all but the time of day."""

SOME = [(dicoms.KINDS[n % len(dicoms.KINDS)], vr) for n, vr in enumerate(VRS)]
ALL = [pytest.param(*pair, marks=pytest.mark.full) for pair in product(dicoms.KINDS, VRS)]


def test_the_planting_reaches_every_row() -> None:
    """A planted object has each row's marker, and the search sees what stays of it."""
    source = planted_as("ct", "LO")
    heads = [tag.to_bytes(4, "big") for tag in table_tags()]
    swapped = [bytes((h[1], h[0], h[3], h[2])) + b"LO" for h in heads]
    assert len(heads) > 640
    assert [head for head in swapped if source.count(head) < 14] == []
    assert dicoms.MARKER in traces(source)
    kept = traces(cleaned(source, "retain-institution-identity")[0])
    assert kept == {dicoms.MARKER}
    assert all(traces(form, [dicoms.MARKER]) for form in forms(dicoms.MARKER))


@pytest.mark.parametrize(("kind", "vr"), [*SOME, *ALL])
def test_no_row_of_the_table_leaks_in_any_representation(kind: str, vr: str) -> None:
    """A marker in every attribute of the table, at every depth, is gone, and the pair is proved."""
    source = planted_as(kind, vr)
    finished, _ = cleaned(source)
    assert traces(finished) == set()
    assert isinstance(proved(source, finished), Accepted)
    finished, _ = cleaned(source, *MOVING)
    assert traces(finished, STANDING) == set()


@pytest.mark.parametrize(("kind", "vr"), SOME[::3])
def test_no_row_leaks_where_the_dictionary_alone_says_what_it_is(kind: str, vr: str) -> None:
    """In implicit VR too every row is planted, with a text where a sequence should be."""
    source = planted_implicit(kind, vr)
    for options in ((), CLEANING):
        finished, _ = cleaned(source, *options)
        assert traces(finished) == set()
        assert isinstance(proved(source, finished, options=options), Accepted)


@pytest.mark.parametrize("kind", dicoms.KINDS)
def test_no_other_place_leaks(kind: str) -> None:
    """Container, private and hidden places, and what lies behind the pixels, hold no marker."""
    source = every_place(kind)
    for options in ((), CLEANING):
        assert traces(cleaned(source, *options)[0]) == set()
    assert traces(cleaned(source, *MOVING)[0], STANDING) == set()


@pytest.mark.parametrize(
    ("charset", "name"), [(charset, name) for charset, (_, name) in NAMES.items()]
)
def test_a_name_leaks_in_no_character_set(charset: str, name: str) -> None:
    """A name in its own script is found in no encoding of the finished file."""
    source = named_in(charset)
    for options in ((), CLEANING):
        finished, _ = cleaned(source, *options)
        assert traces(finished, name.split("^")) == set()
        assert isinstance(proved(source, finished, options=options), Accepted)
