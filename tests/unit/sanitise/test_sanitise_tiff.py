"""TIFF pages and pieces: layouts and compressions that stay, slack that goes, files refused."""

import io
import random
import struct
import zlib

import imagecodecs
import numpy as np
import pytest
import tifffile

from corpora import photos_tiff, plain_lzw
from corpora.cleaned import cleaned
from corpora.photos_base import picture, saved
from corpora.photos_tiff import assembled, longs, page_tags, pixels, shorts
from medrelease.sanitise import _lzw as native
from medrelease.sanitise import tiff_lzw
from medrelease.sanitise.refusal import Refusal
from medrelease.sanitise.tiff_lzw import lzw_length
from medrelease.terms.flow import Hold, Sanitised
from medrelease.terms.words import Reason

RGB = np.asarray(picture(6, (90, 70)))
GREY16 = RGB[:, :, 0].astype(np.uint16) * 257


def written(samples: np.ndarray, **options: object) -> bytes:
    """A TIFF written by tifffile."""
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, samples, description="ONEILL", **options)
    return buffer.getvalue()


def reason(data: bytes) -> Reason | None:
    """The reason that a file is held for, None where it is cleaned."""
    outcome, _ = cleaned(data)
    return outcome.reason if isinstance(outcome, Hold) else None


@pytest.mark.parametrize(
    ("samples", "options"),
    [
        (RGB, {"photometric": "rgb", "rowsperstrip": 16}),
        (RGB, {"photometric": "rgb", "compression": "lzw", "rowsperstrip": 32}),
        (RGB, {"photometric": "rgb", "compression": "lzw", "predictor": True, "bigtiff": True}),
        (RGB, {"photometric": "rgb", "compression": "zlib", "predictor": True, "tile": (32, 32)}),
        (RGB, {"photometric": "rgb", "compression": "jpeg", "tile": (32, 32)}),
        (RGB, {"photometric": "rgb", "compression": "packbits"}),
        (RGB.transpose(2, 0, 1), {"photometric": "rgb", "planarconfig": "separate"}),
        (GREY16, {"byteorder": ">"}),
        (GREY16, {"byteorder": ">", "bigtiff": True, "compression": "zlib"}),
        (GREY16.astype(np.float32), {"compression": "zlib"}),
        (GREY16.astype(np.uint32), {}),
        (GREY16.astype(np.float64), {"tile": (16, 16)}),
        (np.stack([GREY16, GREY16[::-1]]), {"photometric": "minisblack"}),
        (np.dstack([RGB, RGB[:, :, :1]]), {"photometric": "rgb", "extrasamples": ["unassalpha"]}),
    ],
)
def test_samples_survive_every_layout(samples: np.ndarray, options: dict[str, object]) -> None:
    """Strips, tiles, planes, byte orders, depths and compressions decode to the same samples."""
    data = written(samples, **options)
    outcome, finished = cleaned(data)
    assert isinstance(outcome, Sanitised), outcome
    result, source = tifffile.imread(io.BytesIO(finished)), tifffile.imread(io.BytesIO(data))
    assert result.dtype == source.dtype
    assert np.array_equal(result, source)
    assert b"ONEILL" not in finished


def test_tables_shared_by_jpeg_strips_stay_shared() -> None:
    """JPEGTables come out with what the strips read, and strips without tables of their own."""
    _, finished = cleaned(saved(picture(1), "TIFF", compression="jpeg"))
    with tifffile.TiffFile(io.BytesIO(finished)) as file:
        page = file.pages[0]
        assert page.jpegtables is not None
        start = page.dataoffsets[0]
        strip = finished[start : start + page.databytecounts[0]]
    assert b"\xff\xdb" not in strip
    assert b"\xff\xc4" not in strip


@pytest.mark.parametrize(
    ("compression", "strip", "wanted"),
    [
        (1, pixels(1)[:-1], Reason.INCOMPLETE),
        (8, zlib.compress(pixels(1)[:-1]), Reason.INCOMPLETE),
        (8, zlib.compress(pixels(1) + b"row"), Reason.MALFORMED),
        (8, zlib.compress(pixels(1))[:-9], Reason.INCOMPLETE),
        (8, b"no zlib stream", Reason.MALFORMED),
        (5, b"no LZW stream", Reason.MALFORMED),
        (5, b"\x80\x00\x00", Reason.INCOMPLETE),
        (32773, b"\x05abcdef", Reason.INCOMPLETE),
        (4, bytes(40), Reason.INCOMPLETE),
        (6, bytes(40), Reason.FORMAT_NOT_SUPPORTED),
        (3, b"", Reason.INCOMPLETE),
        (32773, b"", Reason.INCOMPLETE),
        (50001, bytes(40), Reason.MALFORMED),
        (34661, bytes(40), Reason.FORMAT_NOT_SUPPORTED),
    ],
)
def test_pieces_that_do_not_hold_their_rows(compression: int, strip: bytes, wanted: Reason) -> None:
    """A strip that is cut, overlong, broken or of an unknown compression is held."""
    assert reason(assembled([(page_tags(compression), strip)])) is wanted


def test_a_piece_that_claims_more_than_memory_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """A header may lie about its size: what the decoder then asks for is not there."""

    def vast(_data: bytes, **_options: object) -> None:
        raise MemoryError

    monkeypatch.setattr(imagecodecs, "lerc_decode", vast)
    file = assembled([(page_tags(34887), b"Lerc2 ".ljust(40, b"-"))])
    assert reason(file) is Reason.LIMITS_EXCEEDED


@pytest.mark.parametrize("tag", [259, 266, 277, 284, 317])
def test_a_zero_that_no_decoder_knows_is_malformed(tag: int) -> None:
    """Some readers take it for the default, others refuse the page, or see it in planes."""
    file = assembled([(page_tags() | {tag: shorts(0)}, pixels(1))])
    assert reason(file) is Reason.MALFORMED


def test_loop_of_directories_is_malformed() -> None:
    """A directory that is its own successor is refused."""
    data = bytearray(assembled([(page_tags(), pixels(1))]))
    data[-4:] = data[4:8]
    assert reason(bytes(data)) is Reason.MALFORMED


@pytest.mark.parametrize("tag", [256, 257, 258, 262, 277])
def test_tag_without_a_value_is_malformed(tag: int) -> None:
    """A needed tag with a count of zero is refused."""
    assert reason(assembled([(page_tags() | {tag: (3, b"")}, pixels(1))])) is Reason.MALFORMED


def test_declared_gigapixels_are_over_the_limit() -> None:
    """A page of four gigapixels is refused before a strip is looked at."""
    tags = page_tags(t256=longs(65536), t257=longs(65536), t278=longs(65536))
    assert reason(assembled([(tags, b"")])) is Reason.LIMITS_EXCEEDED


def test_more_strips_than_rows_allow_is_over_the_limit() -> None:
    """A page of millions of one-row strips is refused without listing them."""
    tags = page_tags(t256=longs(1), t257=longs(1 << 30), t278=longs(1))
    assert reason(assembled([(tags, b"")])) is Reason.LIMITS_EXCEEDED


def test_thumbnail_pages_are_counted() -> None:
    """A reduced copy in the chain goes; both full pages stay."""
    pages = [(page_tags(), pixels(1)), (page_tags(t254=longs(1)), pixels(2))]
    outcome, finished = cleaned(assembled([*pages, (page_tags(), pixels(3))]))
    assert isinstance(outcome, Sanitised)
    assert outcome.actions["thumbnail"] == 1
    with tifffile.TiffFile(io.BytesIO(finished)) as file:
        assert [page.asarray().tobytes() for page in file.pages] == [pixels(1), pixels(3)]


@pytest.mark.parametrize(
    "changed",
    [
        {"t262": shorts(32803)},
        {"t254": longs(1)},
        {"t50706": (1, b"\1\4\0\0")},
        {"t270": (2, b"Aperio\0\0")},
    ],
)
def test_raw_and_slides_are_not_supported(changed: dict[str, tuple[int, bytes]]) -> None:
    """Camera RAW and whole-slide files are held although they are TIFF inside."""
    data = assembled([(page_tags(**changed), pixels(1))])
    assert reason(data) is Reason.FORMAT_NOT_SUPPORTED


def test_text_in_fractions_does_not_survive() -> None:
    """Fractions are written in lowest terms with small denominators, so that letters are lost."""
    primaries = (5, b"ONEILL SIOBHAN A" * 3)
    outcome, finished = cleaned(assembled([(page_tags(t319=primaries), pixels(1))]))
    assert isinstance(outcome, Hold) or b"EILL" not in finished
    huge = (5, b"ONEILL SIOBHAN A".replace(b" SIO", b"\0\0\0\1") * 3)
    assert reason(assembled([(page_tags(t319=huge), pixels(1))])) is Reason.MALFORMED


def test_lzw_walk_finds_the_end() -> None:
    """The walk over LZW codes ends where the encoder ended, whatever lies behind."""
    samples = np.random.default_rng(3).integers(0, 40, (300, 200), np.uint8)
    data = written(samples, compression="lzw", rowsperstrip=300)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        start, length = file.pages[0].dataoffsets[0], file.pages[0].databytecounts[0]
    strip = data[start : start + length]
    assert lzw_length(memoryview(strip), samples.size) == length
    assert length - 1 <= lzw_length(memoryview(strip + b"slack"), samples.size) <= length
    with pytest.raises(Refusal) as refusal:
        lzw_length(memoryview(strip[: length // 2]), samples.size)
    assert refusal.value.reason is Reason.INCOMPLETE


@pytest.mark.parametrize("seed", range(30))
def test_lzw_codes_are_followed_as_plainly(seed: int) -> None:
    """Whatever is changed or cut: the same verdict, and the end of the same code."""
    draw = random.Random(seed)
    for _ in range(12):
        plain = bytes(draw.choices(range(draw.choice((2, 9, 256))), k=draw.randrange(1, 6000)))
        coded = bytearray(imagecodecs.lzw_encode(plain))
        for _ in range(draw.randrange(3)):
            coded[draw.randrange(len(coded))] = draw.randrange(256)
        if draw.random() < 0.3:
            del coded[draw.randrange(1, len(coded) + 1) :]
        expected = draw.choice((len(plain), draw.randrange(1, 6000)))
        told, bits = native.strip(memoryview(coded), expected)
        said = plain_lzw.strip(bytes(coded), expected)
        if isinstance(said, str):
            assert (told == 1) == (said == plain_lzw.CUT), (told, said)
            assert told
        else:
            assert told == 0
            assert said[1] <= bits <= said[1] + 24


def test_without_its_module_no_lzw_is_cleaned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the module was not built the strip is refused, with a reason that says so."""
    monkeypatch.setattr(tiff_lzw, "HAS_LZW", False)
    with pytest.raises(Refusal) as refusal:
        lzw_length(memoryview(b"\x80\0"), 1)
    assert refusal.value.reason is Reason.DECODER_MISSING


def test_strips_that_overlap_are_malformed() -> None:
    """A page whose strips all point to the same bytes cannot make a large file of a small one."""
    tags = page_tags(t278=longs(1))
    data = bytearray(b"II*\0" + bytes(4) + pixels(1))
    row = 96 * 3
    tags |= {273: longs(*[8] * 64), 279: longs(*[row * 8] * 64)}
    photos_tiff.append_directory(data, tags, 4)
    assert reason(bytes(data)) is Reason.MALFORMED
    assert struct.unpack_from("<I", data, 4)[0] < len(data)


def test_a_strip_in_the_header_is_malformed() -> None:
    """An offset of zero tells some decoders that there is no strip: then it is no picture."""
    file = bytearray(assembled([(page_tags(), pixels(1))]))
    place = file.index((273).to_bytes(2, "little") + b"\4\0\1\0\0\0") + 8
    file[place : place + 4] = bytes(4)
    assert reason(bytes(file)) is Reason.MALFORMED
