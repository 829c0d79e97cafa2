"""The picture of a DICOM object in a canonical form, the same for source and finished file.

Native pixels count in little endian, to the last pixel and without the bits beside a sample's own;
coded frames as dicom_frames says. Source: PS3.3 C.7.6.3, PS3.5 section 8 and Annex A.4.
"""

import hashlib
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from medrelease.verify import dicom_frames
from medrelease.verify.dicom_walk import Leaf
from medrelease.verify.refusal import incomplete, malformed, unsupported

_CHUNK = 1 << 22
_RLE = "1.2.840.10008.1.2.5"
_JPEG = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 57, 70))
_JPEG_LS = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (80, 81))
_JPEG_2000 = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (90, 91, 92, 93, 201, 202, 203))
CODED = _JPEG | _JPEG_LS | _JPEG_2000 | {_RLE}

_FLOATS = {0x7FE00008: 32, 0x7FE00009: 64}


@dataclass(slots=True)
class Picture:
    """The Image Pixel attributes of the root and the pixel data, gathered on the walk."""

    numbers: dict[int, int]
    photometric: str
    frames: int
    native: Leaf | None
    fragments: list[memoryview]

    def number(self, tag: int, default: int = 0) -> int:
        """A number of group 0028."""
        return self.numbers.get(0x00280000 | tag, default)

    @property
    def bits(self) -> int:
        """Bits allocated to a sample."""
        found = _FLOATS.get(self.native.tag) if self.native else None
        return found or self.number(0x100)

    @property
    def length(self) -> int:
        """Bytes of the native pixels, before padding."""
        samples = self.number(0x10) * self.number(0x11) * self.number(0x02, 1) * self.frames
        if "422" in self.photometric and self.number(0x02, 1) == 3:
            samples = samples * 2 // 3
        return -(-samples * self.bits // 8)

    def shape(self) -> str:
        """What decides how the bytes are read as pixels."""
        stored = self.number(0x101, self.bits)
        fixed = (self.bits, stored, self.number(0x102, stored - 1), self.number(0x103))
        plane = self.number(0x06) if self.number(0x02, 1) > 1 else 0
        size = (self.number(0x10), self.number(0x11), self.number(0x02, 1), self.frames)
        return f"{size} {fixed} {plane} {self.photometric}"


def digest(picture: Picture, syntax: str, *, strict: bool) -> str:
    """SHA-256 of shape and pixels in hexadecimal. Raises Refusal where they do not fit."""
    sha = hashlib.sha256(picture.shape().encode())
    if picture.native is not None:
        sha.update(b"native")
        _native(picture, picture.native, sha, strict=strict)
    elif picture.fragments:
        sha.update(b"coded")
        for frame in frames(picture):
            _frame(frame, picture, syntax, sha, strict)
    else:
        unsupported("the object has no pixel data")
    return sha.hexdigest()


def _native(picture: Picture, leaf: Leaf, sha: dicom_frames.Digest, *, strict: bool) -> None:
    length, bits = picture.length, picture.bits
    if length <= 0 or bits not in (1, 8, 16, 32, 64):
        malformed("the attributes of the image's shape contradict each other")
    if len(leaf.value) < length:
        incomplete("the pixel data is cut")
    if strict and (len(leaf.value) != length + length % 2 or any(leaf.value[length:])):
        malformed("bytes follow the last pixel")
    stored = picture.number(0x101, bits) if leaf.tag == 0x7FE00010 else bits
    high = picture.number(0x102, stored - 1) if leaf.tag == 0x7FE00010 else bits - 1
    mask = ((1 << stored) - 1) << max(0, high + 1 - stored)
    width = bits // 8
    swap = leaf.order == "big" and (bits > 8 or leaf.vr == "OW")
    for start in range(0, length, _CHUNK):
        chunk = leaf.value[start : min(start + _CHUNK, length + length % 2)]
        if swap:
            size = max(2, width)
            chunk = memoryview(np.frombuffer(chunk, f"u{size}").byteswap().tobytes())
        chunk = chunk[: length - start]
        if stored < bits and width:
            cells = np.frombuffer(chunk, f"<u{width}")
            sha.update((cells & cells.dtype.type(mask)).tobytes())
        else:
            sha.update(chunk)


def frames(picture: Picture) -> list[memoryview]:
    """The codestream of each frame; the first fragment is the Basic Offset Table."""
    table, coded = picture.fragments[0], picture.fragments[1:]
    if len(coded) == picture.frames:
        return coded
    if picture.frames == 1 and coded:
        return [memoryview(b"".join(coded))]
    starts = _starts(table, coded, picture.frames)
    if len(starts) != picture.frames or not starts:
        malformed("the fragments do not make the declared frames")
    bounds = [*starts, len(coded)]
    return [memoryview(b"".join(coded[first:last])) for first, last in pairwise(bounds)]


def _starts(table: memoryview, coded: list[memoryview], count: int) -> list[int]:
    if len(table) == 4 * count:
        wanted = {int.from_bytes(table[n : n + 4], "little") for n in range(0, len(table), 4)}
        found, at = [], 0
        for index, fragment in enumerate(coded):
            if at in wanted:
                found.append(index)
            at += 8 + len(fragment)
        return found
    heads = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51")
    return [n for n, fragment in enumerate(coded) if bytes(fragment[:4]).startswith(heads)]


def _frame(
    frame: memoryview, picture: Picture, syntax: str, sha: dicom_frames.Digest, strict: bool
) -> None:
    if syntax in _JPEG or syntax in _JPEG_LS:
        dicom_frames.jpeg(frame, sha, ls=syntax in _JPEG_LS, strict=strict)
    elif syntax in _JPEG_2000:
        dicom_frames.jpeg_2000(frame, sha, strict=strict)
    elif syntax == _RLE:
        cells = picture.number(0x10) * picture.number(0x11)
        dicom_frames.rle(frame, sha, cells=cells, strict=strict)
    else:
        unsupported("coded frames of this transfer syntax cannot be proved")
