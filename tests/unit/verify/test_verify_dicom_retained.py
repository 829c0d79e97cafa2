"""What an option lets stay is spared attribute by attribute, and nothing beside it."""

import pytest

from corpora import dicoms
from medrelease.verify.dicom import read_source
from medrelease.verify.dicom_retained import retained

COLUMNS = {
    "rtnUIDsOpt": "retain-uids",
    "rtnDevIdOpt": "retain-device-identity",
    "rtnInstIdOpt": "retain-institution-identity",
    "rtnPatCharsOpt": "retain-patient-characteristics",
    "rtnLongFullDatesOpt": "retain-longitudinal-full-dates",
    "rtnLongModifDatesOpt": "retain-longitudinal-modified-dates",
}


def _texts(elements: dicoms.Elements, *options: str) -> set[str | bytes]:
    return set(read_source(memoryview(dicoms.file(elements)), frozenset(options)).texts)


@pytest.mark.parametrize(("column", "option"), COLUMNS.items())
def test_an_option_retains_the_rows_that_the_standard_keeps(column: str, option: str) -> None:
    """The prover's table has just the rows of Table E.1-1 that an option keeps or moves."""
    action = "C" if "Modif" in column else "K"
    rows = {
        row["tag"].strip("()").replace(",", "") for row in dicoms.rows() if row[column] == action
    }
    assert retained(frozenset({option})) == {int(tag, 16) for tag in rows}
    assert rows


def test_of_both_kinds_of_dates_only_the_moved_ones_are_spared() -> None:
    """Modified Dates takes the place of Full Dates where a route names both."""
    modified = frozenset({"retain-longitudinal-modified-dates"})
    assert retained(modified | {"retain-longitudinal-full-dates"}) == retained(modified)


def test_an_option_spares_its_own_attributes_only() -> None:
    """A text that an institution's option keeps is spared, another text of the same kind is not."""
    elements = dicoms.image("ct")
    elements[0x00080080] = dicoms.element(0x00080080, "LO", b"Spital Barataria")
    kept = _texts(elements, "retain-institution-identity")
    assert not any("Barataria" in str(text) for text in kept)
    assert any(dicoms.MARKER in str(text) for text in kept)
    assert "Spital Barataria" in _texts(elements, "retain-device-identity")


def test_a_retained_value_proves_nothing_elsewhere() -> None:
    """A date or a UID that is kept in one place may rightly stand, though it went from another."""
    elements = dicoms.image("ct")
    dates = "retain-longitudinal-full-dates"
    elements[0x00181200] = dicoms.element(0x00181200, "DA", b"19360718")
    assert dicoms.DATE not in _texts(elements, dates)
    assert dicoms.DATE in _texts(elements)
    assert f"{dicoms.UID_ROOT}.2" not in _texts(elements, "retain-uids")
    assert dicoms.PATIENT in _texts(elements, dates, "retain-uids")
