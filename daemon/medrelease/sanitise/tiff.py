"""TIFF and BigTIFF by an allow-list: every page rebuilt from the tags that decode and show it.

Only bytes that a strip or tile refers to are carried over, cut to what its decoder needs.
Reduced copies, sub-directories, Exif, GPS, XMP, IPTC, all texts and private tags are dropped.
Of a whole-slide picture the levels are kept. Camera RAW files, TIFF inside, are refused.
"""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from medrelease.sanitise.blanking import prove_placed
from medrelease.sanitise.icc import rebuild_profile
from medrelease.sanitise.options import Options
from medrelease.sanitise.refusal import too_large, unsupported
from medrelease.sanitise.source import Source
from medrelease.sanitise.target import Target
from medrelease.sanitise.tiff_blank import PageBlank, blank_of
from medrelease.sanitise.tiff_directory import ASCII, Entry, Layout, read_chain, read_layout
from medrelease.sanitise.tiff_foreign import FOREIGN, WITHOUT_PREDICTOR
from medrelease.sanitise.tiff_masks import masks_of_pages
from medrelease.sanitise.tiff_page import (
    COLOUR_MAP,
    COMPRESSION,
    FILL,
    JPEG,
    KNOWN,
    PREDICTOR,
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
from medrelease.sanitise.tiff_pieces import write_pieces
from medrelease.sanitise.tiff_raster import needs_decoder
from medrelease.sanitise.tiff_slide import read_slide, thumbnail_size
from medrelease.sanitise.tiff_write import Writer
from medrelease.terms.flow import Sanitised
from medrelease.terms.words import Format

MAX_RASTER = 1 << 32
"""Largest picture in bytes when decoded, all pages together."""

_OLD_SUBFILE, _PHOTOMETRIC, _SUB_IFDS = 255, 262, 330
_RAW_TAGS = frozenset({33421, 33422, 50706, 50710, 50752})
_RAW_PHOTOMETRICS = frozenset({32803, 34892})
_DEFLATE = 8
_PREDICTED = frozenset({5, 8, 32946}) | FOREIGN
_ONLY_WHERE = (
    # tag, the tag that it depends on, the value of that
    (292, COMPRESSION, 0),
    (293, COMPRESSION, 4),
    (COLOUR_MAP, _PHOTOMETRIC, 3),
    (332, _PHOTOMETRIC, 5),
    (529, _PHOTOMETRIC, 6),
    (530, _PHOTOMETRIC, 6),
    (531, _PHOTOMETRIC, 6),
)
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
    actions: Counter[str] = Counter()
    layout, first = read_layout(source.view)
    directories = read_chain(source.view, layout, first)
    _refuse_raw(directories)
    slide = read_slide(directories, actions)
    shown = slide.levels if slide else _shown(directories, actions)
    pages = [read_page(entries) for entries in shown]
    masks = masks_of_pages(options.masks, directories, shown, levels=bool(slide))
    prove_placed(masks, [page.size for page in pages])
    if sum(_raster_bytes(page) for page in pages if not slide) > MAX_RASTER:
        raise too_large("The TIFF pages decode to more than 4 GiB.")
    actions["unreferenced-bytes"] += max(0, source.size - _referenced_bytes(directories, layout))
    description = slide.description if slide else b""
    writer = Writer(target, layout, description)
    for number, page in enumerate(pages):
        _count_dropped(page, actions)
        blank = blank_of(page, masks, number)
        _write_page(page, source, target, writer, actions, blank=blank)
        if slide and description and page is pages[0] and len(pages) > 1:
            _write_blank(thumbnail_size(slide), target, writer)
    return Sanitised(Format.SVS if description else Format.TIFF, dict(+actions))


def needs_native(source: Source) -> bool:
    """Whether cleaning this file takes a native decoder. Raises refusals."""
    layout, first = read_layout(source.view)
    directories = read_chain(source.view, layout, first)
    return any(needs_decoder(read_page(entries)) for entries in _shown(directories, Counter()))


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


def _refuse_raw(directories: list[dict[int, Entry]]) -> None:
    """Refuse files whose tags say that they are more than pages of a picture."""
    for entries in directories:
        raw = bool(_RAW_TAGS & entries.keys())
        if _PHOTOMETRIC in entries:
            raw |= _first(entries[_PHOTOMETRIC]) in _RAW_PHOTOMETRICS
        if raw:
            raise unsupported("Camera RAW files are not released.")


def _raster_bytes(page: Page) -> int:
    depth = page.depth
    alike = Counter(page.shapes())  # of up to two million pieces there are but a few shapes
    return sum(-(-width * depth // 8) * height * each for (width, height), each in alike.items())


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
    page: Page,
    source: Source,
    target: Target,
    writer: Writer,
    actions: Counter[str],
    *,
    blank: PageBlank | None,
) -> None:
    """Write the pieces of a page and then its directory."""
    values: dict[int, Sequence[int] | Sequence[Fraction] | bytes] = dict(page.whole)
    for tag, fractions in page.fractions.items():
        values[tag] = tuple(clean_fraction(fraction) for fraction in fractions)
    placed = write_pieces(page, source.view, target, actions, blank)
    values[TILES if page.tiled else STRIPS] = placed.offsets
    values[TILE_BYTES if page.tiled else STRIP_BYTES] = placed.lengths
    if placed.tables:
        values[TABLES] = placed.tables
    if placed.colours:
        values[COLOUR_MAP] = placed.colours
    _say_coding(page, values)
    if PROFILE in page.entries:
        values[PROFILE] = rebuild_profile(bytes(page.entries[PROFILE].data), actions)
    writer.add_directory(values)


def _say_coding(page: Page, values: dict[int, Any]) -> None:
    """Leave out what says nothing of a page coded and coloured as this one is."""
    coding, colour = page.one(COMPRESSION, 1), page.one(_PHOTOMETRIC, 0)
    if coding in FOREIGN:
        values[COMPRESSION] = (_DEFLATE,)
        values.pop(FILL, None)
    if coding not in _PREDICTED or coding in WITHOUT_PREDICTOR:
        values.pop(PREDICTOR, None)
    for tag, needed, told in _ONLY_WHERE:
        if (coding if needed == COMPRESSION else colour) != told:
            values.pop(tag, None)


def _write_blank(size: tuple[int, int], target: Target, writer: Writer) -> None:
    """Write a small white picture: Aperio's readers take the second page for a thumbnail."""
    width, height = size
    start, length = target.tell(), 3 * width * height
    target.write(b"\xff" * length + bytes(length & 1))
    plain = {256: width, 257: height, COMPRESSION: 1, 262: 2, STRIPS: start, 277: 3, 278: height}
    values = {tag: (value,) for tag, value in plain.items()}
    writer.add_directory({**values, 258: (8, 8, 8), STRIP_BYTES: (length,)})
