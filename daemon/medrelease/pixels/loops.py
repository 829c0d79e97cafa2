"""Writing in a cine loop, at less than a quarter of the cost of looking at every frame.

What stands still shows in the mean of the frames; what is dark on bright shows in the minimum.
What comes and goes shows in a sheet of each run of frames: there every place is taken from the
frame that has most detail around it, so that a line that one frame shows stands in the sheet as it
stands in that frame. Detail of tissue gathers there too, so only what reads as writing counts, and
of a faint line parts may come from other frames: the frames that most of it comes from are looked
at as they are, and one of each run besides. The masks hold for all frames.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from medrelease.pixels.components import cover
from medrelease.pixels.deciding import Wish
from medrelease.pixels.models import TextModels
from medrelease.pixels.region import Region
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
        found = _in_few_looks(models, frames, wish)
    return Writing(
        masks=tuple(dict.fromkeys(mask for one in found for mask in one.masks)),
        kept=max(one.kept for one in found),
        identifiers=max(one.identifiers for one in found),
        hc=tuple(dict.fromkeys(number for one in found for number in one.hc)),
        self_test=all(one.self_test for one in found),
    )


def _in_few_looks(models: TextModels, frames: Frames, wish: Wish) -> list[Writing]:
    projections = _Projections(frames[0])
    found: list[Writing] = []
    passing: list[tuple[Region, int]] = []
    for sheet in _sheets(frames, projections):
        said = find_writing(models, sheet.frame, wish, believed=False)
        found.append(said)
        passing += [(mask, sheet.mostly_of(mask)) for mask in said.masks]
    still = (projections.mean(), projections.least)
    found += [find_writing(models, frame, wish) for frame in still]
    standing = cover([mask for one in found[-2:] for mask in one.masks], frames[0].shape)
    looked = range(0, len(frames), RUN)
    for index in (*looked, *_shown_in(passing, standing, len(looked))):
        found.append(find_writing(models, frames[index], wish))
    return found


def _shown_in(
    passing: Sequence[tuple[Region, int]], standing: NDArray[np.bool_], most: int
) -> list[int]:
    """At most so many frames from which most of what does not stand still comes.

    `passing` are places in sheets, each with the frame that shows it.
    """
    votes: Counter[int] = Counter()
    for place, index in passing:
        part = standing[place.top : place.bottom, place.left : place.right]
        votes[index] += int((~part).sum())
    return [index for index, pixels in votes.most_common() if pixels and index % RUN][:most]


class _Sheet(NamedTuple):
    """One run of frames in one picture, and of which of its frames each pixel is."""

    frame: Frame
    origin: NDArray[np.uint8]
    start: int

    def mostly_of(self, place: Region) -> int:
        """The frame that most of a place comes from."""
        part = self.origin[place.top : place.bottom, place.left : place.right]
        return self.start + int(np.bincount(part.ravel()).argmax())


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


def _sheets(frames: Frames, projections: _Projections) -> Iterator[_Sheet]:
    """The sheet of each run; every frame is read once, for the projections too."""
    for start in range(0, len(frames), RUN):
        sheet = frames[start].copy()
        origin = np.zeros(sheet.shape[:2], np.uint8)
        projections.add(sheet)
        most = _detail(sheet)
        for index in range(start + 1, min(start + RUN, len(frames))):
            frame = frames[index]
            projections.add(frame)
            detail = _detail(frame)
            more = detail > most
            sheet[more], origin[more] = frame[more], index - start
            np.maximum(most, detail, out=most)
        yield _Sheet(sheet, origin, start)


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
