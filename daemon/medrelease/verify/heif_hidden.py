"""What a HEIF picture stores and does not show: rows and columns that are cut off, colour under
full transparency. It cannot be cleared without coding the picture anew, so it must say nothing.

Encoders that cannot code so small a picture fill it up with its last row and column, and cut that
off again; under transparency most leave one colour.
"""

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medrelease.verify import codecs, heif_picture, heif_properties, libheif
from medrelease.verify.heif_items import Meta
from medrelease.verify.refusal import unsupported

EDGE = 16
"""So many rows or columns at a side are the rest of a block, and are not looked at."""
_NOISE = 32
"""How far coding moves a sample of one even colour at most, of 255."""
_BLUR = 4
"""Pixels beside what is seen into which coding blurs it."""


def prove(view: memoryview, meta: Meta) -> None:
    """Refuse a finished file that stores another picture beside the one that it shows.

    The picture is decoded only where there is opacity, or more than an edge is cut off. Raises
    Refusal(format-not-supported | decoder-missing | malformed | limits-exceeded).
    """
    cut = {number: _cut(view, meta, number) for number in meta.items}
    opacity = {number for kind, number, _ in meta.links if kind == b"auxl"}
    whole = cut.pop(meta.primary)
    if any(each not in (None, whole) for each in cut.values()):
        unsupported("HEIF picture of which a part is cut off")
    if whole is None and not opacity:
        return
    pixels = _decoded(view, meta)
    if whole is not None:
        _prove_filling(pixels, *whole)
    if opacity:
        _prove_transparent(pixels)


def _cut(view: memoryview, meta: Meta, number: int) -> tuple[int, int, int, int] | None:
    """Return left, top, right and bottom of what an item shows, None where it cuts an edge."""
    extent = heif_picture.size(view, meta, number)
    boxes = [meta.store[index] for index in meta.items[number].properties]
    turns = [
        (name, value)
        for name, value in heif_properties.listed(view, boxes, extent)
        if name in (b"clap", b"irot", b"imir")
    ]
    found = None
    for place, (name, value) in enumerate(turns):
        if name != b"clap":
            continue
        numbers = [int.from_bytes(value[at : at + 4], "big", signed=True) for at in range(0, 32, 4)]
        parts = [Fraction(*numbers[at : at + 2]) for at in range(0, 8, 2)]
        starts = [
            (whole - shown) / 2 + shift
            for whole, shown, shift in zip(extent, parts[:2], parts[2:], strict=True)
        ]
        ends = [start + shown for start, shown in zip(starts, parts[:2], strict=True)]
        hidden = [*starts, *(side - end for side, end in zip(extent, ends, strict=True))]
        if max(hidden) < EDGE:
            continue
        if place or max(starts) >= EDGE or min(hidden) < 0:
            unsupported("HEIF picture of which a part is cut off")
        found = (int(starts[0]), int(starts[1]), int(ends[0]), int(ends[1]))
    return found


def _decoded(view: memoryview, meta: Meta) -> NDArray[Any]:
    """Return the stored picture, its opacity last: (rows, columns, samples), as of eight bits."""
    if any(item.type == b"hvc1" for item in meta.items.values()):
        return libheif.decode(bytes(view))
    decoded = codecs.decode("avif_decode", bytes(view), numthreads=1)
    pixels: NDArray[Any] = decoded.reshape(*decoded.shape[:2], -1)
    if pixels.dtype == np.uint8:
        return pixels
    box = next(box for box in meta.store if box.name == b"av1C")
    opacity = pixels[..., -1:] != 0
    eight = (pixels >> (4 if view[box.start + 2] & 0x20 else 2)).astype(np.uint8)
    eight[..., -1:] = np.maximum(eight[..., -1:], opacity)
    return eight


def _prove_filling(pixels: NDArray[Any], left: int, top: int, right: int, bottom: int) -> None:
    """Refuse rows and columns beyond the edge that do not go on as the edge does."""
    rows = np.clip(np.arange(pixels.shape[0]), top, bottom - 1)
    columns = np.clip(np.arange(pixels.shape[1]), left, right - 1)
    for row, near in zip(pixels, rows, strict=True):
        if np.abs(row.astype(np.int16) - pixels[near][columns]).max() > _NOISE:
            unsupported("HEIF picture with something in the part that is cut off")


def _prove_transparent(pixels: NDArray[Any]) -> None:
    """Refuse colour under full transparency other than one even colour."""
    clear = _inner(_inner(pixels[..., -1] == 0).T).T
    for plane in range(pixels.shape[2] - 1):
        values = pixels[..., plane][clear]
        if values.size and int(values.max()) - int(values.min()) > _NOISE:
            unsupported("HEIF picture with colour under full transparency")


def _inner(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return a mask without what lies near the left and right end of its runs."""
    found = mask.copy()
    for step in range(1, _BLUR + 1):
        found[:, step:] &= mask[:, :-step]
        found[:, :-step] &= mask[:, step:]
    return found
