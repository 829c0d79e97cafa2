"""Decoded samples of any kind become frames that detectors take: grey or RGB, of 8 or 16 bits.

Nothing that a sample can say may be lost on the way: values wider than 16 bits are shown twice,
by their whole range and by the range that most of them have; samples that are no colour, such as
alpha, are frames of their own.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medrelease.pixels.views import Frame

Samples = NDArray[Any]
"""(rows, columns) or (rows, columns, samples), of any type of number."""


def frames(samples: Samples, *, cmyk: bool = False) -> list[Frame]:
    """The frames that show a picture whole; the first one is the picture as people see it."""
    if samples.ndim == 2 or samples.shape[2] == 1:
        return _levels(samples.reshape(samples.shape[:2]))
    count = samples.shape[2]
    if cmyk and count == 4:
        return [_from_cmyk(inks) for inks in _levels(samples)]
    colours = 3 if count in (3, 4) else 0
    found = _levels(samples[..., :3]) if colours else []
    for number in range(colours, count):
        plane = samples[..., number]
        if not found or plane.min() != plane.max():
            found += _levels(plane)
    return found


def _levels(samples: Samples) -> list[Frame]:
    """The same samples as unsigned numbers of 8 or 16 bits."""
    if samples.dtype == np.bool_:
        return [np.ascontiguousarray(samples.astype(np.uint8) * np.uint8(255))]
    if samples.dtype in (np.uint8, np.uint16):
        return [np.ascontiguousarray(samples.astype(samples.dtype.newbyteorder("=")))]
    if samples.dtype.kind == "u" and samples.dtype.itemsize <= 2:
        return [np.ascontiguousarray(samples.astype(np.uint16))]
    if samples.dtype == np.int8:
        return [np.ascontiguousarray(samples).view(np.uint8) ^ np.uint8(0x80)]
    if samples.dtype.kind == "i" and samples.dtype.itemsize == 2:
        native = np.ascontiguousarray(samples.astype(np.int16))
        return [native.view(np.uint16) ^ np.uint16(0x8000)]
    return _wide(samples)


def _wide(samples: Samples) -> list[Frame]:
    """Numbers of 32 or 64 bits, spread over 16: all of them, and without the outermost."""
    finite = np.isfinite(samples)
    if not finite.any():
        return [np.zeros(samples.shape, np.uint16)]
    values = samples[finite]
    low, high = float(values.min()), float(values.max())
    step = max(1, values.size // 200_000)
    inner_low, inner_high = (float(cut) for cut in np.percentile(values[::step], (0.5, 99.5)))
    found = [_spread(samples, low, high)]
    if low < high and inner_high - inner_low < 0.5 * (high - low):
        found.append(_spread(samples, inner_low, inner_high))
    return found


def _spread(samples: Samples, low: float, high: float) -> Frame:
    width = high - low if high > low else 1.0
    placed = (samples.astype(np.float64) - low) * (65535.0 / width)
    placed = np.nan_to_num(placed, nan=0.0, posinf=65535.0, neginf=0.0)
    return np.ascontiguousarray(np.clip(placed, 0, 65535).astype(np.uint16))


def _from_cmyk(inks: Frame) -> Frame:
    """What inks look like, without a profile: paper less ink, less black."""
    most = int(np.iinfo(inks.dtype).max)
    light = most - inks.astype(np.uint32)
    shown = light[..., :3] * light[..., 3:] // most
    return np.ascontiguousarray(shown.astype(inks.dtype))
