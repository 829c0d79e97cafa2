"""Which format a file is, by its first bytes: the prover's own opinion."""

import re

from medrelease.terms.words import Format
from medrelease.verify import ifd, tiff_page, tiff_slide
from medrelease.verify.refusal import Refusal, unsupported

_STARTS = (
    (b"\xff\xd8\xff", Format.JPEG),
    (b"\x89PNG\r\n\x1a\n", Format.PNG),
    (b"II*\0", Format.TIFF),
    (b"MM\0*", Format.TIFF),
    (b"II+\0", Format.TIFF),
    (b"MM\0+", Format.TIFF),
    (b"BM", Format.BMP),
    (b"GIF87a", Format.GIF),
    (b"GIF89a", Format.GIF),
    (bytes.fromhex("0000000c6a5020200d0a870a"), Format.JP2),
    (b"\xff\x4f\xff\x51", Format.JP2),
)
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx")
_GENERAL = (b"mif1", b"mif2", b"mif3", b"msf1", b"miaf", b"MiHB")

_BARE_DICOM = re.compile(
    # file meta information or a data set in explicit VR, of either byte order
    rb"(?:[\x02\x08]\0[\0-\x30]\0|\0[\x02\x08]\0[\0-\x30])"
    rb"(?:A[EST]|CS|D[AST]|FD|FL|IS|L[OT]|PN|S[HLST]|TM|U[ILS]|O[BDFLVW]\0\0|SQ\0\0|U[CNRT]\0\0)"
    # or a data set in implicit VR: a short value, then a higher element of the same group
    rb"|\x08\0[\0-\x30]\0(?:\x04\0\0\0.{4}|\x0a\0\0\0.{10}|[\x02-\x7e]\0\0\0[\x20-\x7e\0]{2,126})"
    rb"\x08\0[\x01-\xff][\0-\x9f]..\0\0",
    re.DOTALL,
)
"""A DICOM object without preamble and prefix, as older software wrote it (PS3.5 section 7.1)."""


def sniff(view: memoryview) -> Format:
    """Return the format of a file that the prover can read.

    Raises Refusal(format-not-supported) for every other start. Sources: ITU-T T.81 B.1,
    ISO/IEC 15948 5.2, TIFF 6.0 section 2, DICOM PS3.10 section 7.1, GIF89a section 17, RFC 9649,
    ISO/IEC 14496-12 4.3.
    """
    head = bytes(view[:300])
    if head[128:132] == b"DICM":
        return Format.DICOM
    if head[4:8] == b"ftyp":
        return _heif(head)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Format.WEBP
    found = next((form for start, form in _STARTS if head.startswith(start)), None)
    if found is Format.TIFF and _slide(view):
        return Format.SVS
    if found is None and _BARE_DICOM.match(head):
        return Format.DICOM
    if found is None:
        unsupported("the first bytes are of no format that can be proved")
    return found


def _heif(head: bytes) -> Format:
    """Return HEIC or AVIF by the major brand, or by the others where that one is general."""
    size = int.from_bytes(head[:4], "big")
    brands = [head[at : at + 4] for at in (8, *range(16, min(size, len(head)) - 3, 4))]
    named = brands if brands[0] in _GENERAL else brands[:1]
    if any(brand in (b"avif", b"avis") for brand in named):
        return Format.AVIF
    if brands[0] not in _GENERAL and brands[0] not in _HEIC:
        unsupported("the brand is of no format that can be proved")
    return Format.HEIC


def _slide(view: memoryview) -> bool:
    """Return whether the first page of a TIFF is a level of an Aperio slide."""
    try:
        form = ifd.layout(view)
        page = tiff_page.page(view, form, ifd.directory(view, form, form.first))
        return tiff_slide.is_aperio(view, page)
    except Refusal:
        return False
