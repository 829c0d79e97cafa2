"""What the finders of writing and codes do with one picture, as figures."""

import time
from dataclasses import asdict, dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from corpora.burned import Sample
from corpora.codes import Coded
from medrelease.pixels import codes, writing
from medrelease.pixels.components import cover
from medrelease.pixels.deciding import Wish
from medrelease.pixels.frames import is_identification
from medrelease.pixels.models import TextModels

KEPT = ("L", "R", "LT", "RT", "LEFT", "RIGHT", "AP", "PA", "LAT", "ERECT", "SUPINE", "PRONE")
MAX_MASKED = 0.2
COVERED = 0.95
"""Share of its pixels from which a line counts as covered."""


@dataclass(frozen=True)
class Figures:
    """One picture: its text, what tier A masked of it, and whether it would be held."""

    kind: str
    seed: int
    pixels: int
    pixels_covered: int
    lines: int
    lines_covered: int
    masked: float
    astray: float
    residual: int
    held: bool
    seconds_a: float
    seconds_b: float

    @property
    def leaks(self) -> bool:
        """Whether it would be released with a line that is not covered."""
        return not self.held and self.lines_covered < self.lines

    def as_row(self) -> dict[str, object]:
        """For a file of results, one row a picture."""
        return asdict(self)


def figures(nets: TextModels, made: Sample) -> Figures:
    """Tier A and tier B on one picture."""
    wish = Wish(keep=KEPT)
    began = time.process_time()
    found = writing.find_writing(nets, made.frame, wish)
    between = time.process_time()
    masked = cover(list(found.masks), made.frame.shape)
    too_large = float(masked.mean()) > MAX_MASKED
    residual = writing.still_sees(nets, made.frame, found.masks, wish)
    ended = time.process_time()
    return _counted(
        made,
        masked,
        residual,
        residual > 0 or too_large or not found.self_test,
        (between - began, ended - between),
    )


def _counted(
    made: Sample,
    masked: NDArray[np.bool_],
    residual: int,
    held: bool,
    seconds: tuple[float, float],
) -> Figures:
    near = np.zeros(masked.shape, np.uint8)
    pixels = covered = lines = lines_covered = 0
    for line in made.lines:
        size = 2 * line.height + 1
        near |= cv2.dilate(line.pixels.astype(np.uint8), np.ones((size, size), np.uint8))
        if line.may_stay:
            continue
        whole, hidden = int(line.pixels.sum()), int((line.pixels & masked).sum())
        pixels += whole
        covered += hidden
        lines += 1
        lines_covered += hidden >= COVERED * whole
    return Figures(
        made.kind, made.seed, pixels, covered, lines, lines_covered,
        float(masked.mean()), float((masked & (near == 0)).mean()), residual, held,
        round(seconds[0], 2), round(seconds[1], 2),
    )  # fmt: skip


def code_covered(nets: TextModels, made: Coded) -> bool:
    """Whether all but a twentieth of a code is masked, as a code or as writing."""
    regions = list(codes.find_codes(made.frame).regions)
    for more in (False, True):
        regions += writing.find_writing(nets, made.frame, Wish()).masks if more else ()
        found = cover(regions, made.frame.shape)
        if (found & made.area).sum() >= COVERED * made.area.sum():
            return True
    return False


@dataclass(frozen=True)
class Textless:
    """One picture without writing or code: the share that would be masked, and whether held."""

    kind: str
    seed: int
    written: float
    coded: float
    held: bool

    @property
    def masked(self) -> float:
        """An upper bound of the share that is masked as either."""
        return self.written + self.coded


def textless(nets: TextModels, kind: str, seed: int, frame: NDArray[np.uint8]) -> Textless:
    """All that looks for writing and codes, on a picture that has neither."""
    wish = Wish(keep=KEPT)
    found = writing.find_writing(nets, frame, wish)
    seen = codes.find_codes(frame)
    masks = (*found.masks, *seen.regions)
    share = float(cover(list(masks), frame.shape).mean())
    residual = writing.still_sees(nets, frame, masks, wish)
    held = residual > 0 or share > MAX_MASKED or is_identification(frame, seen, found.masks)
    written = float(cover(list(found.masks), frame.shape).mean())
    return Textless(kind, seed, written, share - written, held or not found.self_test)
