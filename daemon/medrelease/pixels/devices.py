"""Where an object itself, or what is known of its device, says that names are written.

These places are masked besides all that the detectors see, never in their stead: an object of an
unknown device, or whose attributes make no sense, is looked at like any other.
"""

from dataclasses import dataclass

import numpy as np

from medrelease.pixels.calibration import Calibrated, believed, margins, top_strip
from medrelease.pixels.device_table import ROWS
from medrelease.pixels.lettering import lettered
from medrelease.pixels.region import Region
from medrelease.pixels.views import Frame, brightness

BLANK = 0.06
"""Spread of the grey levels, as a share of their range, up to which a place is blank: what a lossy
coding leaves of one level is below that, and faint writing above it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a DICOM object says of its device and its frames; texts as they stand, never told.

    `rows` and `columns` are the size of a frame, `calibrated` the items of Sequence of Ultrasound
    Regions (0018,6011).
    """

    modality: str
    maker: str
    model: str
    rows: int
    columns: int
    calibrated: tuple[Calibrated, ...] = ()


def device_masks(facts: Facts) -> tuple[Region, ...]:
    """The places of a frame in which names are known to be written, in pixels of its stored rows.

    The rows of the table for this modality, maker, model and size of frame; and, of an ultrasound
    image, the strip above all of its calibrated regions. All lie inside the frame.
    """
    maker, model = facts.maker.upper(), facts.model.upper()
    found = [
        row.place
        for row in ROWS
        if (row.modality, row.rows, row.columns) == (facts.modality, facts.rows, facts.columns)
        and row.maker in maker
        and row.model in model
    ]
    strip = top_strip(_regions(facts), facts.rows, facts.columns)
    return tuple(dict.fromkeys([*found, strip] if strip else found))


def seen_masks(facts: Facts, frame: Frame, bits: int | None) -> tuple[Region, ...]:
    """What of the known places, and of the margins beside them, is to be masked in one frame.

    Nothing in a frame of another size than `facts` say, such as one that is looked at smaller.
    `bits` are those that a sample uses, None for all. A known place is masked whole where it is not
    blank: part of what stands there may be too faint for any detector. In the other margins stand
    scales, grey bars and measurements, which are worth keeping: only what is set like a line of
    letters is masked there.
    """
    if frame.shape[:2] != (facts.rows, facts.columns):
        return ()
    # a palette may have more levels than the samples that point into it
    most = max((1 << (bits or frame.dtype.itemsize * 8)) - 1, int(frame.max()))
    known = tuple(place for place in device_masks(facts) if _is_written(frame, place, most))
    grey = brightness(frame)
    beside = margins(_regions(facts), facts.rows, facts.columns)
    lines = [line for margin in beside for line in lettered(grey, margin, most)]
    return known + tuple(line for line in lines if not any(_inside(line, place) for place in known))


def _regions(facts: Facts) -> tuple[Region, ...]:
    if facts.modality != "US":
        return ()
    return believed(facts.calibrated, facts.rows, facts.columns)


def _is_written(frame: Frame, place: Region, most: int) -> bool:
    part = frame[place.top : place.bottom, place.left : place.right]
    spread = np.ptp(part, axis=(0, 1))
    return bool(np.max(spread) > BLANK * most)


def _inside(one: Region, other: Region) -> bool:
    return (
        other.left <= one.left
        and other.top <= one.top
        and one.right <= other.right
        and one.bottom <= other.bottom
    )
