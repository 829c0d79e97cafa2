"""GIF by an allow-list: screen, palettes and frames with their timing, and the loop count.

Each frame's LZW codes are carried over up to its last pixel; a code that goes on beyond it, or a
mask, has the frame coded anew. Entries of a palette that no visible pixel names are zeroed.
"""

from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from medrelease.sanitise.blanking import Box, is_ramp
from medrelease.sanitise.gif_blanking import blanked, boxes_of_frames
from medrelease.sanitise.gif_blocks import Blocks, Frame, read_blocks
from medrelease.sanitise.gif_lzw import chunked, decode, encode, kept, octets, walk
from medrelease.sanitise.options import Options
from medrelease.sanitise.refusal import malformed
from medrelease.sanitise.source import Source
from medrelease.sanitise.target import Target
from medrelease.terms.flow import Sanitised
from medrelease.terms.words import Format

Flags = NDArray[np.bool_]


def clean(source: Source, target: Target, options: Options) -> Sanitised:
    """Write the frames of `source` to `target`, and nothing else that is in the file.

    Raises a refusal: incomplete, malformed, limits-exceeded or decoder-missing.
    """
    actions: Counter[str] = Counter()
    blocks = read_blocks(source.view, actions)
    shared = np.zeros(256, np.bool_)
    bodies = []
    under = boxes_of_frames(blocks, options.masks)
    for frame, found in zip(blocks.frames, under, strict=True):
        own, head, codes = _frame(frame, blocks, found, actions)
        if not frame.table:
            shared |= own
        bodies.append((head, codes))
    if blocks.background < len(blocks.table) // 3:
        shared[blocks.background] = True
    blocks.table = _cleared(blocks.table, shared, actions)
    target.write(blocks.head())
    for head, codes in bodies:
        target.write(head)
        for piece in codes:
            target.write(piece)
    target.write(b"\x3b")
    actions["trailer-bytes"] += source.size - blocks.end
    return Sanitised(Format.GIF, dict(+actions))


def _frame(
    frame: Frame, blocks: Blocks, found: list[Box], actions: Counter[str]
) -> tuple[Flags, bytes, Iterable[bytes]]:
    """Which palette entries a frame shows, its head as it is written, and its data sub-blocks."""
    count = frame.width * frame.height
    walked = walk(frame.coded, frame.minimum, count)
    codes: Iterable[bytes]
    if found or not walked.exact:
        indices = decode(frame.coded, frame.minimum, count)
        if found:
            frame, indices = blanked(frame, blocks, indices, found)
        else:
            actions["surplus-pixels"] += 1
        shown = np.bincount(np.frombuffer(indices, np.uint8), minlength=256) > 0
        codes = (chunked(encode(indices, frame.minimum)),)
    else:
        shown = np.frombuffer(walked.used, np.uint8) > 0
        written = (walked.bits + walked.width + 7) // 8
        actions["surplus-bytes"] += max(0, octets(frame.coded) - written)
        codes = kept(frame.coded, walked, frame.minimum)
    if shown[len(frame.table or blocks.table) // 3 :].any():
        raise malformed("A GIF pixel names a colour beyond the palette.")
    if frame.control and frame.control.transparent is not None:
        shown[frame.control.transparent] = False
    control = frame.control.block() if frame.control else b""
    table = _cleared(frame.table, shown, actions)
    return shown, control + frame.descriptor() + table + bytes((frame.minimum,)), codes


def _cleared(table: bytes, shown: Flags, actions: Counter[str]) -> bytes:
    """A palette of which every entry that is not shown is zero."""
    colours = np.frombuffer(table, np.uint8).reshape(-1, 3)
    if is_ramp(colours):
        return table
    kept = np.where(shown[: len(colours), None], colours, 0).astype(np.uint8)
    actions["palette-entry"] += int((kept != colours).any(axis=1).sum())
    return kept.tobytes()
