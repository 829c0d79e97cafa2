"""WebP chunks and streams: what is kept, what is coded anew, what is counted."""

import io
from dataclasses import replace

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from corpora import photos_webp as webp
from corpora.cleaned import OPTIONS, cleaned
from corpora.photos_base import exif_block, saved
from medrelease.terms.flow import Hold, Mask, Sanitised
from medrelease.terms.words import Reason


def frames(data: bytes) -> list[tuple[bytes, object]]:
    """Every frame as a viewer composes it, with its duration."""
    with Image.open(io.BytesIO(data)) as image:
        found = []
        for number in range(image.n_frames):
            image.seek(number)
            found.append((image.convert("RGBA").tobytes(), image.info.get("duration")))
        return found


@pytest.mark.parametrize("build", [webp.encoded, webp.lossless, webp.animated])
def test_plain_file_is_unchanged(build) -> None:
    """A file with nothing to remove comes out byte for byte."""
    data = build(1)
    assert cleaned(data)[1] == data


def test_an_animation_plays_as_before() -> None:
    """All frames compose to the same pixels, with their delays and the loop count."""
    data = webp.animated(3, frames=5, duration=[20, 40, 60, 80, 100])
    finished = cleaned(webp.in_frame(data, (b"NOTE", b"Siobhan")))[1]
    assert frames(finished) == frames(data)
    with Image.open(io.BytesIO(finished)) as image:
        assert image.info["loop"] == 3


def test_hidden_colour_is_cleared_and_the_rest_stays() -> None:
    """Where alpha is zero colour is zero; every other pixel is what it was, to another decoder."""
    data = saved(webp.translucent(2, hidden=b"SIOBHAN ONEILL"), "WEBP", exact=True, quality=80)
    outcome, finished = cleaned(data)
    assert isinstance(outcome, Sanitised)
    assert outcome.actions["hidden-colour"] > 0
    before, after = imagecodecs.webp_decode(data).copy(), imagecodecs.webp_decode(finished)
    before[before[..., 3] == 0] = 0
    assert np.array_equal(before, after)


def test_turn_and_resolution_stay() -> None:
    """Of the Exif block the orientation is left, and nothing else."""
    data = saved(Image.new("RGB", (9, 9)), "WEBP", exif=exif_block(b"Siobhan", orientation=6))
    finished = cleaned(data)[1]
    assert b"Siobhan" not in finished
    with Image.open(io.BytesIO(finished)) as image:
        assert dict(image.getexif()) == {274: 6}


def test_a_stream_that_goes_on_into_its_padding_shows_what_it_showed() -> None:
    """A decoder reads the byte that fills a chunk up: what it shows with it is kept."""
    (name, stream), *_ = webp.chunks(webp.lossless(1))
    cut = stream if len(stream) & 1 else stream[:-1]
    rest = stream[len(cut) :] or b"\x5a"
    data = webp.assembled([(name, cut)], pad=rest)
    outcome, finished = cleaned(data)
    assert isinstance(outcome, Sanitised)
    assert frames(finished) == frames(data)


def test_what_is_removed_is_counted() -> None:
    """The record says how many chunks and bytes of each kind went."""
    data = webp.extended(webp.encoded(1), (b"XMP ", b"one"), (b"NOTE", b"two")) + b"four"
    outcome, _ = cleaned(data)
    assert isinstance(outcome, Sanitised)
    assert {"xmp": 1, "unknown-chunk": 1, "trailer-bytes": 4}.items() <= outcome.actions.items()


@pytest.mark.parametrize("build", [webp.lossless, lambda seed: webp.animated(seed, lossless=True)])
def test_a_mask_blanks_a_lossless_picture_and_nothing_else(build) -> None:
    """Inside the rectangle every frame is black, outside no pixel changes."""
    data = build(5)
    masks = (Mask(None, 10, 12, 30, 9),)
    outcome, finished = cleaned(data, replace(OPTIONS, masks=masks))
    assert isinstance(outcome, Sanitised)
    for (before, _), (after, _) in zip(frames(data), frames(finished), strict=True):
        old = np.frombuffer(before, np.uint8).reshape(64, 96, 4).copy()
        new = np.frombuffer(after, np.uint8).reshape(64, 96, 4)
        assert (new[12:21, 10:40] == (0, 0, 0, 255)).all()
        old[12:21, 10:40] = (0, 0, 0, 255)
        assert np.array_equal(old, new)


def test_a_mask_on_a_lossy_picture_holds_it() -> None:
    """What cannot be blanked without touching the rest is held for a person."""
    outcome, _ = cleaned(webp.encoded(1), replace(OPTIONS, masks=(Mask(0, 1, 1, 5, 5),)))
    assert isinstance(outcome, Hold)
    assert outcome.reason is Reason.MASK_NOT_POSSIBLE
