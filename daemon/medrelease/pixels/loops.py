"""Writing in a cine loop, at a fraction of the cost of looking at every frame.

What stands still shows in the mean of the frames; what is dark on bright shows in the minimum;
what comes and goes for five frames or more shows in every fifth frame. The masks hold for all
frames.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from medrelease.pixels.models import TextModels
from medrelease.pixels.views import Frame
from medrelease.pixels.writing import Wish, Writing, find_writing

EVERY = 5


class Frames(Protocol):
    """The frames of one object, all of one shape and depth."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Frame: ...


def find_in_loop(models: TextModels, frames: Frames, wish: Wish) -> Writing:
    """Where writing stands in any frame of a loop; counts are those of the looks made."""
    looks = [*_projections(frames)] if len(frames) > EVERY // 2 else []
    step = EVERY if looks else 1
    looks += [frames[index] for index in range(0, len(frames), step)]
    found = [find_writing(models, frame, wish) for frame in looks]
    return Writing(
        masks=tuple(dict.fromkeys(mask for one in found for mask in one.masks)),
        kept=max(one.kept for one in found),
        identifiers=max(one.identifiers for one in found),
        hc=tuple(dict.fromkeys(number for one in found for number in one.hc)),
        self_test=all(one.self_test for one in found),
    )


def _projections(frames: Frames) -> tuple[Frame, Frame]:
    """The mean and the minimum over all frames, of the depth that the frames have."""
    first = frames[0]
    total: NDArray[np.float64] = np.zeros(first.shape, np.float64)
    least = first.copy()
    for index in range(len(frames)):
        frame = frames[index]
        total += frame
        np.minimum(least, frame, out=least)
    mean = np.rint(total / len(frames)).astype(first.dtype)
    return np.ascontiguousarray(mean), np.ascontiguousarray(least)
