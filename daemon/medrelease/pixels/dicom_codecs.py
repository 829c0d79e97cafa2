"""The codecs of DICOM's encapsulated transfer syntaxes (PS3.5 Annex A), by their UIDs."""

from collections.abc import Callable
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from medrelease.pixels import jp2
from medrelease.pixels.faults import decoder_missing, undecodable
from medrelease.pixels.foreign import decoding

_ROOT = "1.2.840.10008.1.2"
NATIVE = frozenset({_ROOT, f"{_ROOT}.1", f"{_ROOT}.2", f"{_ROOT}.1.99"})
"""Implicit and explicit little endian, explicit big endian, deflated."""

Data = Any
"""Any buffer of bytes."""
Decode = Callable[[Data], NDArray[Any]]


def known(syntax: str) -> bool:
    """Whether the frames of a transfer syntax can be decoded."""
    return syntax in _CODECS or syntax == _RLE


def decode(syntax: str, data: Data, shape: tuple[int, int, int], allocated: int) -> NDArray[Any]:
    """The samples of one frame: (rows, columns) or (rows, columns, samples).

    `shape` is (rows, columns, samples) and `allocated` the bits of a sample's cell, as the
    object says. Raises CannotDecode.
    """
    with decoding():
        if syntax == _RLE:
            return _rle(data, shape, allocated)
        if syntax not in _CODECS:
            raise decoder_missing("Nothing here decodes this transfer syntax.")
        return np.asarray(_CODECS[syntax](data))


def _jpeg(data: Data) -> NDArray[Any]:
    decoded: NDArray[Any] = imagecodecs.jpeg_decode(data)
    return decoded


def _jpeg_ls(data: Data) -> NDArray[Any]:
    decoded: NDArray[Any] = imagecodecs.jpegls_decode(data)
    return decoded


def _jpeg_2000(data: Data) -> NDArray[Any]:
    jp2.bound(memoryview(data))
    decoded: NDArray[Any] = imagecodecs.jpeg2k_decode(data, numthreads=1)
    return decoded


def _rle(data: Data, shape: tuple[int, int, int], allocated: int) -> NDArray[Any]:
    """Run-length coded planes of bytes, the high byte of each sample first (PS3.5 Annex G)."""
    rows, columns, samples = shape
    width = allocated // 8
    head = np.frombuffer(data[:64], "<u4")
    if head[0] != samples * width:
        raise undecodable()
    ends = [*(int(start) for start in head[2 : 1 + samples * width]), len(data)]
    whole = np.empty((samples, width, rows * columns), np.uint8)
    for number, end in enumerate(ends):
        plane = imagecodecs.packbits_decode(data[int(head[1 + number]) : end])
        values = np.frombuffer(plane, np.uint8)
        whole[number // width, number % width] = values[: rows * columns]
    # bytes of a sample side by side, the high one first: one big-endian number
    joined = np.ascontiguousarray(np.moveaxis(whole, 1, 2)).view(f">u{width}")[..., 0]
    return np.moveaxis(joined, 0, -1).reshape(rows, columns, samples).astype(f"=u{width}")


_RLE = f"{_ROOT}.5"
_CODECS: dict[str, Decode] = {
    **{f"{_ROOT}.4.{tail}": _jpeg for tail in ("50", "51", "57", "70")},
    **{f"{_ROOT}.4.{tail}": _jpeg_ls for tail in ("80", "81")},
    **{f"{_ROOT}.4.{tail}": _jpeg_2000 for tail in ("90", "91", "92", "93")},
    **{f"{_ROOT}.4.{tail}": _jpeg_2000 for tail in ("201", "202", "203")},
}
