"""Writing in a cine loop, at less than a quarter of the cost of looking at every frame.

What stands still shows in the mean of the frames; what is dark on bright shows in the minimum.
What comes and goes shows in a sheet of each run of frames: there every place is taken from the
frame that has most detail around it, so that a line that one frame shows stands in the sheet as it
stands in that frame. Detail of tissue gathers there too, so only what reads as writing counts; one
frame of each run is looked at as it is besides. The masks hold for all frames.
"""

from collections.abc import Iterator
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from medrelease.pixels.deciding import Wish
from medrelease.pixels.models import TextModels
from medrelease.pixels.views import Frame
from medrelease.pixels.writing import Writing, find_writing

RUN = 17
"""Frames of a run: what is shown longer is in the one that is looked at as it is."""
AROUND = 11
"""Pixels of the halved frame around a place in which its detail is measured."""


class Frames(Protocol):
    """The frames of one object, all of one shape and depth."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Frame: ...


def find_in_loop(models: TextModels, frames: Frames, wish: Wish) -> Writing:
    """Where writing stands in any frame of a loop; counts are those of the looks made."""
    if len(frames) <= RUN:
        found = [find_writing(models, frames[index], wish) for index in range(len(frames))]
    else:
        projections = _Projections(frames[0])
        found = [
            find_writing(models, sheet, wish, believed=False)
            for sheet in _sheets(frames, projections)
        ]
        looks = [projections.mean(), projections.least]
        looks += [frames[index] for index in range(0, len(frames), RUN)]
        found += [find_writing(models, frame, wish) for frame in looks]
    return Writing(
        masks=tuple(dict.fromkeys(mask for one in found for mask in one.masks)),
        kept=max(one.kept for one in found),
        identifiers=max(one.identifiers for one in found),
        hc=tuple(dict.fromkeys(number for one in found for number in one.hc)),
        self_test=all(one.self_test for one in found),
    )


class _Projections:
    """The mean and the minimum over all frames, of the depth that the frames have."""

    def __init__(self, first: Frame) -> None:
        self._total: NDArray[np.float64] = np.zeros(first.shape, np.float64)
        self._count = 0
        self.least = first.copy()

    def add(self, frame: Frame) -> None:
        """Take one frame in."""
        self._total += frame
        self._count += 1
        np.minimum(self.least, frame, out=self.least)

    def mean(self) -> Frame:
        """The mean of what was taken in."""
        mean = np.rint(self._total / self._count).astype(self.least.dtype)
        return np.ascontiguousarray(mean)


def _sheets(frames: Frames, projections: _Projections) -> Iterator[Frame]:
    """The sheet of each run; every frame is read once, for the projections too."""
    for start in range(0, len(frames), RUN):
        sheet = frames[start].copy()
        projections.add(sheet)
        most = _detail(sheet)
        for index in range(start + 1, min(start + RUN, len(frames))):
            frame = frames[index]
            projections.add(frame)
            detail = _detail(frame)
            more = detail > most
            sheet[more] = frame[more]
            np.maximum(most, detail, out=most)
        yield sheet


def _detail(frame: Frame) -> NDArray[np.float32]:
    """How much a frame differs from its own blur around each pixel, in any of its channels."""
    rows, columns = frame.shape[:2]
    half = (max(1, columns // 2), max(1, rows // 2))
    small = cv2.resize(frame, half, interpolation=cv2.INTER_AREA).astype(np.float32)
    apart = np.abs(small - cv2.GaussianBlur(small, (0, 0), 3))
    apart = apart.max(axis=2) if apart.ndim == 3 else apart
    mean = cv2.boxFilter(apart, -1, (AROUND, AROUND))
    whole = cv2.resize(mean, (columns, rows), interpolation=cv2.INTER_LINEAR)
    return np.asarray(whole, np.float32)
