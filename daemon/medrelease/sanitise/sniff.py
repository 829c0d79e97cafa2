"""Which format a file is, by its bytes and never by its name."""

from medrelease.sanitise.headerless import looks_headerless
from medrelease.sanitise.refusal import Refusal, unsupported
from medrelease.sanitise.tiff_directory import read_directory, read_layout
from medrelease.sanitise.tiff_slide import is_aperio
from medrelease.terms.words import Format, Reason

_SUPPORTED: tuple[tuple[int, bytes, Format], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", Format.PNG),
    (0, b"\xff\xd8\xff", Format.JPEG),
    (0, b"II*\x00", Format.TIFF),
    (0, b"MM\x00*", Format.TIFF),
    (0, b"II+\x00", Format.TIFF),
    (0, b"MM\x00+", Format.TIFF),
    (0, b"GIF87a", Format.GIF),
    (0, b"GIF89a", Format.GIF),
    (0, b"BM", Format.BMP),
    (8, b"WEBP", Format.WEBP),
    (0, b"\x00\x00\x00\x0cjP  \r\n\x87\n", Format.JP2),
    (0, b"\xff\x4f\xff\x51", Format.JP2),
)

_RAW = "Camera RAW files are not released."
_VIDEO = "Video files are not released."
_ARCHIVE = "Archives are not opened."
_OFFICE = "Documents are not released."

_PICTURE_REMEDY = "Export it as TIFF or JPEG."
_ARCHIVE_REMEDY = "Unpack it and drop the images themselves."
_DOCUMENT_REMEDY = "Export the images in it as TIFF or JPEG."
_VIDEO_REMEDY = "Export single frames as TIFF or JPEG."

_REFUSED: tuple[tuple[int, bytes, str, str], ...] = (
    (8, b"CR\x02\x00", _RAW, _PICTURE_REMEDY),
    (0, b"\xff\xd8\xff\xf7", "JPEG-LS files are not supported yet.", _PICTURE_REMEDY),
    (0, b"\x00\x00\x00\x0cJXL ", "JPEG XL files are not supported.", _PICTURE_REMEDY),
    (0, b"\xff\x0a", "JPEG XL files are not supported.", _PICTURE_REMEDY),
    (0, b"8BPS", "Photoshop files are not supported.", _PICTURE_REMEDY),
    (0, b"IIRO", _RAW, _PICTURE_REMEDY),
    (0, b"IIRS", _RAW, _PICTURE_REMEDY),
    (0, b"MMOR", _RAW, _PICTURE_REMEDY),
    (0, b"IIU\x00", _RAW, _PICTURE_REMEDY),
    (0, b"FUJIFILMCCD-RAW", _RAW, _PICTURE_REMEDY),
    (0, b"FOVb", _RAW, _PICTURE_REMEDY),
    (0, b"\x00MRM", _RAW, _PICTURE_REMEDY),
    (6, b"HEAPCCDR", _RAW, _PICTURE_REMEDY),
    (4, b"ftypcrx ", _RAW, _PICTURE_REMEDY),
    (4, b"ftyp", _VIDEO, _VIDEO_REMEDY),
    (4, b"moov", _VIDEO, _VIDEO_REMEDY),
    (8, b"AVI ", _VIDEO, _VIDEO_REMEDY),
    (0, b"\x1a\x45\xdf\xa3", _VIDEO, _VIDEO_REMEDY),
    (0, b"\x00\x00\x01\xba", _VIDEO, _VIDEO_REMEDY),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", _VIDEO, _VIDEO_REMEDY),
    (0, b"%PDF", "PDF files are not released.", _DOCUMENT_REMEDY),
    (0, b"{\\rtf", _OFFICE, _DOCUMENT_REMEDY),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OFFICE, _DOCUMENT_REMEDY),
    (0, b"<svg", "SVG files are not released.", _PICTURE_REMEDY),
    (0, b"<?xml", "XML files are not released.", _PICTURE_REMEDY),
    (0, b"PK\x03\x04", "Archives and office files are not opened.", _ARCHIVE_REMEDY),
    (0, b"7z\xbc\xaf\x27\x1c", _ARCHIVE, _ARCHIVE_REMEDY),
    (0, b"Rar!", _ARCHIVE, _ARCHIVE_REMEDY),
    (0, b"\x1f\x8b", _ARCHIVE, _ARCHIVE_REMEDY),
    (0, b"BZh", _ARCHIVE, _ARCHIVE_REMEDY),
    (0, b"\xfd7zXZ", _ARCHIVE, _ARCHIVE_REMEDY),
    (257, b"ustar", _ARCHIVE, _ARCHIVE_REMEDY),
)

_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_GENERAL_BRANDS = frozenset({b"mif1", b"mif2", b"mif3", b"msf1", b"miaf", b"MiHB"})

_DICOM_PREFIX = b"DICM"
_STEMS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"GIF89a", b"RIFF")


def sniff(view: memoryview) -> Format:
    """The format whose signature the bytes carry.

    DICOM's stands behind a preamble that may pretend to be another format (PS3.10 section 7.1), so
    it is looked for first; a DICOM data set without preamble has none, so it is tried for last.
    Raises `Refusal`: `empty`, `incomplete` for less than a signature, or
    `format-not-supported` with what to do instead.
    """
    if not view:
        raise Refusal(Reason.EMPTY, "The file has no content.")
    head = bytes(view[:300])
    if head.startswith(_DICOM_PREFIX, 128):
        return Format.DICOM
    if found := _heif(head):
        return found
    for offset, signature, what, remedy in _REFUSED:
        if head.startswith(signature, offset):
            raise unsupported(what, remedy)
    for offset, signature, form in _SUPPORTED:
        if head.startswith(signature, offset):
            return _slide(view) if form is Format.TIFF else form
    if any(stem.startswith(head) for stem in _STEMS):
        raise Refusal(Reason.INCOMPLETE, "The file ends inside its signature: export it again.")
    if looks_headerless(view):
        return Format.DICOM
    raise unsupported("The file is no image of a known format.")


def _heif(head: bytes) -> Format | None:
    """HEIC or AVIF by the brands of the file type box (ISO/IEC 14496-12 section 4.3)."""
    if head[4:8] != b"ftyp":
        return None
    end = min(int.from_bytes(head[:4]), len(head))
    major, others = head[8:12], {head[at : at + 4] for at in range(16, end - 3, 4)}
    if major in _HEIC_BRANDS:
        return Format.HEIC
    if major in _AVIF_BRANDS:
        return Format.AVIF
    if major in _GENERAL_BRANDS:
        return Format.AVIF if others & _AVIF_BRANDS else Format.HEIC
    return None


def _slide(view: memoryview) -> Format:
    """SVS where the first directory of a TIFF is a level of an Aperio slide, else TIFF."""
    try:
        layout, first = read_layout(view)
        return Format.SVS if is_aperio(read_directory(view, layout, first)[0]) else Format.TIFF
    except Refusal:
        return Format.TIFF
