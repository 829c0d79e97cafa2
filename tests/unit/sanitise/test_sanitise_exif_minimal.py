"""The minimal Exif block: what is read out of a full one, and what is written."""

from collections import Counter
from fractions import Fraction

import pytest
from PIL import Image

from corpora.photos_base import exif_block
from medrelease.sanitise.exif_minimal import (
    Display,
    Resolution,
    plain_resolution,
    read_display,
    write_display,
)


@pytest.mark.parametrize("orientation", range(2, 9))
def test_orientation_is_read_and_written(orientation: int) -> None:
    """Pillow reads the orientation, and nothing else, out of a block that was written."""
    display = read_display(exif_block(b"name", orientation=orientation), Counter())
    exif = Image.Exif()
    exif.load(b"Exif\0\0" + write_display(display))
    assert dict(exif) == {274: orientation}


def test_resolution_is_read_and_written() -> None:
    """A resolution survives as the fraction it is, with its unit."""
    resolution = Resolution(Fraction(300), Fraction(5999, 20), 3)
    block = write_display(Display(6, resolution))
    assert read_display(block, Counter()) == Display(6, resolution)


def test_nothing_to_say_is_no_block() -> None:
    """An upright picture without a resolution needs no Exif at all."""
    assert write_display(Display()) == b""


def test_thumbnail_and_gps_are_counted() -> None:
    """A second directory and a GPS pointer are counted for the record."""
    actions: Counter[str] = Counter()
    read_display(exif_block(b"name", thumbnail=b"picture"), actions)
    assert (actions["thumbnail"], actions["gps"]) == (1, 1)


@pytest.mark.parametrize("length", range(0, 60, 3))
def test_cut_blocks_say_nothing_or_little(length: int) -> None:
    """A block that is cut anywhere is read without a failure."""
    assert read_display(exif_block(b"name", orientation=6)[:length], Counter()).orientation in (
        1,
        6,
    )


@pytest.mark.parametrize("values", [(0, 1), (1, 0), (0x4F4E4549, 1), (0xFFFFFFFF, 3)])
def test_resolutions_out_of_bounds_say_nothing(values: tuple[int, int]) -> None:
    """A resolution of zero, infinity or letters is none."""
    assert plain_resolution(*values) is None
