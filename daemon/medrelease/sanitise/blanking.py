"""The rectangles of a picture that are to be blanked, and rows of packed pixels filled under them.

A mask that lies on no page at all says that whoever found the writing saw another picture than the
one that is here: the file is held.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from medrelease.sanitise.refusal import Refusal
from medrelease.terms.flow import Mask
from medrelease.terms.words import Reason

Bytes = NDArray[np.uint8]
Size = tuple[int, int]
"""Width and height in pixels."""


class Box(NamedTuple):
    """Rows from `top` to before `bottom` and columns from `left` to before `right`."""

    top: int
    bottom: int
    left: int
    right: int


def boxes(masks: Iterable[Mask], page: int, size: Size) -> list[Box]:
    """What the masks cover of one page; a mask beyond an edge is cut there."""
    width, height = size
    found = []
    for mask in masks:
        if mask.page not in (None, page):
            continue
        top, left = max(0, mask.top), max(0, mask.left)
        bottom, right = min(height, mask.top + mask.height), min(width, mask.left + mask.width)
        if top < bottom and left < right:
            found.append(Box(top, bottom, left, right))
    return found


def prove_placed(masks: Iterable[Mask], sizes: Sequence[Size]) -> None:
    """Refuse a mask that covers nothing of any page; `sizes` are those of all pages in order."""
    distinct = set(sizes)
    for mask in masks:
        if mask.page is not None:
            pages = range(len(sizes))
            meant = {sizes[mask.page]} if mask.page in pages else set[Size]()
        else:
            meant = distinct
        if not any(boxes([mask], mask.page or 0, size) for size in meant):
            raise mask_not_possible("A region that is to be blanked lies outside of the picture.")


def mask_not_possible(why: str) -> Refusal:
    """Refuse a file of which a part is to be blanked and cannot be; `why` is a sentence."""
    return Refusal(Reason.MASK_NOT_POSSIBLE, why)


def spread(box: Box, first: Size, step: Size) -> Box:
    """A box in the pixels of a picture's coarser grid, which takes every `step`th from `first`."""
    (x, y), (across, down) = first, step
    return Box(
        max(0, -((y - box.top) // down)),
        max(0, -((y - box.bottom) // down)),
        max(0, -((x - box.left) // across)),
        max(0, -((x - box.right) // across)),
    )


def fill(rows: Bytes, first: int, found: Iterable[Box], pixel: Bytes) -> None:
    """Fill the boxes in packed rows, in place.

    `rows` has shape (rows, bytes a row), the first of them being row `first` of the picture;
    `pixel` is one pixel as it is stored, a bit an item, the most significant first.
    """
    bits = len(pixel)
    for box in found:
        part = rows[max(0, box.top - first) : max(0, box.bottom - first)]
        if not len(part):
            continue
        if bits % 8 == 0:
            size = bits // 8
            inner = part[:, box.left * size : box.right * size]
            inner[:] = np.resize(np.packbits(pixel), inner.shape[1])
        else:
            spelled = np.unpackbits(part, axis=1)
            inner = spelled[:, box.left * bits : box.right * bits]
            inner[:] = np.resize(pixel, inner.shape[1])
            part[:] = np.packbits(spelled, axis=1)


def as_bits(samples: Sequence[int], depth: int) -> Bytes:
    """A pixel's samples of `depth` bits each as bits, the most significant first."""
    places = np.arange(depth - 1, -1, -1, dtype=np.uint64)
    values = np.array(list(samples), np.uint64)
    return ((values[:, None] >> places) & np.uint64(1)).astype(np.uint8).reshape(-1)


def darkest(colours: NDArray[np.integer]) -> int:
    """The entry of a palette, shape (entries, 3), that is nearest to black."""
    return int(colours.astype(np.int64).sum(axis=1).argmin())


def is_ramp(colours: NDArray[Any]) -> bool:
    """Whether a palette, shape (entries, 3), is the plain ramp from black to white or back.

    It says nothing, whether pixels name all of it or not, and readers take it for no palette.
    """
    count = len(colours)
    if count < 2 or 255 % (count - 1):
        return False
    ramp = np.arange(0, 256, 255 // (count - 1))[:, None]
    return bool((colours == ramp).all() or (colours == ramp[::-1]).all())
