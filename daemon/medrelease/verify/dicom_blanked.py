"""The samples of a DICOM object outside of its masks, and one colour under them, frame by frame.

A native frame counts as it is stored; a coded one that no mask touches counts in its canonical
form, any other as it decodes. Sources: PS3.5 section 8 and Annex G, PS3.3 C.7.6.3.1.
"""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medrelease.verify import codecs, dicom_rle
from medrelease.verify.dicom_frames import Digest
from medrelease.verify.dicom_picture import coded_frame, frames
from medrelease.verify.dicom_samples import Picture, Samples
from medrelease.verify.dicom_walk import Leaf
from medrelease.verify.jpeg_piece import blanked_values
from medrelease.verify.mapped import forget
from medrelease.verify.masks import Cover, Masks, Rectangle, prove_within, rectangles
from medrelease.verify.refusal import malformed, unsupported

Pixels = NDArray[Any]
"""Shape (rows, columns, samples)."""

_DECODERS = {
    **{f"1.2.840.10008.1.2.4.{tail}": "jpegsof3_decode" for tail in (57, 70)},
    **{f"1.2.840.10008.1.2.4.{tail}": "jpegls_decode" for tail in (80, 81)},
    **{f"1.2.840.10008.1.2.4.{tail}": "jpeg2k_decode" for tail in (90, 91, 92, 93, 201, 202, 203)},
}
_JPEG = frozenset(f"1.2.840.10008.1.2.4.{tail}" for tail in (50, 51))
_RLE = "1.2.840.10008.1.2.5"


def blanked(
    picture: Picture, syntax: str, masks: Masks, *, strict: bool, decoded: bool = False
) -> str:
    """Return a SHA-256 over the samples that no mask covers.

    With `decoded` every frame of DCT blocks counts by its coefficients, masked or not.

    Raises Refusal(malformed) where, if `strict`, what lies under the masks of a frame is not of
    one colour; Refusal(format-not-supported | decoder-missing) where a frame cannot be decoded.
    """
    wide, high = picture.number(0x11), picture.number(0x10)
    prove_within(masks, [(wide, high)] * picture.frames)
    sha = hashlib.sha256(picture.shape().encode())
    coded = None if picture.native else frames(picture)
    for number in range(picture.frames):
        found = rectangles(masks, number, wide, high)
        if coded is not None:
            values = bool(found) or (decoded and syntax in _JPEG)
            _coded(coded[number], picture, syntax, found if values else None, sha, strict=strict)
        elif picture.native is not None and picture.bits == 1:
            sha.update(_bits(picture, picture.native, number, found, strict=strict))
        elif picture.native is not None:
            samples = Samples(picture, picture.native)
            sha.update(_native(picture, samples, number, found, strict=strict))
    return sha.hexdigest()


def _native(
    picture: Picture, samples: Samples, number: int, found: list[Rectangle], *, strict: bool
) -> bytes | memoryview:
    """Return one frame's samples in little endian, those under a mask zeroed."""
    size = picture.length // picture.frames
    raw = samples.span(number * size, (number + 1) * size, strict=strict)
    if not found:
        return raw
    wide, high, each = picture.number(0x11), picture.number(0x10), picture.number(0x02, 1)
    cells = np.frombuffer(raw, f"<u{picture.bits // 8}")
    cover = Cover(found, strict=strict)
    if "422" in picture.photometric and each == 3:
        # two pixels share their chrominance: a pair is masked as a whole
        pairs = [(left // 2, top, (right + 1) // 2, end) for left, top, right, end in found]
        cover = Cover(pairs, strict=strict)
        rows = cells.reshape(high, wide // 2, 4)
        if strict and any((rows[b:d, a:c, 0] != rows[b:d, a:c, 1]).any() for a, b, c, d in pairs):
            malformed("what was to be blanked is not of one colour")
        return cover.out(rows, range(wide // 2), range(high)).tobytes()
    if picture.number(0x06) == 1 and each > 1:
        rows = cells.reshape(each, high, wide).transpose(1, 2, 0)
    else:
        rows = cells.reshape(high, wide, each)
    return cover.out(rows, range(wide), range(high)).tobytes()


def _bits(
    picture: Picture, leaf: Leaf, number: int, found: list[Rectangle], *, strict: bool
) -> bytes:
    """Return a frame of one bit a pixel; frames need not begin with a byte (PS3.5 8.1.1)."""
    wide, high = picture.number(0x11), picture.number(0x10)
    first = number * wide * high
    raw = np.frombuffer(leaf.value, np.uint8)
    if leaf.order == "big" and leaf.vr == "OW":
        raw = raw.view("u2").byteswap().view(np.uint8)
    spelled = np.unpackbits(raw[first // 8 : -(-(first + wide * high) // 8)], bitorder="little")
    pixels = spelled[first % 8 :][: wide * high].reshape(high, wide)
    return Cover(found, strict=strict).out(pixels, range(wide), range(high)).tobytes()


def _coded(
    fragments: list[memoryview],
    picture: Picture,
    syntax: str,
    found: list[Rectangle] | None,
    sha: Digest,
    *,
    strict: bool,
) -> None:
    """Add one coded frame to a digest: without masks (None) as it is coded."""
    whole = fragments[0] if len(fragments) == 1 else memoryview(b"".join(fragments))
    if found is None:
        coded_frame(whole, picture, syntax, sha, strict)
    elif syntax in _JPEG:
        if strict:
            coded_frame(whole, picture, syntax, hashlib.sha256(), strict)
        size = (picture.number(0x11), picture.number(0x10))
        sha.update(blanked_values(whole, found, size, strict=strict).encode())
    else:
        pixels = _decoded(bytes(whole), picture, syntax)
        across, down = range(pixels.shape[1]), range(pixels.shape[0])
        sha.update(str(pixels.dtype).encode())
        Cover(found, strict=strict).feed(sha, pixels, across, down)
    for fragment in fragments:
        forget(fragment)


def _decoded(frame: bytes, picture: Picture, syntax: str) -> Pixels:
    """Return the pixels of a coded frame."""
    wide, high, each = picture.number(0x11), picture.number(0x10), picture.number(0x02, 1)
    if syntax == _RLE:
        return _unpacked(frame, wide, high, each, picture.bits)
    if syntax not in _DECODERS:
        unsupported("a mask in frames of this transfer syntax cannot be proved")
    pixels: Pixels = np.asarray(codecs.decode(_DECODERS[syntax], frame))
    if each > 1 and pixels.shape == (each, high, wide):
        pixels = pixels.transpose(1, 2, 0)
    if pixels.size != wide * high * each or pixels.shape[:2] != (high, wide):
        malformed("a coded frame has another shape than the object says")
    return np.ascontiguousarray(pixels).reshape(high, wide, each)


def _unpacked(frame: bytes, wide: int, high: int, each: int, bits: int) -> Pixels:
    """Return an RLE frame's samples; its segments are their bytes, the highest first."""
    width = bits // 8
    planes = dicom_rle.rle_segments(frame, wide * high)
    if len(planes) != width * each:
        malformed("an RLE frame has other segments than its samples ask for")
    octets = np.stack([np.frombuffer(plane, np.uint8) for plane in planes], axis=1)
    return octets.reshape(-1).view(f">u{width}").reshape(high, wide, each)
