"""Masks in DICOM objects: what is filled with which colour, and what the attributes then say."""

from struct import pack

import imagecodecs
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.encaps import encapsulate, generate_frames
from pydicom.filebase import DicomBytesIO

from corpora import dicoms, masked_dicoms
from corpora.masked import cleaned_under, proved_under
from medrelease.sanitise.packbits import pack_rows, unpack
from medrelease.sanitise.refusal import Refusal
from medrelease.terms.flow import Hold, Mask, Sanitised
from medrelease.terms.words import Reason
from medrelease.verify import Accepted

MASK = (Mask(None, 5, 4, 9, 6),)
FORMS = {form.name: form for form in masked_dicoms.forms(3)}


def read(data: bytes, masks: tuple[Mask, ...] = MASK):
    """An object cleaned under masks, as pydicom reads it."""
    outcome, finished = cleaned_under(data, masks)
    assert isinstance(outcome, Sanitised), outcome
    return dcmread(DicomBytesIO(finished))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dicom 8", lambda rest: rest.min()),
        ("dicom 8 inverse", lambda rest: rest.max()),
        ("dicom 12", lambda rest: rest.min()),
        ("dicom 12 signed", lambda rest: rest.min()),
        ("dicom 16 signed", lambda rest: rest.min()),
        ("dicom rgb", lambda rest: 0),
    ],
)
def test_a_mask_shows_black_and_moves_no_window(name, expected):
    """Filled is with the least sample of the rest, the greatest where that is black, or zero."""
    pixels = read(FORMS[name].data).pixel_array
    under = np.zeros(pixels.shape[:2], np.bool_)
    under[4:10, 5:14] = True
    assert (pixels[under] == expected(pixels[~under])).all()


def test_a_mask_in_ycbcr_has_no_colour():
    """Black is luminance zero with chrominance in its middle."""
    found = dcmread(DicomBytesIO(cleaned_under(FORMS["dicom ybr"].data, MASK)[1]))
    stored = np.frombuffer(found.PixelData, np.uint8)[: 21 * 34 * 3].reshape(21, 34, 3)
    assert stored[5, 6].tolist() == [0, 128, 128]


def test_a_mask_in_a_palette_is_its_darkest_entry():
    """The index of the entry whose colours are the lowest."""
    found = read(FORMS["dicom palette"].data)
    table = [np.frombuffer(found[0x00281201 + n].value, "<u2").astype(int) for n in range(3)]
    assert found.pixel_array[5, 6] == sum(table).argmin()


def test_extremes_go_where_a_part_is_blanked():
    """Smallest and largest pixel value stay without masks, and go with them."""
    assert read(FORMS["dicom 8"].data, ()).LargestImagePixelValue == 250
    found = read(FORMS["dicom 8"].data)
    assert "LargestImagePixelValue" not in found
    assert "SmallestImagePixelValue" not in found


def test_one_frame_of_a_loop_is_blanked_alone():
    """A mask of one frame leaves every other frame byte for byte, coded ones included."""
    mask = (Mask(2, 0, 0, 34, 21),)
    for name in ("dicom loop", "dicom j2k", "dicom rle"):
        data = FORMS[name].data
        before, after = dcmread(DicomBytesIO(data)), read(data, mask)
        if name == "dicom loop":
            assert (before.pixel_array[[0, 1, 3, 4]] == after.pixel_array[[0, 1, 3, 4]]).all()
            assert len(np.unique(after.pixel_array[2])) == 1
        else:
            old, new = (
                list(generate_frames(each.PixelData, number_of_frames=3))
                for each in (cleaned(data), after)
            )
            assert old[:2] == new[:2]
            assert old[2] != new[2]


def cleaned(data: bytes):
    """The object cleaned without masks."""
    return read(data, ())


def test_precision_of_coded_frames_stays():
    """What codes a frame anew says the bits a sample that the frame had."""
    for name, marker, place in (
        ("dicom j2k 12", b"\xff\x51", 40),
        ("dicom htj2k 12", b"\xff\x51", 40),
        ("dicom jpeg-ls 12", b"\xff\xf7", 4),
        ("dicom jpeg lossless 12", b"\xff\xc3", 4),
    ):
        found = read(FORMS[name].data)
        frame = next(generate_frames(found.PixelData, number_of_frames=3))
        assert frame[frame.index(marker) + place] == (11 if place == 40 else 12)


def test_a_part_of_a_bit_image_is_blanked_across_bytes():
    """Frames of one bit a pixel begin within bytes: only the masked frame's bits are cleared."""
    mask = (Mask(1, 3, 2, 11, 5),)
    before = dcmread(DicomBytesIO(FORMS["dicom bits 1"].data)).pixel_array
    after = read(FORMS["dicom bits 1"].data, mask).pixel_array
    before[1, 2:7, 3:14] = 0
    assert (before == after).all()


def test_what_is_no_codestream_of_its_syntax_is_a_hold():
    """Frames that do not decode, or decode to another size, end in a hold and in no crash."""
    for name in ("dicom j2k", "dicom htj2k", "dicom jpeg-ls", "dicom jpeg lossless", "dicom rle"):
        data = FORMS[name].data
        for at in range(len(data) // 2, len(data) - 8, 97):
            broken = data[:at] + bytes(8) + data[at + 8 :]
            outcome, finished = cleaned_under(broken, MASK)
            assert isinstance(outcome, Hold | Sanitised)
            if isinstance(outcome, Sanitised):
                assert isinstance(proved_under(broken, finished, MASK), Hold | Accepted)


def test_a_smaller_picture_in_the_codestream_is_refused():
    """A frame of other rows than the object's is malformed."""
    frame = imagecodecs.jpeg2k_encode(np.ones((9, 9), np.uint8), level=0, codecformat="j2k")
    data = masked_dicoms.made(
        np.ones(1, np.uint8), syntax="1.2.840.10008.1.2.4.90", raw=encapsulate([frame])
    )
    outcome, _ = cleaned_under(data, MASK)
    assert isinstance(outcome, Hold)
    assert outcome.reason is Reason.MALFORMED


def test_an_icon_never_stays():
    """A small copy of the picture, which no mask reaches, is removed with its sequence."""
    icon = dicoms.element(0x7FE00010, "OW", bytes(range(64)))
    shape = b"".join(
        dicoms.element(tag, "US", pack("<H", value))
        for tag, value in ((0x00280002, 1), (0x00280010, 8), (0x00280011, 8), (0x00280100, 8))
    )
    data = masked_dicoms.made(
        np.ones((21, 34), np.uint8), more={0x00880200: dicoms.sequence(0x00880200, shape + icon)}
    )
    outcome, finished = cleaned_under(data, MASK)
    assert isinstance(outcome, Sanitised)
    assert bytes(range(64)) not in finished


@pytest.mark.parametrize("width", [1, 2, 3, 127, 128, 129, 300])
def test_runs_come_back(width):
    """Noise, runs and single bytes: what was packed unpacks to itself."""
    rng = np.random.default_rng(width)
    for most in (1, 2, 4, 256):
        rows = rng.integers(0, most, (5, width), np.uint8)
        rows[2] = 7
        packed = pack_rows(rows)
        assert (unpack(packed, rows.size).reshape(rows.shape) == rows).all()
        assert imagecodecs.packbits_decode(packed) == rows.tobytes()
        with pytest.raises(Refusal):
            unpack(packed[:-1], rows.size)
