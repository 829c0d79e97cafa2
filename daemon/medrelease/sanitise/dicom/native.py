"""Native pixel data: what lies past the last pixel is cut, bits beside the sample are cleared.

Overlays used to hide in the unused high bits of a sample's cell (retired, PS3.3 C.9.2); nothing
that is shown as a pixel is there. The bytes are handed on in chunks of the source.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from medrelease.sanitise.dicom.elements import Element
from medrelease.sanitise.dicom.masking import Blanking
from medrelease.sanitise.dicom.masking_native import blanked
from medrelease.sanitise.dicom.meta import element_header
from medrelease.sanitise.dicom.shape import Shape
from medrelease.sanitise.refusal import incomplete, unsupported
from medrelease.sanitise.source import forget
from medrelease.sanitise.target import Target

Cells = npt.NDArray[np.unsignedinteger[Any]]

_CHUNK = 4 << 20
_CELLS = {8: "u1", 16: "<u2", 32: "<u4", 64: "<u8"}


def write_native(
    element: Element,
    shape: Shape,
    target: Target,
    counts: Counter[str],
    blanking: Blanking | None = None,
) -> None:
    """Write Pixel Data (also Float and Double Float) in little endian with its exact length."""
    length = shape.native_length
    if len(element.value) < length:
        raise incomplete("the pixel data")
    counts["pixel-excess"] += len(element.value) > length + (length & 1)
    if shape.allocated not in _CELLS and shape.allocated != 1:
        raise unsupported("Its number of bits allocated is not supported.")
    vr = _vr(element, shape)
    target.write(element_header(element.tag, vr, length + (length & 1)))
    swap = _swap_width(element, shape)
    dirty = False
    for start, stop, number in _spans(shape, length, blanking):
        chunk = element.value[start:stop]
        if swap:
            chunk = memoryview(_swapped(chunk, element.value, start, swap))
        cleared = _cleared(chunk, shape)
        dirty |= cleared is not None
        if blanking and number is not None:
            cleared = blanked(chunk if cleared is None else cleared, blanking, number)
        target.write(chunk if cleared is None else cleared)
        forget(element.value[start:stop])
    counts["pixel-high-bits"] += dirty
    if length & 1:
        target.write(b"\0")


def _spans(
    shape: Shape, length: int, blanking: Blanking | None
) -> Iterator[tuple[int, int, int | None]]:
    """The [start, stop) of pieces of the pixel data; those to be blanked are whole frames.

    The third is the frame's number, None for a piece that stays.
    """
    at, size = 0, shape.frame_length
    touched = sorted(blanking.frames) if blanking else []
    if touched and shape.allocated == 1:
        yield 0, length, 0  # frames need not begin at a whole byte
        return
    for number in [*touched, None]:
        before = length if number is None else number * size
        for start in range(at, before, _CHUNK):
            yield start, min(start + _CHUNK, before), None
        if number is not None:
            at = before + size
            yield before, at, number


def _vr(element: Element, shape: Shape) -> bytes:
    if element.tag != 0x7FE00010:
        return b"OF" if element.tag == 0x7FE00008 else b"OD"
    if shape.allocated > 8:
        return b"OW"
    return element.vr if element.vr in (b"OB", b"OW") else b"OW"


def _swap_width(element: Element, shape: Shape) -> int:
    """Bytes that change places in big endian: a sample's, or two where bytes stand in words."""
    if not element.big:
        return 0
    return max(2, shape.allocated // 8) if shape.allocated > 8 or element.vr == b"OW" else 0


def _swapped(chunk: memoryview, whole: memoryview, start: int, width: int) -> bytes:
    missing = -len(chunk) % width
    padded = bytes(whole[start : start + len(chunk) + missing])
    if len(padded) % width:
        raise incomplete("the pixel data")
    return np.frombuffer(padded, f"u{width}").byteswap().tobytes()[: len(chunk)]


def _cleared(chunk: memoryview, shape: Shape) -> bytes | None:
    """The chunk with unused bits cleared; None where nothing stands in them.

    A negative sample whose sign reaches through the unused bits carries nothing in them.
    """
    if shape.stored == shape.allocated or shape.allocated not in _CELLS:
        return None
    cells = np.frombuffer(chunk, _CELLS[shape.allocated])
    used = np.array(shape.used_bits, cells.dtype)
    if not np.bitwise_or.reduce(cells) & ~used:
        return None
    if shape.signed and shape.high == shape.stored - 1 and _sign_extended(cells, shape):
        return None
    return bytes(cells & used)


def _sign_extended(cells: Cells, shape: Shape) -> bool:
    """Whether each cell reads the same as a number of all its bits or of its stored bits."""
    signed = cells.view(cells.dtype.str.replace("u", "i"))
    limit = 1 << (shape.stored - 1)
    return bool(signed.min() >= -limit) and bool(signed.max() < limit)
