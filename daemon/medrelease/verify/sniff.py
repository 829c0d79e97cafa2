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
    (b"BM", Format.BMP),
    (b"GIF87a", Format.GIF),
    (b"GIF89a", Format.GIF),
)


def sniff(view: memoryview) -> Format:
    """Return the format of a file that the prover can read.

    Raises Refusal(format-not-supported) for every other start. Sources: ITU-T T.81 B.1,
    ISO/IEC 15948 5.2, TIFF 6.0 section 2, DICOM PS3.10 section 7.1, GIF89a section 17, RFC 9649.
    """
    head = bytes(view[:132])
    if head[128:132] == b"DICM":
        return Format.DICOM
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Format.WEBP
    found = next((form for start, form in _STARTS if head.startswith(start)), None)
    if found is None:
        unsupported("the first bytes are of no format that can be proved")
    return found
