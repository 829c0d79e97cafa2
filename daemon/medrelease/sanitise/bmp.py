"""BMP by its headers: palette and rows carried over, everything else of the file left out.

Written in a fixed order: file header, picture header, channel masks, palette, rows, and a version
5 header's embedded colour profile, each right behind the last.
"""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from medrelease.sanitise import bmp_raster, bmp_rle
from medrelease.sanitise.blanking import Box, darkest, is_ramp, prove_placed
from medrelease.sanitise.bmp_header import RLE4, RLE8, Header, read_header, write_header
from medrelease.sanitise.icc import rebuild_profile
from medrelease.sanitise.options import Options
from medrelease.sanitise.refusal import malformed, too_large
from medrelease.sanitise.source import Source, take
from medrelease.sanitise.target import Target
from medrelease.terms.flow import Sanitised
from medrelease.terms.words import Format

_ANYWAY, _MOST_A_BYTE = 1 << 24, 256
"""Pixels that run-length codes may leave out at will, and else a byte: more is a bomb."""


def clean(source: Source, target: Target, options: Options) -> Sanitised:
    """Write the BMP picture of `source` to `target`, and nothing else that is in the file.

    Raises a refusal: incomplete, malformed, format-not-supported or limits-exceeded.
    """
    actions: Counter[str] = Counter()
    header = read_header(source.view)
    profile = b""
    if header.profile:
        profile = rebuild_profile(bytes(take(source.view, *header.profile, "a profile")), actions)
    prove_placed(options.masks, [(header.width, header.height)])
    blank = bmp_raster.stored(header, options.masks)
    write = _write_runs if header.compression in (RLE8, RLE4) else _write_rows
    end = write(header, source, target, blank=blank, actions=actions, profile=profile)
    target.write(profile)
    _count_rest(header, source, end, actions)
    return Sanitised(Format.BMP, dict(+actions))


def _write_rows(
    header: Header,
    source: Source,
    target: Target,
    *,
    blank: list[Box],
    actions: Counter[str],
    profile: bytes,
) -> int:
    """Write an uncompressed picture; returns where its rows end in the source."""
    end = header.bits + header.stride * header.height
    palette, index = b"", 0
    if header.depth <= 8:
        take(source.view, header.bits, end - header.bits, "the BMP picture")
        index = darkest(_table(header, source.view)[:, :3])
        shown = bmp_raster.used(header, source.view, blank, index)
        palette = _palette(header, source.view, shown, actions)
    colours = len(palette) // header.entry
    head = write_header(header, end - header.bits, colours, len(profile))
    _count_fields(head, source, actions)
    target.write(head)
    target.write(palette)
    for band in bmp_raster.bands(header, source.view, blank, actions, index):
        target.write(band.tobytes())
    return end


def _write_runs(
    header: Header,
    source: Source,
    target: Target,
    *,
    blank: list[Box],
    actions: Counter[str],
    profile: bytes,
) -> int:
    """Write a run-length coded picture; returns where its codes end in the source."""
    if header.width * header.height > max(_ANYWAY, _MOST_A_BYTE * (source.size - header.bits)):
        raise too_large("A run-length coded BMP declares far more pixels than it codes.")
    found: Counter[str] = Counter()
    coded, plane = bmp_rle.walk(header, source.view[header.bits :], found)
    end = source.size - found.pop("surplus-bytes")
    actions += found
    for box in blank:
        index = darkest(_table(header, source.view)[:, :3])
        plane[box.top : box.bottom, box.left : box.right] = index
    if blank:
        coded = bytearray(bmp_rle.encode(header, plane))
    shown = np.zeros(256, np.bool_)
    shown[plane] = True
    palette = _palette(header, source.view, shown, actions)
    colours = len(palette) // header.entry
    head = write_header(header, len(coded), colours, len(profile))
    _count_fields(head, source, actions)
    target.write(head)
    target.write(palette)
    target.write(coded)
    return end


def _table(header: Header, view: memoryview) -> NDArray[np.uint8]:
    """The palette as it is in the source, shape (entries, bytes an entry)."""
    raw = take(view, header.palette, header.colours * header.entry, "the BMP palette")
    return np.frombuffer(raw, np.uint8).reshape(-1, header.entry).copy()


def _palette(
    header: Header, view: memoryview, shown: NDArray[np.bool_], actions: Counter[str]
) -> bytes:
    """The palette with every entry zeroed that no pixel names, and every spare byte."""
    if shown[header.colours :].any():
        raise malformed("A BMP pixel names a colour beyond the palette.")
    table = _table(header, view)
    clean = table.copy()
    if not is_ramp(table[:, :3]):
        clean[~shown[: header.colours]] = 0
    clean[:, 3:] = 0
    actions["palette-entry"] += int((clean != table).any(axis=1).sum())
    # headers without a count of colours have all that the depth can name
    short = header.size in (12, 16)
    missing = (1 << header.depth) - header.colours if short else 0
    return clean.tobytes() + bytes(missing * header.entry)


def _count_fields(head: bytes, source: Source, actions: Counter[str]) -> None:
    """Count the bytes of the headers that were changed, but for file size and offset."""
    pairs = zip(head, source.view[: len(head)], strict=True)
    changed = (place for place, (new, old) in enumerate(pairs) if new != old)
    actions["header-byte"] += sum(not (2 <= place < 6 or 10 <= place < 14) for place in changed)


def _count_rest(header: Header, source: Source, end: int, actions: Counter[str]) -> None:
    """Count what of the file was left out: gaps, what follows."""
    before = header.palette + header.colours * header.entry
    actions["gap-bytes"] += header.bits - before
    if header.profile:
        start, length = header.profile
        end = max(end, start + length)
    actions["trailer-bytes"] += max(0, source.size - end)
