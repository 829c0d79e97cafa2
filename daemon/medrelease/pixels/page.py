"""A page as the file stores it and as it is looked at: turned upright, and of bounded size.

Detectors see a picture as people do, since they know upright writing and upright faces best.
Where they find something is told in the pixels of the stored rows, in which masks are drawn.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from medrelease.pixels.loops import Frames
from medrelease.pixels.region import Region, within
from medrelease.pixels.views import Frame

MOST_BYTES = 320 << 20
"""Largest frame in bytes once decoded; a picture of 100 megapixels in colour fits."""
MOST_LOOKED_AT = 12_000_000
"""Pixels above which a frame is looked at smaller: the detectors look at 6 million themselves, and
what they need for that fits the memory of a worker."""
LEAST_LOOKED_AT = 256
"""Longest side below which a frame is looked at larger: it is itself of the size of a word."""

Size = tuple[int, int]
"""Rows and columns."""


@dataclass(frozen=True, slots=True)
class Page:
    """One picture of a file, or a loop of pictures of one size.

    `number` is what a mask calls it (None: every page). `turn` is its orientation as Exif numbers
    them, 1 to 8. `bits` are those that a sample uses, None for all. Where `maskable` is False
    nothing can be blanked in it. `stored` is its size where the frames are smaller than that.
    """

    number: int | None
    frames: Frames
    turn: int = 1
    bits: int | None = None
    maskable: bool = True
    stored: Size | None = None


class Single:
    """The frames of a page that has one."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int, /) -> Frame:
        return self._frame


class Shown:
    """The frames of a page as they are looked at; reading one may raise CannotDecode.

    `in_time` is called before each of them: a loop of thousands must end in its time too.
    """

    def __init__(self, page: Page, in_time: Callable[[], None] = lambda: None) -> None:
        self._page, self._in_time = page, in_time
        self._stored: Size | None = None

    def __len__(self) -> int:
        return len(self._page.frames)

    def __getitem__(self, index: int, /) -> Frame:
        self._in_time()
        frame = self._page.frames[index]
        self._stored = self._page.stored or frame.shape[:2]
        return upright(_bounded(frame), self._page.turn)

    def stored(self, region: Region, shape: tuple[int, ...]) -> Region:
        """Where a region of a frame of `shape` that was looked at stands in the stored rows."""
        if self._stored is None:
            raise ValueError("no frame has been looked at")
        rows, columns = self._stored
        rows_seen, columns_seen = shape[:2]
        turned = self._page.turn >= 5
        looked_at = (columns_seen, rows_seen) if turned else (rows_seen, columns_seen)
        left, top, right, bottom = turned_back(region, looked_at, self._page.turn)
        across, down = columns / looked_at[1], rows / looked_at[0]
        return within(left * across, top * down, right * across, bottom * down, self._stored)


def upright(frame: Frame, turn: int) -> Frame:
    """A stored frame as it is shown (Exif 2.32, tag 274 Orientation)."""
    if turn >= 5:
        frame = frame.swapaxes(0, 1)
    across, down = turn in (2, 3, 6, 7), turn in (3, 4, 7, 8)
    frame = frame[:: -1 if down else 1, :: -1 if across else 1]
    return np.ascontiguousarray(frame)


def turned_back(region: Region, stored: Size, turn: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom in the stored rows of a region of the upright frame."""
    rows, columns = stored if turn < 5 else (stored[1], stored[0])
    left, top, right, bottom = region.left, region.top, region.right, region.bottom
    if turn in (2, 3, 6, 7):
        left, right = columns - right, columns - left
    if turn in (3, 4, 7, 8):
        top, bottom = rows - bottom, rows - top
    return (top, left, bottom, right) if turn >= 5 else (left, top, right, bottom)


def _bounded(frame: Frame) -> Frame:
    rows, columns = frame.shape[:2]
    scale = min(
        (MOST_LOOKED_AT / (rows * columns)) ** 0.5,
        max(1.0, LEAST_LOOKED_AT / max(rows, columns)),
    )
    if scale == 1.0:
        return frame
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(frame, size, interpolation=how), frame.dtype)


def singles(
    number: int | None,
    frames: Sequence[NDArray[Any]],
    *,
    turn: int = 1,
    maskable: bool = True,
    stored: Size | None = None,
) -> list[Page]:
    """A page for each of the frames that together show one picture."""
    return [Page(number, Single(frame), turn, maskable=maskable, stored=stored) for frame in frames]
