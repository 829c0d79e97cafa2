"""JPEG: every structure that is not on the list is refused, and what is on it is compared."""

import pytest

from corpora import clean_photos as clean
from medrelease.terms.flow import Hold
from medrelease.terms.words import Proof, Reason
from medrelease.verify import Accepted

EXIF = b"Exif\0\0"
NEUTRAL = clean.exif_block([clean.orientation_entry(6)])
QUANT = clean.segment(0xDB, b"\x03" + bytes(range(1, 65)))
HUFF = clean.segment(0xC4, b"\x13" + b"\1" + bytes(15) + b"\x05")


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"progressive": True},
        {"optimize": True},
        {"restart_marker_blocks": 2},
        {"restart_marker_rows": 1, "progressive": True},
        {"dpi": (300, 300)},
        {"subsampling": 2},
        {"keep_rgb": True},
    ],
)
def test_clean_jpegs_of_every_kind_are_accepted(prove, mode, options):
    """Baseline, progressive, restart markers, grey, colour and CMYK parse to the last byte."""
    data = clean.jpeg(mode, **options)
    assert isinstance(prove(data, data), Accepted)


@pytest.mark.parametrize("order", ["<", ">"])
def test_orientation_is_kept(prove, order):
    """A source with all its EXIF and a finished file with the orientation alone agree."""
    entries = [clean.orientation_entry(6, order), clean.text_entry(0x13B, clean.GREETING)]
    source = clean.with_segment(clean.jpeg(), 0xE1, EXIF + clean.exif_block(entries, order))
    block = clean.exif_block(entries[:1], order)
    assert isinstance(prove(source, clean.with_segment(clean.jpeg(), 0xE1, EXIF + block)), Accepted)
    assert "orientation" in prove(source, clean.jpeg()).detail


@pytest.mark.parametrize(
    ("marker", "payload"),
    [
        (0xFE, b"a comment"),
        (0xE0, b"JFXX\0\x10" + bytes(20)),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>"),
        (0xE2, b"MPF\0" + bytes(20)),
        (0xE5, bytes(4)),
        (0xEB, b"JP" + bytes(20)),
        (0xED, b"Photoshop 3.0\0" + bytes(20)),
        (0xEE, b"Adobe\0\x64\0\0\0\0\x01tail"),
        (0xEE, b"Adobe\0\x64\0\0ab\x01"),
        (0xE1, EXIF + clean.exif_block([clean.text_entry(0x10F, "Maker of cameras")])),
        (0xE1, EXIF + NEUTRAL + b"\0"),
        (0xE1, EXIF + NEUTRAL[:-1] + b"\x09"),
        (0xE1, EXIF + clean.exif_block([(0x112, 3, 1, b"\x06\0ab")])),
        (0xE1, EXIF + clean.exif_block([(0x112, 3, 1, b"\x09\0")])),
        (0xE1, EXIF + clean.exif_block([(0x112, 3, 2, b"\x06\0ab")])),
        (0xE1, EXIF),
        (0xE2, b"ICC_PROFILE\0\1\2" + bytes(200)),
        (0xE2, b"ICC_PROFILE\0\1\1" + bytes(200)),
        (0xE2, b"ICC_PROFILE\0\1\1" + clean.srgb_profile()),
    ],
)
def test_a_segment_that_is_not_allowed_is_refused(prove, marker, payload):
    """The same file as source and finished file: nothing but the list decides."""
    data = clean.with_segment(clean.jpeg(), marker, payload)
    held = prove(data, data)
    assert isinstance(held, Hold)
    assert held.reason in (Reason.MALFORMED, Reason.INCOMPLETE)


@pytest.mark.parametrize(
    "soiled",
    [
        lambda d: d + b"\0",
        lambda d: d + d,
        lambda d: d[:2] + b"\xff" + d[2:],
        lambda d: d[: d.index(b"\xff\xdb")] + b"xyz" + d[d.index(b"\xff\xdb") :],
        lambda d: d[:2] + QUANT + d[2:],
        lambda d: d[:2] + HUFF + d[2:],
        lambda d: d[:2] + QUANT + QUANT + d[2:],
        lambda d: d[:-2] + b"\xff\xd0" + d[-2:],
        lambda d: d[:-2] + b"\xff" + d[-2:],
        lambda d: d[:-2] + clean.segment(0xFE, b"late") + d[-2:],
    ],
)
def test_stray_bytes_and_unused_tables_are_refused(prove, soiled):
    """Trailers, fill bytes, tables that no scan uses and surplus restart markers have no place."""
    data = soiled(clean.jpeg())
    assert prove(clean.jpeg(), data).reason is Reason.MALFORMED


def test_unused_tables_and_their_grouping_leave_the_picture_alone(prove):
    """A cleaner may drop what no scan uses and regroup the tables: the picture is the same."""
    data = clean.jpeg()
    source = data[:2] + QUANT + HUFF + clean.segment(0xFE, b"note") + data[2:] + b"trailer bytes"
    assert prove(source, data).proof is Proof.CODED_IDENTICAL


@pytest.mark.parametrize("where", ["quantisation", "huffman", "scan"])
def test_a_changed_table_or_scan_is_another_picture(prove, where):
    """One changed byte of what decodes the picture is seen."""
    data = bytearray(clean.jpeg())
    at = {"quantisation": data.index(b"\xff\xdb") + 10, "scan": len(data) - 20}.get(where)
    at = at or data.index(b"\xff\xc4") + 4 + 17
    data[at] ^= 1
    assert isinstance(prove(clean.jpeg(), bytes(data)), Hold)


def test_resolution_is_compared(prove):
    """300 dots per inch that became 72 are seen."""
    held = prove(clean.jpeg(dpi=(300, 300)), clean.jpeg(dpi=(72, 72)))
    assert "resolution" in held.detail


def test_colour_model_is_compared(prove):
    """Without its Adobe segment an RGB picture would be shown in false colours."""
    rgb = clean.jpeg(keep_rgb=True)
    unnamed = rgb.replace(b"R\x11\0G\x11\0B\x11\0", b"\1\x11\0\2\x11\0\3\x11\0")
    unnamed = unnamed.replace(b"\x03R\0G\0B\0", b"\x03\1\0\2\0\3\0")
    assert isinstance(prove(unnamed, unnamed), Accepted)
    at = unnamed.index(b"\xff\xee")
    assert "colour" in prove(unnamed, unnamed[:at] + unnamed[at + 16 :]).detail


@pytest.mark.parametrize("process", [0xC3, 0xC5, 0xC9, 0xCA, 0xCF])
def test_other_processes_are_not_supported(prove, process):
    """Lossless, hierarchical and arithmetic JPEG are held as a form that is not supported."""
    data = clean.jpeg().replace(b"\xff\xc0", bytes((0xFF, process)))
    assert prove(data, data).reason is Reason.FORMAT_NOT_SUPPORTED


@pytest.mark.parametrize("symbol", [0x1B, 0x00])
def test_a_table_that_decoders_refuse_is_refused(prove, symbol):
    """A symbol that no picture has, or one that is there twice, though the scan never uses it."""
    data = bytearray(clean.jpeg())
    last = data.index(b"\xff\xc4") + 4 + 17 + 11  # the last symbol of the first table, for DC
    assert data[last] == 11
    data[last] = symbol
    outcome = prove(clean.jpeg(), bytes(data))
    assert isinstance(outcome, Hold)
    assert outcome.reason is Reason.MALFORMED


def test_only_a_source_may_select_coefficients_in_a_sequential_scan(prove):
    """What a source's header selects means nothing; a finished one has a true header."""
    data = clean.jpeg()
    at = data.index(b"\xff\xda")
    end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    for told in (b"\0\0\0", b"\x01\x05\x12"):
        selecting = data[: end - 3] + told + data[end:]
        assert isinstance(prove(selecting, data), Accepted)
        held = prove(data, selecting)
        assert isinstance(held, Hold)
        assert held.reason is Reason.MALFORMED
        assert isinstance(prove(selecting, selecting), Hold)
