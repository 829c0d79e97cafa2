"""Places that a device is known to write to: the table, calibrated regions, and what is masked."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from struct import pack

import cv2
import numpy as np
import pytest

from corpora import dicoms
from medrelease.pixels import calibration, devices, dicom_device
from medrelease.pixels.calibration import Calibrated
from medrelease.pixels.components import cover
from medrelease.pixels.device_table import ROWS, Row
from medrelease.pixels.devices import Facts, device_masks, seen_masks
from medrelease.pixels.region import Region

SECTOR = Calibrated(100, 60, 699, 549, 1, 1)
CINE = Facts("US", "Some maker", "some model", 600, 800, (SECTOR,))
STRIP = Region(0, 0, 800, 60)


def tissue(rows: int = 600, columns: int = 800) -> np.ndarray:
    """A black frame with speckle where SECTOR is."""
    frame = np.zeros((rows, columns), np.uint8)
    rng = np.random.default_rng(7)
    frame[60:550, 100:700] = rng.integers(20, 160, (490, 600), dtype=np.uint8)
    return frame


def put(frame: np.ndarray, text: str, left: int, base: int, level: int = 220) -> np.ndarray:
    """The frame with a line of writing in it."""
    cv2.putText(frame, text, (left, base), cv2.FONT_HERSHEY_SIMPLEX, 0.6, level, 1, cv2.LINE_AA)
    return frame


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.model} {row.rows} {row.place.left}")
def test_a_known_place_holds_for_its_device_and_size_alone(row: Row) -> None:
    """Modality, maker, model and both sides of the frame must agree; letters' case need not."""
    maker, model = f"{row.maker.title()} Ultrasound", f"the {row.model.lower()} (2)"
    facts = Facts(row.modality, maker, model, row.rows, row.columns)
    assert row.place in device_masks(facts)
    assert row.place.right <= row.columns and row.place.bottom <= row.rows
    for other in (
        Facts("MR", maker, model, row.rows, row.columns),
        Facts(row.modality, "Other", model, row.rows, row.columns),
        Facts(row.modality, maker, "Other", row.rows, row.columns),
        Facts(row.modality, maker, model, row.rows + 1, row.columns),
        Facts(row.modality, maker, model, row.rows, row.columns - 1),
        Facts(row.modality, "", "", row.rows, row.columns),
    ):
        assert device_masks(other) == ()


def test_the_strip_above_all_regions_is_known() -> None:
    """Of an ultrasound image alone, and only while it is no deeper than such strips are."""
    assert device_masks(CINE) == (STRIP,)
    assert device_masks(Facts("OT", "", "", 600, 800, (SECTOR,))) == ()
    deep = SECTOR._replace(top=91)
    assert device_masks(Facts("US", "", "", 600, 800, (deep,))) == ()
    top = SECTOR._replace(top=0)
    assert device_masks(Facts("US", "", "", 600, 800, (SECTOR, top))) == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"last_column": 800},
        {"last_row": 600},
        {"left": -1},
        {"left": 699},
        {"top": 549},
        {"last_row": 20},
        {"spatial_format": 9},
        {"data_type": 0x13},
    ],
)
def test_one_wrong_region_speaks_against_all(wrong: dict[str, int]) -> None:
    """A region outside of the frame, empty or of no known kind: nothing is called margin."""
    assert calibration.believed((SECTOR,), 600, 800)
    assert calibration.believed((SECTOR, SECTOR._replace(**wrong)), 600, 800) == ()


def test_regions_of_little_or_without_a_picture_say_nothing() -> None:
    """A grey bar alone, or a region of a few pixels, does not make the rest a margin."""
    assert calibration.believed((SECTOR._replace(spatial_format=5),), 600, 800) == ()
    assert calibration.believed((SECTOR._replace(last_row=100),), 600, 800) == ()
    assert calibration.believed((), 600, 800) == ()
    assert calibration.believed((SECTOR,) * 64, 600, 800)
    assert calibration.believed((SECTOR,) * 65, 600, 800) == ()


def test_margins_are_all_that_no_region_has() -> None:
    """Two regions and a bar: margins overlap none of them, nor each other, and leave nothing."""
    regions = [Region(100, 60, 300, 400), Region(420, 100, 300, 420), Region(750, 80, 20, 200)]
    found = calibration.margins(tuple(regions), 600, 800)
    count = np.zeros((600, 800), int)
    for each in found:
        count[each.top : each.bottom, each.left : each.right] += 1
    assert np.array_equal(count == 1, ~cover(regions, (600, 800)))
    assert count.max() == 1


def test_a_blank_strip_is_left_and_a_written_one_masked_whole() -> None:
    """The faintest writing in it, or dust of a lossy coding: only the first is masked."""
    frame = tissue()
    assert seen_masks(CINE, frame, None) == ()
    frame[:60] += np.random.default_rng(1).integers(0, 8, (60, 800), dtype=np.uint8)
    assert seen_masks(CINE, frame, None) == ()
    assert seen_masks(CINE, put(tissue(), "SMITH JANE", 20, 30, 40), None) == (STRIP,)
    colour = np.dstack([put(tissue(), "SMITH JANE", 20, 30), tissue(), tissue()])
    assert seen_masks(CINE, np.ascontiguousarray(colour), None) == (STRIP,)
    deep = put(tissue(), "SMITH JANE", 20, 30).astype(np.uint16) * 16
    assert seen_masks(CINE, deep, 12) == (STRIP,)


def test_beside_the_picture_only_lettering_is_masked() -> None:
    """A name under the picture goes; scale, ticks, grey bar, trace and the picture stay."""
    frame = tissue()
    for row in range(80, 540, 60):
        frame[row : row + 2, 710:720] = 200
        put(frame, str(row // 60), 730, row + 5)
    frame[100:300, 20:40] = np.linspace(255, 0, 200, dtype=np.uint8)[:, None]
    put(frame, "12.5 cm", 705, 560)
    x = np.arange(100, 700)
    frame[(570 + 12 * np.sin(x / 9)).astype(int), x] = 200
    assert seen_masks(CINE, frame, None) == ()
    put(frame, "SMITH JANE 12/03/1956", 20, 595)
    written = put(np.zeros_like(frame), "SMITH JANE 12/03/1956", 20, 595) > 60
    (line,) = seen_masks(CINE, frame, None)
    inside = cover([line], frame.shape)
    assert (written & ~inside).sum() <= 0.01 * written.sum()
    assert inside.mean() < 0.03


def test_tissue_outside_of_a_region_is_left() -> None:
    """Where the calibrated region is too small, the picture beside it is no lettering."""
    frame = np.random.default_rng(3).integers(0, 200, (600, 800), dtype=np.uint8)
    small = SECTOR._replace(top=200, left=200)
    facts = Facts("US", "", "", 600, 800, (small,))
    assert seen_masks(facts, frame, None) == ()


def test_a_frame_of_another_size_has_no_known_places() -> None:
    """Places are those of the stored rows: a frame that is looked at smaller has none."""
    frame = put(tissue(), "SMITH JANE", 20, 30)
    assert seen_masks(CINE, np.ascontiguousarray(frame[::2, ::2]), None) == ()


def region_item(*values: int) -> bytes:
    """An item of Sequence of Ultrasound Regions."""
    left, top, right, bottom = values
    tags = ((0x18, left), (0x1A, top), (0x1C, right), (0x1E, bottom))
    kinds = ((0x12, 1), (0x14, 1))
    return b"".join(
        [dicoms.element(0x00186000 + tag, "US", pack("<H", value)) for tag, value in kinds]
        + [dicoms.element(0x00186000 + tag, "UL", pack("<I", value)) for tag, value in tags]
    )


def dropped(*items: bytes) -> bytes:
    """An ultrasound object of a known device."""
    found = dicoms.image("us")
    found[0x00081090] = dicoms.element(0x00081090, "LO", b"iU22")
    if items:
        found[0x00186011] = dicoms.sequence(0x00186011, *items)
    return dicoms.file(found)


@contextmanager
def opened(data: bytes) -> Iterator[int]:
    """A descriptor over bytes."""
    descriptor = os.memfd_create("object")
    try:
        os.write(descriptor, data)
        yield descriptor
    finally:
        os.close(descriptor)


def test_facts_are_those_of_the_dropped_object() -> None:
    """Device, size and regions as the object says, and nothing behind the size is read."""
    data = dropped(region_item(2, 3, 40, 30), region_item(1, 2, 3, 4))
    expected = (Calibrated(2, 3, 40, 30, 1, 1), Calibrated(1, 2, 3, 4, 1, 1))
    with opened(data) as descriptor:
        assert dicom_device.facts(descriptor) == Facts("US", "SIEMENS", "iU22", 32, 48, expected)
    with opened(dropped()[:-600]) as descriptor:
        found = dicom_device.facts(descriptor)
    assert found is not None and found.calibrated == ()


@pytest.mark.parametrize("length", [0, 1, 131, 200])
def test_what_cannot_be_read_has_no_facts(length: int) -> None:
    """A cut object, an empty file and no object at all: no known places, and no fault."""
    with opened(dropped()[:length]) as descriptor:
        assert dicom_device.facts(descriptor) is None


def test_a_malformed_region_has_no_facts() -> None:
    """An item without its kind is not guessed at."""
    item = dicoms.element(0x00186018, "UL", pack("<I", 3))
    with opened(dropped(item)) as descriptor:
        assert dicom_device.facts(descriptor) is None


def test_known_places_are_whole_pixels_of_the_masks_beside() -> None:
    """A line that stands in a known place is not told twice."""
    frame = put(put(tissue(), "SMITH JANE 1956", 20, 30), "SMITH JANE 1956", 20, 590)
    found = seen_masks(CINE, frame, None)
    assert found[0] == STRIP and len(found) == 2
    assert found[1].top > 550
    assert devices.device_masks(CINE) == (STRIP,)
