"""Every format becomes pages: the same pixels, the right number, and a reason where it cannot."""

import io
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest
import tifffile
from PIL import Image, ImageOps
from pydicom.encaps import encapsulate

from corpora import dicoms, photos
from medrelease.pixels import decoding, page
from medrelease.pixels.faults import CannotDecode
from medrelease.pixels.mapped import Mapped
from medrelease.pixels.page import Page
from medrelease.terms.words import Format, Reason

_EXPLICIT = "1.2.840.10008.1.2.1"
_FORMATS = ("jpeg", "png", "tiff", "bmp", "gif", "avif", "heic", "svs", "webp", "jp2")


def pages(data: bytes, form: Format) -> list[Page]:
    """The pages of a file."""
    return list(decoding.pages(Mapped(memoryview(data)), form))


def form_of(name: str, data: bytes) -> Format:
    """The format of a sample of the corpus."""
    return Format.SVS if b"Aperio" in data[:4000] else Format(name.split(maxsplit=1)[0])


SAMPLES = [(n, d) for n, d in photos.faithful(1) if n.split()[0] in _FORMATS]


@pytest.mark.parametrize(("name", "data"), SAMPLES, ids=[name for name, _ in SAMPLES])
def test_every_form_of_every_format_is_decoded(name: str, data: bytes) -> None:
    """Each faithful sample gives pages of a plausible size and of 8 or 16 bits."""
    found = pages(data, form_of(name, data))
    assert found
    for one in found:
        frame = one.frames[len(one.frames) - 1]
        assert frame.dtype in (np.uint8, np.uint16)
        assert frame.ndim == 2 or frame.shape[2] == 3
        assert one.maskable is (form_of(name, data) not in (Format.AVIF, Format.HEIC))


TURNED = [(n, d) for n, d in SAMPLES if n.startswith(("avif turned", "heic turned", "heic mirr"))]


@pytest.mark.parametrize(("name", "data"), TURNED, ids=[name for name, _ in TURNED])
def test_a_turn_said_in_a_box_is_followed(name: str, data: bytes) -> None:
    """HEIC and AVIF are looked at upright, as another reader shows them."""
    (found,) = pages(data, form_of(name, data))
    seen = page.upright(found.frames[0], found.turn)
    other = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB"))
    assert seen.shape == other.shape
    assert np.abs(seen.astype(int) - other).mean() < 4


def test_sixteen_bits_stay_sixteen() -> None:
    """Writing in the low bits of a 16-bit PNG in colour is not rounded away."""
    values = np.random.default_rng(1).integers(0, 65536, (9, 11, 3), dtype=np.uint16)
    (found,) = pages(bytes(imagecodecs.png_encode(values)), Format.PNG)
    assert np.array_equal(found.frames[0], values)


WIDE = [
    {"compression": compression, "byteorder": order, "photometric": shown, "tile": tile}
    for compression in (None, "zlib")
    for order in ("<", ">")
    for shown in ("minisblack", "miniswhite")
    for tile in (None, (16, 16))
]


@pytest.mark.parametrize("kind", [np.uint16, np.int16, np.uint32, np.float32])
@pytest.mark.parametrize("how", WIDE, ids=lambda how: " ".join(map(str, how.values())))
def test_wide_samples_of_a_tiff_keep_their_order(kind: type, how: dict[str, Any]) -> None:
    """Packed or not, in either byte order, tiled or not: no value above 255 is cut off."""
    ramp = (np.add.outer(np.arange(40), np.arange(56)) * 40).astype(kind)
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, ramp.astype(ramp.dtype.newbyteorder(how["byteorder"])), **how)
    (found, *_) = pages(buffer.getvalue(), Format.TIFF)
    frame = found.frames[0].astype(np.float64)
    assert np.corrcoef(frame.reshape(-1), ramp.reshape(-1))[0, 1] > 0.999
    assert len(np.unique(frame)) == len(np.unique(ramp))


def test_what_the_second_reader_of_tiff_takes_over_is_not_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the first reader fails, 16 bits stay 16."""
    ramp = (np.add.outer(np.arange(40), np.arange(56)) * 40).astype(np.uint16)
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, ramp)

    def fails(*_: object, **__: object) -> None:
        raise ValueError("a form it does not know")

    monkeypatch.setattr(tifffile.TiffPage, "asarray", fails)
    (found,) = pages(buffer.getvalue(), Format.TIFF)
    assert np.array_equal(found.frames[0], ramp)


def test_pages_are_numbered_without_reduced_copies() -> None:
    """The second page of a TIFF has the number of its directory; the thumbnail before is none."""
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as writer:
        for value, kind in ((1, 0), (2, 1), (3, 0)):
            writer.write(np.full((8, 8), value, np.uint8), subfiletype=kind)
    found = pages(buffer.getvalue(), Format.TIFF)
    assert [(one.number, int(one.frames[0][0, 0])) for one in found] == [(0, 1), (2, 3)]


def test_an_animation_is_one_loop_in_colour() -> None:
    """All frames of a GIF are there, composed, under no number of their own."""
    frames = [Image.new("P", (8, 8), n) for n in range(3)]
    for n, frame in enumerate(frames):
        frame.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0])
        frame.putpixel((n, 0), (n + 1) % 3)
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    (found,) = pages(buffer.getvalue(), Format.GIF)
    assert (found.number, len(found.frames), found.frames[2].shape) == (None, 3, (8, 8, 3))


def dicom(syntax: str, value: bytes, *, frames: int, bits: int, samples: int = 1) -> bytes:
    """An object of 32 x 48 pixels with a pixel value in a transfer syntax."""
    opened = pydicom.dcmread(io.BytesIO(dicoms.make_plain("sc")))
    opened.file_meta.TransferSyntaxUID = pydicom.uid.UID(syntax)
    opened.Rows, opened.Columns, opened.SamplesPerPixel = 32, 48, samples
    opened.PhotometricInterpretation = "RGB" if samples == 3 else "MONOCHROME2"
    opened.BitsAllocated, opened.BitsStored, opened.HighBit = bits, bits, bits - 1
    opened.NumberOfFrames = frames
    opened.PixelData = value
    opened["PixelData"].VR = "OW" if bits > 8 else "OB"
    opened["PixelData"].is_undefined_length = syntax.startswith("1.2.840.10008.1.2.4") or (
        syntax == "1.2.840.10008.1.2.5"
    )
    target = io.BytesIO()
    implicit, big = syntax == "1.2.840.10008.1.2", syntax == "1.2.840.10008.1.2.2"
    pydicom.dcmwrite(target, opened, implicit_vr=implicit, little_endian=not big)
    return target.getvalue()


CODECS = {
    "4.50": lambda one: imagecodecs.jpeg_encode(one, level=100),
    "4.57": imagecodecs.ljpeg_encode,
    "4.70": imagecodecs.ljpeg_encode,
    "4.80": imagecodecs.jpegls_encode,
    "4.90": lambda one: imagecodecs.jpeg2k_encode(one, codecformat="j2k", reversible=True),
    "4.201": imagecodecs.htj2k_encode,
}


@pytest.mark.parametrize("tail", CODECS)
def test_every_codec_of_dicom_is_decoded(tail: str) -> None:
    """The frames of an encapsulated object are those that were encoded, in their order."""
    kind = np.uint8 if tail == "4.50" else np.uint16
    ramp = np.add.outer(np.arange(32), np.arange(48))
    values = np.stack([ramp, ramp * 2, ramp * 3]).astype(kind)
    coded = [bytes(CODECS[tail](one)) for one in values]
    padded = [one + b"\0" * (len(one) % 2) for one in coded]
    data = dicom(
        f"1.2.840.10008.1.2.{tail}",
        encapsulate(padded),
        frames=3,
        bits=values.dtype.itemsize * 8,
    )
    (found,) = pages(data, Format.DICOM)
    assert len(found.frames) == 3
    for number in (2, 0, 1):
        gap = np.abs(found.frames[number].astype(int) - values[number].astype(int)).max()
        assert gap <= (3 if tail == "4.50" else 0)


@pytest.mark.parametrize("tail", ["", ".1", ".2", ".1.99"])
@pytest.mark.parametrize("samples", [1, 3])
def test_every_native_syntax_is_read(tail: str, samples: int) -> None:
    """Native frames are the stored numbers, in either byte order, deflated or not."""
    shape = (2, 32, 48, samples) if samples > 1 else (2, 32, 48)
    values = np.random.default_rng(4).integers(0, 65536, shape, dtype=np.uint16)
    stored = values.astype(">u2" if tail == ".2" else "<u2").tobytes()
    data = dicom(f"1.2.840.10008.1.2{tail}", stored, frames=2, bits=16, samples=samples)
    (found,) = pages(data, Format.DICOM)
    assert np.array_equal(found.frames[1], values[1])


def test_run_length_frames_are_decoded() -> None:
    """RLE planes are put together with the high byte first."""
    values = np.random.default_rng(5).integers(0, 65536, (32, 48), dtype=np.uint16)
    opened = pydicom.dcmread(
        io.BytesIO(dicom(_EXPLICIT, values.astype("<u2").tobytes(), frames=1, bits=16))
    )
    opened.compress(pydicom.uid.RLELossless, encoding_plugin="pydicom")
    target = io.BytesIO()
    opened.save_as(target)
    (found,) = pages(target.getvalue(), Format.DICOM)
    assert np.array_equal(found.frames[0], values)


def test_unused_bits_and_signs_do_not_disturb() -> None:
    """A signed 12-bit sample keeps its order, whatever its cell holds above it."""
    values = np.arange(-768, 768, dtype=np.int16).reshape(32, 48)
    cells = (values & 0x0FFF).astype("<u2") | 0xA000
    opened = pydicom.dcmread(io.BytesIO(dicom(_EXPLICIT, cells.tobytes(), frames=1, bits=16)))
    opened.BitsStored, opened.HighBit, opened.PixelRepresentation = 12, 11, 1
    target = io.BytesIO()
    opened.save_as(target)
    (found,) = pages(target.getvalue(), Format.DICOM)
    assert (np.diff(found.frames[0].reshape(-1).astype(int)) == 1).all()
    assert found.bits == 12


@pytest.mark.parametrize("form", [Format.JPEG, Format.PNG, Format.TIFF, Format.GIF, Format.DICOM])
def test_damaged_data_is_malformed(form: Format) -> None:
    """Whatever a decoder raises becomes one reason, without a word of the file."""
    picture = Image.fromarray(np.random.default_rng(6).integers(0, 255, (64, 64), dtype=np.uint8))
    buffer = io.BytesIO()
    if form is Format.DICOM:
        buffer.write(dicoms.make_plain("us-cine"))
    else:
        picture.save(buffer, form.value.upper(), compression="tiff_lzw")
    data = buffer.getvalue()
    with pytest.raises(CannotDecode) as raised:
        for one in pages(data[: len(data) // 2], form):
            one.frames[len(one.frames) - 1]
    assert raised.value.reason is Reason.MALFORMED


def test_a_picture_beyond_the_limits_is_refused_before_it_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The declared size decides, not what decoding it would cost."""
    for module in (decoding.raster, decoding.tiff_pages, decoding.jp2, decoding.dicom_frames):
        monkeypatch.setattr(module, "MOST_BYTES", 1000)
    assert page.MOST_BYTES > 1000
    for name, data in SAMPLES:
        if form_of(name, data) in (Format.JPEG, Format.PNG, Format.GIF, Format.BMP):
            with pytest.raises(CannotDecode) as raised:
                pages(data, form_of(name, data))
            assert raised.value.reason is Reason.LIMITS_EXCEEDED
