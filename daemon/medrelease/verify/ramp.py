"""The palette that is none: greys from black to white, of which no pixel need have all."""

import numpy as np
from numpy.typing import NDArray


def is_ramp(table: NDArray[np.uint8]) -> bool:
    """Return whether entries, shape (entries, 3 or more), go evenly from black to white or back."""
    greys = table[:, :3].astype(np.int64)
    steps = max(len(greys) - 1, 1)
    if len(greys) < 2 or 255 % steps or (greys != greys[:, :1]).any():
        return False
    levels = greys[:, 0] if greys[0, 0] == 0 else greys[::-1, 0]
    return bool((levels * steps == 255 * np.arange(len(greys))).all())
