"""What JPEG and JPEG 2000 tiles of a TIFF show beyond the page: blanked, or the file is held."""

import io

import imagecodecs
import numpy as np
import pytest
import tifffile

from corpora.masked import cleaned_under, proved_under
from corpora.photos_base import picture
from corpora.photos_tiff_raster import _resized
from medrelease.terms.flow import Hold
from medrelease.terms.words import Proof, Reason
from medrelease.verify import Accepted

WIDE, HIGH, TILE = 300, 200, 128


def whole(kind: str, *, wide: int = 384, high: int = 256) -> np.ndarray:
    """Pixels of all tiles: a page, and beyond it what `kind` says."""
    pixels = np.asarray(picture(3, (wide, high))).copy()
    beyond = np.ones((high, wide), np.bool_)
    beyond[:HIGH, :WIDE] = False
    if kind == "black":
        pixels[beyond] = 0
    elif kind == "white":
        pixels[beyond] = 255
    elif kind == "going on":
        rows = np.minimum(np.arange(high), HIGH - 1)
        pixels = pixels[rows][:, np.minimum(np.arange(wide), WIDE - 1)]
    elif kind == "right":
        pixels[:, WIDE:] = 255 - pixels[:, WIDE:] // 2
        pixels[HIGH:] = pixels[HIGH - 1]
    elif kind == "below":
        pixels[:, WIDE:] = 0
        pixels[HIGH:, 40:200:9] = 0
    return pixels


def tiled(kind: str, grey: bool = False, **options: object) -> bytes:
    """A TIFF whose page is smaller than its tiles."""
    sink = io.BytesIO()
    pixels = whole(kind)
    settings = {"tile": (TILE, TILE), "compression": "jpeg", "metadata": None, **options}
    if grey:
        tifffile.imwrite(sink, pixels[..., 1], **settings)
    else:
        tifffile.imwrite(sink, pixels, photometric="rgb", **settings)
    return _resized(sink.getvalue(), WIDE, HIGH)


def tiles(data: bytes) -> list[np.ndarray]:
    """The tiles of the first page as they decode."""
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = file.pages[0]
        spans = zip(page.dataoffsets, page.databytecounts, strict=True)
        return [
            imagecodecs.jpeg8_decode(data[at : at + size], tables=page.jpegtables)
            for at, size in spans
        ]


@pytest.mark.parametrize("grey", [False, True], ids=["colour", "grey"])
@pytest.mark.parametrize("kind", ["black", "white", "going on"])
def test_filling_stays_byte_for_byte(kind: str, grey: bool) -> None:
    """One colour, and the page going on, are what writers fill tiles with."""
    data = tiled(kind, grey)
    outcome, finished = cleaned_under(data, ())
    assert not isinstance(outcome, Hold), outcome
    verdict = proved_under(data, finished, ())
    assert isinstance(verdict, Accepted), verdict
    assert verdict.proof is Proof.CODED_IDENTICAL


@pytest.mark.parametrize("grey", [False, True], ids=["colour", "grey"])
@pytest.mark.parametrize("kind", ["right", "below", "picture"])
def test_a_picture_beyond_the_page_is_blanked(kind: str, grey: bool) -> None:
    """Whole blocks of it go; the page stays to the last coefficient, and so says the proof."""
    data = tiled(kind, grey)
    assert isinstance(proved_under(data, data, ()), Hold)
    outcome, finished = cleaned_under(data, ())
    assert not isinstance(outcome, Hold), outcome
    verdict = proved_under(data, finished, ())
    assert isinstance(verdict, Accepted), verdict
    assert verdict.proof is Proof.PIXELS_IDENTICAL
    with (
        tifffile.TiffFile(io.BytesIO(data)) as before,
        tifffile.TiffFile(io.BytesIO(finished)) as after,
    ):
        assert np.array_equal(before.pages[0].asarray(), after.pages[0].asarray())
    corner = tiles(finished)[-1]
    step = 8 if grey else 16
    drawn_over = 0 if grey else 2  # halved colour is drawn into the next block
    beside = corner[:, -(-(WIDE - 2 * TILE) // step) * step + drawn_over :]
    assert np.ptp(beside, axis=1).max() <= 32


def test_the_same_beyond_a_page_in_jpeg_2000_is_held() -> None:
    """Nothing there can be blanked without coding the tile anew."""
    plain, drawn = (
        tiled(kind, compression="jpeg2000", compressionargs={"level": 60})
        for kind in ("black", "picture")
    )
    outcome, finished = cleaned_under(plain, ())
    assert isinstance(proved_under(plain, finished, ()), Accepted)
    outcome, finished = cleaned_under(drawn, ())
    assert not isinstance(outcome, Hold)
    verdict = proved_under(drawn, finished, ())
    assert isinstance(verdict, Hold)
    assert verdict.reason is Reason.FORMAT_NOT_SUPPORTED
