"""A coded frame with its masks filled: decoded, and coded anew without loss in its own family.

What was lossy stays as it decodes: of JPEG 2000 and JPEG-LS the transfer syntaxes that permit
losses permit none as well. Frames of lossy JPEG are blanked in their coefficients instead.
"""

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from medrelease.sanitise.blanking import mask_not_possible
from medrelease.sanitise.codecs import codec
from medrelease.sanitise.dicom.masking import Blanking, Cells
from medrelease.sanitise.dicom.shape import Shape
from medrelease.sanitise.dicom.syntax import Coding
from medrelease.sanitise.jpeg2000_blank import changed
from medrelease.sanitise.jpeg_blank import blanked as jpeg_blanked
from medrelease.sanitise.packbits import pack_rows, unpack
from medrelease.sanitise.refusal import malformed
from medrelease.terms.flow import Mask

_LOSSLESS_JPEG = frozenset(f"1.2.840.10008.1.2.4.{tail}" for tail in (57, 70))

Recode = Callable[[bytes, Blanking, int], bytes]


def recoder(coding: Coding, uid: str) -> Recode:
    """What fills a frame of this transfer syntax. Raises a refusal where nothing can."""
    if uid in _LOSSLESS_JPEG:
        return _jpeg_lossless
    if coding is Coding.JPEG:
        return _jpeg
    found: dict[Coding, Recode] = {
        Coding.JPEG_2000: _jpeg_2000,
        Coding.JPEG_LS: _jpeg_ls,
        Coding.RLE: _rle,
    }
    if coding not in found:
        raise mask_not_possible("Writing in frames of this transfer syntax cannot be blanked.")
    return found[coding]


def _filled(decoded: Cells, blanking: Blanking, number: int) -> Cells:
    """A decoded frame, filled; shape and type as they were."""
    shape = blanking.shape
    wanted = (shape.rows, shape.columns, shape.samples)
    if decoded.dtype.kind not in "iu" or decoded.size != shape.rows * shape.columns * shape.samples:
        raise malformed("A frame of the pixel data has another shape than declared.")
    if shape.samples > 1 and decoded.shape == (shape.samples, shape.rows, shape.columns):
        decoded = decoded.transpose(1, 2, 0)  # coded plane by plane
    if decoded.shape not in (wanted, wanted[:2]):
        raise malformed("A frame of the pixel data has another shape than declared.")
    cells = np.ascontiguousarray(decoded).copy()
    unsigned = cells.view(f"u{cells.dtype.itemsize}")
    blanking.fill(unsigned.reshape(wanted), number)
    return cells


def _jpeg_2000(frame: bytes, blanking: Blanking, number: int) -> bytes:
    """JPEG 2000 of either part, with the precision and the colour transform that it had."""
    size = (blanking.shape.columns, blanking.shape.rows)
    return changed(frame, size, lambda decoded: _filled(decoded, blanking, number))


def _jpeg_ls(frame: bytes, blanking: Blanking, number: int) -> bytes:
    """JPEG-LS without loss (NEAR 0), pixel by pixel, with the precision that the frame had."""
    precision = _precision(frame, 0xF7, blanking.shape)
    cells = _filled(_decoded(codec("imagecodecs").jpegls_decode, frame), blanking, number)
    shape = blanking.shape
    options = (shape.rows, shape.columns, shape.samples, precision, 0)
    mode = {"interleave_mode": 2} if shape.samples > 1 else {}
    return bytes(codec("jpeg_ls").encode_buffer(cells.tobytes(), *options, **mode))


def _jpeg(frame: bytes, blanking: Blanking, number: int) -> bytes:
    """Lossy JPEG: no coefficient outside of the masks, grown to their MCUs, changes."""
    shape = blanking.shape
    masks = [
        Mask(None, box.left, box.top, box.right - box.left, box.bottom - box.top)
        for box in blanking.frames[number]
    ]
    chroma = shape.photometric.startswith("YBR") if shape.samples == 3 else None
    return jpeg_blanked(memoryview(frame), masks, Counter(), chroma=chroma)


def _jpeg_lossless(frame: bytes, blanking: Blanking, number: int) -> bytes:
    """Process 14, first-order prediction (selection value 1), which both syntaxes permit."""
    library, precision = codec("imagecodecs"), _precision(frame, 0xC3, blanking.shape)
    cells = _filled(_decoded(library.jpegsof3_decode, frame), blanking, number)
    coded = library.jpeg8_encode(cells, lossless=True, predictor=1, bitspersample=precision)
    return _without_marks(coded) if b"Adobe" not in frame[:64] else bytes(coded)


def _without_marks(coded: bytes) -> bytes:
    """A codestream without application segments: the frame said nothing of its colours either."""
    at = 2
    while 0xE0 <= coded[at + 1] <= 0xEF:
        at += 2 + int.from_bytes(coded[at + 2 : at + 4])
    return coded[:2] + coded[at:]


def _precision(frame: bytes, marker: int, shape: Shape) -> int:
    """Bits a sample, from the frame header behind a marker (T.81 B.2.2).

    Nothing is decoded of which the header says another size than the object.
    """
    at = 2
    while at + 5 <= len(frame) and frame[at] == 0xFF:
        if frame[at + 1] == marker:
            size = (int.from_bytes(frame[at + 5 : at + 7]), int.from_bytes(frame[at + 7 : at + 9]))
            if size != (shape.rows, shape.columns):
                break
            return frame[at + 4]
        at += 2 + int.from_bytes(frame[at + 2 : at + 4])
    raise malformed("A frame of the pixel data is not what its object says.")


def _rle(frame: bytes, blanking: Blanking, number: int) -> bytes:
    """RLE: a segment for each byte of each sample, the most significant first (PS3.5 Annex G)."""
    shape = blanking.shape
    planes = _segments(frame, shape)
    cells = np.zeros((shape.rows, shape.columns, shape.samples), f">u{shape.allocated // 8}")
    octets = cells.view(np.uint8).reshape(shape.rows, shape.columns, -1)
    for place, plane in enumerate(planes):
        octets[:, :, place] = plane.reshape(shape.rows, shape.columns)
    native = _filled(cells.astype(f"u{shape.allocated // 8}"), blanking, number)
    octets = native.astype(cells.dtype).view(np.uint8).reshape(octets.shape)
    segments = [pack_rows(octets[:, :, place]) for place in range(octets.shape[2])]
    padded = [segment + bytes(len(segment) & 1) for segment in segments]
    places = 64 + np.cumsum([0, *map(len, padded[:-1])])
    header = np.zeros(16, "<u4")
    header[0], header[1 : 1 + len(padded)] = len(padded), places
    return header.tobytes() + b"".join(padded)


def _segments(frame: bytes, shape: Shape) -> list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    words = np.frombuffer(frame[:64].ljust(64, b"\0"), "<u4").tolist()
    if shape.allocated % 8 or words[0] != shape.samples * shape.allocated // 8 or words[0] > 15:
        raise mask_not_possible("The segments of an RLE frame are not those of its pixels.")
    starts = [*words[1 : words[0] + 1], len(frame)]
    pixels = shape.rows * shape.columns
    return [unpack(frame[start:stop], pixels) for start, stop in pairwise(starts)]


def _decoded(decode: Callable[[bytes], Cells], frame: bytes) -> Cells:
    """A frame as the library decodes it. Raises a malformed refusal where it does not."""
    try:
        return decode(frame)
    except (RuntimeError, ValueError) as error:
        raise malformed("A frame of the pixel data does not decode.") from error
