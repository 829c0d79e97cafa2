"""What the masks cover of each frame of a GIF, and frames filled under them.

Masks count from the screen's corner and name what is seen while a frame is shown. Where that frame
does not draw all of it itself, older frames show through: those are blanked as well.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medrelease.sanitise.blanking import Box, boxes, darkest, mask_not_possible, prove_placed
from medrelease.sanitise.gif_blocks import Blocks, Frame
from medrelease.sanitise.gif_lzw import walk
from medrelease.terms.flow import Mask

_PASSES = ((0, 8), (4, 8), (2, 4), (1, 2))
_REMOVED_AFTERWARDS = frozenset({2, 3})
"""Disposal methods after which a frame's pixels are gone (GIF89a section 23)."""


def boxes_of_frames(blocks: Blocks, masks: Iterable[Mask]) -> list[list[Box]]:
    """The boxes of each frame, in rows and columns of its own.

    Raises a refusal where a mask lies on no frame.
    """
    found: list[list[Box]] = [[] for _ in blocks.frames]
    for mask in masks:
        prove_placed([mask], [_canvas(blocks)] * len(blocks.frames))
        last = len(blocks.frames) - 1 if mask.page is None else mask.page
        drawn = False
        for number in range(last, -1, -1):
            frame = blocks.frames[number]
            inside = _within(frame, mask)
            found[number] += inside
            drawn |= bool(inside)
            stays = number == last or _disposal(frame) not in _REMOVED_AFTERWARDS
            if mask.page is not None and stays and _draws_all(frame, mask, blocks):
                break
        if not drawn:
            raise mask_not_possible("A region that is to be blanked lies outside of every frame.")
    return found


def blanked(
    frame: Frame, blocks: Blocks, indices: bytes, found: Iterable[Box]
) -> tuple[Frame, bytes]:
    """A frame and its indices with the boxes filled, transparent pixels and all.

    Filled is with black, for which its palette, or that of `blocks`, is made larger where it has
    none; a full palette without black gives its darkest entry.
    """
    hidden = frame.control.transparent if frame.control else None
    table, colour = _with_black(frame.table or blocks.table, hidden)
    if frame.table:
        frame = replace(frame, table=table)
    else:
        blocks.table = table
    stored = np.frombuffer(indices, np.uint8).reshape(frame.height, frame.width).copy()
    order = _row_order(frame)
    for box in found:
        rows = (order >= box.top) & (order < box.bottom)
        stored[rows, box.left : box.right] = colour
    minimum = max(frame.minimum, colour.bit_length())
    return replace(frame, minimum=minimum), stored.tobytes()


def _with_black(table: bytes, hidden: int | None) -> tuple[bytes, int]:
    """A palette, and which of its entries is black and not the hidden one."""
    colours = np.frombuffer(table, np.uint8).reshape(-1, 3)
    usable = np.array([index for index in range(len(colours)) if index != hidden])
    best = int(usable[darkest(colours[usable])])
    if not colours[best].any() or len(colours) == 256:
        return table, best
    return table + bytes(len(table)), len(colours) + (len(colours) == hidden)


def _row_order(frame: Frame) -> NDArray[np.int64]:
    """Which row of the frame each stored row is (GIF89a Appendix E)."""
    if not frame.interlaced:
        return np.arange(frame.height)
    return np.concatenate([np.arange(first, frame.height, step) for first, step in _PASSES])


def _canvas(blocks: Blocks) -> tuple[int, int]:
    """Width and height that hold the screen and every frame: viewers grow the screen to them."""
    wide = max(frame.left + frame.width for frame in blocks.frames)
    high = max(frame.top + frame.height for frame in blocks.frames)
    return max(wide, blocks.width), max(high, blocks.height)


def _within(frame: Frame, mask: Mask) -> list[Box]:
    """What a mask covers of a frame, in the frame's own rows and columns."""
    own = Mask(None, mask.left - frame.left, mask.top - frame.top, mask.width, mask.height)
    return boxes([own], 0, (frame.width, frame.height))


def _draws_all(frame: Frame, mask: Mask, blocks: Blocks) -> bool:
    """Whether a frame draws everything under a mask, so that nothing older shows there."""
    whole = boxes([replace(mask, page=None)], 0, _canvas(blocks))[0]
    inside = _within(frame, mask)
    area = (whole.bottom - whole.top) * (whole.right - whole.left)
    if sum((box.bottom - box.top) * (box.right - box.left) for box in inside) != area:
        return False
    hidden = frame.control.transparent if frame.control else None
    if hidden is None:
        return True
    indices = walk(frame.coded, frame.minimum, frame.width * frame.height).indices
    stored = np.frombuffer(indices, np.uint8).reshape(frame.height, frame.width)
    order, box = _row_order(frame), inside[0]
    rows = (order >= box.top) & (order < box.bottom)
    return not (stored[rows, box.left : box.right] == hidden).any()


def _disposal(frame: Frame) -> int:
    return frame.control.disposal if frame.control else 0
