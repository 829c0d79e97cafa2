"""Small writing on a large photograph: skin of many megapixels with lines of 12 pixels and more."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from corpora import burned, grounds
from corpora.burned import Line, Sample

HEIGHTS = (12, 16, 20, 24, 32)


def photograph(size: tuple[int, int], seed: int, each: int = 2) -> Sample:
    """A photograph of `size` (rows, columns) with printed and hand-like lines of every height.

    Every second line stands on paper, the others on the skin itself, at half its brightness.
    """
    rng = np.random.default_rng((seed, *size))
    frame = _skin(size, rng)
    made = Sample("small print", seed, frame)
    places = _places(size, 2 * each * len(HEIGHTS), rng)
    for hand in (False, True):
        for height in HEIGHTS:
            for number in range(each):
                _write(made, next(places), height, rng, hand=hand, paper=number % 2 == 0)
    return made


def _skin(size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Skin of that size with the noise of a sensor, some of it as wide as two pixels."""
    whole = cv2.resize(grounds.skin(rng), size[::-1], interpolation=cv2.INTER_CUBIC)
    coarse = rng.normal(0, 5, (size[0] // 2, size[1] // 2)).astype(np.float32)
    noise = cv2.resize(coarse, size[::-1]) + rng.normal(0, 3, size).astype(np.float32)
    return np.asarray(np.clip(whole + noise[..., None], 0, 255), np.uint8)


def _places(
    size: tuple[int, int], count: int, rng: np.random.Generator
) -> Iterator[tuple[int, int]]:
    """Places (row, column) of a grid, moved a little, in any order."""
    across = int(np.ceil(np.sqrt(count / 3)))
    down = int(np.ceil(count / across))
    for cell in rng.permutation(across * down)[:count]:
        row, column = divmod(int(cell), across)
        yield (
            int((row + 0.3 + 0.2 * rng.random()) * size[0] / down),
            int((column + 0.05 + 0.1 * rng.random()) * size[1] / across),
        )


def _write(
    made: Sample,
    place: tuple[int, int],
    height: int,
    rng: np.random.Generator,
    *,
    hand: bool,
    paper: bool,
) -> None:
    shape = burned.stencil(burned.words(rng), height, rng, hand=hand)
    row, column = place
    shape = shape[: made.frame.shape[0] - row - 8, : made.frame.shape[1] - column - 8]
    inside = np.s_[row : row + shape.shape[0], column : column + shape.shape[1]]
    if paper:
        bottom, right = row + shape.shape[0] + 8, column + shape.shape[1] + 8
        made.frame[row - 8 : bottom, column - 8 : right] = 232
    ink = made.frame[inside].reshape(-1, 3).mean(axis=0) * (0.15 if paper else 0.45)
    made.frame[inside] = grounds.laid(made.frame[inside], shape / np.float32(255), ink)
    pixels = np.zeros(made.frame.shape[:2], np.bool_)
    pixels[inside] = shape > 100
    made.lines.append(Line(pixels, height, may_stay=False))
