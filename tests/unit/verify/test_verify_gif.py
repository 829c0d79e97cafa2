"""GIF: screen, frames and timing; codes to the last pixel; nothing between or behind."""

import random

import pytest

from corpora import photos_gif as gif
from corpora.cleaned import cleaned
from medrelease.sanitise.gif_lzw import encode
from medrelease.terms.flow import Hold
from medrelease.terms.words import Proof
from medrelease.verify.gif_lzw import decoded


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
    picture = decoded(encode(indices, minimum), minimum, length)
    assert picture.indices == indices
    assert picture.tidy
