"""A page as it is looked at: upright, of bounded size, and mapped back to its stored rows."""

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from medrelease.pixels import page
from medrelease.pixels.page import Page, Shown, Single
from medrelease.pixels.region import Region


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_page_is_turned_as_viewers_turn_it(turn: int) -> None:
    """Every orientation gives the picture that Pillow's own transposition gives."""
    stored = np.arange(5 * 7, dtype=np.uint8).reshape(5, 7)
    exif = Image.Exif()
    exif[0x0112] = turn
    buffer = io.BytesIO()
    Image.fromarray(stored).save(buffer, "PNG", exif=exif)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(buffer.getvalue()))))
    assert np.array_equal(page.upright(stored, turn), expected)


@pytest.mark.parametrize("turn", range(1, 9))
def test_what_is_found_is_told_in_stored_rows(turn: int) -> None:
    """A mark that stands somewhere in the turned picture is found where it is stored."""
    stored = np.zeros((200, 300), np.uint8)
    stored[30:70, 110:190] = 255
    shown = Shown(Page(None, Single(stored), turn))
    seen = shown[0]
    rows, columns = np.nonzero(seen)
    found = Region(
        int(columns.min()), int(rows.min()), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1
    )
    assert shown.stored(found, seen.shape) == Region(110, 30, 80, 40)


def test_a_large_page_is_looked_at_smaller_and_its_regions_cover_what_they_mean(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A region of the smaller picture takes in every stored pixel that it shows."""
    monkeypatch.setattr(page, "MOST_LOOKED_AT", 1000)
    stored = np.zeros((200, 301), np.uint16)
    shown = Shown(Page(None, Single(stored), 6))
    seen = shown[0]
    assert seen.shape[0] * seen.shape[1] <= 1100
    whole = shown.stored(Region(0, 0, seen.shape[1], seen.shape[0]), seen.shape)
    assert whole == Region(0, 0, 301, 200)
    part = shown.stored(Region(0, 0, 1, 1), seen.shape)
    assert (part.left, part.bottom) == (0, 200)
    assert part.width >= 301 // seen.shape[0]
