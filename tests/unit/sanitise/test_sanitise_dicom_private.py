"""Safe private attributes: kept under their option, in their maker's block, and proved."""

import csv
import io
from pathlib import Path

import pydicom
import pytest

from corpora import dicoms
from corpora.dicom_cleaning import cleaned, proved
from medrelease.sanitise.dicom.private import safe_rows
from medrelease.terms.flow import Hold
from medrelease.verify import Accepted
from medrelease.verify.dicom_private import _ROWS as PROVERS

OPTION = "retain-safe-private"
FACTS = Path(dicoms.__file__).parent / "ps3_15" / "safe_private.csv"


def _facts() -> list[tuple[str, str, str, str]]:
    with FACTS.open(newline="") as lines:
        rows = csv.DictReader(lines)
        return [(row["private_creator"], row["tag"], row["vr"], row["vm"]) for row in rows]


def test_the_tables_are_the_standards() -> None:
    """Each row of Table E.3.10-1 is in the cleaner's and in the prover's table, and no other."""
    facts = {
        (creator, tag.strip("()").replace(",", ""), vr[:2]) for creator, tag, vr, _ in _facts()
    }
    mine = {(c, f"{tag:08X}", vr.decode()) for (c, tag), (vr, _) in safe_rows().items()}
    assert {(c, tag[:4] + "00" + tag[6:], vr) for c, tag, vr in facts} == mine
    assert {(c, tag, vr) for (c, tag), vr in PROVERS.items()} == facts


def _source(*, block: int = 0x10, creator: str = "GEMS_PARM_01", nested: bool = False) -> bytes:
    group = {
        0x00430010 + block - 0x10: dicoms.element(
            0x00430010 + block - 0x10, "LO", creator.encode()
        ),
        0x00430000 | block << 8 | 0x27: dicoms.element(
            0x00430000 | block << 8 | 0x27, "SH", b"/1.5:1"
        ),
        0x00430000 | block << 8 | 0x28: dicoms.element(
            0x00430000 | block << 8 | 0x28, "LO", dicoms.MARKER.encode()
        ),
    }
    image = dicoms.image("ct")
    if not nested:
        return dicoms.file(image | group)
    inner = b"".join(group[tag] for tag in sorted(group))
    region = (
        dicoms.element(0x00080100, "SH", b"T-D3000")
        + dicoms.element(0x00080102, "SH", b"SRT")
        + dicoms.element(0x00080104, "LO", b"Chest")
    )
    return dicoms.file(image | {0x00082218: dicoms.sequence(0x00082218, region + inner)})


@pytest.mark.parametrize("block", [0x10, 0x11, 0xFF])
def test_a_safe_attribute_stays_in_its_block_and_nothing_else_does(block: int) -> None:
    """The safe value and its creator stay, its neighbour in the block goes, the pair is proved."""
    source = _source(block=block)
    finished, _ = cleaned(source, OPTION)
    found = pydicom.dcmread(io.BytesIO(finished))
    assert found.private_block(0x0043, "GEMS_PARM_01")[0x27].value == "/1.5:1"
    assert sum(element.tag.is_private for element in found) == 2
    assert dicoms.MARKER.encode() not in finished
    codes = [item.CodeValue for item in found.DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113111"]
    assert isinstance(proved(source, finished, options=(OPTION,)), Accepted)
    assert isinstance(proved(source, finished), Hold)


def test_a_safe_attribute_in_an_item_stays_there() -> None:
    """The creator that counts is the one of the same item."""
    source = _source(nested=True)
    finished, _ = cleaned(source, OPTION)
    item = pydicom.dcmread(io.BytesIO(finished)).AnatomicRegionSequence[0]
    assert item.private_block(0x0043, "GEMS_PARM_01")[0x27].value == "/1.5:1"
    assert isinstance(proved(source, finished, options=(OPTION,)), Accepted)


@pytest.mark.parametrize("creator", ["GEMS_PARM_02", "", dicoms.MARKER, "GEMS_ACQU_01"])
def test_without_its_creator_no_attribute_is_safe(creator: str) -> None:
    """The same tag in another maker's block is a private attribute like all others."""
    finished, _ = cleaned(_source(creator=creator), OPTION)
    found = pydicom.dcmread(io.BytesIO(finished))
    assert not any(element.tag.is_private for element in found.iterall())


def test_without_the_option_every_private_attribute_goes() -> None:
    """The Basic Profile removes what the option would keep."""
    found = pydicom.dcmread(io.BytesIO(cleaned(_source())[0]))
    assert not any(element.tag.is_private for element in found.iterall())


def test_a_safe_uid_is_replaced_and_a_stream_removed() -> None:
    """UIDs of a maker are keyed like all others; binary values are nothing that can be proved."""
    own = f"{dicoms.UID_ROOT}.88"
    elements = {
        0x00990010: dicoms.element(0x00990010, "LO", b"NQHeader"),
        0x00991001: dicoms.element(0x00991001, "UI", own.encode()),
        0x01190010: dicoms.element(0x01190010, "LO", b"SIEMENS Ultrasound SC2000"),
        0x01191001: dicoms.element(0x01191001, "OB", dicoms.MARKER.encode()),
    }
    source = dicoms.file(dicoms.image("us") | elements)
    finished, _ = cleaned(source, OPTION)
    found = pydicom.dcmread(io.BytesIO(finished))
    assert found[0x00991001].value.startswith("2.25.")
    assert 0x01191001 not in found
    assert own.encode() not in finished
    assert isinstance(proved(source, finished, options=(OPTION,)), Accepted)


def test_a_name_in_a_safe_attribute_is_held() -> None:
    """What the object itself calls the patient is found by the prover wherever it stands."""
    name = dicoms.element(0x00431027, "SH", dicoms.PATIENT.encode()[:16])
    image = dicoms.image("ct") | {
        0x00430010: dicoms.element(0x00430010, "LO", b"GEMS_PARM_01"),
        0x00431027: name,
    }
    source = dicoms.file(image)
    assert isinstance(proved(source, cleaned(source, OPTION)[0], options=(OPTION,)), Hold)
