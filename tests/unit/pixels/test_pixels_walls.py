"""Behind the walls of a worker: each decoder and model works in a child forked for one file."""

import io
from collections.abc import Iterator
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image
from pydicom.encaps import encapsulate

from corpora import dicoms, photos, photos_heif, photos_tiff_raster, pictures
from medrelease.release import answers, operations
from medrelease.terms.flow import Examined, Hold
from medrelease.terms.words import Format, Reason
from medrelease.workers.local import LocalPool
from medrelease.workers.protocol import Job


class Bench:
    """One worker that looks at pictures, with the memory that a site gives it by default."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pool = LocalPool(
            folder,
            operations.__name__,
            processes=1,
            memory_bytes=1 << 30,
            timeout=120,
            roles={name: role for name, role in operations.ROLES.items() if role == "look"},
            forked=operations.FORKED,
        )

    def look(self, data: bytes, form: Format) -> Examined | Hold:
        """What a worker says of a file."""
        (self.folder / "file").write_bytes(data)
        options = {"format": form.value, "keep": [], "identifiers": [], "seconds": 600}
        job = Job("examine", ("file", "file"), (), 1, options)
        return answers.read_examined(self.pool.submit(job).result())


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One worker for all tests: loading the models takes seconds."""
    made = Bench(tmp_path_factory.mktemp("bench"))
    yield made
    made.pool.close()


def grey_frame() -> np.ndarray:
    """A smooth grey frame of 64 x 96 pixels and 8 bits."""
    return np.ascontiguousarray(pictures.smooth(4, 64, 96)[..., 1])


def encapsulated(tail: str, coded: bytes) -> bytes:
    """A grey DICOM object of 64 x 96 pixels in an encapsulated transfer syntax."""
    found = dicoms.image("us")
    for tag, value in ((0x00280002, 1), (0x00280010, 64), (0x00280011, 96)):
        found[tag] = dicoms.element(tag, "US", value.to_bytes(2, "little"))
    found[0x00280004] = dicoms.element(0x00280004, "CS", b"MONOCHROME2")
    found.pop(0x00280006, None)
    value = encapsulate([coded + b"\0" * (len(coded) % 2)])
    head = b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff"
    found[0x7FE00010] = head + value + b"\xfe\xff\xdd\xe0\0\0\0\0"
    return dicoms.file(found, f"1.2.840.10008.1.2.{tail}")


def samples() -> dict[str, tuple[Format, bytes]]:
    """A small smooth picture in every form that is decoded."""
    picture, frame = pictures.smooth(3, 64, 96), grey_frame()
    deep = picture.astype(np.uint16) * 257
    heic = {name: data for name, data in photos.faithful(1) if name.startswith("heic")}
    tiff = io.BytesIO()
    Image.fromarray(frame).convert("1").save(tiff, "TIFF", compression="group4")
    return {
        "jpeg": (Format.JPEG, pictures.saved(picture, "JPEG")),
        "png": (Format.PNG, bytes(imagecodecs.png_encode(deep))),
        "tiff": (Format.TIFF, pictures.saved(picture, "TIFF", compression="tiff_lzw")),
        "fax": (Format.TIFF, tiff.getvalue()),
        **{
            f"tiff {coding}": (Format.TIFF, photos_tiff_raster.written(picture, compression=coding))
            for coding in ("webp", "jpegxl", "lerc", "zstd")
        },
        "bmp": (Format.BMP, pictures.saved(picture, "BMP")),
        "gif": (Format.GIF, pictures.saved(picture, "GIF")),
        "webp": (Format.WEBP, pictures.saved(picture, "WEBP")),
        "heic": (Format.HEIC, heic["heic odd size"]),
        "heic in tiles": (Format.HEIC, heic["heic grid"]),
        "heic of ten bits": (Format.HEIC, heic["heic ten bit"]),
        "avif": (Format.AVIF, pictures.saved(picture, "AVIF")),
        "jp2": (Format.JP2, bytes(imagecodecs.jpeg2k_encode(picture, codecformat="jp2"))),
        "native": (Format.DICOM, dicoms.make_plain("us-cine")),
        "lossless": (Format.DICOM, encapsulated("4.70", bytes(imagecodecs.ljpeg_encode(frame)))),
        "jpeg-ls": (Format.DICOM, encapsulated("4.80", bytes(imagecodecs.jpegls_encode(frame)))),
        "ht": (Format.DICOM, encapsulated("4.201", bytes(imagecodecs.htj2k_encode(frame)))),
    }


@pytest.mark.parametrize("name", samples())
def test_every_decoder_works_behind_the_walls(bench: Bench, name: str) -> None:
    """No decoder opens a file or starts a thread there: each sample is looked at to its end."""
    form, data = samples()[name]
    seen = bench.look(data, form)
    assert isinstance(seen, Examined)
    assert len(seen.models) == 3


def test_without_models_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a model is absent or altered each file is held as not examined."""
    monkeypatch.setattr("medrelease.pixels.faces.KNOWN", frozenset())
    monkeypatch.setattr(operations, "_looking", [])
    operations.warm("look")
    options = {"format": "png", "keep": [], "identifiers": [], "seconds": 60}
    held = answers.read_examined(operations.examine([0, 0], [], options))
    assert isinstance(held, Hold)
    assert held.reason is Reason.PIXELS_NOT_EXAMINED


@pytest.mark.full
@pytest.mark.parametrize(("rows", "columns"), [(4000, 6000), (8700, 11600)])
def test_large_photographs_fit_the_memory(bench: Bench, rows: int, columns: int) -> None:
    """Photographs of 24 and 100 megapixels are looked at with the default memory of a worker."""
    data = pictures.saved(pictures.smooth(1, rows, columns), "JPEG", quality=85)
    assert isinstance(bench.look(data, Format.JPEG), Examined)


@pytest.mark.full
def test_a_large_heic_fits_the_memory(bench: Bench) -> None:
    """A telephone's 48 megapixels in tiles are looked at with the default memory of a worker."""
    assert isinstance(bench.look(photos_heif.flat(990, 7).written(), Format.HEIC), Examined)
