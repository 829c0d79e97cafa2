"""A whole slide dropped on a site: released as SVS without its label."""

import io

import numpy as np
import tifffile

from corpora import photos_slide
from corpora.photos_base import holds, marker
from corpora.sites import FOLDER, Site


def test_a_slide_is_released_without_label_and_macro(site: Site) -> None:
    """The slide leaves under its coded name with its levels alike and nothing of its scanner."""
    mark = marker("svs", "system")
    data = photos_slide.svs(5, mark.decode())
    site.drop(f"{FOLDER}/slide 1.svs", data)
    assert site.once().returncode == 0
    (name,) = site.released()
    assert name.endswith(".svs")
    finished = site.release(name)
    assert holds(data, mark)
    assert not holds(finished, mark)
    with tifffile.TiffFile(io.BytesIO(data)) as one, tifffile.TiffFile(io.BytesIO(finished)) as two:
        levels = zip(one.series[0].levels, two.series[0].levels, strict=True)
        assert all(np.array_equal(a.asarray(), b.asarray()) for a, b in levels)
    (published,) = site.events("release.published")
    assert published["proof"] == "coded-identical"
    assert published["actions"]["label"] == 1
