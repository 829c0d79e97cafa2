"""The prover on DICOM objects: it accepts what is clean and nothing else."""

from pathlib import Path
from struct import pack

import pytest
from pydicom.data import get_testdata_file

from corpora import dicoms
from corpora.dicom_cleaning import LABEL, cleaned, proved
from medrelease.terms.flow import Hold
from medrelease.terms.words import Proof, Reason
from medrelease.verify import Accepted
from medrelease.verify.dicom import read_finished, read_source
from medrelease.verify.refusal import Refusal

REAL = (
    "CT_small.dcm",
    "MR_small_RLE.dcm",
    "MR_small_jp2klossless.dcm",
    "SC_rgb_jpeg_dcmtk.dcm",
    "examples_palette.dcm",
    "MR_small_jpeg_ls_lossless.dcm",
    "MR_small_bigendian.dcm",
    "image_dfl.dcm",
    "ExplVR_BigEnd.dcm",
    "examples_overlay.dcm",
    "liver_1frame.dcm",
    "SC_rgb_rle_2frame.dcm",
)


def _real(name: str) -> bytes:
    path = get_testdata_file(name)
    assert isinstance(path, str)
    return Path(path).read_bytes()


def _finished() -> bytes:
    return cleaned(dicoms.make_plain("ct"))[0]


def _with(tag: int, vr: str, value: bytes) -> bytes:
    """The finished CT with one element put where it belongs, or in place of the one there."""
    data, at, out = _finished(), 132, b""
    new = dicoms.element(tag, vr, value)
    while at < len(data):
        here = int.from_bytes(data[at : at + 2], "little") << 16
        here |= int.from_bytes(data[at + 2 : at + 4], "little")
        long = data[at + 4 : at + 6] in (b"OB", b"OW", b"SQ")
        size = int.from_bytes(data[at + 8 : at + 12] if long else data[at + 6 : at + 8], "little")
        end = at + (12 if long else 8) + size
        if here >= tag and new:
            out, new = out + new, b""
        out += b"" if here == tag else data[at:end]
        at = end
    return data[:132] + out + new


@pytest.mark.parametrize("kind", dicoms.KINDS)
def test_a_cleaned_object_is_accepted(kind: str) -> None:
    """The pair of a planted source and its clean form is proved, with identical pixels."""
    source = dicoms.make(kind)
    said = proved(source, cleaned(source)[0], [dicoms.HC_NUMBER, dicoms.MARKER])
    assert isinstance(said, Accepted), said
    assert said.proof is Proof.CODED_IDENTICAL


@pytest.mark.parametrize("name", REAL)
def test_a_cleaned_real_object_is_accepted(name: str) -> None:
    """Real objects of every transfer syntax are proved."""
    source = _real(name)
    assert isinstance(proved(source, cleaned(source)[0]), Accepted)


@pytest.mark.parametrize(
    ("tag", "vr", "value"),
    [
        (0x00080000, "UL", pack("<I", 4)),
        (0x00090010, "LO", b"SENDER"),
        (0x00080021, "DA", b"1937"),
        (0x00080060, "CS", b"quixote"),
        (0x00080060, "LO", b"CT"),
        (0x00120062, "CS", b"NO"),
        (0x00080018, "UI", b"2.25.7"),
        (0x00180050, "DS", b"two"),
        (0x00180015, "CS", b"CHEST\0HIDE"),
        (0x0008F00E, "LO", b"unknown"),
        (0x60003000, "OW", b"overlay "),
        (0x04000561, "SQ", b""),
        (0x50000010, "US", b"\0\0"),
        (0xFFFCFFFC, "OB", b"padding "),
    ],
)
def test_what_may_not_be_in_a_finished_object_is_refused(tag: int, vr: str, value: bytes) -> None:
    """Private, banned and unknown attributes and values of a wrong form are no clean object."""
    with pytest.raises(Refusal):
        read_finished(memoryview(_with(tag, vr, value)))


def test_the_splice_of_these_tests_makes_readable_objects() -> None:
    """An attribute that may stay is accepted by the same splice."""
    read_finished(memoryview(_with(0x00180050, "DS", b"2.5")))


@pytest.mark.parametrize(
    ("tag", "vr", "value"),
    [
        (0x00080080, "LO", f"Hospital of {dicoms.MARKER}".encode()),
        (0x00080020, "DA", dicoms.DATE.encode()),
        (0x0020000D, "UI", f"{dicoms.UID_ROOT}.2".encode()),
        (0x00101000, "LO", b"012-345-6789"),
    ],
)
def test_what_the_source_said_of_the_patient_is_found(tag: int, vr: str, value: bytes) -> None:
    """A name, a date, a UID or a number of the source in the finished file is residual."""
    said = proved(dicoms.make_plain("ct"), _with(tag, vr, value), [dicoms.HC_NUMBER])
    assert isinstance(said, Hold)
    assert said.reason is Reason.RESIDUAL_IDENTIFIER


@pytest.mark.parametrize("tag", [0x00540016, 0x0008F00C, 0x00091010])
@pytest.mark.parametrize("depth", [1, 3])
def test_a_name_in_items_that_came_as_un_is_found(tag: int, depth: int) -> None:
    """A sequence of defined length that a sender hid in UN is read, and one hidden in that one.

    Listed, unknown and private: a short name, which no search for printable runs would give.
    """
    inner = dicoms.implicit(0x00100010, b"Quill^Ad")
    for _ in range(depth - 1):
        item = pack("<HHI", 0xFFFE, 0xE000, len(inner)) + inner
        inner = dicoms.implicit(0x0008F00C, item)
    found = dicoms.image("ct")
    found[0x00090010] = dicoms.element(0x00090010, "LO", b"SENDER")
    found[tag] = dicoms.sequence(tag, inner, vr="UN")
    source = dicoms.file(found)
    clean, _ = cleaned(source)
    assert isinstance(proved(source, clean), Accepted)
    assert "Quill" in read_source(memoryview(source)).texts
    assert "Quill^Ad" in read_source(memoryview(source)).texts
    spoiled = _with(0x00080080, "LO", b"Quill ")
    said = proved(source, spoiled)
    assert isinstance(said, Hold)
    assert said.reason is Reason.RESIDUAL_IDENTIFIER


def test_codes_in_items_that_came_as_un_are_terms() -> None:
    """What a coded entry in them means may stand elsewhere, as it may from any other sequence."""
    code = dicoms.implicit(0x00080100, b"T-D3000 ") + dicoms.implicit(0x00080102, b"SRT ")
    code += dicoms.implicit(0x00080104, b"Thorax")
    found = dicoms.image("ct")
    found[0x00082218] = dicoms.sequence(0x00082218, code, vr="UN")
    source = dicoms.file(found)
    clean, _ = cleaned(source)
    assert b"Thoracic structure" in clean
    assert isinstance(proved(source, clean), Accepted)


def test_another_picture_is_not_accepted() -> None:
    """One bit of one pixel changed is another picture."""
    finished = bytearray(_finished())
    finished[-2] ^= 1
    assert isinstance(proved(dicoms.make_plain("ct"), bytes(finished)), Hold)


def test_bits_beside_the_samples_are_refused() -> None:
    """A bit above the twelve of a sample is no clean object, though the picture is the same."""
    finished = bytearray(_finished())
    finished[-1] |= 0x80
    with pytest.raises(Refusal):
        read_finished(memoryview(finished))


def _two_frames() -> bytes:
    return cleaned(_real("SC_rgb_rle_2frame.dcm"))[0]


def test_an_offset_table_must_be_true() -> None:
    """A table that tells other places, or carries something else, is refused."""
    data = _two_frames()
    at = data.index(b"\xfe\xff\x00\xe0\x08\0\0\0") + 8
    read_finished(memoryview(data))
    for wrong in (b"\0\0\0\0\0\0\0\0", b"\2\0\0\0" + data[at + 4 : at + 8], b"QUIXOTE!"):
        with pytest.raises(Refusal):
            read_finished(memoryview(data[:at] + wrong + data[at + 8 :]))
    with pytest.raises(Refusal):
        read_finished(memoryview(data[: at - 4] + bytes(4) + data[at + 8 :]))


def _with_extended(data: bytes, offsets: bytes, lengths: bytes) -> bytes:
    """The finished file with an Extended Offset Table in place of its Basic one."""
    at = data.index(b"\xe0\x7f\x10\0OB")
    table = data.index(b"\xfe\xff\x00\xe0\x08\0\0\0", at) + 4
    extended = dicoms.element(0x7FE00001, "OV", offsets) + dicoms.element(0x7FE00002, "OV", lengths)
    return data[:at] + extended + data[at:table] + bytes(4) + data[table + 12 :]


def test_an_extended_offset_table_must_be_true() -> None:
    """Where frames are told by 64-bit numbers these must be theirs."""
    data = _two_frames()
    at = data.index(b"\xfe\xff\x00\xe0\x08\0\0\0") + 8
    first, second = (int.from_bytes(data[at + n : at + n + 4], "little") for n in (0, 4))
    last = len(data) - 8 - (at + 8 + second) - 8
    lengths = pack("<QQ", second - 8, last)
    read_finished(memoryview(_with_extended(data, pack("<QQ", first, second), lengths)))
    for offsets, sizes in (
        (pack("<QQ", first, second + 2), lengths),
        (pack("<QQ", first, second), pack("<QQ", second, last)),
        (b"QUIXOTE " * 2, lengths),
    ):
        with pytest.raises(Refusal):
            read_finished(memoryview(_with_extended(data, offsets, sizes)))


@pytest.mark.parametrize("tail", [b"\0", b"\0\0", b"QUIXOTE!", b"\xfc\xff\xfc\xffOB\0\0\0\0\0\0"])
def test_bytes_after_the_last_pixel_are_refused(tail: bytes) -> None:
    """A finished object ends with its pixel data."""
    with pytest.raises(Refusal):
        read_finished(memoryview(_finished() + tail))


def test_a_cut_object_is_refused() -> None:
    """Neither a cut source nor a cut finished file can be proved."""
    for read in (read_source, read_finished):
        for share in (10, 50, 99):
            data = _finished()
            with pytest.raises(Refusal):
                read(memoryview(data[: len(data) * share // 100]))


def test_a_preamble_or_another_meta_is_refused() -> None:
    """The container is the new one or none."""
    data = _finished()
    for wrong in (
        b"MZ" + data[2:],
        data[:144] + data[144:].replace(b"MEDRELEASE", b"quixote!!!", 1),
    ):
        with pytest.raises(Refusal):
            read_finished(memoryview(wrong))


def test_the_texts_of_a_source_are_what_could_identify() -> None:
    """Names, identifiers, dates and UIDs are gathered from every depth, terms are not."""
    found = read_source(memoryview(dicoms.make("ct"))).texts
    assert {dicoms.MARKER, dicoms.PATIENT, dicoms.DATE, dicoms.HC_NUMBER} <= set(found)
    assert f"{dicoms.UID_ROOT}.2" in found
    assert "CHEST" not in found
    assert "SIEMENS" not in found


def test_the_texts_of_a_finished_object_show_the_label() -> None:
    """What the route publishes is among the texts, the marks of the cleaning are not."""
    texts = read_finished(memoryview(_finished())).texts
    assert LABEL in texts
    assert not any("PS3.15" in str(text) for text in texts)


def test_options_spare_what_they_keep() -> None:
    """Dates are no residue on a route that keeps them."""
    source = memoryview(dicoms.make_plain("ct"))
    kept = read_source(source, frozenset({"retain-longitudinal-full-dates"})).texts
    assert dicoms.DATE not in kept
    assert dicoms.PATIENT in kept


@pytest.mark.parametrize(
    ("scheme", "value", "kept"),
    [
        ("SCT", "22298006", True),
        ("SCT", "22298007", False),
        ("RADLEX", "RID58", True),
        ("UCUM", "ml/100ml/s", True),
        ("99LOCAL", "QUIXOTE1", False),
    ],
)
def test_a_code_that_stays_is_no_residue(scheme: str, value: str, kept: bool) -> None:
    """What a public scheme's form or check digit lets stand is not taken for an identifier."""
    coded = (
        dicoms.element(0x00080100, "SH", value.encode())
        + dicoms.element(0x00080102, "SH", scheme.encode())
        + dicoms.element(0x00080104, "LO", f"Said by {dicoms.MARKER}".encode())
    )
    image = dicoms.image("ct") | {0x00082218: dicoms.sequence(0x00082218, coded)}
    source = dicoms.file(image)
    finished, _ = cleaned(source)
    assert (value.encode() in finished) is kept
    assert isinstance(proved(source, finished), Accepted)
