"""TIFF: the tag list, the account of every byte, and pieces without slack."""

import io
import struct
from itertools import product

import pytest
import tifffile

from corpora import clean_photos as clean
from medrelease.terms.flow import Hold
from medrelease.terms.words import Reason
from medrelease.verify import Accepted

CODINGS = ["raw", "tiff_lzw", "tiff_deflate", "packbits", "jpeg"]


@pytest.mark.parametrize(
    ("coding", "mode"),
    [
        *product(CODINGS[:-1], ("RGB", "L", "P", "1", "RGBA", "CMYK", "I;16")),
        *product(CODINGS[-1:], ("RGB", "L", "CMYK")),
    ],
)
def test_clean_tiffs_of_every_kind_are_accepted(prove, mode, coding):
    """Strips in every coding that the prover knows parse to the last byte."""
    data = clean.tiff(mode, compression=coding, dpi=(300, 300))
    assert isinstance(prove(data, data), Accepted)


@pytest.mark.parametrize("bigtiff", [False, True])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize(
    "options",
    [
        {"photometric": "minisblack"},
        {"photometric": "minisblack", "tile": (16, 16)},
        {"photometric": "minisblack", "rowsperstrip": 7, "compression": "lzw"},
        {"photometric": "rgb", "tile": (16, 32), "compression": "deflate"},
        {"photometric": "rgb", "planarconfig": "separate"},
    ],
)
def test_tiles_pages_and_floats_are_accepted(prove, bigtiff, dtype, options):
    """BigTIFF, tiles, planes, more pages and floating point samples are read alike."""
    data = pages(2, bigtiff=bigtiff, dtype=dtype, **options)
    assert isinstance(prove(data, data), Accepted)


def pages(number: int, *, bigtiff: bool = False, dtype: str = "uint8", **options: object) -> bytes:
    """Return a clean TIFF: `number` grey pages, or one page of three planes or samples."""
    samples = clean.pixels(channels=3).astype(dtype)
    if options["photometric"] != "rgb" or "planarconfig" in options:
        samples = samples.transpose(2, 0, 1).copy()
    if options["photometric"] != "rgb":
        samples = samples[:number]
    sink = io.BytesIO()
    tifffile.imwrite(
        sink, samples, bigtiff=bigtiff, metadata=None, software=False, description=None, **options
    )
    return sink.getvalue()


@pytest.mark.parametrize("extra", [b"\0" * 16, b"x", b"hidden behind the last strip"])
def test_a_trailer_is_refused(prove, extra):
    """Bytes that no structure accounts for have no place."""
    data = clean.tiff()
    assert prove(data, data + extra).reason is Reason.MALFORMED
    assert isinstance(prove(data + extra, data), Accepted)


@pytest.mark.parametrize(
    "tag", [269, 270, 271, 272, 285, 305, 306, 315, 316, 700, 33432, 33723, 34377, 50341]
)
def test_a_tag_that_is_not_allowed_is_refused(prove, tag):
    """String tags and metadata blocks are refused where the source has them too."""
    data = clean.tiff(
        tiffinfo={tag: "Siobhan" if tag not in (700, 33723, 34377, 50341) else b"Siobhan"}
    )
    assert prove(data, data).detail == "TIFF tag that is not allowed"
    assert isinstance(prove(data, clean.tiff()), Accepted)


def test_a_value_with_a_tail_is_refused(prove):
    """The unused half of an inline value is not a hiding place."""
    data = bytearray(clean.tiff("L"))
    first = struct.unpack_from("<I", data, 4)[0]
    for at in range(first + 2, len(data), 12):
        _, kind, count = struct.unpack_from("<HHI", data, at)
        if (kind, count) == (3, 1):
            data[at + 10 : at + 12] = b"hi"
            break
    assert prove(clean.tiff("L"), bytes(data)).detail == "TIFF value with a tail"


def test_a_loop_of_directories_is_malformed(prove):
    """A directory that follows itself ends the reading."""
    data = bytearray(clean.tiff("L"))
    first = struct.unpack_from("<I", data, 4)[0]
    number = struct.unpack_from("<H", data, first)[0]
    struct.pack_into("<I", data, first + 2 + 12 * number, first)
    assert isinstance(prove(bytes(data), bytes(data)), Hold)


def test_how_a_page_is_shown_is_compared(prove):
    """Orientation and resolution of a page must be the source's."""
    turned = clean.tiff("L", tiffinfo={274: 6})
    assert isinstance(prove(turned, turned), Accepted)
    assert "orientation" in prove(turned, clean.tiff("L")).detail
    fine = clean.tiff("L", dpi=(300, 300))
    assert "resolution" in prove(fine, clean.tiff("L", dpi=(72, 72))).detail


def test_a_lost_page_is_seen(prove):
    """Three pages that became one are another picture."""
    options = {"photometric": "minisblack"}
    assert "pages" in prove(pages(2, **options), pages(1, **options)).detail


def test_a_comment_inside_a_jpeg_strip_is_refused(prove):
    """A strip of JPEG is proved like a JPEG file."""
    data = clean.tiff("L", compression="jpeg")
    at = data.index(b"\xff\xd8", 8) if data.count(b"\xff\xd8") else 0
    assert at
    soiled = data[:at] + data[at:].replace(b"\xff\xd8", b"\xff\xd8\xff\xfe\0\x04hi", 1)
    assert isinstance(prove(data, soiled), Hold)


@pytest.mark.parametrize("rows", [0, 1 << 31])
def test_rows_per_strip_that_decoders_stumble_over_are_refused(prove, rows):
    """Two values read like all rows here, but stop other decoders."""
    data = bytearray(pages(1, photometric="minisblack"))
    at = data.index(struct.pack("<H", 278), struct.unpack_from("<I", data, 4)[0])
    data[at : at + 12] = struct.pack("<HHII", 278, 4, 1, rows)
    assert "rows per strip" in prove(pages(1, photometric="minisblack"), bytes(data)).detail


def test_a_tag_without_a_value_is_no_tag(prove):
    """A count of zero is a source's fault and read as absent; a finished file has none."""
    data = bytearray(clean.tiff("L"))
    at = data.index(struct.pack("<HH", 258, 3))
    struct.pack_into("<I", data, at + 4, 0)
    assert isinstance(prove(bytes(data), clean.tiff("L")), Hold | Accepted)
    assert isinstance(prove(clean.tiff("L"), bytes(data)), Hold)
