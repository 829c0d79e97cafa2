"""HEIC: what is looked at is what another reader shows; what cannot be decoded says why."""

import ctypes
import io
import random
import struct
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pi_heif
import pytest

from corpora import photos, photos_heif
from medrelease.pixels import decoding, libheif
from medrelease.pixels.faults import CannotDecode
from medrelease.pixels.mapped import Mapped
from medrelease.pixels.page import Page
from medrelease.terms.words import Format, Reason

HEIC = {name: data for name, data in photos.faithful(1) if name.startswith("heic")}


def pages(data: bytes) -> list[Page]:
    """The pages of a HEIC file."""
    return list(decoding.pages(Mapped(memoryview(data)), Format.HEIC))


@pytest.mark.parametrize("name", HEIC)
def test_the_frames_are_what_another_reader_shows(name: str) -> None:
    """Tiles, turns, odd sizes and ten bits: the same samples as the wheel's own reader gives."""
    (first, *more) = pages(HEIC[name])
    frame = first.frames[0]
    other = pi_heif.open_heif(io.BytesIO(HEIC[name]), convert_hdr_to_8bit=False)
    shown = np.asarray(other.to_pillow().convert("RGB") if "grey" in name else other)
    if "ten" in name:
        # The other reader spreads ten bits over sixteen.
        assert frame.dtype == np.uint16
        assert frame.max() < 1024
        shown = shown >> 6
    assert np.array_equal(frame, shown[..., :3])
    assert len(more) == ("alpha" in name)


def test_opacity_is_a_frame_of_its_own() -> None:
    """Writing in the opacity of a picture is looked at too."""
    frames = [one.frames[0] for one in pages(HEIC["heic alpha"])]
    assert [frame.ndim for frame in frames] == [3, 2]
    assert frames[1].std() > 5


def _reason(data: bytes) -> Reason:
    with pytest.raises(CannotDecode) as raised:
        pages(data)
    return raised.value.reason


def test_a_size_beyond_the_limits_is_refused_before_anything_is_decoded() -> None:
    """A few hundred bytes that say they are of 60,000 pixels square cost nothing."""
    file = photos_heif.grid("heic", 1)
    whole = file.items[5]
    sized = photos_heif.full(b"ispe", struct.pack(">II", 60_000, 60_000))
    data = whole.data[:4] + struct.pack(">HH", 60_000, 60_000)
    large = replace(whole, data=data, properties=((sized, False), *whole.properties[1:]))
    written = replace(file, items={**file.items, 5: large}).written()
    assert _reason(written) is Reason.LIMITS_EXCEEDED


def test_what_is_damaged_is_malformed() -> None:
    """A file cut in its coded data, and one without any, say so."""
    data = HEIC["heic odd size"]
    assert _reason(data[: len(data) - 200]) is Reason.MALFORMED
    assert _reason(data[:40]) is Reason.MALFORMED


@pytest.mark.parametrize("seed", range(3))
def test_hostile_files_give_pages_or_a_reason(seed: int) -> None:
    """Bytes changed anywhere: the decoder answers, and nothing is raised but our own fault."""
    rng = random.Random(seed)
    met = set()
    for data in HEIC.values():
        for _ in range(12):
            changed = bytearray(data)
            for _ in range(rng.choice((1, 3, 20))):
                changed[rng.randrange(len(changed))] = rng.randrange(256)
            try:
                met.add(bool(pages(bytes(changed))))
            except CannotDecode as fault:
                met.add(fault.reason)
    assert {True, Reason.MALFORMED} <= met <= {True, *Reason}


@pytest.fixture
def unloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library as it is before it is first used."""
    monkeypatch.setattr(libheif, "_loaded", [])


def _absent(_name: str) -> None:
    return None


def _of_another_kind(_name: str) -> Any:
    return SimpleNamespace(origin=ctypes.__file__)


def _without_heif(_name: str) -> Any:
    return SimpleNamespace(origin=None)


@pytest.mark.parametrize("found", [_absent, _of_another_kind, _without_heif])
def test_where_the_decoder_is_absent_or_another_the_reason_says_so(
    unloaded: None, monkeypatch: pytest.MonkeyPatch, found: Callable[[str], Any]
) -> None:
    """A site without the wheel, or with one that is none, holds HEIC as `decoder-missing`."""
    monkeypatch.setattr(libheif.importlib.util, "find_spec", found)
    assert _reason(HEIC["heic odd size"]) is Reason.DECODER_MISSING


def test_a_library_that_needs_a_thread_is_not_used(
    unloaded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One too old to be told how many threads it may start would end the child: it is refused."""
    monkeypatch.setattr(libheif, "_OPTIONS_WITH_THREADS", 250)
    assert _reason(HEIC["heic odd size"]) is Reason.DECODER_MISSING
