"""Which MCUs of a JPEG picture a set of rectangles touches, and what these are blanked with.

A rectangle grows to the MCUs that it touches (ITU-T T.81 A.2.3). There every AC coefficient is
dropped and DC becomes one value a component; every coefficient outside stays as it is.
"""

from collections.abc import Sequence

import numpy as np

from medrelease.sanitise.blanking import boxes, prove_placed
from medrelease.sanitise.jpeg_frame import Frame
from medrelease.sanitise.jpeg_scan import Blanking
from medrelease.terms.flow import Mask


def blanking(
    frame: Frame, masks: Sequence[Mask], steps: dict[int, int], *, chroma: bool
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


def _masked(frame: Frame, masks: Sequence[Mask]) -> bytes | None:
    """One byte an MCU of the frame in rows, 1 where a mask touches it; None without masks."""
    if not masks:
        return None
    (across, down), (width, height) = frame.mcus, frame.mcu
    size = (frame.width, frame.height)
    prove_placed(masks, [size])
    grid = np.zeros((down, across), dtype=np.uint8)
    for box in boxes(masks, 0, size):
        rows = slice(box.top // height, -(-box.bottom // height))
        grid[rows, box.left // width : -(-box.right // width)] = 1
    return grid.tobytes()
