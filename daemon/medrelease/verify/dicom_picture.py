"""The picture of a DICOM object in a canonical form, the same for source and finished file.

Native pixels count as dicom_samples says, coded frames as dicom_frames and dicom_rle say. Source:
PS3.5 section 8 and Annex A.4.
"""

import hashlib
from itertools import accumulate, pairwise
from struct import pack

from medrelease.verify import dicom_frames, dicom_rle
from medrelease.verify.dicom_samples import Picture, Samples
from medrelease.verify.dicom_walk import Leaf
from medrelease.verify.mapped import forget
from medrelease.verify.refusal import incomplete, malformed, unsupported

_RLE = "1.2.840.10008.1.2.5"
_JPEG = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 57, 70))
_JPEG_LS = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (80, 81))
_JPEG_2000 = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (90, 91, 92, 93, 201, 202, 203))
CODED = _JPEG | _JPEG_LS | _JPEG_2000 | {_RLE}


def pixels(picture: Picture, syntax: str, *, strict: bool) -> str | Samples:
    """What stands for shape and pixels, to be compared with another's.

    Of coded frames it is a SHA-256 in hexadecimal. Raises Refusal where they do not fit.
    """
    if picture.native is not None:
        return _native(picture, picture.native, strict=strict)
    if not picture.fragments:
        if picture.wanted:
            unsupported("the object has no pixel data")
        return "none"
    sha = hashlib.sha256(picture.shape().encode())
    if strict:
        _prove_tables(picture)
    for fragments in frames(picture):
        whole = fragments[0] if len(fragments) == 1 else memoryview(b"".join(fragments))
        coded_frame(whole, picture, syntax, sha, strict)
        for fragment in fragments:
            forget(fragment)
    return sha.hexdigest()


def _native(picture: Picture, leaf: Leaf, *, strict: bool) -> Samples:
    length, bits = picture.length, picture.bits
    if length <= 0 or bits not in (1, 8, 16, 32, 64):
        malformed("the attributes of the image's shape contradict each other")
    if len(leaf.value) < length:
        incomplete("the pixel data is cut")
    samples = Samples(picture, leaf)
    if strict:
        if len(leaf.value) != length + length % 2 or any(leaf.value[length:]):
            malformed("bytes follow the last pixel")
        samples.prove()
    return samples


def frames(picture: Picture) -> list[list[memoryview]]:
    """The fragments of each frame; the first fragment of all is the Basic Offset Table."""
    table, coded = picture.fragments[0], picture.fragments[1:]
    if len(coded) == picture.frames:
        return [[fragment] for fragment in coded]
    if picture.frames == 1 and coded:
        return [coded]
    starts = _starts(table, coded, picture.frames)
    if len(starts) != picture.frames or not starts or starts[0]:
        malformed("the fragments do not make the declared frames")
    return [coded[first:last] for first, last in pairwise([*starts, len(coded)])]


def _prove_tables(picture: Picture) -> None:
    """A finished object has one fragment a frame, and one offset table, which is true.

    PS3.5 section A.4 and, for what 32 bits do not reach, PS3.3 section C.7.6.3.1.8.
    """
    table, *coded = picture.fragments
    lengths = [len(fragment) for fragment in coded]
    offsets = [0, *accumulate(8 + length for length in lengths)][:-1]
    if len(lengths) != picture.frames or any(length % 2 for length in lengths):
        malformed("a finished object has other than one fragment a frame")
    if picture.extended:
        true = {1: pack(f"<{len(offsets)}Q", *offsets), 2: pack(f"<{len(lengths)}Q", *lengths)}
        if picture.extended != true or len(table):
            malformed("the extended offset table is not true")
    elif offsets[-1] > 0xFFFFFFFF or bytes(table) != pack(f"<{len(offsets)}I", *offsets):
        malformed("the offset table is not true")


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


def coded_frame(
    frame: memoryview, picture: Picture, syntax: str, sha: dicom_frames.Digest, strict: bool
) -> None:
    """Add the canonical form of a coded frame to a digest. Raises Refusal."""
    if syntax in _JPEG or syntax in _JPEG_LS:
        dicom_frames.jpeg(frame, sha, ls=syntax in _JPEG_LS, strict=strict)
    elif syntax in _JPEG_2000:
        dicom_frames.jpeg_2000(frame, sha, strict=strict)
    elif syntax == _RLE:
        cells = picture.number(0x10) * picture.number(0x11)
        dicom_rle.rle(frame, sha, cells=cells, strict=strict)
    else:
        unsupported("coded frames of this transfer syntax cannot be proved")
