"""Everything is run once before the walls close: decoders and models load parts of themselves late.

Tiny pictures of every kind are encoded here and decoded again, so that a child behind the walls,
which can open no file, finds all that it needs in memory.
"""

import io
from collections.abc import Iterator
from contextlib import suppress

import cv2
import imagecodecs
import numpy as np
import pydicom
import tifffile
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset

from medrelease.pixels import codes, decoding, libheif, nets
from medrelease.pixels.faults import CannotDecode
from medrelease.pixels.mapped import Mapped
from medrelease.pixels.nets import Nets
from medrelease.terms.words import Format


def warm() -> Nets:
    """Load and run everything once. Raises ModelMissing."""
    cv2.setNumThreads(1)
    Image.init()
    Image.MAX_IMAGE_PIXELS = None  # the pages' own limits are stricter, and refuse
    with suppress(CannotDecode):
        libheif.load()  # nothing here makes a HEIC file: the library alone is loaded
    for form, data in _samples():
        try:
            for page in decoding.pages(Mapped(memoryview(data)), form):
                codes.find_codes(page.frames[0])
        except CannotDecode:
            continue  # a codec that this build lacks: its files are held one by one
    return nets.load()


def _samples() -> Iterator[tuple[Format, bytes]]:
    """A tiny picture in every form that is decoded."""
    grey = np.arange(32 * 32, dtype=np.uint8).reshape(32, 32)
    colour = np.dstack([grey, grey[::-1], grey.T])
    picture = Image.fromarray(colour)
    for form, name in ((Format.JPEG, "JPEG"), (Format.BMP, "BMP"), (Format.GIF, "GIF")):
        yield form, _saved(picture, name)
    exif = Image.Exif()
    exif[0x0112] = 6
    yield Format.JPEG, _saved(picture, "JPEG", exif=exif, progressive=True)
    yield Format.JPEG, _saved(picture.convert("CMYK"), "JPEG")
    for mode in ("P", "RGBA", "LA", "1"):
        yield Format.PNG, _saved(picture.convert(mode), "PNG")
    yield Format.PNG, bytes(imagecodecs.png_encode(colour.astype(np.uint16)))
    yield Format.WEBP, _saved(picture, "WEBP")
    yield Format.WEBP, _saved(picture, "WEBP", lossless=True)
    yield Format.AVIF, _saved(picture, "AVIF")
    yield Format.JP2, bytes(imagecodecs.jpeg2k_encode(colour, codecformat="jp2"))
    for compression in (None, "lzw", "zlib", "packbits", "jpeg"):
        yield Format.TIFF, _tiff(colour, compression)
    for compression in ("zstd", "lzma", "webp", "png", "lerc", "jpegxl", "jpegxr"):
        if getattr(imagecodecs, compression.upper()).available:
            yield Format.TIFF, _tiff(colour, compression)
    yield Format.TIFF, _tiff(grey.astype(np.float32), None)
    yield Format.TIFF, _saved(picture.convert("1"), "TIFF", compression="group4")
    yield from ((Format.DICOM, data) for data in _objects(grey))


def _saved(picture: Image.Image, name: str, **options: object) -> bytes:
    target = io.BytesIO()
    picture.save(target, name, **options)
    return target.getvalue()


def _tiff(samples: np.ndarray, compression: str | None) -> bytes:
    target = io.BytesIO()
    tifffile.imwrite(target, samples, compression=compression)
    return target.getvalue()


def _objects(grey: np.ndarray) -> Iterator[bytes]:
    """DICOM objects, native and in each codec."""
    root = "1.2.840.10008.1.2"
    yield _object(f"{root}.1", grey.tobytes())
    yield _object(root, grey.tobytes())
    coded = {
        "4.50": imagecodecs.jpeg_encode(grey),
        "4.70": imagecodecs.ljpeg_encode(grey),
        "4.80": imagecodecs.jpegls_encode(grey),
        "4.90": imagecodecs.jpeg2k_encode(grey, codecformat="j2k"),
    }
    for tail, data in coded.items():
        padded = bytes(data) + b"\0" * (len(data) % 2)
        yield _object(f"{root}.{tail}", pydicom.encaps.encapsulate([padded]))


def _object(syntax: str, value: bytes) -> bytes:
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = pydicom.uid.UID(syntax)
    data.SpecificCharacterSet = "ISO_IR 192"
    data.Rows = data.Columns = 32
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated = data.BitsStored = 8
    data.HighBit, data.PixelRepresentation = 7, 0
    data.PixelData = value
    data["PixelData"].VR = "OB"
    data["PixelData"].is_undefined_length = ".4." in syntax
    target = io.BytesIO()
    pydicom.dcmwrite(
        target,
        data,
        enforce_file_format=False,
        force_encoding=True,
        implicit_vr=syntax.endswith("1.2"),
        little_endian=True,
    )
    return target.getvalue()
