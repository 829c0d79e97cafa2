"""What the masks cover of an object's frames, and the colour that they are filled with.

Filled is with what displays black: the least sample that the frame shows elsewhere (the greatest
in MONOCHROME1), so that no viewer's window moves. Source: PS3.3 C.7.6.3.1.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medrelease.sanitise.blanking import Box, boxes, darkest, prove_placed
from medrelease.sanitise.dicom.elements import Element
from medrelease.sanitise.dicom.shape import Shape
from medrelease.terms.flow import Mask

Cells = NDArray[np.unsignedinteger[Any]]
"""Samples of a frame as they are stored, shape (rows, columns, samples)."""

EXTREMES = frozenset(range(0x00280104, 0x00280112)) - {0x0028010A}
"""Smallest and largest pixel values: no longer known once a part is blanked, and optional."""

_DESCRIPTORS = (0x00281101, 0x00281102, 0x00281103)
_TABLES = (0x00281201, 0x00281202, 0x00281203)


@dataclass(frozen=True, slots=True)
class Blanking:
    """The boxes of each frame that has any, by its number from 0, and what colours mean here."""

    frames: dict[int, list[Box]]
    shape: Shape
    palette: NDArray[np.int64]
    first_index: int

    def fill(self, cells: Cells, number: int) -> None:
        """Fill the boxes of one frame, in place."""
        found = self.frames.get(number, [])
        under = np.zeros(cells.shape[:2], np.bool_)
        for box in found:
            under[box.top : box.bottom, box.left : box.right] = True
        cells[under] = np.array(self._black(cells, under), np.uint64).astype(cells.dtype)

    def _black(self, cells: Cells, under: NDArray[np.bool_]) -> list[int]:
        """The samples of a black pixel, as they are stored."""
        shape, samples = self.shape, cells.shape[2]
        if samples == 3 and shape.photometric.startswith(("YBR_FULL", "YBR_PARTIAL")):
            level = 16 << (shape.stored - 8) if "PARTIAL" in shape.photometric else 0
            middle = 1 << (shape.stored - 1)
            low = shape.high + 1 - shape.stored
            return [level << low, middle << low, middle << low]
        if samples > 1 or shape.floating:
            return [0] * samples
        if len(self.palette):
            return [darkest(self.palette) + self.first_index]
        shown = cells[~under].reshape(-1)
        if not len(shown):
            return [0]
        numbers = _numbers(shown, shape)
        place = numbers.argmax() if shape.photometric == "MONOCHROME1" else numbers.argmin()
        return [int(shown[place])]


def blanking_of(
    masks: tuple[Mask, ...], shape: Shape, elements: dict[int, Element]
) -> Blanking | None:
    """What is to be blanked in an object, None where nothing is.

    Raises a refusal where a mask lies on no frame.
    """
    if not masks:
        return None
    size = (shape.columns, shape.rows)
    prove_placed(masks, [size] * shape.frames)
    found = {}
    for number in range(shape.frames):
        own = boxes(masks, number, size)
        if shape.halved:
            own = [
                box._replace(left=box.left // 2 * 2, right=-(-box.right // 2) * 2) for box in own
            ]
        if own:
            found[number] = own
    palette, first = _palette(elements) if "PALETTE" in shape.photometric else (_NONE, 0)
    return Blanking(found, shape, palette[: max(0, (1 << shape.stored) - first)], first)


_NONE = np.zeros((0, 3), np.int64)


def _palette(elements: dict[int, Element]) -> tuple[NDArray[np.int64], int]:
    """The colours of a palette, shape (entries, 3), and the sample that names the first.

    None are known where the tables are segmented or contradict each other.
    """
    described = [_words(elements.get(tag)) for tag in _DESCRIPTORS]
    if any(len(one) != 3 for one in described) or len({tuple(one[:2]) for one in described}) > 1:
        return _NONE, 0
    entries, first, _ = described[0]
    planes = []
    for tag, (_, _, bits) in zip(_TABLES, described, strict=True):
        raw = bytes(elements[tag].value) if tag in elements else b""
        narrow = bits == 8 and len(raw) <= entries + 1
        words = list(raw) if narrow else _words(elements.get(tag))
        if len(words) < (entries or 1 << 16):
            return _NONE, 0
        planes.append(words[: entries or 1 << 16])
    return np.array(planes, np.int64).T, first


def _words(element: Element | None) -> list[int]:
    """A value as unsigned 16-bit numbers."""
    if element is None:
        return []
    order = ">" if element.big else "<"
    raw = bytes(element.value)
    return [int(word) for word in np.frombuffer(raw[: len(raw) & ~1], f"{order}u2")]


def _numbers(cells: Cells, shape: Shape) -> NDArray[np.int64]:
    """Stored samples as the numbers that they mean."""
    low = shape.high + 1 - shape.stored
    wide = (cells.astype(np.uint64) >> np.uint64(low)) & np.uint64((1 << shape.stored) - 1)
    numbers: NDArray[np.int64] = wide.astype(np.int64)
    if shape.signed and shape.stored < 64:
        sign = 1 << (shape.stored - 1)
        numbers = (numbers ^ sign) - sign
    return numbers
