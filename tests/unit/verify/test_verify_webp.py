"""WebP: one clean form byte for byte, streams needed to their ends, pixels where coded anew."""

import pytest

from corpora import photos_webp as webp
from corpora.cleaned import cleaned
from corpora.photos_base import saved
from medrelease.terms.flow import Hold
from medrelease.terms.words import Proof


def test_colour_under_zero_alpha_is_proved_by_the_pixels(prove):
    """A lossy picture with hidden colour is coded anew without loss; visible pixels are equal."""
    source = saved(webp.translucent(3, hidden=b"SIOBHAN ONEILL"), "WEBP", exact=True, quality=90)
    assert isinstance(prove(source, source), Hold)
    assert prove(source, cleaned(source)[1]).proof is Proof.PIXELS_IDENTICAL


def test_another_picture_timing_place_or_loop_is_seen(prove):
    """One changed pixel, delay, blend flag or loop count each makes another picture."""
    assert isinstance(prove(webp.lossless(1), webp.lossless(2)), Hold)
    moving = webp.animated(1)
    parts = webp.chunks(moving)
    for name, place in ((b"ANMF", 12), (b"ANMF", 15), (b"ANIM", 4)):
        at = next(number for number, (one, _) in enumerate(parts) if one == name)
        content = bytearray(parts[at][1])
        content[place] ^= 1
        changed = webp.assembled([*parts[:at], (name, bytes(content)), *parts[at + 1 :]])
        assert isinstance(prove(moving, changed), Hold)


@pytest.mark.parametrize("size", [13, 16, 40, 400, 5000])
def test_bytes_behind_any_stream_are_refused(prove, size):
    """However long what stands behind a picture is, it is found without a marker to go by."""
    more = bytes(at * 7 % 251 for at in range(size))
    for data in (webp.longer(webp.encoded(2), more), webp.longer(webp.lossless(2), more)):
        assert prove(data, data).detail == "WebP picture data that shows nothing"
