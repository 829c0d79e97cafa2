"""Whole slides: every level stays, what is beside them goes, and readers still open the file."""

import io
import tempfile
from collections.abc import Callable

import numpy as np
import openslide
import pytest
import tifffile

from corpora import photos_slide
from corpora.cleaned import OPTIONS, cleaned
from medrelease.sanitise import Options, sanitise
from medrelease.terms.flow import Hold, Mask, Sanitised
from medrelease.terms.words import Format, Reason

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


@pytest.mark.parametrize("build", [photos_slide.svs, photos_slide.pyramid])
def test_writing_in_a_slide_is_not_blanked(build: Callable[[int], bytes]) -> None:
    """A slide with rectangles to blank is held."""
    mask = Mask(None, 1, 1, 8, 8)
    options = Options(OPTIONS.patient_label, OPTIONS.route_key, OPTIONS.subject, masks=(mask,))
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as target:
        source.write(build(1))
        source.flush()
        outcome = sanitise(source.fileno(), target.fileno(), options)
    assert isinstance(outcome, Hold)
    assert outcome.reason is Reason.MASK_NOT_POSSIBLE
