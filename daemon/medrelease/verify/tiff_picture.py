"""The coded picture of a TIFF page in canonical form, one strip or tile after the other.

Slack behind what a piece must hold leaves no trace in the digest, and is refused in a finished
file: bytes beyond uncompressed rows, beyond the end of a zlib stream, or outside the frame and
the scans of a JPEG stream.
"""

import hashlib

from medrelease.verify import jpeg_walk as walk
from medrelease.verify import tiff_page as tags
from medrelease.verify.coded import Coded
from medrelease.verify.dicom_frames import jpeg_2000
from medrelease.verify.jpeg_frame import Frame
from medrelease.verify.jpeg_values import prove_scans
from medrelease.verify.mapped import Behind
from medrelease.verify.png_chunks import measured
from medrelease.verify.refusal import incomplete, malformed, unsupported
from medrelease.verify.tiff_codings import FOREIGN

_STREAMS = frozenset((tags.JPEG, *tags.JPEG_2000))
_KNOWN = frozenset((1, 4, 5, 7, 8, 32946, 32773, *tags.JPEG_2000))


def add_page(view: memoryview, page: tags.Page, coded: Coded, *, strict: bool) -> None:
    """Add one page's picture to what is compared; `strict` refuses slack.

    Raises Refusal(format-not-supported) for a compression that is not known here.
    """
    if page.one(tags.COMPRESSION) not in (_KNOWN if strict else _KNOWN | FOREIGN):
        unsupported("TIFF compression")
    coded.say(page.canonical())
    digest, behind = hashlib.sha256(), Behind(view)
    idle: set[tuple[str, int]] | None = None
    for index, (start, size) in enumerate(page.pieces()):
        data = tags.piece(view, (start, size))
        if page.one(tags.COMPRESSION) in _STREAMS:
            unused = add_piece(page, index, data, digest, strict=strict)
            idle = unused if idle is None else idle & unused
        else:
            coded.add(start, start + len(_bare(page, index, data, strict=strict)))
        behind.leave(data)
    coded.say(digest.digest())
    if strict and idle:
        malformed("JPEG tables of a TIFF that no piece uses")


def add_piece(
    page: tags.Page, index: int, data: memoryview, digest: "hashlib._Hash", *, strict: bool
) -> set[tuple[str, int]]:
    """Add one strip or tile to a digest; return which of the page's JPEG tables it left unused."""
    compression = page.one(tags.COMPRESSION)
    if compression == tags.JPEG:
        return _jpeg(data, page.tables, digest, strict=strict)
    if compression in tags.JPEG_2000:
        _prove_size(data, page.extent(index)[2:])
        jpeg_2000(data, digest, strict=strict)
        return set()
    bare = _bare(page, index, data, strict=strict)
    digest.update(len(bare).to_bytes(8, "big"))
    digest.update(bare)
    return set()


def _bare(page: tags.Page, index: int, data: memoryview, *, strict: bool) -> memoryview:
    """Return a strip or tile without what lies behind its rows, which `strict` refuses."""
    compression, size = page.one(tags.COMPRESSION), page.piece_bytes(index)
    if compression in (tags.DEFLATE, tags.OLD_DEFLATE):
        return _deflate(data, size, strict=strict)
    return _plain(data, size, strict=strict) if compression == tags.NONE else data


def _prove_size(data: memoryview, size: tuple[int, int]) -> None:
    """Refuse a JPEG 2000 codestream that is not of its strip's or tile's size (A.5.1)."""
    corners = [int.from_bytes(data[at : at + 4], "big") for at in range(8, 24, 4)]
    if (corners[0] - corners[2], corners[1] - corners[3]) != size:
        malformed("JPEG 2000 piece of a TIFF of another size than it says")


def _plain(data: memoryview, size: int, *, strict: bool) -> memoryview:
    """Return the rows of an uncompressed piece."""
    if size and len(data) < size:
        incomplete("TIFF strip or tile shorter than its rows")
    if strict and size and len(data) != size:
        malformed("TIFF strip or tile longer than its rows")
    return data[:size] if size else data


def _deflate(data: memoryview, size: int, *, strict: bool) -> memoryview:
    """Return the zlib stream of a piece, checked to hold its rows."""
    length, spare, ended = measured(data, size or 64 * len(data) + 1024)
    if size and length < size:
        incomplete("TIFF strip or tile shorter than its rows")
    if strict and (spare or not ended or (size and length != size)):
        malformed("TIFF strip or tile longer than its rows")
    return data[: len(data) - spare]


def _jpeg(
    data: memoryview, tables: bytes, digest: "hashlib._Hash", *, strict: bool
) -> set[tuple[str, int]]:
    """Add one JPEG piece, the tables of the page in force; return which of these it left unused.

    Application and comment segments leave no trace: the page's own tags say what the colours are.
    """
    frame, end = Frame(), 0
    if tables:
        for segment in walk.segments(memoryview(tables), strict=strict):
            _prove_segment(segment, strict)
            frame.feed(segment, digest)
            end = segment.end
        if strict and end != len(tables):
            malformed("JPEG tables of a TIFF with bytes after their end")
    shared = set(frame.unused)
    for segment in walk.segments(data, strict=strict):
        if segment.marker in walk.APPS or segment.marker == walk.COM:
            _prove_segment(segment, strict)
        frame.feed(segment, digest)
        digest.update(data[segment.end : segment.scan_end])
        end = segment.end
    if not frame.scans:
        malformed("JPEG piece of a TIFF without a scan")
    if strict and (end != len(data) or frame.spare or frame.unused - shared):
        malformed("JPEG piece of a TIFF with a table or bytes that no scan uses")
    if strict:
        if frame.loose or frame.selecting:
            malformed("JPEG piece of a TIFF with a name, selector or interval of no use")
        prove_scans(data, frame)
    return frame.unused


def _prove_segment(segment: walk.Segment, strict: bool) -> None:
    """Refuse anything but tables, frame and scans in a finished file."""
    if strict and (segment.marker in walk.APPS or segment.marker == walk.COM):
        malformed("JPEG piece of a TIFF with a segment that is not allowed")
