"""The walk over HEVC slices: it ends where the picture does, whatever its encoder was told."""

import io
from dataclasses import replace

import numpy as np
import pi_heif
import pytest
from PIL import Image

from corpora import photos_behind, photos_heif
from corpora.cleaned import cleaned
from corpora.photos_base import picture
from medrelease.terms.flow import Hold
from medrelease.terms.words import Reason
from medrelease.verify import Accepted, _slices

BEHIND = {name: data for name, data, _ in photos_behind.planted(1) if name.startswith("heic")}
TOLD = [
    {},
    {"ctu": "16"},
    {"ctu": "32", "max_tu_size": "8"},
    {"min_cu_size": "32"},
    {"slices": "4"},
    {"tskip": "1", "cu_lossless": "1"},
    {"tu_intra_depth": "4"},
    {"sao": "0", "signhide": "0"},
    {"qg_size": "8", "aq_mode": "2"},
    {"aq_mode": "0"},
    {"lossless": "1"},
    {"cbqpoffs": "3", "scaling_list": "default", "constrained_intra": "1"},
]


def busy(seed: int) -> Image.Image:
    """A picture with something for every tool: smooth, noisy, and drawn in black and white."""
    pixels = np.asarray(picture(seed, (256, 192))).copy()
    noise = np.random.default_rng(seed).integers(0, 256, (64, 64, 3))
    pixels[32:96, 100:164] = noise
    pixels[120:150] = (np.indices((30, 256)).sum(0) % 2 * 255)[..., None]
    return Image.fromarray(pixels)


def shown(data: bytes) -> np.ndarray:
    """What libheif shows of a file."""
    return np.asarray(pi_heif.open_heif(io.BytesIO(data))[0].to_pillow())


@pytest.mark.parametrize("told", TOLD, ids=str)
def test_the_walk_ends_where_an_encoder_ended(prove, told):
    """Whatever tools x265 uses, the last symbol is where the slice ends."""
    data = photos_behind.heic(busy(1), **told).written()
    verdict = prove(data, cleaned(data)[1])
    assert isinstance(verdict, Accepted), verdict


@pytest.mark.parametrize("name", BEHIND)
def test_bytes_that_no_symbol_reads_are_held(prove, name):
    """libheif shows such a file without a word; the prover believes no form of it."""
    assert shown(BEHIND[name]).size
    outcome, finished = cleaned(BEHIND[name])
    told = outcome if isinstance(outcome, Hold) else prove(BEHIND[name], finished)
    assert isinstance(told, Hold)
    assert told.reason is Reason.MALFORMED


def test_a_longer_substream_changes_no_picture():
    """The marker in a row of blocks is truly beside the picture."""
    plain = photos_behind.rows_of_blocks(1).written()
    assert np.array_equal(shown(plain), shown(BEHIND["heic behind a row of blocks"]))


@pytest.mark.parametrize("more", [b"\0", b"\x80", b"\xff", b"\0\0", b"J"])
def test_a_single_byte_behind_the_last_symbol_is_seen(prove, more):
    """There is no room at all behind a slice."""
    file = photos_heif.plain("heic", 1)
    data = photos_behind.changed(file, 1, lambda unit: unit + more)
    assert isinstance(prove(data, cleaned(data)[1]), Hold)


def test_a_slice_that_ends_early_is_held(prove):
    """Symbols that are read behind the end are none."""
    file = photos_heif.plain("heic", 1)
    for cut in (1, 2, 9, 200):
        data = photos_behind.changed(file, 1, lambda unit, cut=cut: unit[:-cut])
        assert isinstance(prove(data, cleaned(data)[1]), Hold)


def test_no_bits_lead_the_walk_astray(prove):
    """With any bit of a slice turned over the walk comes to an end, and to a verdict."""
    file, random = photos_heif.plain("heic", 2), np.random.default_rng(3)
    size = len(file.items[1].data)
    verdicts = set()
    for place in random.integers(30, size, 150):
        data = bytearray(file.items[1].data)
        data[place] ^= 1 << int(random.integers(0, 8))
        changed = {1: replace(file.items[1], data=bytes(data))}
        written = replace(file, items=changed).written()
        verdicts.add(type(prove(written, cleaned(written)[1])))
    assert Hold in verdicts


@pytest.mark.parametrize("wrong", [(), (0,) * 28, (1 << 20,) * 28, (64, 64, 9, *(3,) * 25)])
def test_numbers_that_no_header_says_are_refused(wrong):
    """The module relies on nobody: sizes out of range are an error, not memory out of bounds."""
    with pytest.raises(ValueError, match="coding"):
        _slices.walk(wrong, (0, 1), (0, 1), [])


def test_slices_of_another_picture_are_refused():
    """A picture without its slices, or with one beyond it, is none."""
    coding = (64, 64, 1, 3, 6, 2, 5, 1, *(0,) * 5, 8, 8, 1, 0, 2, 0, 6, 6, *(0,) * 7)
    assert _slices.walk(coding, (0, 1), (0, 1), []) == 3
    assert _slices.walk(coding, (0, 1), (0, 1), [(5, 0, 26, 0, 0, 0, b"\x80", ())]) == 3
