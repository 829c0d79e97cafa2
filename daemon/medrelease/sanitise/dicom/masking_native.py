"""Frames of native pixel data filled under their masks, however their samples are laid out.

Sources: PS3.5 section 8.1.1 (one bit a pixel, the first in the least significant bit), PS3.3
C.7.6.3.1.2 (4:2:2, chrominance once for two pixels) and C.7.6.3.1.3 (planes).
"""

import numpy as np

from medrelease.sanitise.blanking import Bytes
from medrelease.sanitise.dicom.masking import Blanking, Cells
from medrelease.sanitise.refusal import malformed

_CELLS = {8: "u1", 16: "<u2", 32: "<u4", 64: "<u8"}


def blanked(frame: memoryview | bytes, blanking: Blanking, number: int) -> bytes:
    """A frame's bytes in little endian, filled; of pixels of one bit those of all frames."""
    shape = blanking.shape
    if shape.allocated == 1:
        return _bits(frame, blanking)
    cells = np.frombuffer(frame, _CELLS[shape.allocated]).copy()
    if shape.halved:
        _fill_halved(cells, blanking, number)
    elif shape.planar:
        planes = cells.reshape(shape.samples, shape.rows, shape.columns)
        blanking.fill(planes.transpose(1, 2, 0), number)
    else:
        blanking.fill(cells.reshape(shape.rows, shape.columns, shape.samples), number)
    return cells.tobytes()


def _fill_halved(cells: Cells, blanking: Blanking, number: int) -> None:
    """Fill pairs of pixels (Y Y Cb Cr): a mask has been grown to whole pairs."""
    shape = blanking.shape
    if shape.columns % 2:
        raise malformed("Pixels that share their chrominance do not fill their rows.")
    pairs = cells.reshape(shape.rows, shape.columns // 2, 4)
    whole = np.empty((shape.rows, shape.columns, 3), cells.dtype)
    whole[:, 0::2, 0], whole[:, 1::2, 0] = pairs[..., 0], pairs[..., 1]
    whole[:, :, 1] = np.repeat(pairs[..., 2], 2, axis=1)
    whole[:, :, 2] = np.repeat(pairs[..., 3], 2, axis=1)
    blanking.fill(whole, number)
    pairs[..., 0], pairs[..., 1] = whole[:, 0::2, 0], whole[:, 1::2, 0]
    pairs[..., 2], pairs[..., 3] = whole[:, 0::2, 1], whole[:, 0::2, 2]


def _bits(data: memoryview | bytes, blanking: Blanking) -> bytes:
    """Pixels of one bit, of all frames: each box row by row."""
    shape, packed = blanking.shape, np.frombuffer(data, np.uint8).copy()
    size = shape.rows * shape.columns
    for number, found in blanking.frames.items():
        first = number * size
        for box in found:
            for row in range(box.top, box.bottom):
                at = first + row * shape.columns
                _clear(packed, at + box.left, at + box.right)
    return packed.tobytes()


def _clear(packed: Bytes, start: int, stop: int) -> None:
    """Clear bits, the least significant first, of which [start, stop) are numbered through."""
    low, high = start // 8, -(-stop // 8)
    bits = np.unpackbits(packed[low:high], bitorder="little")
    bits[start - 8 * low : stop - 8 * low] = 0
    packed[low:high] = np.packbits(bits, bitorder="little")
