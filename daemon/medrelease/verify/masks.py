"""What is asked of the pixels under a mask: one colour, whatever lay there before.

The masks are those that the cleaner was given. Pixels under them leave no trace in a digest, so
that equal digests mean that every pixel elsewhere is the same.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from medrelease.terms.flow import Mask
from medrelease.terms.words import Reason
from medrelease.verify.refusal import Refusal, malformed

_AT_ONCE = 1 << 22

Masks = tuple[Mask, ...]
Rectangle = tuple[int, int, int, int]
"""First column, first row, and the column and the row behind the last ones."""


def rectangles(masks: Iterable[Mask], page: int, wide: int, high: int) -> list[Rectangle]:
    """Return what lies under the masks of a page that is `wide` x `high` pixels."""
    cut = [
        (max(m.left, 0), max(m.top, 0), min(m.left + m.width, wide), min(m.top + m.height, high))
        for m in masks
        if m.page is None or m.page == page
    ]
    return [one for one in cut if one[0] < one[2] and one[1] < one[3]]


def prove_within(masks: Iterable[Mask], pages: Sequence[tuple[int, int]]) -> None:
    """Refuse a mask under which no pixel of any page lies; `pages` are (wide, high)."""
    for mask in masks:
        named = range(len(pages)) if mask.page is None else [mask.page]
        sizes = {pages[number] for number in named if 0 <= number < len(pages)}
        whole = Mask(None, mask.left, mask.top, mask.width, mask.height)
        if not any(rectangles([whole], 0, *size) for size in sizes):
            raise Refusal(Reason.MASK_NOT_POSSIBLE, "a mask lies outside of the picture")


class Digest(Protocol):
    """What hashlib's objects offer here."""

    def update(self, data: memoryview, /) -> None:
        """Take in more bytes."""


class Cover:
    """The masked part of one page; `strict` where it must be of one colour throughout."""

    __slots__ = ("_colour", "_strict", "rectangles")

    def __init__(self, found: list[Rectangle], *, strict: bool) -> None:
        self.rectangles = found
        self._strict = strict
        self._colour: NDArray[Any] | None = None

    def touches(self, top: int, bottom: int) -> bool:
        """Return whether a mask covers some of the rows from `top` to before `bottom`."""
        return any(first < bottom and top < last for _, first, _, last in self.rectangles)

    def feed(self, digest: Digest, pixels: NDArray[Any], columns: range, rows: range) -> None:
        """Add to a digest what `out` leaves of pixels, some rows at a time."""
        each = max(1, _AT_ONCE // max(1, pixels[:1].nbytes))
        for first in range(0, len(pixels), each):
            band = self.out(pixels[first : first + each], columns, rows[first : first + each])
            digest.update(np.ascontiguousarray(band).data)

    def out(
        self, pixels: NDArray[Any], columns: Sequence[int] | range, rows: Sequence[int] | range
    ) -> NDArray[Any]:
        """Return pixels, shape (rows, columns, values), with those under a mask zeroed.

        `columns` and `rows` are where in the page they stand, ascending. Raises
        Refusal(malformed) where two pixels under a mask differ, in a finished file.
        """
        if not self.rectangles:
            return pixels
        across, down = np.asarray(columns), np.asarray(rows)
        pure = pixels.copy()
        for left, top, right, bottom in self.rectangles:
            x, y = np.searchsorted(across, (left, right)), np.searchsorted(down, (top, bottom))
            inside = pixels[y[0] : y[1], x[0] : x[1]]
            if self._strict and inside.size:
                self._prove_constant(inside)
            pure[y[0] : y[1], x[0] : x[1]] = 0
        return pure

    def _prove_constant(self, inside: NDArray[Any]) -> None:
        if self._colour is None:
            self._colour = inside[0, 0].copy()
        if (inside != self._colour).any():
            malformed("what was to be blanked is not of one colour")
