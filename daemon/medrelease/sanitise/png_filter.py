"""PNG filters undone and applied on whole bands of rows (PNG third edition, clause 9).

Every byte depends on its left, upper and upper-left neighbours alone, so a band is undone along
its anti-diagonals: each is one step over all rows of the band.
"""

import numpy as np
from numpy.typing import NDArray

from medrelease.sanitise.refusal import malformed

Rows = NDArray[np.uint8]
"""Shape (rows, bytes a row)."""

_NONE, _SUB, _UP, _AVERAGE, _PAETH = range(5)


def unfilter(kinds: Rows, coded: Rows, above: Rows, step: int) -> Rows:
    """The plain rows of a band; `kinds` (rows,) are its filter bytes, `above` the row before it.

    `step` is the distance in bytes to the left neighbour. Raises a malformed refusal for a
    filter that the standard does not know.
    """
    highest = int(kinds.max())
    if highest > _PAETH:
        raise malformed("The PNG picture uses a filter that the standard does not know.")
    if highest == _NONE:
        return coded
    return (
        _plain_rows(kinds, coded, above, step)
        if highest <= _UP
        else _diagonals(kinds, coded, above, step)
    )


def _plain_rows(kinds: Rows, coded: Rows, above: Rows, step: int) -> Rows:
    """Undo bands without Average and Paeth: row by row, each row at once."""
    rows = coded.copy()
    for index, kind in enumerate(kinds.tolist()):
        if kind == _SUB:
            pixels = rows[index].reshape(-1, step)
            np.cumsum(pixels, axis=0, dtype=np.uint8, out=pixels)
        elif kind == _UP:
            rows[index] += rows[index - 1] if index else above
    return rows


def _diagonals(kinds: Rows, coded: Rows, above: Rows, step: int) -> Rows:
    """Undo any band: `skewed[row + column, row]` is a pixel, row 0 the one above the band."""
    count, columns = len(coded), coded.shape[1] // step
    skewed = np.zeros((columns + count + 1, count + 1, step), dtype=np.int16)
    skewed[:columns, 0] = above.reshape(columns, step)
    for row in range(1, count + 1):
        skewed[row : row + columns, row] = coded[row - 1].reshape(columns, step)
    uses = [(kinds == kind).astype(np.int16)[:, None] for kind in range(1, 5)]
    for diagonal in range(1, columns + count):
        low, high = max(1, diagonal - columns + 1), min(count, diagonal) + 1
        left = skewed[diagonal - 1, low:high]
        up = skewed[diagonal - 1, low - 1 : high - 1]
        corner = skewed[diagonal - 2, low - 1 : high - 1]
        sub, upper, average, paeth = (use[low - 1 : high - 1] for use in uses)
        guess = left * sub + up * upper + ((left + up) >> 1) * average
        guess += _paeth(left, up, corner) * paeth
        here = skewed[diagonal, low:high]
        np.bitwise_and(here + guess, 255, out=here)
    rows = np.empty_like(coded)
    for row in range(1, count + 1):
        rows[row - 1] = skewed[row : row + columns, row].reshape(-1)
    return rows


def _paeth(
    left: NDArray[np.int16], up: NDArray[np.int16], corner: NDArray[np.int16]
) -> NDArray[np.int16]:
    """The Paeth predictor of 9.4: the neighbour nearest to left + up - corner."""
    far_left, far_up = np.abs(up - corner), np.abs(left - corner)
    far_corner = np.abs(left + up - 2 * corner)
    nearest = np.where(far_up <= far_corner, up, corner)
    return np.where((far_left <= far_up) & (far_left <= far_corner), left, nearest)


def refilter(rows: Rows, above: Rows, step: int, *, plain: bool) -> Rows:
    """Rows behind their filter bytes: the best of None, Sub and Up for each, None if `plain`."""
    count, width = rows.shape
    if plain:
        return np.hstack((np.zeros((count, 1), np.uint8), rows))
    sub, up = rows.copy(), rows.copy()
    sub[:, step:] -= rows[:, :-step]
    up[0] -= above
    up[1:] -= rows[:-1]
    choices = (rows, sub, up)
    # the sum of the differences, each as the distance from zero either way round
    weights = [np.minimum(one, -one).sum(axis=1, dtype=np.int64) for one in choices]
    best = np.stack(weights).argmin(axis=0)
    filtered = np.empty((count, 1 + width), np.uint8)
    filtered[:, 0] = best
    for kind, one in enumerate(choices):
        filtered[best == kind, 1:] = one[best == kind]
    return filtered
