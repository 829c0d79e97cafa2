"""Masks of TIFF pages: which directory they count, and what stays as it was coded."""

import io

import numpy as np
import tifffile

from corpora.masked import cleaned_under, proved_under
from medrelease.terms.flow import Mask, Sanitised
from medrelease.verify import Accepted


def written(*pages: dict[str, object]) -> bytes:
    """A TIFF of grey noise, one page for each set of options."""
    rng, sink = np.random.default_rng(1), io.BytesIO()
    with tifffile.TiffWriter(sink) as file:
        for options in pages:
            noise = rng.integers(0, 255, (40, 50), np.uint8)
            file.write(noise, photometric="minisblack", metadata=None, **options)
    return sink.getvalue()


def test_a_mask_counts_the_directories_of_the_source() -> None:
    """A reduced copy between two pages has a number too, although it is left out."""
    data = written({}, {"subfiletype": 1}, {})
    masks = (Mask(2, 5, 5, 9, 9), Mask(1, 0, 0, 50, 40))
    outcome, finished = cleaned_under(data, masks)
    assert isinstance(outcome, Sanitised)
    assert isinstance(proved_under(data, finished, masks), Accepted)
    with tifffile.TiffFile(io.BytesIO(finished)) as file:
        first, second = (page.asarray() for page in file.pages)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        assert np.array_equal(first, file.pages[0].asarray())
    assert len(np.unique(second[5:14, 5:14])) == 1


def test_strips_that_no_mask_touches_keep_their_bytes() -> None:
    """Of ten strips two are coded anew; the others stand in the file as they stood."""
    data = written({"rowsperstrip": 4, "compression": "zlib"})
    _, finished = cleaned_under(data, (Mask(None, 10, 10, 5, 4),))

    def strips(file: bytes) -> list[bytes]:
        with tifffile.TiffFile(io.BytesIO(file)) as opened:
            page = opened.pages[0]
            places = zip(page.dataoffsets, page.databytecounts, strict=True)
            return [file[start : start + size] for start, size in places]

    pairs = zip(strips(data), strips(finished), strict=True)
    assert [number for number, (old, new) in enumerate(pairs) if old != new] == [2, 3]
