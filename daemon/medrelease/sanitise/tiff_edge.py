"""What a JPEG tile of a TIFF shows beyond the page: whole blocks of it are blanked.

Writers fill a tile up with one colour or with the page's last row and column; what goes on beyond
the page, as a picture does, is no filling. A block that the page's edge runs through stays.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medrelease.sanitise.blanking import Box
from medrelease.sanitise.codecs import codec
from medrelease.sanitise.jpeg_frame import read_frame
from medrelease.sanitise.jpeg_segments import FRAMES, segments
from medrelease.sanitise.refusal import malformed
from medrelease.sanitise.tiff_page import Page

_NOISE = 32
"""How far coding moves a sample of one even colour at most, of 255."""
_BLEED = 2
"""Pixels of a block into which halved colour of the block before is drawn."""


def beyond(
    page: Page, corner: tuple[int, int], shape: tuple[int, int], piece: memoryview, tables: bytes
) -> list[Box]:
    """The boxes of a tile beyond the page that show something; they begin and end with blocks.

    `corner` is the column and row where the tile begins, `shape` its width and height. Raises
    refusals: malformed, decoder-missing.
    """
    inside = (page.size[0] - corner[0], page.size[1] - corner[1])
    if not page.tiled or (inside[0] >= shape[0] and inside[1] >= shape[1]):
        return []
    across, down = _block(piece)
    left = min(-(-inside[0] // across) * across, shape[0])
    top = min(-(-inside[1] // down) * down, shape[1])
    if (left, top) == shape:
        return []
    shown = _decoded(piece, tables)
    found = []
    if left < shape[0] and _varies(shown[:, left + _BLEED :], 1):
        found.append(Box(0, shape[1], left, shape[0]))
    if top < shape[1] and _varies(shown[top + _BLEED :, :left], 0):
        found.append(Box(top, shape[1], 0, left))
    return found


def _varies(part: NDArray[Any], axis: int) -> bool:
    """Whether samples differ from each other in the direction that leads off the page."""
    return bool(part.size and np.ptp(part, axis=axis).max() > _NOISE)


def _block(piece: memoryview) -> tuple[int, int]:
    """Width and height of an MCU of a stream."""
    for segment in segments(piece):
        if segment.marker in FRAMES:
            return read_frame(segment.marker, bytes(segment.payload)).mcu
    raise malformed("The JPEG stream holds no picture.")


def _decoded(piece: memoryview, tables: bytes) -> NDArray[Any]:
    try:
        decoded = codec("imagecodecs").jpeg8_decode(bytes(piece), tables=tables or None)
    except (RuntimeError, ValueError) as error:
        raise malformed("A JPEG strip of a TIFF page does not decode.") from error
    return np.asarray(decoded)
