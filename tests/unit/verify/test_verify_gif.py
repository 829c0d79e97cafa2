"""GIF: screen, frames and timing; codes to the last pixel; nothing between or behind."""

import random

import pytest

from corpora import photos_gif as gif
from corpora import plain_lzw
from corpora.cleaned import cleaned
from medrelease.sanitise.gif_lzw import encode
from medrelease.terms.flow import Hold
from medrelease.terms.words import Proof, Reason
from medrelease.verify import _lzw as native
from medrelease.verify import gif_lzw
from medrelease.verify.gif_lzw import codes, decoded, measured


def test_codes_made_anew_are_proved_by_their_indices(prove):
    """A last code that goes on beyond the picture is coded anew: the pixels are compared."""
    indices = [1, 2] * 240
    data = gif.assembled(indices, 24, 20, coded=encode(bytes([*indices, 1, 2, 1]), 4))
    assert prove(data, cleaned(data)[1]).proof is Proof.PIXELS_IDENTICAL


def test_a_changed_index_delay_or_disposal_is_seen(prove):
    """Another pixel, another delay and another disposal are each refused."""
    source = gif.animated(1)
    at = source.index(b"\x21\xf9\x04")
    slower = source[: at + 4] + b"\x63" + source[at + 5 :]
    assert isinstance(prove(source, slower), Hold)
    later = source[: at + 4] + bytes((source[at + 4] ^ 4,)) + source[at + 5 :]
    assert isinstance(prove(source, later), Hold)
    one, other = [3] * 480, [3] * 479 + [4]
    changed = gif.assembled(other, 24, 20), gif.assembled(one, 24, 20)
    verdict = prove(cleaned(changed[0])[1], cleaned(changed[1])[1])
    assert verdict.detail == "the picture changed"


@pytest.mark.parametrize("minimum", range(2, 9))
@pytest.mark.parametrize("length", [1, 2, 700, 40_000])
def test_what_the_cleaner_codes_the_prover_decodes(minimum, length):
    """Both readings of the standard agree, through full tables and Clear codes."""
    source = random.Random(minimum * length)
    most = (1 << minimum) - 1
    indices = bytes(source.choice((0, most, source.randint(0, most))) for _ in range(length))
    blocks = memoryview(plain_lzw.blocks(encode(indices, minimum)))
    assert decoded(blocks, minimum, length) == indices
    picture = measured(blocks, minimum, length)
    assert picture.tidy
    assert {index for index, there in enumerate(picture.named) if there} == set(indices)


@pytest.mark.parametrize("seed", range(40))
def test_codes_are_read_as_plainly(seed):
    """Whatever is changed, cut or appended: the same verdict, pixels, end and indices."""
    draw = random.Random(seed)
    minimum = draw.randrange(2, 9)
    for _ in range(30):
        data = bytearray(
            encode(bytes(draw.choices(range(1 << minimum), k=draw.randrange(1, 900))), minimum)
        )
        for _ in range(draw.randrange(4)):
            data[draw.randrange(len(data))] = draw.randrange(256)
        data = bytes(data[: draw.randrange(len(data)) + 1]) if draw.random() < 0.3 else bytes(data)
        count = draw.randrange(1, 1000)
        plain = plain_lzw.read(data, minimum, count)
        blocks = memoryview(plain_lzw.blocks(data, draw.choice((255, 1, 77))))
        room = bytearray(count)
        verdict, bits, tidy, named = native.read(blocks, minimum, count, None)
        assert native.read(blocks, minimum, count, room)[:3] == (verdict, bits, tidy)
        if not isinstance(plain, plain_lzw.Plain):
            assert verdict == {plain_lzw.CUT: 1, plain_lzw.WRONG: 2}[plain]
            continue
        assert (verdict, bits, room) == (0, plain.bits, plain.indices[:count])
        assert {index for index, there in enumerate(named) if there} == set(plain.indices)
        number = int.from_bytes(data, "little")
        end = number >> plain.bits == (1 << minimum) + 1
        full = len(data) == (plain.bits + plain.width + 7) // 8
        assert tidy == (end and full and len(plain.indices) == count)
        cut = number & ((1 << plain.bits) - 1)
        assert b"".join(codes(blocks, bits)) == cut.to_bytes((bits + 7) // 8, "little")


def test_without_its_module_no_gif_is_proved(prove, monkeypatch):
    """Where the module was not built the file is held, with a reason that says so."""
    data = cleaned(gif.encoded(1))[1]
    monkeypatch.setattr(gif_lzw, "HAS_LZW", False)
    assert prove(data, data).reason is Reason.DECODER_MISSING
