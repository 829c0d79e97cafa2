"""The colours of a PNG: its palette without entries that no pixel shows, and its black."""

from collections import Counter

import numpy as np

from medrelease.sanitise.blanking import as_bits, darkest
from medrelease.sanitise.png_filter import Rows
from medrelease.sanitise.png_header import Header
from medrelease.sanitise.refusal import malformed


def clean_palette(kept: dict[bytes, bytes], used: Rows, actions: Counter[str]) -> None:
    """Clear unused and fully transparent entries in the PLTE and tRNS of `kept`, in place.

    `used` has shape (256,) and is 1 where a pixel names the entry. What is cut or changed is
    counted as `palette-entry`. Raises a malformed refusal for a pixel beyond the palette.
    """
    palette = np.frombuffer(kept[b"PLTE"], np.uint8).reshape(-1, 3)
    shown = used.astype(np.bool_)
    if shown[len(palette) :].any():
        raise malformed("A PNG pixel names a colour beyond the palette.")
    if b"bKGD" in kept:
        shown[kept[b"bKGD"][0]] = True
    alpha = np.full(256, 255, np.uint8)
    given = np.frombuffer(kept.get(b"tRNS", b""), np.uint8)
    alpha[: len(given)] = given
    count = int(np.flatnonzero(shown).max()) + 1
    alpha[~shown] = 255
    visible = shown[:count] & (alpha[:count] != 0)
    cleared = np.where(visible[:, None], palette[:count], 0).astype(np.uint8)
    changed = (cleared != palette[:count]).any(axis=1)
    actions["palette-entry"] += int(changed.sum()) + len(palette) - count
    kept[b"PLTE"] = cleared.tobytes()
    if b"tRNS" in kept:
        kept[b"tRNS"] = alpha[: min(len(given), count)].tobytes()


def black(header: Header, kept: dict[bytes, bytes]) -> Rows:
    """One opaque pixel, black or the darkest that the palette has, as bits.

    `kept` are the chunks PLTE and tRNS, where the picture has them.
    """
    alpha = kept.get(b"tRNS", b"")
    if header.colour == 3:
        palette = np.frombuffer(kept[b"PLTE"], np.uint8).reshape(-1, 3)[: 1 << header.depth]
        opaque = np.full(len(palette), 255, np.uint8)
        opaque[: len(alpha)] = np.frombuffer(alpha, np.uint8)[: len(palette)]
        best = np.flatnonzero(opaque == opaque.max())
        return as_bits([int(best[darkest(palette[best])])], header.depth)
    samples = [0] * header.channels
    if header.colour in (4, 6):
        samples[-1] = (1 << header.depth) - 1
    elif alpha and not any(alpha):
        samples = [1] * header.channels  # black itself is transparent here
    return as_bits(samples, header.depth)
