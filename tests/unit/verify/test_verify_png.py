"""PNG: the chunk list, the exact length of the picture data, and the decoded comparison."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from corpora import clean_photos as clean
from medrelease.terms.flow import Hold
from medrelease.terms.words import Proof, Reason
from medrelease.verify import Accepted
from medrelease.verify.png_pixels import unfiltered

MODES = ["RGB", "L", "P", "1", "RGBA", "LA", "I;16"]


def idat(data: bytes) -> tuple[int, int]:
    """Return where the data of the first IDAT chunk lies."""
    at = data.index(b"IDAT") + 4
    return at, at + struct.unpack_from(">I", data, at - 8)[0]


def remade(data: bytes, stream: bytes) -> bytes:
    """Return a PNG with another zlib stream in one IDAT chunk."""
    start, end = idat(data)
    return data[: start - 8] + clean.chunk(b"IDAT", stream) + data[end + 4 :]


@pytest.mark.parametrize("mode", MODES)
def test_clean_pngs_of_every_kind_are_accepted(prove, mode):
    """Every colour type and depth parses to the last byte."""
    data = clean.png(mode, dpi=(300, 300))
    assert prove(data, data).proof is Proof.CODED_IDENTICAL


@pytest.mark.parametrize("mode", MODES)
def test_a_new_coding_of_the_same_pixels_is_proved_by_decoding(prove, mode):
    """Where the coded bytes differ the pixels are compared, and the record says so."""
    again = remade(
        clean.png(mode),
        zlib.compress(zlib.decompress(clean.png(mode)[slice(*idat(clean.png(mode)))]), 1),
    )
    assert prove(clean.png(mode), again).proof is Proof.PIXELS_IDENTICAL


def test_colour_under_zero_alpha_may_be_zeroed(prove):
    """Invisible colour does not count as picture."""
    image = clean.picture("RGBA")
    samples = np.array(image)
    samples[:8, :, :3] = 99
    hidden = clean.encoded("PNG", Image.fromarray(samples))
    assert prove(hidden, clean.png("RGBA")).proof is Proof.PIXELS_IDENTICAL


@pytest.mark.parametrize(
    ("name", "body"),
    [
        (b"tEXt", b"Author\0Siobhan"),
        (b"zTXt", b"Author\0\0" + zlib.compress(b"Siobhan")),
        (b"iTXt", b"Author\0\0\0\0\0Siobhan"),
        (b"tIME", bytes.fromhex("07e70506070809")),
        (b"sPLT", b"name\0\x08"),
        (b"prVt", b"private"),
        (b"iCCP", b"Siobhan\0\0" + zlib.compress(clean.srgb_profile())),
        (b"iCCP", b"ICC profile\0\0" + zlib.compress(clean.srgb_profile())),
        (b"eXIf", clean.exif_block([clean.text_entry(0x13B, "Siobhan")])),
        (b"gAMA", bytes(5)),
        (b"sRGB", b"\x07"),
        (b"tRNS", bytes(7)),
        (b"PLTE", bytes(4)),
        (b"sBIT", bytes(9)),
        (b"bKGD", bytes(9)),
    ],
)
def test_a_chunk_that_is_not_allowed_is_refused(prove, name, body):
    """The same file as source and finished file: nothing but the list decides."""
    data = clean.with_chunk(clean.png(), name, body)
    assert isinstance(prove(data, data), Hold)
    assert isinstance(prove(clean.png(), data), Hold)


def test_a_wrong_checksum_is_refused(prove):
    """A chunk whose CRC does not fit is not passed on."""
    data = bytearray(clean.with_chunk(clean.png(), b"gAMA", struct.pack(">I", 45455)))
    data[33 + 12] ^= 1
    assert prove(clean.png(), bytes(data)).reason is Reason.MALFORMED


@pytest.mark.parametrize("extra", [b"\0", b"hidden rows" * 40])
def test_rows_beyond_the_height_and_bytes_beyond_the_stream_are_refused(prove, extra):
    """IDAT holds exactly the declared rows: neither more inside, nor anything behind."""
    data = clean.png()
    plain = zlib.decompress(data[slice(*idat(data))])
    inside = remade(data, zlib.compress(plain + extra))
    behind = remade(data, zlib.compress(plain) + extra)
    for soiled in (inside, behind, data + extra):
        assert "PNG" in prove(data, soiled).detail
        assert isinstance(prove(soiled, data), Accepted)


@pytest.mark.parametrize(
    ("sizes", "accepted"),
    [
        ([1 << 20, 1 << 20], True),
        ([(1 << 20) - 1, 1 << 20], False),
        ([1 << 20, 77, 1 << 20], False),
        ([1 << 20, 0], False),
        ([1 << 21], False),
    ],
)
def test_picture_data_is_cut_in_one_way_only(prove, sizes, accepted):
    """Pieces of a mebibyte, the last one shorter: their lengths say nothing."""
    grain = np.random.default_rng(1).integers(0, 256, (900, 900, 3), dtype=np.uint8)
    source = clean.encoded("PNG", Image.fromarray(grain))
    stream = b"".join(bodies(source))
    pieces, at = [], 0
    for size in [*sizes, len(stream)]:
        pieces.append(clean.chunk(b"IDAT", stream[at : at + size]))
        at += size
    again = source[:33] + b"".join(pieces) + clean.chunk(b"IEND", b"")
    verdict = prove(source, again)
    if accepted:
        assert verdict.proof is Proof.CODED_IDENTICAL
    else:
        assert verdict.reason is Reason.MALFORMED


def bodies(data: bytes) -> list[bytes]:
    """Return what stands in each IDAT chunk."""
    found, at = [], 8
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        found += [data[at + 8 : at + 8 + size]] if name == b"IDAT" else []
        at += 12 + size
    return found


def test_missing_rows_are_incomplete(prove):
    """A picture with fewer rows than its header says is cut."""
    data = clean.png()
    plain = zlib.decompress(data[slice(*idat(data))])
    assert prove(remade(data, zlib.compress(plain[:-9])), data).reason is Reason.INCOMPLETE


def test_an_animation_is_not_supported(prove):
    """An APNG is held: ordinary viewers hide its frames."""
    data = clean.with_chunk(clean.png(), b"acTL", struct.pack(">II", 1, 0))
    assert prove(data, clean.png()).reason is Reason.FORMAT_NOT_SUPPORTED


@pytest.mark.parametrize("name", [b"gAMA", b"pHYs", b"sRGB"])
def test_how_it_is_shown_is_compared(prove, name):
    """A colour or resolution chunk that went missing is seen."""
    body = {b"gAMA": struct.pack(">I", 45455), b"pHYs": bytes(3) + b"\1" + bytes(3) + b"\2\0"}
    source = clean.with_chunk(clean.png(), name, body.get(name, b"\0"))
    assert isinstance(prove(source, source), Accepted)
    assert "shown" in prove(source, clean.png()).detail


@pytest.mark.parametrize(("high", "wide", "step"), [(1, 1, 1), (5, 1, 3), (1, 7, 4), (9, 6, 8)])
def test_filters_are_undone_as_the_standard_says(high, wide, step):
    """The diagonal decoder gives what the sequential definition gives."""
    rng = np.random.default_rng(high)
    coded = rng.integers(0, 256, (high, wide * step + 1), dtype=np.uint8)
    coded[:, 0] = rng.integers(0, 5, high)
    above = np.zeros(wide * step, np.uint8)
    assert (unfiltered(coded.tobytes(), above, step) == sequential(coded, step)).all()


def sequential(coded: np.ndarray, step: int) -> np.ndarray:
    """Undo the filters byte by byte, as PNG section 9 defines them."""
    out = np.zeros((len(coded) + 1, coded.shape[1] - 1 + step), dtype=int)
    for row, line in enumerate(coded.astype(int), start=1):
        for place, value in enumerate(line[1:], start=step):
            left, up, corner = (
                out[row, place - step],
                out[row - 1, place],
                out[row - 1, place - step],
            )
            near = [abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)]
            paeth = (left, up, corner)[near.index(min(near))]
            guess = (0, left, up, (left + up) // 2, paeth)[line[0]]
            out[row, place] = (value + guess) & 255
    return out[1:, step:]
