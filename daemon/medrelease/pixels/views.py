"""The 8-bit views of a frame that are shown to the detector.

What one view hides another shows: windows for the range of 16-bit frames, the a and b axes of
LAB for writing that differs from its ground in colour alone, local normalisation for the faint.
A view that adds nothing (flat, or nearly equal to an earlier one) is left out: it costs as much
as one that does.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from medrelease.pixels.seeing import Picture

Frame = NDArray[np.unsignedinteger[Any]]
"""(rows, columns) grey or (rows, columns, 3) RGB, of 8 or 16 bits."""

Grey = NDArray[np.uint8]

_SAMPLE = 200_000
_SAME = 3.0
"""Mean difference of two views, in grey levels, below which the second is left out."""
_NARROW = 0.25
"""Share of the range from which the levels of nearly all pixels are so alike that they are the
ground, and the rest, which a window over the ground alone would cut off, what stands on it."""
_COLOURLESS = 4
"""Largest difference of the channels, in 8-bit levels, of a picture that is really grey."""


def plain(frame: Frame) -> Iterator[Picture]:
    """The views of tier A, the best one first."""
    if not is_grey(frame):
        colour = _eight_bit(frame)
        yield colour
        yield from map(_rgb, chroma(colour))
        return
    grey = grey_plane(frame)
    yield from map(_rgb, _distinct(chain(windows(grey), (local(grey),))))


def grey_plane(frame: Frame) -> Frame:
    """The one plane of a frame that is really grey."""
    return frame if frame.ndim == 2 else np.ascontiguousarray(frame[..., 1])


def windows(grey: Frame) -> Iterator[Grey]:
    """A grey frame through several windows: as it is, and by percentiles."""
    values = _sample(grey)
    if grey.dtype == np.uint8:
        yield grey.astype(np.uint8)
        low, high = np.percentile(values, (1, 99))
        if high - low < 128:
            yield _window(grey, low, high)
        return
    cuts = np.percentile(values, (0.5, 1, 30, 40, 60, 80, 99, 99.8))
    wide = np.percentile(values, (0.05, 99.95))
    if cuts[6] - cuts[1] < _NARROW * (wide[1] - wide[0]):
        yield _window(grey, wide[0], wide[1])
    yield _window(grey, cuts[1], cuts[6])
    yield _window(grey, float(grey.min()), float(grey.max()))
    yield _window(grey, cuts[0], cuts[3])
    yield _window(grey, cuts[2], cuts[5])
    yield _window(grey, cuts[4], cuts[7])


def chroma(colour: Picture) -> Iterator[Grey]:
    """The a and b axes of CIE LAB, each stretched to its own range."""
    lab = cv2.cvtColor(colour, cv2.COLOR_RGB2LAB)
    for axis in (1, 2):
        values = np.asarray(lab[..., axis], np.uint8)
        low, high = np.percentile(_sample(values), (0.1, 99.95))
        if float(values.max()) - float(values.min()) >= _COLOURLESS:
            yield _window(values, low, max(high, low + 8))


def local(grey: Frame) -> Grey:
    """A grey frame less its local mean, by its local spread: the faint stands out anywhere."""
    values = grey.astype(np.float32)
    mean = cv2.GaussianBlur(values, (0, 0), 25)
    spread = np.sqrt(np.maximum(cv2.GaussianBlur((values - mean) ** 2, (0, 0), 25), 0))
    noise = 1.5 * float(np.median(np.abs(values - cv2.medianBlur(values, 3)))) + 1e-3
    normal = 128 + 32 * (values - mean) / (spread + noise)
    return np.clip(normal, 0, 255).astype(np.uint8)


def fine(grey: Frame) -> Grey:
    """A grey frame less its local median, in units of its noise: what is as faint as that shows."""
    low, high = (float(cut) for cut in np.percentile(_sample(grey), (0.2, 99.8)))
    levels = _window(grey, low, max(high, low + 255)) if grey.dtype != np.uint8 else grey
    eight = np.asarray(levels, np.uint8)
    values = eight.astype(np.float32)
    noise = 1.5 * float(np.median(np.abs(values - cv2.medianBlur(eight, 3))))
    gain = min(16.0, 35 / max(noise, 1e-3))
    above = values - cv2.medianBlur(eight, 31)
    return np.asarray(np.clip(128 + gain * above, 0, 255), np.uint8)


def brightness(frame: Frame) -> Frame:
    """One grey plane of a frame, of the depth it has."""
    if frame.ndim == 2:
        return frame
    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), frame.dtype)


def _rgb(grey: Grey) -> Picture:
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)


def _window(grey: Frame, low: float, high: float) -> Grey:
    """Grey levels `low` to `high` spread over 8 bits, what lies outside cut off."""
    if high - low < 1:  # nearly all pixels have one level: it is the ground, in the middle
        low, high = low - 0.5, high + 0.5
    table = np.arange(int(np.iinfo(grey.dtype).max) + 1, dtype=np.float32)
    spread = (table - low) * (255.0 / max(high - low, 1.0))
    levels = np.clip(spread, 0, 255).astype(np.uint8)
    return np.asarray(levels[grey], np.uint8)


def _eight_bit(frame: Frame) -> Picture:
    if frame.dtype == np.uint8:
        return frame.astype(np.uint8)
    return _window(frame, float(frame.min()), float(frame.max()))


def _sample(values: Frame) -> Frame:
    flat = values.reshape(-1)
    return flat[:: max(1, flat.size // _SAMPLE)]


def is_grey(frame: Frame) -> bool:
    """Whether a frame has no colour, also where it is stored as one of colour."""
    if frame.ndim == 2:
        return True
    widest = int((frame.max(axis=2) - frame.min(axis=2)).max())
    # Of 16 bits a camera may use 10.
    most = 255 if frame.dtype == np.uint8 else int(frame.max())
    return widest <= _COLOURLESS * max(1, most // 255)


def _distinct(candidates: Iterator[Grey]) -> Sequence[Grey]:
    """The views of which none is flat or nearly equal to one before it."""
    kept: list[Grey] = []
    for view in candidates:
        fresh = all(float(np.mean(cv2.absdiff(view, other))) >= _SAME for other in kept)
        if fresh and (not kept or int(view.max()) > int(view.min())):
            kept.append(view)
    return kept
