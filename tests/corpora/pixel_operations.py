"""Operations for the tests of what looks at pixels inside a worker's walls."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from medrelease.pixels import codes, faces, models, writing
from medrelease.pixels.deciding import Wish

_loaded: dict[str, Any] = {}


def warm(role: str) -> None:
    """Load and try every net before the walls close."""
    _loaded["faces"] = faces.load()
    faces.warm(_loaded["faces"])
    _loaded["text"] = models.load()
    writing.warm(_loaded["text"])


def look(reads: Sequence[int], writes: Sequence[int], options: dict[str, Any]) -> dict[str, Any]:
    """What is seen in raw 8-bit RGB samples of `rows` by `columns`."""
    rows, columns = options["rows"], options["columns"]
    data = os.pread(reads[0], rows * columns * 3, 0)
    frame = np.frombuffer(data, np.uint8).reshape(rows, columns, 3)
    seen = faces.find_faces(_loaded["faces"], frame)
    written = writing.find_writing(_loaded["text"], frame, Wish())
    left = writing.still_sees(_loaded["text"], frame, written.masks, Wish())
    return {
        "recognisable": seen.recognisable,
        "eyes_covered": seen.eyes_covered,
        "faces": len(seen.regions),
        "lines": len(written.masks),
        "left": left,
        "codes": len(codes.find_codes(frame).regions),
    }


OPERATIONS = {"look": look}
