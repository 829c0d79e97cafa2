"""The strips and tiles of a TIFF page, each written to the length that its decoder needs.

A JPEG stream is rewritten like a JPEG file. The coded bytes themselves stay as they are. Other
compressions are decoded, or refused.
"""

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from struct import unpack_from

from medrelease.sanitise.blanking import Box
from medrelease.sanitise.jpeg import write_stream
from medrelease.sanitise.jpeg2000_blank import changed
from medrelease.sanitise.jpeg_segments import APP0, COM, DHT, DQT, EOI, segments
from medrelease.sanitise.jpeg_tables import Tables
from medrelease.sanitise.refusal import incomplete, malformed
from medrelease.sanitise.source import Lookback, take
from medrelease.sanitise.target import Target
from medrelease.sanitise.tiff_blank import PageBlank, corner, fill_samples
from medrelease.sanitise.tiff_edge import beyond
from medrelease.sanitise.tiff_foreign import FOREIGN
from medrelease.sanitise.tiff_lengths import needed_length
from medrelease.sanitise.tiff_page import (
    COMPRESSION,
    JPEG,
    JPEG_2000,
    PHOTOMETRIC,
    STRIP_BYTES,
    STRIPS,
    TABLES,
    TILE_BYTES,
    TILES,
    Page,
)
from medrelease.sanitise.tiff_raster import Raster
from medrelease.terms.flow import Mask

_NONE = 1
_HEADER = 8


def pieces(page: Page, view: memoryview) -> list[memoryview]:
    """The bytes of every strip or tile of a page as the file gives them. Raises refusals."""
    places = page.entries.get(TILES if page.tiled else STRIPS)
    lengths = page.entries.get(TILE_BYTES if page.tiled else STRIP_BYTES)
    if places is None or lengths is None:
        raise malformed("A TIFF page does not say where its picture lies.")
    offsets, counts = places.integers(), lengths.integers()
    if len(offsets) != len(counts) or len(offsets) < len(page.shapes()):
        raise malformed("A TIFF page has too few strips or tiles.")
    if min(offsets) < _HEADER:
        raise malformed("A strip of a TIFF page lies in the file's header.")
    spans = zip(offsets, counts, page.shapes(), strict=False)
    found = [take(view, offset, count, "a TIFF strip") for offset, count, _ in spans]
    if not all(map(len, found)):
        raise incomplete("a TIFF strip")
    if sum(map(len, found)) > len(view):
        raise malformed("The strips of a TIFF page overlap.")
    return found


@dataclass(slots=True)
class Placed:
    """Where the pieces of a page were written, its JPEGTables, and its palette where one is."""

    offsets: list[int] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    tables: bytes = b""
    colours: tuple[int, ...] | None = None


def write_pieces(
    page: Page,
    view: memoryview,
    target: Target,
    actions: Counter[str],
    blank: PageBlank | None = None,
) -> Placed:
    """Write every piece. Those that `blank` touches or that hide something are coded anew."""
    shared = _shared_tables(page, actions)
    read: set[tuple[int, int]] = set()
    every, placed, behind = pieces(page, view), Placed(), Lookback(view)
    raster, coding = Raster(page, every, blank), page.one(COMPRESSION, _NONE)
    for index, (piece, shape) in enumerate(zip(every, page.shapes(), strict=True)):
        placed.offsets.append(target.tell())
        found = blank.of_piece(index, shape) if blank else []
        if coding == JPEG:
            tables = shared.shared()
            chroma = page.one(PHOTOMETRIC, 0) == 6
            outer = page.entries[TABLES].data if TABLES in page.entries else b""
            further = beyond(page, corner(page, index), shape, piece, bytes(outer))
            actions["pieces-recoded"] += bool(further)
            found = found + further
            _write_jpeg(piece, shape, target, tables, actions, found=found, chroma=chroma)
            read |= tables.read_of(shared)
        elif coding in JPEG_2000:
            for part in _codestream(piece, actions, blank, index, found=found, size=shape):
                target.write(part)
        else:
            kept = piece if coding in FOREIGN else _needed(page, piece, shape, actions)
            target.write(raster.written(index, kept, shape, found, actions))
        placed.lengths.append(target.tell() - placed.offsets[-1])
        target.write(bytes(target.tell() & 1))
        behind.passed(piece)
    placed.tables = shared.stream(read) if read else b""
    placed.colours = raster.colours()
    return placed


def _needed(
    page: Page, piece: memoryview, shape: tuple[int, int], actions: Counter[str]
) -> memoryview:
    """A piece cut to what its rows need."""
    needed = needed_length(page, piece, -(-shape[0] * page.depth // 8) * shape[1])
    actions["surplus-bytes"] += len(piece) - needed
    return piece[:needed]


def _shared_tables(page: Page, actions: Counter[str]) -> Tables:
    """The tables that a page's JPEGTables define for all its pieces."""
    tables = Tables()
    entry = page.entries.get(TABLES)
    if entry is None or page.one(COMPRESSION, _NONE) != JPEG:
        return tables
    for segment in segments(entry.data):
        if segment.marker in (DQT, DHT):
            tables.define(segment.marker, bytes(segment.payload), actions)
        elif APP0 <= segment.marker <= APP0 + 15 or segment.marker == COM:
            actions["application-segment"] += 1
        elif segment.marker != EOI:
            raise malformed("The JPEG tables of a TIFF page hold more than tables.")
    return tables


def _write_jpeg(
    piece: memoryview,
    shape: tuple[int, int],
    target: Target,
    tables: Tables,
    actions: Counter[str],
    *,
    found: list[Box],
    chroma: bool,
) -> None:
    """Rewrite one JPEG piece, which must have the size that the page declares for it."""
    masks = tuple(
        Mask(None, box.left, box.top, box.right - box.left, box.bottom - box.top) for box in found
    )
    written = write_stream(
        piece,
        target,
        tables,
        actions,
        bare=True,
        masks=masks,
        chroma=chroma if masks else None,
    )
    if (written.width, written.height) != shape:
        raise malformed("A JPEG strip of a TIFF page has another size than declared.")
    actions["surplus-bytes"] += len(piece) - written.end


def _codestream(
    piece: memoryview,
    actions: Counter[str],
    blank: PageBlank | None,
    index: int,
    *,
    found: list[Box],
    size: tuple[int, int],
) -> list[memoryview | bytes]:
    """A codestream, as Aperio scanners put one into a tile, without its comments."""
    from medrelease.sanitise.dicom.codestream import jpeg_2000  # noqa: PLC0415 - loads pydicom

    parts = jpeg_2000(piece, actions)
    right, lower, left, upper = unpack_from(">4I", piece, 8)
    if (right - left, lower - upper) != size:
        raise malformed("A JPEG 2000 piece of a TIFF page has another size than declared.")
    if not blank or not found:
        return parts
    anew = changed(b"".join(parts), size, partial(fill_samples, blank, index, found))
    return jpeg_2000(memoryview(anew), Counter())
