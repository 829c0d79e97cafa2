"""Which MCUs of a JPEG picture a set of rectangles touches, and what these are blanked with.

A rectangle grows to the MCUs that it touches (ITU-T T.81 A.2.3). There every AC coefficient is
dropped and DC becomes one value a component; every coefficient outside stays as it is.
"""

from collections.abc import Iterable

import numpy as np

from medrelease.sanitise.jpeg_frame import Frame
from medrelease.sanitise.jpeg_scan import Blanking
from medrelease.sanitise.refusal import Refusal
from medrelease.terms.flow import Mask
from medrelease.terms.words import Reason


def blanking(
    frame: Frame, masks: Iterable[Mask], steps: dict[int, int], *, chroma: bool
) -> Blanking:
    """What is to be blanked in a frame, and with what: black, and neutral where it is chroma.

    `steps` are the quantisation steps of DC by component; `chroma` says that the second and third
    component are that. Raises a refusal (mask-not-possible) for a mask outside of the picture.
    """
    black = 8 << (frame.precision - 1)
    levels = {
        name: 0 if chroma and place in (1, 2) else -black // steps[name]
        for place, name in enumerate(frame.components)
    }
    return Blanking(_masked(frame, masks), levels)


def _masked(frame: Frame, masks: Iterable[Mask]) -> bytes | None:
    """One byte an MCU of the frame in rows, 1 where a mask touches it; None without masks."""
    (across, down), (width, height) = frame.mcus, frame.mcu
    grid = np.zeros((down, across), dtype=np.uint8)
    for mask in masks:
        right = min(mask.left + mask.width, frame.width)
        bottom = min(mask.top + mask.height, frame.height)
        left, top = max(mask.left, 0), max(mask.top, 0)
        if mask.page not in (None, 0) or left >= right or top >= bottom:
            detail = "A mask lies outside of the picture that it is meant for."
            raise Refusal(Reason.MASK_NOT_POSSIBLE, detail)
        grid[top // height : -(-bottom // height), left // width : -(-right // width)] = 1
    return grid.tobytes() if grid.any() else None
