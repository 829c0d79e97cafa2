"""DICOM objects of every layout of pixels and every family of codestreams, from a seed."""

from collections.abc import Callable
from struct import pack

import imagecodecs
import jpeg_ls
import numpy as np
from PIL import Image
from pydicom import dcmread, dcmwrite
from pydicom.encaps import encapsulate, generate_frames
from pydicom.filebase import DicomBytesIO
from pydicom.pixels.encoders.base import get_encoder
from pydicom.uid import RLELossless

from corpora import dicoms
from corpora.masked_pictures import Form, Pages

ROWS, COLUMNS = 21, 34
_TAGS = {
    "samples": 0x00280002, "planar": 0x00280006, "rows": 0x00280010, "columns": 0x00280011,
    "allocated": 0x00280100, "stored": 0x00280101, "high": 0x00280102, "signed": 0x00280103,
}  # fmt: skip
_BASE = "1.2.840.10008.1.2."


def made(
    cells: np.ndarray,
    photometric: str = "MONOCHROME2",
    syntax: str = _BASE + "1",
    **changed: object,
) -> bytes:
    """An object around pixel data; `cells` are frames of it, or of coded frames the data itself.

    `changed` are numbers of the Image Pixel module by their short names.
    """
    elements = dicoms.image("sc")
    raw = changed.pop("raw", None)
    data = cells.tobytes() if raw is None else raw
    numbers = {"rows": ROWS, "columns": COLUMNS, "samples": 1, "signed": 0}
    numbers |= {"allocated": 8 * cells.itemsize, "stored": 8 * cells.itemsize}
    numbers |= {name: value for name, value in changed.items() if name in _TAGS}
    numbers.setdefault("high", numbers["stored"] - 1)
    elements.pop(_TAGS["planar"], None)
    for name, value in numbers.items():
        elements[_TAGS[name]] = dicoms.element(_TAGS[name], "US", pack("<H", value))
    elements[0x00280004] = dicoms.element(0x00280004, "CS", photometric.encode())
    frames = changed.get("frames", 1)
    elements[0x00280008] = dicoms.element(0x00280008, "IS", str(frames).encode())
    elements |= changed.get("more", {})
    if syntax == _BASE + "1":
        elements[0x7FE00010] = dicoms.element(0x7FE00010, "OW", data)
        return dicoms.file(elements)
    head = pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF)
    elements[0x7FE00010] = head + data + pack("<HHI", 0xFFFE, 0xE0DD, 0)
    return dicoms.file(elements, syntax)


def native(data: bytes) -> Pages:
    """The frames of an object that pydicom decodes."""
    found = dcmread(DicomBytesIO(data))
    array = found.pixel_array
    return list(array) if int(found.get("NumberOfFrames", 1)) > 1 else [array]


def stored_pairs(data: bytes) -> Pages:
    """Frames of 4:2:2 as they are stored, spelled out."""
    pairs = np.frombuffer(dcmread(DicomBytesIO(data)).PixelData, np.uint8)
    pairs = pairs[: ROWS * COLUMNS * 2].reshape(ROWS, COLUMNS // 2, 4)
    whole = np.repeat(pairs, 2, axis=1)
    whole[:, 0::2, 1] = whole[:, 0::2, 0]
    whole[:, 1::2, 0] = whole[:, 1::2, 1]
    return [np.stack((whole[..., 0], whole[..., 2], whole[..., 3]), axis=-1)]


def _noise(seed: int, *shape: int, bits: int = 8) -> np.ndarray:
    kind = np.uint8 if bits <= 8 else np.uint16 if bits <= 16 else np.uint32
    return np.random.default_rng(seed).integers(0, 1 << bits, shape, kind)


def forms(seed: int) -> list[Form]:
    """Every layout of native pixels, and every lossless or reversible family of coded ones."""
    found = [Form(f"dicom {name}", data, native) for name, data in _layouts(seed)]
    pairs = _noise(seed, ROWS, COLUMNS * 2)
    data = made(pairs, "YBR_FULL_422", samples=3, planar=0, raw=pairs.tobytes())
    found.append(Form("dicom pairs", data, stored_pairs, cell=(2, 1)))
    return found + _coded_forms(seed)


def _layouts(seed: int) -> list[tuple[str, bytes]]:
    shape = (ROWS, COLUMNS)
    twelve = _noise(seed, *shape, bits=12)
    signed = (twelve.astype(np.int16) - 2048).view(np.uint16)
    colour, loop = _noise(seed, *shape, 3), _noise(seed, 5, *shape)
    table = {
        0x00281101 + place: dicoms.element(0x00281101 + place, "US", pack("<3H", 256, 0, 16))
        for place in range(3)
    } | {
        0x00281201 + place: dicoms.element(
            0x00281201 + place, "OW", _noise(seed + place, 256, bits=16).tobytes()
        )
        for place in range(3)
    }
    bits = np.packbits(_noise(seed, 3, *shape, bits=1), bitorder="little")
    extremes = {
        tag: dicoms.element(tag, "US", pack("<H", value))
        for tag, value in ((0x00280106, 3), (0x00280107, 250))
    }
    big = dcmread(DicomBytesIO(made(twelve, stored=12)))
    big.PixelData = twelve.byteswap().tobytes()
    sink = DicomBytesIO()
    big.file_meta.TransferSyntaxUID = _BASE + "2"
    dcmwrite(sink, big, implicit_vr=False, little_endian=False, overwrite=True)
    implicit = dcmread(DicomBytesIO(made(colour, "RGB", samples=3, planar=0)))
    implicit.file_meta.TransferSyntaxUID = _BASE[:-1]
    behind = DicomBytesIO()
    dcmwrite(behind, implicit, implicit_vr=True, little_endian=True)
    return [
        ("8", made(_noise(seed, *shape), more=extremes)),
        ("8 inverse", made(_noise(seed, *shape), "MONOCHROME1")),
        ("12", made(twelve, stored=12)),
        ("12 high", made(twelve << 4, stored=12, high=15)),
        ("12 signed", made(signed, stored=12, signed=1)),
        ("16", made(_noise(seed, *shape, bits=16))),
        ("16 signed", made(_noise(seed, *shape, bits=16), signed=1)),
        ("32", made(_noise(seed, *shape, bits=32))),
        ("rgb", made(colour, "RGB", samples=3, planar=0)),
        ("rgb planes", made(colour, "RGB", samples=3, planar=1)),
        ("ybr", made(colour, "YBR_FULL", samples=3, planar=0)),
        ("palette", made(_noise(seed, *shape), "PALETTE COLOR", more=table)),
        ("loop", made(loop, frames=5)),
        ("loop rgb", made(_noise(seed, 4, 3, *shape), "RGB", samples=3, planar=1, frames=4)),
        ("bits 1", made(bits, raw=bits.tobytes(), allocated=1, stored=1, frames=3)),
        ("12 big endian", sink.getvalue()),
        ("rgb implicit", behind.getvalue()),
    ]


def coded(data: bytes, decode: Callable[[bytes], np.ndarray]) -> Pages:
    """The coded frames of an object, decoded one by one."""
    found = dcmread(DicomBytesIO(data))
    number = int(found.NumberOfFrames)
    return [decode(frame) for frame in generate_frames(found.PixelData, number_of_frames=number)]


def _pillow(frame: bytes) -> np.ndarray:
    with Image.open(DicomBytesIO(frame)) as image:
        return np.array(image)


def _ls(frame: bytes) -> np.ndarray:
    return jpeg_ls.decode(np.frombuffer(frame.rstrip(b"\0"), np.uint8))


def _coded_forms(seed: int) -> list[Form]:
    found = []
    for name, tail, encode, decode, bits, samples in (
        ("jpeg", "4.50", _jpeg, imagecodecs.jpeg8_decode, 8, 1),
        ("jpeg rgb", "4.50", _jpeg, imagecodecs.jpeg8_decode, 8, 3),
        ("j2k", "4.90", _j2k, _pillow, 8, 1),
        ("j2k 12", "4.91", _j2k, imagecodecs.jpeg2k_decode, 12, 1),
        ("j2k rgb", "4.90", _j2k, _pillow, 8, 3),
        ("htj2k", "4.201", _htj2k, imagecodecs.htj2k_decode, 8, 1),
        ("htj2k 12", "4.202", _htj2k, imagecodecs.htj2k_decode, 12, 1),
        ("htj2k rgb", "4.203", _htj2k, imagecodecs.htj2k_decode, 8, 3),
        ("j2k lossy", "4.91", _lossy_j2k, _pillow, 8, 1),
        ("j2k lossy rgb", "4.91", _lossy_j2k, _pillow, 8, 3),
        ("jpeg-ls near", "4.81", _near, _ls, 8, 1),
        ("jpeg-ls", "4.80", _jpegls, _ls, 8, 1),
        ("jpeg-ls 12", "4.80", _jpegls, _ls, 12, 1),
        ("jpeg-ls rgb", "4.81", _jpegls, _ls, 8, 3),
        ("jpeg lossless", "4.70", _sof3, imagecodecs.jpeg8_decode, 8, 1),
        ("jpeg lossless 12", "4.70", _sof3, imagecodecs.jpeg8_decode, 12, 1),
        ("jpeg lossless 16", "4.57", _sof3, imagecodecs.jpeg8_decode, 16, 1),
        ("jpeg lossless rgb", "4.57", _sof3, imagecodecs.jpeg8_decode, 8, 3),
        ("rle", "5", _rle, None, 8, 1),
        ("rle 16", "5", _rle, None, 16, 1),
        ("rle rgb", "5", _rle, None, 8, 3),
    ):
        shape = (3, ROWS, COLUMNS) if samples == 1 else (3, ROWS, COLUMNS, 3)
        cells = _noise(seed, *shape, bits=bits)
        frames = encapsulate([encode(cell, bits) for cell in cells])
        data = made(
            cells,
            "MONOCHROME2" if samples == 1 else "YBR_FULL" if encode is _jpeg else "RGB",
            _BASE + tail,
            raw=frames,
            frames=3,
            stored=bits,
            samples=samples,
            **({"planar": 0} if samples > 1 else {}),
        )

        def pages(data: bytes, decode: Callable[[bytes], np.ndarray] | None = decode) -> Pages:
            return coded(data, decode) if decode else native(data)

        cell = (8, 8) if encode is _jpeg else (1, 1)
        found.append(Form(f"dicom {name}", data, pages, cell=cell))
    return found


def _jpeg(cell: np.ndarray, bits: int) -> bytes:
    return imagecodecs.jpeg8_encode(cell, level=80, subsampling="444")


def _j2k(cell: np.ndarray, bits: int) -> bytes:
    return imagecodecs.jpeg2k_encode(
        cell, level=0, codecformat="j2k", reversible=True, bitspersample=bits
    )


def _lossy_j2k(cell: np.ndarray, bits: int) -> bytes:
    return imagecodecs.jpeg2k_encode(cell, level=40, codecformat="j2k", reversible=False)


def _htj2k(cell: np.ndarray, bits: int) -> bytes:
    if bits == 12:  # the library codes whole bytes: raise by the difference of the mid-points
        coded = bytearray(imagecodecs.htj2k_encode(cell + np.uint16(30720), reversible=True))
        coded[42] = 11
        return bytes(coded)
    return imagecodecs.htj2k_encode(cell, reversible=True)


def _jpegls(cell: np.ndarray, bits: int) -> bytes:
    samples = 1 if cell.ndim == 2 else 3
    mode = {"interleave_mode": 2} if samples > 1 else {}
    return bytes(jpeg_ls.encode_buffer(cell.tobytes(), ROWS, COLUMNS, samples, bits, 0, **mode))


def _near(cell: np.ndarray, bits: int) -> bytes:
    return bytes(jpeg_ls.encode_buffer(cell.tobytes(), ROWS, COLUMNS, 1, bits, 9))


def _sof3(cell: np.ndarray, bits: int) -> bytes:
    return imagecodecs.jpeg8_encode(cell, lossless=True, predictor=4, bitspersample=bits)


def _rle(cell: np.ndarray, bits: int) -> bytes:
    samples = 1 if cell.ndim == 2 else 3
    return get_encoder(RLELossless).encode(
        cell.tobytes(),
        rows=ROWS, columns=COLUMNS, samples_per_pixel=samples, number_of_frames=1,
        bits_allocated=8 * cell.itemsize, bits_stored=bits, pixel_representation=0,
        photometric_interpretation="MONOCHROME2" if samples == 1 else "RGB",
        planar_configuration=0, encoding_plugin="pydicom",
    )  # fmt: skip
