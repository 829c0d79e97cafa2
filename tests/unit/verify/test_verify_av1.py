"""AV1 pictures: their frame headers, and tiles that end with their last symbol."""

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from corpora import photos_behind, photos_heif
from corpora.cleaned import cleaned
from corpora.photos_base import picture, saved
from medrelease.terms.flow import Hold
from medrelease.terms.words import Reason
from medrelease.verify import Accepted

BEHIND = {name: data for name, data, _ in photos_behind.planted(1) if name.startswith("avif")}
SIZES = ((1, 1), (33, 17), (97, 65), (200, 150))
KINDS = ("smooth", "noise", "flat")


def drawn(kind: str, size: tuple[int, int]) -> Image.Image:
    """A picture that leaves an encoder much, or next to nothing, to say."""
    if kind == "flat":
        return Image.new("RGB", size, (90, 120, 150))
    if kind == "noise":
        random = np.random.default_rng(5)
        return Image.fromarray(random.integers(0, 256, (*size[::-1], 3), np.uint8))
    return picture(3, size)


def written(size: tuple[int, int], kind: str) -> dict[str, bytes]:
    """One picture by every encoder, in several qualities and depths."""
    image = drawn(kind, size)
    pixels = np.asarray(image)
    files = {
        f"Pillow {quality} {colour}": saved(
            image, "AVIF", quality=quality, subsampling=colour, speed=9
        )
        for quality in (1, 60, 100)
        for colour in ("4:2:0", "4:4:4", "4:0:0")
    }
    for codec in ("aom", "rav1e", "svt"):
        try:
            files[codec] = bytes(imagecodecs.avif_encode(pixels, level=60, codec=codec, speed=9))
        except (imagecodecs.AvifError, ValueError):
            continue  # this build has no such encoder, or it takes no picture so small
    deep = pixels.astype(np.uint16) * 4
    files["10 bit"] = bytes(imagecodecs.avif_encode(deep, level=60, bitspersample=10, speed=9))
    return files


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_the_tiles_of_every_encoder_end_where_they_must(prove, kind, size):
    """Flat or noisy, tiny or not, of 8 or 10 bits, from any encoder: it is released."""
    held = {}
    for name, data in written(size, kind).items():
        verdict = prove(data, cleaned(data)[1])
        if not isinstance(verdict, Accepted):
            held[name] = verdict
    assert held == {}


@pytest.mark.parametrize(
    "options", [{"tile_rows": 2, "tile_cols": 1}, {"tile_rows": 1}, {"autotiling": True}], ids=str
)
def test_several_tiles_are_found(prove, options):
    """A frame of several tiles says where each begins."""
    options = {"autotiling": False, **options}
    data = photos_behind.avif(picture(2, (500, 400)), **options).written()
    verdict = prove(data, cleaned(data)[1])
    assert isinstance(verdict, Accepted), verdict


@pytest.mark.parametrize("name", BEHIND)
def test_bytes_that_no_symbol_needs_are_held(prove, name):
    """libavif shows such a file without a word; the prover believes no form of it."""
    assert "no frame" in name or imagecodecs.avif_decode(BEHIND[name]).size
    outcome, finished = cleaned(BEHIND[name])
    told = outcome if isinstance(outcome, Hold) else prove(BEHIND[name], finished)
    assert isinstance(told, Hold)
    assert told.reason is Reason.MALFORMED


@pytest.mark.parametrize("more", [3, 4, 8])
def test_three_bytes_behind_a_tile_are_seen(prove, more):
    """Shorter runs may be told apart from the last bytes of a tile by nothing."""
    for tail in (b"\0" * more, b"\xff" * more, b"JaneDoe7"[:more]):
        data = photos_behind.longer(photos_heif.plain("avif", 1), 1, tail)
        assert isinstance(prove(data, cleaned(data)[1]), Hold)


def test_a_cut_or_altered_frame_comes_to_a_verdict(prove):
    """Whatever the header of a frame says, it is accepted or held."""
    file = photos_heif.plain("avif", 1)
    verdicts = set()
    for place in range(12, 40):
        for bit in range(0, 8, 3):
            data = bytearray(file.written())
            at = data.index(b"mdat") + 4 + place
            data[at] ^= 1 << bit
            verdicts.add(type(prove(bytes(data), cleaned(bytes(data))[1] or b"-")))
    assert Hold in verdicts


def test_a_configuration_of_another_depth_is_held():
    """One decoder believes the configuration, another the header: nobody knows what is shown."""

    def deeper(record: bytes) -> bytes:
        return record[:2] + bytes((record[2] ^ 0x40,)) + record[3:]

    file = photos_heif.with_configuration(photos_heif.plain("avif", 1), deeper)
    outcome, _ = cleaned(file.written())
    assert isinstance(outcome, Hold)
    assert outcome.reason is Reason.MALFORMED
