"""Whole slides: every level stays, what is beside them goes, and readers still open the file."""

import io
import math
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import openslide
import pytest
import tifffile

from corpora import photos_slide
from corpora.cleaned import cleaned
from corpora.masked import cleaned_under, proved_under
from medrelease.terms.flow import Hold, Mask, Sanitised
from medrelease.terms.words import Format
from medrelease.verify import Accepted

LAST = 99
"""Stands for the number of the smallest level's page."""

CODINGS = ("jpeg", "lzw", "zlib", "aperio_jp2000_rgb", "aperio_jp2000_ycbc")


def opened(data: bytes) -> tuple[dict[str, str], list[str], list[np.ndarray]]:
    """Properties, names of associated pictures and levels, as OpenSlide sees a slide."""
    with tempfile.NamedTemporaryFile(suffix=".svs") as file:
        file.write(data)
        file.flush()
        with openslide.OpenSlide(file.name) as slide:
            regions = [
                np.asarray(slide.read_region((0, 0), level, size))
                for level, size in enumerate(slide.level_dimensions)
            ]
            return dict(slide.properties), sorted(slide.associated_images), regions


@pytest.mark.parametrize("coding", CODINGS)
def test_openslide_sees_the_same_levels(coding: str) -> None:
    """Each level decodes alike, with magnification and scale, and without label and macro."""
    data = photos_slide.svs(1, compression=coding)
    outcome, finished = cleaned(data)
    assert isinstance(outcome, Sanitised), outcome
    assert outcome.format is Format.SVS
    before, after = opened(data), opened(finished)
    assert before[1] == ["label", "macro", "thumbnail"]
    assert after[1] == ["thumbnail"]
    assert len(after[2]) == 3
    assert all(np.array_equal(one, two) for one, two in zip(before[2], after[2], strict=True))
    for name in ("openslide.mpp-x", "openslide.objective-power", "openslide.vendor"):
        assert after[0][name] == before[0][name]
    assert not [name for name in after[0] if "Filename" in name or "ScanScope" in name]


@pytest.mark.parametrize("big", [False, True])
def test_tifffile_sees_an_aperio_slide(big: bool) -> None:
    """The cleaned file is an SVS to tifffile, its levels alike, and its thumbnail is white."""
    data = photos_slide.svs(2, bigtiff=big)
    finished = cleaned(data)[1]
    with tifffile.TiffFile(io.BytesIO(data)) as one, tifffile.TiffFile(io.BytesIO(finished)) as two:
        assert two.is_svs
        assert two.is_bigtiff is big
        assert [series.name for series in two.series] == ["Baseline", "Thumbnail"]
        pairs = zip(one.series[0].levels, two.series[0].levels, strict=True)
        assert all(np.array_equal(a.asarray(), b.asarray()) for a, b in pairs)
        assert (two.series[1].asarray() == 255).all()


def test_tiles_are_carried_over_byte_for_byte() -> None:
    """The coded tiles of every level stand in the cleaned file as they came."""
    data = photos_slide.svs(3, compression="zlib")
    finished = cleaned(data)[1]
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        tiled = [page for page in file.pages if page.is_tiled]
        starts = [start for page in tiled for start in page.dataoffsets]
        sizes = [size for page in tiled for size in page.databytecounts]
    spans = list(zip(starts, sizes, strict=True))
    assert len(spans) > 15
    assert all(data[start : start + size] in finished for start, size in spans)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Aperio Image|AppMag = 40|MPP = 0.2501234|", "AppMag = 40|MPP = 0.2501"),
        ("Aperio Image|AppMag=20|MPP=0.5", "AppMag = 20|MPP = 0.5"),
        ("Aperio Image|AppMag = 012 345 6789|MPP = O'Neill", None),
        ("Aperio Image|AppMag = 0|MPP = 123456", None),
    ],
)
def test_description_keeps_two_numbers(text: str, told: str | None) -> None:
    """Of Aperio's description a plausible magnification and scale are left, in one form."""
    finished = cleaned(photos_slide.svs(1, text=text))[1]
    with tifffile.TiffFile(io.BytesIO(finished)) as file:
        wanted = "Aperio Image Library" + (f"|{told}" if told else "")
        assert file.pages.first.description == wanted


def test_one_level_needs_no_thumbnail() -> None:
    """A slide of one level is one page."""
    finished = cleaned(photos_slide.svs(1, count=1))[1]
    with tifffile.TiffFile(io.BytesIO(finished)) as file:
        assert len(file.pages) == 1


@pytest.mark.parametrize("build", [photos_slide.svs, photos_slide.pyramid])
def test_cleaning_a_slide_twice_changes_nothing(build: Callable[[int], bytes]) -> None:
    """A cleaned slide is its own cleaned form."""
    once = cleaned(build(4))[1]
    assert cleaned(once)[1] == once


@pytest.mark.parametrize(
    "build",
    [photos_slide.pyramid, *(partial(photos_slide.svs, compression=one) for one in CODINGS)],
)
@pytest.mark.parametrize(
    "mask", [Mask(0, 70, 50, 30, 20), Mask(None, 0, 0, 9, 7), Mask(LAST, 20, 10, 9, 9)]
)
def test_writing_in_a_slide_is_blanked_in_every_level(
    build: Callable[[int], bytes], mask: Mask
) -> None:
    """Wherever writing was found, each level shows one colour there, and the rest as it was."""
    data = build(1)
    if mask.page == LAST:
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            mask = replace(mask, page=[page.index for page in file.pages if page.is_tiled][-1])
    outcome, finished = cleaned_under(data, (mask,))
    assert isinstance(outcome, Sanitised), outcome
    assert isinstance(proved_under(data, finished, (mask,)), Accepted)
    with tifffile.TiffFile(io.BytesIO(finished)) as file:
        levels = [page.asarray() for page in file.pages if page.is_tiled]
    with tifffile.TiffFile(io.BytesIO(cleaned(data)[1])) as file:
        before = [page.asarray() for page in file.pages if page.is_tiled]
    factor = {None: 1, 0: 1}.get(mask.page, 4)
    for number, (old, new) in enumerate(zip(before, levels, strict=True)):
        scale = factor / 2**number
        left, right = int(mask.left * scale), math.ceil((mask.left + mask.width) * scale)
        top, bottom = int(mask.top * scale), math.ceil((mask.top + mask.height) * scale)
        assert (new[top:bottom, left:right] == new[top, left]).all()
        far = np.ones(old.shape[:2], np.bool_)
        far[max(0, top - 24) : bottom + 24, max(0, left - 24) : right + 24] = False
        assert (old[far] == new[far]).all()


@pytest.mark.parametrize("build", [photos_slide.svs, photos_slide.pyramid])
def test_a_level_that_still_shows_it_is_refused(
    build: Callable[[int], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slide of which the largest level alone was blanked is held by the verifier."""
    monkeypatch.setattr(
        "medrelease.sanitise.tiff.masks_of_pages", lambda masks, *_pages, levels: masks
    )
    mask = (Mask(0, 70, 50, 30, 20),)
    _, finished = cleaned_under(build(1), mask)
    assert isinstance(proved_under(build(1), finished, mask), Hold)


def test_a_mask_of_what_is_left_out_asks_for_nothing() -> None:
    """The label goes anyway; a page that is not there holds the file."""
    data = photos_slide.svs(1)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        number = len(file.pages)
    mask = (Mask(number - 2, 0, 0, 10, 10),)
    outcome, finished = cleaned_under(data, mask)
    assert isinstance(outcome, Sanitised)
    assert finished == cleaned(data)[1]
    assert isinstance(proved_under(data, finished, mask), Accepted)
    outcome, _ = cleaned_under(data, (Mask(number, 0, 0, 10, 10),))
    assert isinstance(outcome, Hold)
