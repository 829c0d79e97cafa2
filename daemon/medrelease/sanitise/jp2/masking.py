"""Parts of a JPEG 2000 picture blanked: its codestream coded anew without loss."""

from collections import Counter
from collections.abc import Sequence
from functools import partial

from medrelease.sanitise.blanking import Box, boxes, prove_placed
from medrelease.sanitise.jp2.boxes import OPACITY, Extent, Shown
from medrelease.sanitise.jp2.codestream import read_stream
from medrelease.sanitise.jpeg2000_blank import Samples, changed
from medrelease.terms.flow import Mask

_CMYK, _YCC = 12, 18


def blanked(coded: bytes, extent: Extent, shown: Shown, masks: Sequence[Mask]) -> bytes:
    """The clean codestream with what the masks cover filled with black.

    Raises refusals: mask-not-possible for a mask outside of the picture or components that differ
    from each other, malformed, decoder-missing.
    """
    size = (extent.width, extent.height)
    prove_placed(masks, [size])
    fill = partial(_fill, boxes(masks, 0, size), _black(extent, shown))
    return read_stream(memoryview(changed(coded, size, fill)), Counter())[0].written()


def _black(extent: Extent, shown: Shown) -> list[int]:
    """The samples of a black and opaque pixel."""
    bits = [(depth & 0x7F) + 1 for depth in extent.depths]
    lowest = [
        -(1 << (n - 1)) if depth & 0x80 else 0 for n, depth in zip(bits, extent.depths, strict=True)
    ]
    level = list(lowest)
    space = int.from_bytes(shown.colour[3:7]) if shown.colour[:1] == b"\1" else 0
    if space == _YCC:
        level[1:3] = [low + (1 << (n - 1)) for low, n in zip(lowest[1:3], bits[1:3], strict=True)]
    elif space == _CMYK:
        level[3:4] = [low + (1 << n) - 1 for low, n in zip(lowest[3:4], bits[3:4], strict=True)]
    for number, kind, _ in shown.channels:
        if kind in OPACITY and number < len(level):
            level[number] = lowest[number] + (1 << bits[number]) - 1
    return level


def _fill(found: Sequence[Box], black: list[int], samples: Samples) -> Samples:
    filled = samples.copy()
    for box in found:
        filled[box.top : box.bottom, box.left : box.right] = (
            black if samples.ndim == 3 else black[0]
        )
    return filled
