"""Which format a file is, by its first bytes: the prover's own opinion."""

from medrelease.terms.words import Format
from medrelease.verify.refusal import unsupported

_STARTS = (
    (b"\xff\xd8\xff", Format.JPEG),
    (b"\x89PNG\r\n\x1a\n", Format.PNG),
    (b"II*\0", Format.TIFF),
    (b"MM\0*", Format.TIFF),
    (b"II+\0", Format.TIFF),
    (b"MM\0+", Format.TIFF),
)
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx")
_GENERAL = (b"mif1", b"mif2", b"mif3", b"msf1", b"miaf", b"MiHB")


def sniff(view: memoryview) -> Format:
    """Return the format of a file that the prover can read.

    Raises Refusal(format-not-supported) for every other start. Sources: ITU-T T.81 B.1,
    ISO/IEC 15948 5.2, TIFF 6.0 section 2, DICOM PS3.10 section 7.1, ISO/IEC 14496-12 4.3.
    """
    head = bytes(view[:132])
    if head[4:8] == b"ftyp":
        return _heif(head)
    if head[128:132] == b"DICM":
        return Format.DICOM
    found = next((form for start, form in _STARTS if head.startswith(start)), None)
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
