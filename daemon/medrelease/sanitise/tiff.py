"""TIFF and BigTIFF by an allow-list: every page rebuilt from the tags that decode and show it.

Only bytes that a strip or tile refers to are carried over, cut to what its decoder needs.
Reduced copies, sub-directories, Exif, GPS, XMP, IPTC, all texts and private tags are dropped.
Camera RAW files and whole-slide images, which are TIFF inside, are refused.
"""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from medrelease.sanitise.icc import rebuild_profile
from medrelease.sanitise.options import Options
from medrelease.sanitise.refusal import too_large, unsupported
from medrelease.sanitise.source import Source
from medrelease.sanitise.target import Target
from medrelease.sanitise.tiff_directory import ASCII, Entry, Layout, read_chain, read_layout
from medrelease.sanitise.tiff_page import (
    COMPRESSION,
    KNOWN,
    PROFILE,
    STRIP_BYTES,
    STRIPS,
    SUBFILE,
    TABLES,
    TILE_BYTES,
    TILES,
    Page,
    clean_fraction,
    read_page,
)
from medrelease.sanitise.tiff_pieces import JPEG, write_pieces
from medrelease.sanitise.tiff_write import Writer
from medrelease.terms.flow import Sanitised
from medrelease.terms.words import Format

MAX_RASTER = 1 << 32
"""Largest picture in bytes when decoded, all pages together."""

_OLD_SUBFILE, _PHOTOMETRIC, _DESCRIPTION, _SOFTWARE, _SUB_IFDS = 255, 262, 270, 305, 330
_RAW_TAGS = frozenset({33421, 33422, 50706, 50710, 50752})
_RAW_PHOTOMETRICS = frozenset({32803, 34892})
_SLIDE_TAGS = frozenset({65420, 65421, 65422, 65449})
_SLIDE_TEXTS = (b"Aperio", b"<scn", b"iScan", b"Philips", b"Hamamatsu", b"Leica SCN")
_KINDS = {
    _SUB_IFDS: "sub-directory",
    700: "xmp",
    33723: "iptc",
    34377: "photoshop",
    34665: "exif",
    34853: "gps",
    37724: "photoshop",
}


def clean(source: Source, target: Target, options: Options) -> Sanitised:
    """Write the TIFF pages of `source` to `target`, and nothing else that is in the file."""
    del options  # nothing about a photograph depends on the route
    actions: Counter[str] = Counter()
    layout, first = read_layout(source.view)
    directories = read_chain(source.view, layout, first)
    _refuse_raw_and_slides(directories)
    pages = [read_page(entries) for entries in _shown(directories, actions)]
    _refuse_pyramid(pages)
    if sum(_raster_bytes(page) for page in pages) > MAX_RASTER:
        raise too_large("The TIFF pages decode to more than 4 GiB.")
    actions["unreferenced-bytes"] += max(0, source.size - _referenced_bytes(directories, layout))
    writer = Writer(target, layout)
    for page in pages:
        _count_dropped(page, actions)
        _write_page(page, source, target, writer, actions)
    return Sanitised(Format.TIFF, dict(+actions))


def _shown(directories: list[dict[int, Entry]], actions: Counter[str]) -> list[dict[int, Entry]]:
    """The directories that are pages; reduced copies of others are counted as thumbnails."""
    shown = [entries for entries in directories if not _reduced(entries)]
    if _reduced(directories[0]):
        raise unsupported("The TIFF file begins with a reduced copy, as camera RAW files do.")
    actions["thumbnail"] += len(directories) - len(shown)
    return shown


def _reduced(entries: dict[int, Entry]) -> bool:
    """Whether NewSubfileType, or its predecessor, calls a directory a reduced copy."""
    if SUBFILE in entries:
        return bool(_first(entries[SUBFILE]) & 1)
    return _OLD_SUBFILE in entries and _first(entries[_OLD_SUBFILE]) == 2


def _first(entry: Entry) -> int:
    return entry.integers()[0]


def _refuse_raw_and_slides(directories: list[dict[int, Entry]]) -> None:
    """Refuse files whose tags say that they are more than pages of a picture."""
    for entries in directories:
        raw = bool(_RAW_TAGS & entries.keys())
        if _PHOTOMETRIC in entries:
            raw |= _first(entries[_PHOTOMETRIC]) in _RAW_PHOTOMETRICS
        if raw:
            raise unsupported("Camera RAW files are not released.")
        texts = b"".join(
            bytes(entries[tag].data[:4096])
            for tag in (_DESCRIPTION, _SOFTWARE, 271, 700)
            if tag in entries
        )
        if _SLIDE_TAGS & entries.keys() or any(text in texts for text in _SLIDE_TEXTS):
            raise _slide()


def _refuse_pyramid(pages: list[Page]) -> None:
    """Refuse tiled pages of several sizes: the levels, label and overview of a slide."""
    if any(page.tiled for page in pages) and len({page.size for page in pages}) > 1:
        raise _slide()


def _slide() -> Exception:
    return unsupported(
        "Whole-slide images are not supported yet.", "Export a region of it as TIFF or JPEG."
    )


def _raster_bytes(page: Page) -> int:
    return sum(-(-width * page.depth // 8) * height for width, height in page.shapes())


def _referenced_bytes(directories: list[dict[int, Entry]], layout: Layout) -> int:
    """Bytes that the header, directories, values, strips and tiles account for."""
    header, frame, size, room = (16, 16, 20, 8) if layout.big else (8, 6, 12, 4)
    total = header
    for entries in directories:
        total += frame + size * len(entries)
        total += sum(len(entry.data) for entry in entries.values() if len(entry.data) > room)
        counts = [entries[tag].integers() for tag in (STRIP_BYTES, TILE_BYTES) if tag in entries]
        total += sum(map(sum, counts))
    return total


def _count_dropped(page: Page, actions: Counter[str]) -> None:
    """Count what a page's directory holds and a clean one does not, by kind."""
    for tag, entry in page.entries.items():
        if tag in _KINDS:
            actions[_KINDS[tag]] += 1
        elif tag not in KNOWN or (tag == TABLES and page.one(COMPRESSION, 1) != JPEG):
            actions["text-tag" if entry.kind == ASCII else "unlisted-tag"] += 1


def _write_page(
    page: Page, source: Source, target: Target, writer: Writer, actions: Counter[str]
) -> None:
    """Write the pieces of a page and then its directory."""
    values: dict[int, Sequence[int] | Sequence[Fraction] | bytes] = dict(page.whole)
    for tag, fractions in page.fractions.items():
        values[tag] = tuple(clean_fraction(fraction) for fraction in fractions)
    offsets, lengths, tables = write_pieces(page, source.view, target, actions)
    values[TILES if page.tiled else STRIPS] = offsets
    values[TILE_BYTES if page.tiled else STRIP_BYTES] = lengths
    if tables:
        values[TABLES] = tables
    if PROFILE in page.entries:
        values[PROFILE] = rebuild_profile(bytes(page.entries[PROFILE].data), actions)
    writer.add_directory(values)
