"""The photograph side of the sanitise room, from its front door."""

import io
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import cv2
import imagecodecs
import numpy as np
import pi_heif
import pytest
import skimage
import tifffile
from PIL import Image

from corpora import detector, photos
from corpora.cleaned import cleaned
from corpora.masked import proved_under
from corpora.photos_base import picture, saved
from medrelease.sanitise import probe
from medrelease.terms.flow import Hold, Probe, Sanitised
from medrelease.terms.words import Format
from medrelease.verify import Accepted

DATA = Path(skimage.__file__).parent / "data"
REAL = sorted(path for path in DATA.iterdir() if path.suffix in {".jpg", ".png", ".tif"})
PLANTED = {name: (data, mark) for name, data, mark in photos.planted()}
FAITHFUL = dict(photos.faithful())
HELD = {name: (data, reason) for name, data, reason in photos.held()}
RECOLOURED = {"png hidden colour", "png hidden grey", "bmp hidden colour", "webp alpha surplus"} | {
    name for name in PLANTED if name.startswith("tiff hidden colour")
}
"""Places that lie in the decoded pixels of zero alpha: those change on purpose."""
UNDECODABLE = {
    *("heic second meta", "avif entity groups", "avif grid tail", "jp2 registration"),
} | {
    f"webp {place}"
    for place in (
        *("alpha of a lossless picture", "behind a flat picture", "canvas tail"),
        *("frame second picture", "second picture", "still beside an animation"),
    )
}
"""Soiled files that their decoder refuses; what becomes of them is decoded like the others."""

FOREIGN = {
    f"tiff {coding}"
    for coding in (
        *("webp", "png", "jpegxl", "lerc", "jpegxr", "lerc float", "jpeg 2000"),
        *("webp piece", "png piece", "jpeg 2000 piece", "zstandard frame"),
    )
}
"""TIFF files that Pillow does not read before they are clean; tifffile does."""


def pixels(data: bytes) -> list[np.ndarray]:
    """Every page of a file as Pillow decodes it."""
    with Image.open(io.BytesIO(data)) as image:
        pages = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            pages.append(np.asarray(image))
        return pages


def other_pixels(data: bytes) -> list[np.ndarray]:
    """Every page of a file as imagecodecs, tifffile or another build of libheif decode it."""
    if data[:2] in (b"II", b"MM"):
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            return [page.asarray() for page in file.pages]
    if data[:2] == b"BM":
        found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        assert found is not None or data[28:31:2] == b"\x10\x03"  # 16 bits by masks: Pillow alone
        return [] if found is None else [found]
    if data[:4] == b"GIF8":
        return [imagecodecs.gif_decode(data, asrgb=True)]
    if data[4:8] == b"jP  " or data[:2] == b"\xff\x4f":
        return [imagecodecs.jpeg2k_decode(data)]
    if data[8:12] == b"WEBP":
        return [imagecodecs.webp_decode(data)]
    if data[4:11] == b"ftyphei":
        image = pi_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=False)
        return [np.array(image)]
    if data[4:8] == b"ftyp":
        return [imagecodecs.avif_decode(data)]
    decode = imagecodecs.png_decode if data[:1] == b"\x89" else imagecodecs.jpeg8_decode
    return [decode(data)]


def equal(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    """Whether two lists of pages have the same shapes, types and samples."""
    return len(one) == len(other) and all(
        a.dtype == b.dtype and np.array_equal(a, b) for a, b in zip(one, other, strict=True)
    )


@pytest.mark.parametrize("name", PLANTED)
def test_nothing_planted_survives(name: str) -> None:
    """A marker in a hiding place is in the source, and is not in the cleaned file."""
    data, mark = PLANTED[name]
    outcome, finished = cleaned(data)
    assert detector.found(data, mark)
    assert isinstance(outcome, Sanitised), outcome
    assert not detector.found(finished, mark)
    assert outcome.actions


@pytest.mark.filterwarnings("ignore:Image appears to be a malformed MPO file")
@pytest.mark.parametrize("name", sorted(PLANTED.keys() - RECOLOURED - UNDECODABLE - FOREIGN))
def test_picture_around_a_marker_is_untouched(name: str) -> None:
    """What Pillow decodes from a file with a marker is what it decodes from the cleaned one."""
    data, _ = PLANTED[name]
    assert equal(pixels(data)[:1], pixels(cleaned(data)[1])[:1])


@pytest.mark.parametrize("name", sorted(UNDECODABLE))
def test_what_a_decoder_refuses_opens_when_clean(name: str) -> None:
    """A file that only its foreign bytes made unreadable can be read once they are gone."""
    assert pixels(cleaned(PLANTED[name][0])[1])[0].any()


@pytest.mark.parametrize("name", sorted(FOREIGN))
def test_what_one_decoder_alone_reads_shows_the_same_to_two(name: str) -> None:
    """A page in a coding that is not carried over keeps its samples, and more programs open it."""
    data = FAITHFUL[name] if name in FAITHFUL else PLANTED[name][0]
    finished = cleaned(data)[1]
    assert equal(other_pixels(data), other_pixels(finished))
    if not name.endswith(("float", "jpeg 2000", "2000 piece")):
        assert equal(other_pixels(data), pixels(finished))


@pytest.mark.parametrize("name", sorted(FAITHFUL.keys() - FOREIGN))
def test_faithful_to_two_decoders(name: str) -> None:
    """Two decoders see the same picture, and Pillow the same mode, turn, resolution and pages."""
    data = FAITHFUL[name]
    outcome, finished = cleaned(data)
    assert isinstance(outcome, Sanitised), outcome
    assert equal(pixels(data), pixels(finished))
    assert equal(other_pixels(data), other_pixels(finished))
    with Image.open(io.BytesIO(data)) as source, Image.open(io.BytesIO(finished)) as result:
        # a GIF whose unused grey levels are zeroed is no longer "L" to Pillow
        assert result.size == source.size
        assert data[:3] == b"GIF" or result.mode == source.mode
        dots = [image.info.get("dpi") or () for image in (result, source)]
        assert dots[0] == pytest.approx(dots[1], rel=1e-6)
        assert result.getexif().get(274, 1) == source.getexif().get(274, 1)
        assert ("icc_profile" in result.info) == ("icc_profile" in source.info)


@pytest.mark.parametrize("name", HELD)
def test_what_cannot_be_cleaned_is_held(name: str) -> None:
    """Cut, foreign, animated and hostile files come back as a hold with the fitting reason."""
    data, reason = HELD[name]
    outcome, _ = cleaned(data)
    assert isinstance(outcome, Hold)
    assert outcome.reason == reason
    assert outcome.detail


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_pictures_stay_as_they_are(path: Path) -> None:
    """Photographs that scikit-image carries decode to the same samples once cleaned."""
    data = path.read_bytes()
    outcome, finished = cleaned(data)
    assert isinstance(outcome, Sanitised), outcome
    assert equal(other_pixels(data), other_pixels(finished))


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_camera_file_keeps_only_its_display(orientation: int) -> None:
    """Of a file as cameras write them, only orientation and density are left."""
    name = b"SIOBHAN ONEILL"
    data = photos.camera_jpeg(4, name, orientation)
    outcome, finished = cleaned(data)
    assert isinstance(outcome, Sanitised)
    assert {"exif", "gps", "thumbnail", "xmp", "photoshop", "comment"} <= outcome.actions.keys()
    assert name in data
    assert name not in finished
    with Image.open(io.BytesIO(finished)) as image:
        assert image.info["dpi"] == (300, 300)
        assert dict(image.getexif()) == ({} if orientation == 1 else {274: orientation})


@pytest.mark.parametrize("name", ["retina.jpg", "rocket.jpg", "astronaut.png", "chelsea.png"])
def test_real_photograph_with_camera_exif(name: str) -> None:
    """A real photograph given camera Exif and GPS loses them, and keeps its turn and pixels."""
    exif = Image.Exif()
    exif[0x010E], exif[0x013B], exif[0x0112] = "SIOBHAN ONEILL", "SIOBHAN ONEILL", 8
    exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0SIOBHAN ONEILL"
    exif.get_ifd(0x8825)[0x001D] = "SIOBHAN ONEILL"
    buffer = io.BytesIO()
    with Image.open(DATA / name) as image:
        image.save(buffer, image.format, exif=exif, dpi=(300, 300))
    data = buffer.getvalue()
    outcome, finished = cleaned(data)
    assert isinstance(outcome, Sanitised), outcome
    assert outcome.actions["gps"] == 1
    assert data.count(b"SIOBHAN ONEILL") >= 4
    assert b"SIOBHAN" not in finished
    assert equal(other_pixels(data), other_pixels(finished))
    with Image.open(io.BytesIO(data)) as source, Image.open(io.BytesIO(finished)) as image:
        assert dict(image.getexif()) == {274: 8}
        assert image.info["dpi"] == source.info["dpi"]


@pytest.mark.parametrize("name", ["jpeg dpi icc", "png dpi icc", "tiff cmyk icc", "tiff big"])
def test_cleaning_twice_changes_nothing(name: str) -> None:
    """A cleaned file is its own cleaned form, byte for byte."""
    once = cleaned(FAITHFUL[name])[1]
    assert cleaned(once)[1] == once


@pytest.mark.skipif(not shutil.which("exiftool"), reason="exiftool is not installed")
def test_exiftool_reads_nothing_personal() -> None:
    """exiftool finds orientation in a cleaned camera file, and none of the groups that identify."""
    _, finished = cleaned(photos.camera_jpeg(5, b"SIOBHAN ONEILL"))
    told = subprocess.run(
        ["exiftool", "-G1", "-a", "-u", "-"], input=finished, capture_output=True, check=True
    ).stdout.decode()
    assert "Rotate 90 CW" in told
    for group in ("GPS", "XMP", "IPTC", "ExifIFD", "IFD1", "Photoshop", "MakerNotes"):
        assert f"[{group}" not in told


def test_probe_names_format_by_bytes() -> None:
    """A probe gives format, digest and size of a photograph, and nothing of a DICOM object."""
    data = FAITHFUL["png alpha"]
    with tempfile.TemporaryFile() as source:
        source.write(data)
        source.flush()
        found = probe(source.fileno())
    assert isinstance(found, Probe)
    assert (found.format, found.size, found.dicom_hc) == (Format.PNG, len(data), None)


def test_probe_holds_what_no_format_fits() -> None:
    """A probe of an empty file is a hold, not a failure."""
    with tempfile.TemporaryFile() as source:
        assert isinstance(probe(source.fileno()), Hold)
        assert os.lseek(source.fileno(), 0, os.SEEK_END) == 0


@pytest.mark.parametrize("form", ["BMP", "GIF"])
@pytest.mark.parametrize("mode", ["L", "1"])
def test_a_picture_of_greys_stays_one(form: str, mode: str) -> None:
    """A ramp of greys is no palette to readers, and says nothing where no pixel has them."""
    data = saved(picture(2).point(lambda level: level // 2 + 20).convert(mode), form)
    finished = cleaned(data)[1]
    with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(finished)) as after:
        assert after.mode == before.mode
        assert np.array_equal(np.asarray(before), np.asarray(after))
    assert isinstance(proved_under(data, finished, ()), Accepted)
