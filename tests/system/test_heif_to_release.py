"""HEIC and AVIF files dropped on a site: released clean, or held with the reason."""

import io

import numpy as np
from PIL import Image

from corpora import photos_heif
from corpora.photos_base import holds, marker
from corpora.sites import FOLDER, Site


def test_heic_and_avif_are_released_clean(site: Site) -> None:
    """One file of each kind leaves under its coded name, decodes alike and holds no marker."""
    planted = {name: (data, mark) for name, data, mark in photos_heif.planted(3)}
    sources = {form: planted[f"{form} exif item"][0] for form in ("heic", "avif")}
    for form, data in sources.items():
        site.drop(f"{FOLDER}/IMG_1.{form}", data)
    assert site.once().returncode == 0
    released = site.released()
    assert sorted(name.rpartition(".")[2] for name in released) == ["avif", "heic"]
    for name in released:
        form = name.rpartition(".")[2]
        finished = site.release(name)
        assert not holds(finished, marker(form, "exif item"))
        with Image.open(io.BytesIO(finished)) as one, Image.open(io.BytesIO(sources[form])) as two:
            assert np.array_equal(np.asarray(one), np.asarray(two))
    published = site.events("release.published")
    assert [line["proof"] for line in published] == ["coded-identical"] * 2


def test_a_sequence_is_held(site: Site) -> None:
    """A file with a track of pictures is held as a format that is not supported."""
    held = {name: data for name, data, _ in photos_heif.held(3)}
    site.drop(f"{FOLDER}/IMG_2.HEIC", held["heic sequence"])
    assert site.once().returncode == 3
    assert list(site.held().values()) == ["format-not-supported"]
