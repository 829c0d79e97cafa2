"""The parts of the DICOM sanitiser: dates, codes, vocabularies, values, codestreams."""

from collections import Counter

import imagecodecs
import numpy as np
import pytest

from medrelease.sanitise.dicom import codes, codestream, dates, values, vocabulary
from medrelease.sanitise.refusal import Refusal
from medrelease.verify.dicom_dictionary import plausible


@pytest.mark.parametrize(
    ("vr", "value", "expected"),
    [
        (b"DA", b"20240301", b"20240229"),
        (b"DA", b"2004.01.19", b"20040118"),
        (b"DA", b"20240301\\20240302", b"20240229\\20240301"),
        (b"DA", b"20241301", None),
        (b"DA", b"yesterday", None),
        (b"TM", b"101112.5", b"101112.5"),
        (b"TM", b"10:11:12.5", b"101112.5"),
        (b"TM", b"10:11", b"1011"),
        (b"TM", b"10:1112", None),
        (b"TM", b"235960", b"235960"),
        (b"TM", b"246199", None),
        (b"TM", b"101112-111213", None),
        (b"TM", b"QUIXOTE", None),
        (b"DT", b"20240301101112.5+0100", b"20240229101112.5+0100"),
        (b"DT", b"202403", b"202402"),
        (b"DT", b"2024", b"2023"),
        (b"DT", b"20240230", None),
        (b"DT", b"20240301101112-1200", b"20240229101112-1200"),
        (b"DT", b"20240301101112+9999", None),
        (b"DT", b"2024.123456", None),
        (b"DT", b"20240301256199", None),
        (b"DT", b"2024030110-0500", b"2024022910-0500"),
        (b"DA", b"00010101", None),
    ],
)
def test_dates_move_by_whole_days(vr: bytes, value: bytes, expected: bytes | None) -> None:
    """Intervals, times and zones stay; partial dates keep their precision; nonsense is refused."""
    assert dates.moved(vr, value, 1) == expected


def test_codes_of_public_schemes_have_the_schemes_meaning() -> None:
    """A code is kept with the meaning that PS3.16 has for it, never with the sender's."""
    assert codes.recognised("113100", "DCM") == (
        "113100",
        "DCM",
        "Basic Application Confidentiality Profile",
    )
    assert codes.recognised("T-04000", "SRT") is not None
    assert codes.recognised("mm", "UCUM") is not None


@pytest.mark.parametrize(
    ("value", "scheme"),
    [
        ("QUIXOTE", "DCM"),
        ("QUIXOTE", "99LOCAL"),
        ("0123456789", "SCT"),
        ("{QUIXOTE}", "UCUM"),
        ("1234567", "LN"),
        ("", ""),
    ],
)
def test_codes_that_prove_nothing_are_not_kept(value: str, scheme: str) -> None:
    """Local schemes, wrong forms and wrong check digits have no standing."""
    assert codes.recognised(value, scheme) is None


def test_an_unlisted_code_of_snomed_needs_its_check_digit() -> None:
    """A SNOMED CT identifier that the context groups do not use stands by its check digit."""
    assert codes.recognised("22298006", "SCT") is not None
    assert codes.recognised("22298007", "SCT") is None


def test_only_terms_of_a_text_are_left() -> None:
    """Clean Descriptors keeps body parts and views, and no name."""
    assert vocabulary.only_terms("CT Chest of QUIXOTE, Alonso 1937") == "CT Chest of"


def test_makers_are_names_of_makers_and_nothing_else() -> None:
    """A maker's name with somebody's name behind it is none."""
    assert vocabulary.is_maker("GE MEDICAL SYSTEMS")
    assert vocabulary.is_maker("G.E. Medical Systems, Inc.")
    assert vocabulary.is_maker("ALOKA CO., LTD.")
    assert not vocabulary.is_maker("GE MEDICAL SYSTEMS QUIXOTE")
    assert not vocabulary.is_maker("QUIXOTE Inc.")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Liver", True),
        ("ABDOMEN/PELVIS", True),
        ("ImagePositionPatient", True),
        ("SN", True),
        ("2.6.3", True),
        ("1.00", True),
        ("Liver of Quixote", False),
        ("Quixote", False),
        ("Li Ng", False),
        ("12.03.1956", False),
        ("0123456789", False),
        ("", False),
    ],
)
def test_plain_texts_say_nothing_of_anybody(text: str, plain: bool) -> None:
    """Words of the vocabulary, keywords, single letters and short versions; nothing else."""
    assert vocabulary.is_plain(text) is plain


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("ml/100ml/s", True),
        ("kBq/ml", True),
        ("/min", True),
        ("Quixote/ml", False),
        ("10a7b", False),
    ],
)
def test_units_are_made_of_atoms(value: str, kept: bool) -> None:
    """A unit that PS3.16 does not list stands by its grammar, and the prover knows it too."""
    assert (codes.recognised(value, "UCUM") is not None) is kept
    assert plausible("UCUM", value) is kept


@pytest.mark.parametrize(
    ("tag", "vr", "raw", "most", "expected"),
    [
        (0x00180050, b"DS", b"2.5 ", 1, b"2.5"),
        (0x00180050, b"DS", b"QUIXOTE", 1, None),
        (0x00180050, b"DS", b"2.5\0QUIXOTE", 1, b"2.5"),
        (0x00180050, b"DS", b"2\\3", 1, None),
        (0x00200013, b"IS", b"12", 1, b"12"),
        (0x00180015, b"CS", b"CHEST", 1, b"CHEST"),
        (0x00180015, b"CS", b"QUIXOTE", 1, None),
        (0x00080008, b"CS", b"ORIGINAL\\PRIMARY\\QUIXOTE", None, b"ORIGINAL\\PRIMARY\\OTHER"),
        (
            0x00080008,
            b"CS",
            b"ORIGINAL\\PRIMARY\\AXIAL\\QUIXOTE",
            None,
            b"ORIGINAL\\PRIMARY\\AXIAL",
        ),
        (0x00200020, b"CS", b"L\\PH", None, b"L\\PH"),
        (0x00280010, b"US", b"\1\0", 1, b"\1\0"),
        (0x00280010, b"US", b"QUIXOTE!", 1, None),
        (0x00080070, b"LO", b"SIEMENS", 1, b"SIEMENS"),
        (0x00081090, b"LO", b"QUIXOTE", 1, None),
        (0x00281054, b"LO", b"HU", 1, b"HU"),
        (0x00104000, b"LT", b"", 1, b""),
    ],
)
def test_values_prove_themselves_by_their_form(
    tag: int, vr: bytes, raw: bytes, most: int | None, expected: bytes | None
) -> None:
    """Numbers, terms and nothing else are kept without being named by the table."""
    assert values.provable(tag, vr, raw, most) == expected


def test_big_endian_numbers_are_turned() -> None:
    """Words change their bytes, texts do not."""
    assert values.little(b"US", b"\1\2\3\4") == b"\2\1\4\3"
    assert values.little(b"AT", b"\0\x10\0\x20") == b"\x10\0\x20\0"
    assert values.little(b"LO", b"AB") == b"AB"


def _segment(code: int, body: bytes) -> bytes:
    return bytes((0xFF, code)) + (len(body) + 2).to_bytes(2, "big") + body


def _joined(pieces: codestream.Pieces) -> bytes:
    return b"".join(bytes(piece) for piece in pieces)


_JFIF = _segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
_SCAN = _segment(0xC3, b"12345678901") + _segment(0xDA, b"1234567") + b"ab\xff\x00cd\xff\xd0ef"


def test_a_jpeg_frame_loses_its_application_data() -> None:
    """EXIF, comments and what follows the end go; JFIF, tables and scans stay bit for bit."""
    counts: Counter[str] = Counter()
    pixels = np.random.default_rng(1).integers(0, 255, (16, 16), np.uint8)
    coded = bytes(imagecodecs.ljpeg_encode(pixels))
    picture = _joined(codestream.jpeg(memoryview(coded), Counter()))[2:-2]
    clean = b"\xff\xd8" + _JFIF + picture + b"\xff\xd9"
    dirty = b"\xff\xd8" + _JFIF + _segment(0xE1, b"Exif\0\0QUIXOTE") + _segment(0xFE, b"QUIXOTE")
    dirty += picture + _segment(0xFE, b"QUIXOTE") + b"\xff\xd9QUIXOTE"
    assert _joined(codestream.jpeg(memoryview(dirty), counts)) == clean
    assert +counts == {"frame-segment": 3, "frame-tail": 1}
    assert np.array_equal(imagecodecs.ljpeg_decode(clean), pixels)


@pytest.mark.parametrize(
    "frame",
    [b"", b"\xff\xd8", b"\xff\xd8" + _SCAN, b"\xff\xd8QUIXOTE", b"\xff\xd8\xff\xe1\xff\xff"],
)
def test_a_broken_jpeg_frame_is_refused(frame: bytes) -> None:
    """A cut frame and stray bytes between segments are no frame."""
    with pytest.raises(Refusal):
        codestream.jpeg(memoryview(frame), Counter())


def test_a_jpeg_2000_frame_loses_its_comments() -> None:
    """Comments go from the main header and from a tile-part's, whose length says so."""
    pixels = np.random.default_rng(1).integers(0, 255, (16, 16), np.uint8)
    coded = imagecodecs.jpeg2k_encode(pixels, level=0, codecformat="j2k")
    clean = _joined(codestream.jpeg_2000(memoryview(coded), Counter()))
    comment = _segment(0x64, b"\0\1QUIXOTE")
    tile = clean.index(b"\xff\x90")
    length = int.from_bytes(clean[tile + 6 : tile + 10], "big") + len(comment)
    start = clean[tile : tile + 6] + length.to_bytes(4, "big") + clean[tile + 10 : tile + 12]
    head = clean[:2] + clean[2 : 4 + int.from_bytes(clean[4:6], "big")]
    rest = clean[len(head) : tile]
    dirty = head + comment + rest + start + comment + clean[tile + 12 :] + b"QUIXOTE"
    found = _joined(codestream.jpeg_2000(memoryview(dirty), Counter()))
    assert b"QUIXOTE" not in found
    assert found == clean
    assert np.array_equal(imagecodecs.jpeg2k_decode(found), pixels)


def test_an_rle_frame_ends_with_its_last_pixel() -> None:
    """What stands behind the last packet of a segment, or in unused offsets, goes."""
    words = [1, 64] + [0x51515151] * 14
    header = b"".join(word.to_bytes(4, "little") for word in words)
    dirty = header + b"\x03abcd\xfd\x07" + b"QUIXOTE"
    clean = _joined(codestream.rle(memoryview(dirty), 8, Counter()))
    assert clean[8:64] == bytes(56)
    assert clean[64:] == b"\x03abcd\xfd\x07\0"


@pytest.mark.parametrize("number", [0, 16, 2**32 - 1])
def test_an_rle_frame_of_a_number_of_segments_that_none_has_is_held(number: int) -> None:
    """What the header claims is judged before anything is done as often as it says."""
    frame = number.to_bytes(4, "little") + (64).to_bytes(4, "little") + bytes(56) + b"\xfd\x07"
    with pytest.raises(Refusal):
        codestream.rle(memoryview(frame), 4, Counter())


@pytest.mark.parametrize("tag", [0x00281054, 0x00283004])
def test_a_unit_that_says_nothing_is_the_term_for_that(tag: int) -> None:
    """Rescale Type and Modality LUT Type are enumerated: US is unspecified."""
    assert values.dummy(tag, b"LO", b"QUIXOTE", b"k" * 32) == b"US"
    assert values.dummy(0x00080080, b"LO", b"QUIXOTE", b"k" * 32).startswith(b"ANON-")
