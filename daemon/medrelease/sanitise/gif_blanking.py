"""The frames of a GIF as layers that masks cover, and filled under them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from medrelease.sanitise.blanking import Box, darkest
from medrelease.sanitise.gif_blocks import Blocks, Frame
from medrelease.sanitise.gif_lzw import decode
from medrelease.sanitise.layers import Layer, boxes_of_layers
from medrelease.terms.flow import Mask

_PASSES = ((0, 8), (4, 8), (2, 4), (1, 2))
_REMOVED_AFTERWARDS = frozenset({2, 3})
"""Disposal methods after which a frame's pixels are gone (GIF89a section 23)."""


def boxes_of_frames(blocks: Blocks, masks: Sequence[Mask]) -> list[list[Box]]:
    """The boxes of each frame, in rows and columns of its own.

    Raises a refusal where a mask lies on no frame.
    """
    if not masks:
        return [[] for _ in blocks.frames]
    layers = [
        Layer(
            frame.left,
            frame.top,
            (frame.width, frame.height),
            removed=frame.control is not None and frame.control.disposal in _REMOVED_AFTERWARDS,
            covers=partial(_covers, frame),
        )
        for frame in blocks.frames
    ]
    return boxes_of_layers(layers, (blocks.width, blocks.height), masks)


def blanked(
    frame: Frame, blocks: Blocks, indices: bytearray, found: Iterable[Box]
) -> tuple[Frame, bytearray]:
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
    stored = np.frombuffer(indices, np.uint8).reshape(frame.height, frame.width)
    order = _row_order(frame)
    for box in found:
        rows = (order >= box.top) & (order < box.bottom)
        stored[rows, box.left : box.right] = colour
    minimum = max(frame.minimum, colour.bit_length())
    return replace(frame, minimum=minimum), indices


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


def _covers(frame: Frame, box: Box) -> bool:
    """Whether no pixel of a box is transparent."""
    hidden = frame.control.transparent if frame.control else None
    if hidden is None:
        return True
    indices = decode(frame.coded, frame.minimum, frame.width * frame.height)
    stored = np.frombuffer(indices, np.uint8).reshape(frame.height, frame.width)
    order = _row_order(frame)
    rows = (order >= box.top) & (order < box.bottom)
    return not (stored[rows, box.left : box.right] == hidden).any()
