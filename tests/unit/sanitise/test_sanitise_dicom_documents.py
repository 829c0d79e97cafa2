"""Reports, key objects and presentation states: cleaned where an option covers them, else held."""

import io
import os
from pathlib import Path
from struct import pack

import pydicom
import pytest
from pydicom.data import get_testdata_file

from corpora import dicoms
from corpora.dicom_answers import source
from corpora.dicom_cleaning import cleaned, descriptor, proved
from corpora.dicom_planting import traces
from medrelease.pixels import decoding
from medrelease.pixels.mapped import mapped
from medrelease.sanitise.dicom.vocabulary import words
from medrelease.sanitise.refusal import Refusal
from medrelease.terms.flow import Hold
from medrelease.terms.words import Format, Reason
from medrelease.verify import Accepted
from medrelease.verify.dicom import read_finished
from medrelease.verify.dicom_texts import _VOCABULARY
from medrelease.verify.refusal import Refusal as NotProved

_STORAGE = "1.2.840.10008.5.1.4.1.1."
STATES = tuple(_STORAGE + tail for tail in ("11.1", "11.2", "11.3", "11.4", "11.5", "11.12"))
DOCUMENTS = tuple(
    _STORAGE + tail for tail in ("88.11", "88.22", "88.33", "88.34", "88.50", "88.59", "88.67")
)
CONTENT, GRAPHICS = "clean-structured-content", "clean-graphics"


@pytest.mark.parametrize("sop_class", STATES + DOCUMENTS)
def test_without_its_option_it_is_held_and_with_it_nothing_is_left(sop_class: str) -> None:
    """Every attribute of the IOD is planted; the note says which option is wanting."""
    option, other = (GRAPHICS, CONTENT) if sop_class in STATES else (CONTENT, GRAPHICS)
    data, _ = source(sop_class, 1)
    for asked in ((), (other,)):
        with pytest.raises(Refusal) as refused:
            cleaned(data, *asked)
        assert refused.value.reason is Reason.FORMAT_NOT_SUPPORTED
        assert option in refused.value.detail
    finished, _ = cleaned(data, option)
    assert traces(finished, (dicoms.MARKER, dicoms.UID_ROOT)) == set()
    assert isinstance(proved(data, finished, options=(option,)), Accepted)
    assert isinstance(proved(data, finished), Hold)


def _report(name: str) -> bytes:
    path = get_testdata_file(name)
    assert isinstance(path, str)
    return Path(path).read_bytes()


def test_a_report_keeps_its_tree_its_numbers_and_its_codes() -> None:
    """Values and known codes stay in their tree, texts, names and local codes do not."""
    data = _report("reportsi.dcm")
    before = pydicom.dcmread(io.BytesIO(data))
    finished, _ = cleaned(data, CONTENT)
    after = pydicom.dcmread(io.BytesIO(finished))
    kinds = [e.value for e in before.iterall() if e.keyword == "ValueType"]
    assert [e.value for e in after.iterall() if e.keyword == "ValueType"] == kinds
    assert len(kinds) > 5
    said = {str(e.value) for e in after.iterall() if e.keyword in ("TextValue", "PersonName")}
    assert said <= {"ANONYMISED"}
    assert isinstance(proved(data, finished, options=(CONTENT,)), Accepted)


def _tree(depth: int) -> bytes:
    coded = dicoms.sequence(
        0x0040A043,
        dicoms.element(0x00080100, "SH", b"121071")
        + dicoms.element(0x00080102, "SH", b"DCM")
        + dicoms.element(0x00080104, "LO", dicoms.MARKER.encode()),
    )
    own = (
        dicoms.element(0x0040A010, "CS", b"CONTAINS")
        + dicoms.element(0x0040A040, "CS", b"TEXT")
        + coded
        + dicoms.element(0x0040A160, "UT", dicoms.MARKER.encode())
    )
    item = own
    for _ in range(depth):
        item = own + dicoms.sequence(0x0040A730, item)
    found, _ = source(_STORAGE + "88.33", 1)
    elements = pydicom.dcmread(io.BytesIO(found))
    elements.pop(0x0040A730, None)
    buffer = io.BytesIO()
    elements.save_as(buffer)
    return buffer.getvalue() + dicoms.sequence(0x0040A730, item)


@pytest.mark.parametrize("depth", [1, 6, 12])
def test_a_tree_is_cleaned_to_its_last_leaf(depth: int) -> None:
    """However deep an item stands, its Types and its codes are those of a content item."""
    finished, _ = cleaned(_in_order(_tree(depth)), CONTENT)
    assert dicoms.MARKER.encode() not in finished
    after = pydicom.dcmread(io.BytesIO(finished))
    below = list(after.ContentSequence[0].iterall())
    texts = [e.value for e in below if e.keyword == "TextValue"]
    meanings = [e.value for e in below if e.keyword == "CodeMeaning"]
    assert len(texts) == depth + 1
    assert meanings.count("Finding") == depth + 1


def _in_order(data: bytes) -> bytes:
    elements = pydicom.dcmread(io.BytesIO(data), force=True)
    buffer = io.BytesIO()
    elements.save_as(buffer)
    return buffer.getvalue()


def _state() -> bytes:
    def shape(kind: bytes, *points: float) -> bytes:
        return b"".join(
            (
                dicoms.element(0x00700005, "CS", b"PIXEL"),
                dicoms.element(0x00700020, "US", b"\2\0"),
                dicoms.element(0x00700021, "US", pack("<H", len(points) // 2)),
                dicoms.element(0x00700022, "FL", pack(f"<{len(points)}f", *points)),
                dicoms.element(0x00700023, "CS", kind),
            )
        )

    drawn = [shape(b"POINT", 4, 5), shape(b"POLYLINE", 1, 1, 2, 2), shape(b"CIRCLE", 1, 1, 2, 2)]
    text = dicoms.element(0x00700006, "ST", dicoms.MARKER.encode())
    layer = dicoms.element(0x00700002, "CS", dicoms.MARKER.encode())
    annotation = layer + dicoms.sequence(0x00700008, text) + dicoms.sequence(0x00700009, *drawn)
    data, _ = source(_STORAGE + "11.1", 1)
    elements = pydicom.dcmread(io.BytesIO(data))
    item = pydicom.dcmread(io.BytesIO(dicoms.sequence(0x00700001, annotation)), force=True)
    elements[0x00700001] = item[0x00700001]
    layers = dicoms.sequence(0x00700060, layer + dicoms.element(0x00700062, "IS", b"1"))
    elements[0x00700060] = pydicom.dcmread(io.BytesIO(layers), force=True)[0x00700060]
    buffer = io.BytesIO()
    elements.save_as(buffer)
    return buffer.getvalue()


def test_shapes_stay_and_lines_and_words_go() -> None:
    """Of graphics what cannot be writing stays; a layer's name is another one everywhere."""
    data = _state()
    finished, _ = cleaned(data, GRAPHICS)
    after = pydicom.dcmread(io.BytesIO(finished))
    annotation = after.GraphicAnnotationSequence[0]
    assert [g.GraphicType for g in annotation.GraphicObjectSequence] == ["POINT", "CIRCLE"]
    assert annotation.GraphicObjectSequence[0].GraphicData == [4, 5]
    assert annotation.TextObjectSequence[0].UnformattedTextValue == "ANONYMISED"
    assert annotation.GraphicLayer == after.GraphicLayerSequence[0].GraphicLayer
    assert dicoms.MARKER not in annotation.GraphicLayer
    assert isinstance(proved(data, finished, options=(GRAPHICS,)), Accepted)
    drawn = finished.replace(b"CIRCLE", b"SPLINE")
    with pytest.raises(NotProved):
        read_finished(memoryview(drawn), frozenset({GRAPHICS}))


def test_words_that_may_be_left_are_known_to_the_prover() -> None:
    """What Clean Descriptors leaves of a text is no residue; a name beside it is."""
    assert {word.lower() for word in words()} == _VOCABULARY
    image = dicoms.image("ct")
    image[0x0008103E] = dicoms.element(0x0008103E, "LO", b"Abdomen routine, " + b"Quixote")
    data = dicoms.file(image)
    finished, _ = cleaned(data, "clean-descriptors")
    assert pydicom.dcmread(io.BytesIO(finished)).SeriesDescription == "Abdomen routine"
    assert isinstance(proved(data, finished, options=("clean-descriptors",)), Accepted)
    kept = finished.replace(b"Abdomen routine", b"Abdomen Quixote")
    assert isinstance(proved(data, kept, options=("clean-descriptors",)), Hold)


@pytest.mark.parametrize("sop_class", [STATES[0], DOCUMENTS[2]])
def test_there_is_no_page_to_look_at(sop_class: str) -> None:
    """The pixel step finds nothing to examine in what has no pixels, and is not troubled by it."""
    finished, _ = cleaned(source(sop_class, 1)[0], CONTENT, GRAPHICS)
    for data, pages in ((finished, 0), (cleaned(dicoms.make_plain("ct"))[0], 1)):
        fd = descriptor(data)
        with mapped(fd) as file:
            assert len(list(decoding.pages(file, Format.DICOM))) == pages
        os.close(fd)
