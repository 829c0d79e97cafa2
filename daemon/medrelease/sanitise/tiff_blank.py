"""What the masks cover of the strips and tiles of a TIFF page, and the colour they are filled with.

The part of a tile beyond the page's edge is no part of the picture, but encoders repeat the edge
there: a mask that reaches the edge covers it too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from medrelease.sanitise.blanking import Box, Bytes, as_bits, boxes, darkest, fill
from medrelease.sanitise.jpeg2000_blank import Samples
from medrelease.sanitise.tiff_page import (
    BITS,
    COLOUR_MAP,
    EXTRA,
    PHOTOMETRIC,
    PLANAR,
    SAMPLES,
    TILE_HEIGHT,
    TILE_WIDTH,
    Page,
)
from medrelease.terms.flow import Mask

_WHITE_IS_ZERO, _PALETTE, _CMYK, _YCBCR, _ICC_LAB = 0, 3, 5, 6, 9


@dataclass(frozen=True, slots=True)
class PageBlank:
    """The boxes of one page, which has at least one."""

    page: Page
    boxes: tuple[Box, ...]

    def of_piece(self, index: int, shape: tuple[int, int]) -> list[Box]:
        """What of the boxes lies in a strip or tile of `shape` (width, height), as its own."""
        left, top = corner(self.page, index)
        width, height = shape
        return [
            Box(
                max(0, one.top - top),
                min(height, one.bottom - top),
                max(0, one.left - left),
                min(width, one.right - left),
            )
            for one in self.boxes
            if one.left < left + width and left < one.right
            if one.top < top + height and top < one.bottom
        ]

    def plane(self, index: int) -> int:
        """Which sample a piece holds, where each sample has pieces of its own."""
        planar = self.page.one(PLANAR, 1) == 2
        return index * self.page.one(SAMPLES, 1) // len(self.page.shapes()) if planar else 0

    def fill(self, rows: Bytes, index: int, found: list[Box]) -> None:
        """Fill the boxes of a piece that is no JPEG in its plain rows, in place."""
        fill(rows, 0, found, _stored_pixel(self.page, self.pixel(index), self.order))

    @property
    def order(self) -> str:
        """The file's byte order, "<" or ">"."""
        return next(iter(self.page.entries.values())).order

    def pixel(self, index: int) -> list[int]:
        """The samples of a black pixel as a piece holds them, opaque where there is alpha."""
        samples = black(self.page)
        return [samples[self.plane(index)]] if self.page.one(PLANAR, 1) == 2 else samples


def blank_of(page: Page, masks: Sequence[Mask], number: int) -> PageBlank | None:
    """What is to be blanked of a page, None where nothing is."""
    width, height = page.size
    found = []
    for box in boxes(masks, number, page.size):
        right = width + page.one(TILE_WIDTH, 0) if box.right == width else box.right
        bottom = height + page.one(TILE_HEIGHT, 0) if box.bottom == height else box.bottom
        found.append(box._replace(right=right, bottom=bottom) if page.tiled else box)
    return PageBlank(page, tuple(found)) if found else None


def black(page: Page) -> list[int]:
    """The samples of a black pixel (TIFF 6.0, PhotometricInterpretation and ExtraSamples)."""
    samples, bits = page.one(SAMPLES, 1), page.whole.get(BITS, (1,))
    depths = [bits[min(place, len(bits) - 1)] for place in range(samples)]
    colour = page.one(PHOTOMETRIC, 1)
    level = [0] * samples
    if colour == _WHITE_IS_ZERO:
        level[0] = (1 << depths[0]) - 1
    elif colour == _PALETTE:
        level[0] = _darkest(page)
    elif colour == _CMYK and samples >= 4:
        level[3] = (1 << depths[3]) - 1
    elif colour in (_YCBCR, _ICC_LAB) and samples >= 3:
        level[1:3] = [1 << (depth - 1) for depth in depths[1:3]]
    extra = page.whole.get(EXTRA, ())
    for place, kind in zip(range(samples - len(extra), samples), extra, strict=True):
        if kind in (1, 2):
            level[place] = (1 << depths[place]) - 1
    return level


def _darkest(page: Page) -> int:
    """The index of the darkest colour of a palette."""
    table = page.whole.get(COLOUR_MAP, ())
    return darkest(np.array(table, np.int64).reshape(3, -1).T) if len(table) >= 3 else 0


def corner(page: Page, index: int) -> tuple[int, int]:
    """Column and row of the page where a piece begins."""
    width, height = page.size
    if not page.tiled:
        return 0, index % -(-height // page.rows) * page.rows
    across, down = page.one(TILE_WIDTH, 0), page.one(TILE_HEIGHT, 0)
    row, column = divmod(index, -(-width // across))
    return column * across, row % -(-height // down) * down


def fill_samples(blank: PageBlank, index: int, found: list[Box], samples: Samples) -> Samples:
    """The samples of a tile, shape (rows, columns[, components]), with its boxes filled."""
    filled = samples.copy()
    for box in found:
        filled[box.top : box.bottom, box.left : box.right] = blank.pixel(index)
    return filled


def _stored_pixel(page: Page, levels: Sequence[int], order: str) -> Bytes:
    """A pixel's samples as bits in the file's byte order, the most significant first."""
    bits = page.whole.get(BITS, (1,))
    found = []
    for place, level in enumerate(levels):
        depth = bits[min(place, len(bits) - 1)]
        spelled = as_bits([level], depth)
        if order == "<" and depth % 8 == 0:
            spelled = spelled.reshape(-1, 8)[::-1].reshape(-1)
        found.append(spelled)
    return np.concatenate(found)
