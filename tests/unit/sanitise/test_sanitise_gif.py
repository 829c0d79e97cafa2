"""GIF blocks and codes: what is kept bit for bit, what is coded anew, what is counted."""

import io

import numpy as np
from PIL import Image

from corpora import photos_gif as gif
from corpora.cleaned import cleaned
from medrelease.sanitise.gif_lzw import encode, walk
from medrelease.terms.flow import Sanitised


def frames(data: bytes) -> list[tuple[bytes, int | None]]:
    """Every frame as a viewer composes it, with its duration."""
    with Image.open(io.BytesIO(data)) as image:
        found = []
        for number in range(image.n_frames):
            image.seek(number)
            found.append((image.convert("RGBA").tobytes(), image.info.get("duration")))
        return found


def test_plain_file_is_unchanged() -> None:
    """A file with nothing to remove comes out byte for byte."""
    data = gif.encoded(1)
    assert cleaned(data)[1] == data


def test_an_animation_plays_as_before() -> None:
    """All frames compose to the same pixels, with their delays and the loop count."""
    data = gif.animated(3, frames=5, duration=[20, 40, 60, 80, 100])
    finished = cleaned(data[:-1] + gif.extension(0xFE, b"Siobhan") + b";")[1]
    assert frames(finished) == frames(data)
    with Image.open(io.BytesIO(finished)) as image:
        assert image.info["loop"] == 3


def test_what_is_removed_is_counted() -> None:
    """The record says how many blocks of each kind went."""
    data = gif.assembled(
        [1] * 480,
        24,
        20,
        before=gif.extension(0xFE, b"one") * 2 + gif.extension(0xCE, b"two"),
        after=gif.extension(0xFF, b"ACMEPHOTO10", b"three"),
        tail=b"four",
    )
    outcome, _ = cleaned(data)
    assert isinstance(outcome, Sanitised)
    expected = {"comment": 2, "unknown-extension": 1, "application-data": 1, "trailer-bytes": 4}
    assert expected.items() <= outcome.actions.items()


def test_a_long_walk_takes_linear_time() -> None:
    """A megapixel of one colour, whose strings grow to thousands of indices, is walked."""
    indices = bytes(1 << 20)
    walked = walk(encode(indices, 8), 8, len(indices))
    assert np.array_equal(np.frombuffer(walked.indices, np.uint8), np.zeros(1 << 20))
    assert walked.exact
