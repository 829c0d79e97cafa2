"""GIF by an allow-list: screen, palettes and frames with their timing, and the loop count.

Each frame's LZW codes are carried over up to its last pixel; a code that goes on beyond it, or a
mask, has the frame coded anew. Entries of a palette that no visible pixel names are zeroed.
"""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from medrelease.sanitise.blanking import Box
from medrelease.sanitise.gif_blanking import blanked, boxes_of_frames
from medrelease.sanitise.gif_blocks import Blocks, Frame, read_blocks
from medrelease.sanitise.gif_lzw import Walk, encode, walk
from medrelease.sanitise.options import Options
from medrelease.sanitise.refusal import malformed
from medrelease.sanitise.source import Source
from medrelease.sanitise.target import Target
from medrelease.terms.flow import Sanitised
from medrelease.terms.words import Format


def clean(source: Source, target: Target, options: Options) -> Sanitised:
    """Write the frames of `source` to `target`, and nothing else that is in the file.

    Raises a refusal: incomplete, malformed or limits-exceeded.
    """
    actions: Counter[str] = Counter()
    blocks = read_blocks(source.view, actions)
    shared = np.zeros(256, np.bool_)
    bodies = []
    under = boxes_of_frames(blocks, options.masks)
    for frame, found in zip(blocks.frames, under, strict=True):
        own, body = _frame(frame, blocks, found, actions)
        if not frame.table:
            shared |= own
        bodies.append(body)
    if blocks.background < len(blocks.table) // 3:
        shared[blocks.background] = True
    blocks.table = _cleared(blocks.table, shared, actions)
    target.write(blocks.head())
    for body in bodies:
        target.write(body)
    target.write(b"\x3b")
    actions["trailer-bytes"] += source.size - blocks.end
    return Sanitised(Format.GIF, dict(+actions))


def _frame(
    frame: Frame, blocks: Blocks, found: list[Box], actions: Counter[str]
) -> tuple[NDArray[np.bool_], bytes]:
    """Which palette entries a frame shows, and the frame as it is written."""
    walked = walk(frame.coded, frame.minimum, frame.width * frame.height)
    if found:
        frame, indices = blanked(frame, blocks, walked.indices, found)
        walked = Walk(indices, encode(indices, frame.minimum), exact=True)
    elif not walked.exact:
        walked = Walk(walked.indices, encode(walked.indices, frame.minimum), exact=True)
        actions["surplus-pixels"] += 1
    else:
        actions["surplus-bytes"] += max(0, len(frame.coded) - len(walked.codes))
    shown = np.zeros(256, np.bool_)
    shown[list(set(walked.indices))] = True
    if shown[len(frame.table or blocks.table) // 3 :].any():
        raise malformed("A GIF pixel names a colour beyond the palette.")
    if frame.control and frame.control.transparent is not None:
        shown[frame.control.transparent] = False
    control = frame.control.block() if frame.control else b""
    table = _cleared(frame.table, shown, actions)
    head = control + frame.descriptor() + table + bytes((frame.minimum,))
    return shown, head + _chunked(walked.codes)


def _cleared(table: bytes, shown: NDArray[np.bool_], actions: Counter[str]) -> bytes:
    """A palette of which every entry that is not shown is zero."""
    colours = np.frombuffer(table, np.uint8).reshape(-1, 3)
    kept = np.where(shown[: len(colours), None], colours, 0).astype(np.uint8)
    actions["palette-entry"] += int((kept != colours).any(axis=1).sum())
    return kept.tobytes()


def _chunked(codes: bytes) -> bytes:
    """Codes as data sub-blocks of 255 bytes, and their terminator."""
    pieces = [codes[at : at + 255] for at in range(0, len(codes), 255)]
    return b"".join(bytes((len(piece),)) + piece for piece in pieces) + b"\0"
