"""DICOM: the frames of an image object, one at a time, in every transfer syntax that is decoded.

The data set is read without its pixels; native frames are slices of the mapped file, encapsulated
ones are decoded each by itself. Values are shown as they are stored: no window that the object
asks for may hide what a viewer with another window shows.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.pixels.processing import apply_color_lut

from medrelease.pixels import dicom_codecs, fragments, samples
from medrelease.pixels.faults import decoder_missing, too_large, undecodable
from medrelease.pixels.foreign import decoding
from medrelease.pixels.mapped import Mapped
from medrelease.pixels.page import MOST_BYTES, Page
from medrelease.pixels.views import Frame

MOST_FRAMES = 20_000
_WHOLE_SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"
_DEFLATED = "1.2.840.10008.1.2.1.99"
_WIDTHS = {b"\x08\x00": 32, b"\x09\x00": 64}
"""The bits of Float and Double Float Pixel Data, (7FE0,0008) and (7FE0,0009), by element."""


def pages(source: Mapped) -> Iterator[Page]:
    """The frames of an object as one loop; none of one that is no image. Raises CannotDecode."""
    if not _is_no_image(source):
        yield from Object(source).pages()


def _is_no_image(source: Mapped) -> bool:
    """Whether an object ends without pixels and says nothing of any: a report, or a state."""
    with decoding():
        reader = source.file()
        head: Any = pydicom.dcmread(reader, stop_before_pixels=True, force=True)
        ends = reader.tell() == len(source.view)
        return ends and len(head) > 0 and not {"Rows", "Columns", "BitsAllocated"} & set(head.dir())


class Object:
    """An image object that was opened: its attributes, and where its pixels stand."""

    def __init__(self, source: Mapped) -> None:
        with decoding():
            self.head: Any = pydicom.dcmread(source.file(), stop_before_pixels=True, force=True)
            self.syntax = str(self.head.file_meta.TransferSyntaxUID)
            self.rows, self.columns = int(self.head.Rows), int(self.head.Columns)
            self.count = int(self.head.get("NumberOfFrames") or 1)
            self.samples = int(self.head.get("SamplesPerPixel") or 1)
            self.photometric = str(self.head.get("PhotometricInterpretation") or "")
        if self.rows * self.columns * self.samples * 4 > MOST_BYTES:
            raise too_large("A frame has more pixels than can be looked at.")
        if not 0 < self.count <= MOST_FRAMES:
            raise too_large(f"The object has more than {MOST_FRAMES} frames.")
        self._find_pixels(source)

    def _find_pixels(self, source: Mapped) -> None:
        """Where the value of the pixel element begins: the last of the cleaned object."""
        with decoding():
            if self.syntax == _DEFLATED:
                whole: Any = pydicom.dcmread(source.file(), force=True)
                self.value, self.tag = memoryview(whole.PixelData), b"\x10\x00"
                return
            reader = source.file()
            pydicom.dcmread(reader, stop_before_pixels=True, force=True)
            at = reader.tell()
        view, implicit = source.view, self.head.is_implicit_VR
        big = not self.head.is_little_endian
        self.tag = bytes(view[at + 2 : at + 4])[:: -1 if big else 1]
        size = 4 if implicit else 8
        start = at + 4 + size
        if len(view) < start:
            raise undecodable("The object has no pixel data.")
        length = int.from_bytes(view[start - 4 : start], "big" if big else "little")
        self.value = view[start:] if length == 0xFFFFFFFF else view[start : start + length]

    def pages(self) -> Iterator[Page]:
        """The object's frames, and each plane of theirs that is no colour, as loops."""
        looked_at: Any = self._native() if self._is_native() else self._encapsulated()
        bits = int(self.head.get("BitsStored") or 0) or None
        maskable = str(self.head.get("SOPClassUID") or "") != _WHOLE_SLIDE
        yield Page(None, looked_at, bits=bits, maskable=maskable)

    def _is_native(self) -> bool:
        return self.syntax in dicom_codecs.NATIVE

    def _native(self) -> "_Native":
        return _Native(self)

    def _encapsulated(self) -> "_Encapsulated":
        if not dicom_codecs.known(self.syntax):
            raise decoder_missing("Nothing here decodes this transfer syntax.")
        return _Encapsulated(self, fragments.frames(self.value, self.count))

    def shown(self, decoded: NDArray[Any]) -> Frame:
        """Decoded samples as a frame: palettes in colour, unused bits left out."""
        if self.photometric == "PALETTE COLOR":
            with decoding():
                decoded = apply_color_lut(decoded, self.head)
        return samples.frames(decoded)[0]


class _Native:
    """Frames of native pixel data (PS3.5 section 8.1)."""

    def __init__(self, of: Object) -> None:
        self._of = of
        with decoding():
            self._allocated = _WIDTHS.get(of.tag) or int(of.head.get("BitsAllocated") or 8)
            self._stored = int(of.head.get("BitsStored") or self._allocated)
            self._high = int(of.head.get("HighBit") or self._stored - 1)
            self._signed = int(of.head.get("PixelRepresentation") or 0) == 1
            self._planar = int(of.head.get("PlanarConfiguration") or 0) == 1
        self._halved = "422" in of.photometric and of.samples == 3
        if self._allocated not in (1, 8, 16, 32, 64):
            raise decoder_missing("Nothing here reads samples of this width.")
        count = of.rows * of.columns * of.samples
        self._bits = (count * 2 // 3 if self._halved else count) * self._allocated
        if len(of.value) * 8 < self._bits * of.count:
            raise undecodable("The pixel data is shorter than its frames.")

    def __len__(self) -> int:
        return self._of.count

    def __getitem__(self, index: int, /) -> Frame:
        of = self._of
        if self._allocated == 1:
            start = index * self._bits
            piece = np.frombuffer(of.value[start // 8 : (start + self._bits + 7) // 8], np.uint8)
            bits = np.unpackbits(piece, bitorder="little")[start % 8 :][: self._bits]
            return of.shown(bits.reshape(of.rows, of.columns).astype(np.bool_))
        size = self._bits // 8
        values = np.frombuffer(of.value[index * size : (index + 1) * size], self._type())
        return of.shown(self._arranged(self._cut(values)))

    def _type(self) -> np.dtype[Any]:
        order = "<" if self._of.head.is_little_endian else ">"
        kind = "f" if self._of.tag in _WIDTHS else "u"
        return np.dtype(f"{order}{kind}{self._allocated // 8}")

    def _cut(self, values: NDArray[Any]) -> NDArray[Any]:
        """The stored bits of each cell alone, as signed numbers where they are such."""
        if values.dtype.kind == "f":
            return values
        native = values.astype(values.dtype.newbyteorder("="))
        native = native >> (self._high + 1 - self._stored)
        if self._stored < self._allocated:
            native = native & native.dtype.type((1 << self._stored) - 1)
        if self._signed:
            # Half of the range added: the same order, and no sign.
            native = native ^ native.dtype.type(1 << (self._stored - 1))
        return native

    def _arranged(self, values: NDArray[Any]) -> NDArray[Any]:
        of = self._of
        if self._halved:
            # Y Y Cb Cr for two pixels (PS3.3 C.7.6.3.1.2): the brightness is enough.
            return values.reshape(of.rows, of.columns // 2, 4)[..., :2].reshape(of.rows, -1)
        if of.samples == 1:
            return values.reshape(of.rows, of.columns)
        if self._planar:
            return np.moveaxis(values.reshape(of.samples, of.rows, of.columns), 0, -1)
        return values.reshape(of.rows, of.columns, of.samples)


class _Encapsulated:
    """Frames that a codec decodes."""

    def __init__(self, of: Object, found: list[list[memoryview]]) -> None:
        self._of, self._found = of, found
        with decoding():
            self._allocated = int(of.head.get("BitsAllocated") or 8)

    def __len__(self) -> int:
        return len(self._found)

    def __getitem__(self, index: int, /) -> Frame:
        of = self._of
        parts = self._found[index]
        data = parts[0] if len(parts) == 1 else b"".join(parts)
        shape = (of.rows, of.columns, of.samples)
        decoded = dicom_codecs.decode(of.syntax, data, shape, self._allocated)
        if decoded.shape[:2] != (of.rows, of.columns):
            raise undecodable("A frame is not of the size that the object says.")
        return of.shown(decoded)
