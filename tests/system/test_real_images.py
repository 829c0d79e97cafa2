"""Real images that PyPI packages carry, dropped on the running service, looked at from outside."""

import glob
import io
import os
import subprocess
import sys
from pathlib import Path

import imagecodecs
import numpy
import pydicom
import pytest
import skimage
from PIL import Image

from corpora import demo_names
from corpora.sites import FOLDER, Site

TEST_FILES = Path(pydicom.__file__).parent / "data" / "test_files"
DICOM = {
    "CT_small.dcm": ".dcm",
    "MR_small.dcm": ".dcm",
    "MR_small_RLE.dcm": ".dcm",
    "JPEG2000.dcm": ".dcm",
    "SC_rgb_jpeg_dcmtk.dcm": ".dcm",
    "SC_rgb_rle_2frame.dcm": ".dcm",
    "examples_overlay.dcm": ".dcm",
}


def photographs() -> dict[str, bytes]:
    """scikit-image's photographs with the EXIF of a camera and a name in it."""
    found = {}
    for name in ("astronaut.png", "coffee.png", "chelsea.png"):
        place = Path(skimage.__file__).parent / "data" / name
        if not place.exists():
            continue
        picture = Image.open(place).convert("RGB")
        exif = Image.Exif()
        exif[0x010F], exif[0x0110], exif[0x0112] = "Nikon", "D850", 6
        exif[0x013B] = demo_names.NAME
        exif.get_ifd(0x8825)[2] = (54.0, 35.0, 49.2)
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=92, exif=exif, comment=demo_names.NAME.encode())
        found[name.replace(".png", ".jpg")] = buffer.getvalue()
    return found


def test_real_photographs_come_out_coded_and_unchanged(site: Site) -> None:
    """Photographs with camera EXIF keep every pixel and their orientation, and lose the rest."""
    sources = photographs()
    if not sources:
        pytest.skip("scikit-image carries no photographs here")
    for name, data in sources.items():
        site.drop(f"{FOLDER}/{name}", data)
    with site.running() as service:
        service.until_idle()
    names = site.released()
    assert len(names) == len(sources)
    wanted = {imagecodecs.jpeg_decode(data).tobytes() for data in sources.values()}
    for name in names:
        data = site.release(name)
        assert imagecodecs.jpeg_decode(data).tobytes() in wanted
        assert Image.open(io.BytesIO(data)).getexif() == {0x0112: 6}
        assert demo_names.NAME.encode() not in data
        assert b"Nikon" not in data


def test_real_dicom_comes_out_coded_and_unchanged(site: Site) -> None:
    """CT, MR and secondary capture keep their pixels and lose the patient's name and number."""
    sources = {}
    for name in DICOM:
        if (TEST_FILES / name).exists():
            sources[name] = (TEST_FILES / name).read_bytes()
            site.drop(f"{FOLDER}/{name}", sources[name])
    assert len(sources) >= 4
    assert site.once().returncode == 0, site.held()
    pictures = set()
    for name in site.released():
        dataset = pydicom.dcmread(io.BytesIO(site.release(name)))
        assert dataset.PatientName == dataset.PatientID == "23 02210"
        assert dataset.PatientIdentityRemoved == "YES"
        pictures.add(dataset.PixelData)
    for name, data in sources.items():
        source = pydicom.dcmread(io.BytesIO(data))
        told = [
            str(source.get(key, "")) for key in ("PatientName", "PatientID", "StudyInstanceUID")
        ]
        for text in told:
            if len(text) > 5:
                assert all(text.encode() not in site.release(n) for n in site.released()), name


def test_dicom_number_of_another_patient_holds_the_file(site: Site) -> None:
    """A PatientID that is another valid H&C number contradicts the path: identity-conflict."""
    dataset = pydicom.dcmread(TEST_FILES / "CT_small.dcm")
    dataset.PatientID = "9434765919"
    buffer = io.BytesIO()
    dataset.save_as(buffer)
    site.drop(f"{FOLDER}/a.dcm", buffer.getvalue())
    assert site.once().returncode == 3
    assert list(site.held().values()) == ["identity-conflict"]


def test_ct_without_consent_goes_once_it_was_examined(site: Site) -> None:
    """A CT in which nothing can be seen leaves by gmc-10, and says itself what was excluded."""
    site.register("23 02210,012 345 6789,record,,,,,,\n")
    dataset = pydicom.dcmread(TEST_FILES / "CT_small.dcm")
    ramp = numpy.add.outer(numpy.arange(128), numpy.arange(128))
    dataset.PixelData = ramp.astype("<u2").tobytes()
    buffer = io.BytesIO()
    dataset.save_as(buffer)
    site.drop(f"{FOLDER}/a.dcm", buffer.getvalue(), route="teaching")
    assert site.once().returncode == 0
    (record,) = site.events("release.published")
    assert (record["basis"], record["pixels"]) == ("gmc-10", "examined")
    assert record["identifiability"] == "pseudonymised"
    said = pydicom.dcmread(io.BytesIO(site.release(record["coded_name"], "teaching")))
    assert (said.BurnedInAnnotation, said.RecognizableVisualFeatures) == ("NO", "NO")


def test_demo_images_carry_names_and_the_released_ones_do_not(site: Site) -> None:
    """The demo's own images: the planted texts are in what is dropped and in nothing released."""
    script = Path(__file__).parents[2] / "scripts" / "demo_images.py"
    planted = site.root / "planted.txt"
    where = [str(site.root / "share/outbox"), str(site.root / "register.csv"), str(planted)]
    subprocess.run([sys.executable, str(script), *where], check=True)
    names = [line.encode() for line in planted.read_text().splitlines() if line]
    dropped = b"".join(Path(p).read_bytes() for p in _files(site.root / "share/outbox"))
    assert len([name for name in names if name in dropped]) >= 5  # others stand compressed
    assert site.once().returncode == 3
    released = _files(site.root / "share/released")
    assert len(released) == 8
    for place in released:
        data = Path(place).read_bytes()
        assert not [name for name in names if name in data], place


def _files(folder: Path) -> list[str]:
    return [p for p in glob.glob(f"{folder}/**/*", recursive=True) if os.path.isfile(p)]


def test_sixteen_bit_tiff_keeps_its_depth(site: Site) -> None:
    """A 16-bit TIFF comes out with the same 16-bit pixels."""
    pixels = numpy.random.default_rng(5).integers(0, 65536, (40, 50), dtype=numpy.uint16)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "TIFF", dpi=(300, 300), description=demo_names.NAME)
    site.drop(f"{FOLDER}/a.tif", buffer.getvalue())
    assert site.once().returncode == 0, site.held()
    data = site.release("23 02210 -1-012 345 6789.tif")
    assert demo_names.NAME.encode() not in data
    assert (imagecodecs.tiff_decode(data) == pixels).all()
