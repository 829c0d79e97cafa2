"""GIF blocks and codes: what is kept bit for bit, what is coded anew, what is counted."""

import io
import random

import numpy as np
import pytest
from PIL import Image

from corpora import photos_gif as gif
from corpora import plain_lzw
from corpora.cleaned import cleaned
from medrelease.sanitise import _lzw as native
from medrelease.sanitise import gif_lzw
from medrelease.sanitise.gif_lzw import Walk, decode, encode, kept, walk
from medrelease.terms.flow import Hold, Sanitised
from medrelease.terms.words import Reason


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
    blocks = memoryview(plain_lzw.blocks(encode(indices, 8)))
    walked = walk(blocks, 8, len(indices))
    assert walked.exact
    assert np.flatnonzero(np.frombuffer(walked.used, np.uint8)).tolist() == [0]
    assert decode(blocks, 8, len(indices)) == indices


@pytest.mark.parametrize("seed", range(40))
def test_codes_are_walked_as_plainly(seed: int) -> None:
    """Whatever is changed, cut or appended: the same verdict, indices, end and width."""
    draw = random.Random(seed)
    minimum = draw.randrange(2, 9)
    for _ in range(30):
        indices = bytes(draw.choices(range(1 << minimum), k=draw.randrange(1, 900)))
        data = bytearray(encode(indices, minimum))
        for _ in range(draw.randrange(4)):
            data[draw.randrange(len(data))] = draw.randrange(256)
        coded = bytes(data[: draw.randrange(len(data)) + 1 if draw.random() < 0.3 else None])
        count = draw.randrange(1, 1000)
        plain = plain_lzw.read(coded, minimum, count)
        blocks = memoryview(plain_lzw.blocks(coded, draw.choice((255, 1, 77))))
        room = bytearray(count)
        told, bits, width, exact, used = native.walk(blocks, minimum, count, None)
        assert native.walk(blocks, minimum, count, room)[:4] == (told, bits, width, exact)
        if isinstance(plain, str):
            assert told == {plain_lzw.CUT: 1, plain_lzw.WRONG: 2}[plain]
            continue
        assert (told, bits, width, room) == (0, plain.bits, plain.width, plain.indices[:count])
        assert exact == (len(plain.indices) == count)
        assert {index for index, there in enumerate(used) if there} == set(plain.indices)
        cut = int.from_bytes(coded, "little") & ((1 << bits) - 1) | ((1 << minimum) + 1) << bits
        whole = cut.to_bytes((bits + width + 7) // 8, "little")
        written = b"".join(kept(blocks, Walk(bits, width, exact, used), minimum))
        assert written == plain_lzw.blocks(whole)


@pytest.mark.parametrize("minimum", range(2, 9))
def test_what_is_coded_anew_is_read_back(minimum: int) -> None:
    """Through full tables and Clear codes, of noise and of one colour."""
    draw = random.Random(minimum)
    for most in (1, (1 << minimum) - 1):
        indices = bytes(draw.choices(range(most + 1), k=70_000))
        plain = plain_lzw.read(encode(indices[:9000], minimum), minimum, 9000)
        assert isinstance(plain, plain_lzw.Plain)
        assert plain.indices == indices[:9000]
        assert (
            decode(memoryview(plain_lzw.blocks(encode(indices, minimum))), minimum, 70_000)
            == indices
        )


def test_without_its_module_no_gif_is_cleaned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the module was not built the file is held, with a reason that says so."""
    monkeypatch.setattr(gif_lzw, "HAS_LZW", False)
    outcome = cleaned(gif.encoded(1))[0]
    assert isinstance(outcome, Hold)
    assert outcome.reason is Reason.DECODER_MISSING
