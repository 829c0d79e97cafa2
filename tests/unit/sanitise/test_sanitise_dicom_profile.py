"""The profile's table against the facts of PS3.15, and how its conditions are resolved."""

import pytest
from pydicom.datadict import tag_for_keyword

from corpora import dicoms
from medrelease.sanitise.dicom import describe, iod, profile
from medrelease.sanitise.dicom.options import in_force, method_codes, temporal
from medrelease.sanitise.dicom.profile import Action

COLUMNS = {
    "rtnUIDsOpt": "retain-uids",
    "rtnDevIdOpt": "retain-device-identity",
    "rtnInstIdOpt": "retain-institution-identity",
    "rtnPatCharsOpt": "retain-patient-characteristics",
    "rtnLongFullDatesOpt": "retain-longitudinal-full-dates",
    "rtnLongModifDatesOpt": "retain-longitudinal-modified-dates",
    "cleanDescOpt": "clean-descriptors",
    "cleanStructContOpt": "clean-structured-content",
    "cleanGraphOpt": "clean-graphics",
    "rtnSafePrivOpt": "retain-safe-private",
}


def _whole_rows() -> list[dict[str, str]]:
    return [row for row in dicoms.rows() if "x" not in row["tag"] and "gggg" not in row["tag"]]


def test_every_row_has_the_standards_basic_action() -> None:
    """Each attribute of Table E.1-1 has the Basic Profile's action code."""
    for row in _whole_rows():
        tag = int(row["tag"].strip("()").replace(",", ""), 16)
        assert profile.cell(tag, frozenset()) == row["basic"], row["keyword-or-name"]


@pytest.mark.parametrize(("column", "option"), COLUMNS.items())
def test_every_row_has_the_standards_action_under_an_option(column: str, option: str) -> None:
    """Each option changes just the rows that the standard says, to its action."""
    for row in _whole_rows():
        tag = int(row["tag"].strip("()").replace(",", ""), 16)
        expected = row[column] or row["basic"]
        assert profile.cell(tag, frozenset({option})) == expected, row["keyword-or-name"]


def test_clean_is_stricter_than_keep() -> None:
    """Of Retain Device Identity and Modified Dates the latter decides on calibration dates."""
    both = frozenset({"retain-device-identity", "retain-longitudinal-modified-dates"})
    assert profile.cell(tag_for_keyword("DateOfLastCalibration") or 0, both) == "C"


@pytest.mark.parametrize(
    ("code", "kind", "expected"),
    [
        ("X/Z", "3", Action.REMOVE),
        ("X/Z", "2", Action.EMPTY),
        ("X/D", "1", Action.DUMMY),
        ("X/D", "3", Action.REMOVE),
        ("X/Z/D", "2", Action.EMPTY),
        ("X/Z/D", "1C", Action.DUMMY),
        ("Z/D", "3", Action.EMPTY),
        ("Z/D", "1", Action.DUMMY),
        ("Z", "1", Action.DUMMY),
        ("Z", "2", Action.EMPTY),
        ("X/Z/U*", "1", Action.UID),
        ("X/Z/U*", "2", Action.EMPTY),
        ("X/Z/U*", "3", Action.REMOVE),
        ("X", "1", Action.REMOVE),
    ],
)
def test_conditions_are_resolved_by_type(code: str, kind: str, expected: Action) -> None:
    """What must be present stays present, what need not be goes."""
    assert profile.resolve(code, kind) is expected


def test_types_come_from_the_iod_of_the_object() -> None:
    """The same attribute has the Type that the object's own IOD gives it, also in items."""
    ct = iod.place("1.2.840.10008.5.1.4.1.1.2")
    photo = iod.place("1.2.840.10008.5.1.4.1.1.77.1.4")
    assert ct is not None
    assert photo is not None
    study_date, image_type = 0x00080020, 0x00080008
    assert ct.kind(study_date) == "2"
    assert ct.kind(image_type) == "1"
    assert photo.below(0x00081140).kind(0x00081155) == "1"
    assert ct.kind(0x00081030) == "3"


def test_each_class_is_of_one_kind() -> None:
    """Images, content trees and presentation states are told apart; plans are none of them."""
    storage = "1.2.840.10008.5.1.4.1.1."
    assert iod.kind(storage + "2") is iod.Kind.IMAGE
    assert iod.kind(storage + "88.11") is iod.Kind.DOCUMENT
    assert iod.kind(storage + "11.1") is iod.Kind.STATE
    for uid in (storage + "481.5", storage + "104.1", "1.2.840.10008.1.3.10", "", "1.2.3"):
        assert iod.kind(uid) is None
        assert iod.place(uid) is None


def test_only_what_is_carried_out_is_claimed() -> None:
    """Clean pixels and faces are claimed where the pixel step has looked, and nowhere else."""
    asked = frozenset(
        {
            "clean-pixel-data",
            "clean-recognizable-visual-features",
            "clean-graphics",
            "clean-descriptors",
        }
    )
    assert [code[0] for code in method_codes(in_force(asked))] == ["113100", "113103", "113105"]
    looked = in_force(asked, pixels_examined=True)
    assert [code[0] for code in method_codes(looked)] == ["113100", "113101", "113103", "113105"]
    whole = in_force(asked, pixels_examined=True, faces_excluded=True)
    assert {"113101", "113102"} <= {code[0] for code in method_codes(whole)}
    assert method_codes(in_force(frozenset(), pixels_examined=True)) == method_codes(frozenset())


def test_modified_dates_win_over_full_dates() -> None:
    """Of two options on dates the stricter is in force, and the marker says so."""
    force = in_force(
        frozenset({"retain-longitudinal-full-dates", "retain-longitudinal-modified-dates"})
    )
    assert temporal(force) == b"MODIFIED"
    assert temporal(frozenset()) == b"REMOVED"


def test_describe_names_every_row_of_the_table() -> None:
    """`profile describe` has a line for each row of the table and for the structures."""
    described = describe()
    names = {row.keyword for row in described}
    assert {row["keyword-or-name"] for row in dicoms.rows()} <= names
    assert "preamble" in names
    assert all(row.default for row in described)
