"""BMP files: the source as it came, and the finished one proved to its last byte.

A finished file is its headers, its palette, its rows or runs, and a colour profile: each right
behind the other, and nothing in them that no pixel shows.
"""

import hashlib
from dataclasses import replace
from functools import partial

import numpy as np

from medrelease.verify import icc
from medrelease.verify.bmp_blanked import blanked
from medrelease.verify.bmp_header import Head, head, prove_head
from medrelease.verify.bmp_pixels import Bytes, rows, runs
from medrelease.verify.ramp import is_ramp
from medrelease.verify.reading import Reading
from medrelease.verify.refusal import malformed
from medrelease.verify.runs import printable

_PROFILE_LIMIT = 16 << 20


def read_source(view: memoryview) -> Reading:
    """Read a dropped BMP. Raises Refusal(incomplete | malformed | format-not-supported)."""
    found = head(view)
    reading, end = _reading(view, found, finished=False)
    texts: list[str | bytes] = [*printable(bytes(view[found.palette[1] : found.start]))]
    texts += printable(bytes(view[2:10]))
    if found.version == 64:
        texts += printable(bytes(view[54:78]))
    first, last = found.profile or (end, end)
    texts += printable(bytes(view[end : max(end, first)]) + bytes(view[max(end, last) :]))
    if found.profile and found.profile[1] - found.profile[0] <= _PROFILE_LIMIT:
        texts += icc.texts(bytes(view[slice(*found.profile)]))
    return replace(reading, texts=tuple(texts))


def read_finished(view: memoryview) -> Reading:
    """Prove a finished BMP. Raises Refusal(malformed | incomplete) naming what is not allowed."""
    found = head(view)
    reading, end = _reading(view, found, finished=True)
    prove_head(view, found, end)
    fields = icc.prove_clean(bytes(view[slice(*found.profile)])) if found.profile else []
    return replace(reading, texts=tuple(fields), coded=((found.start, end),))


def _reading(view: memoryview, found: Head, *, finished: bool) -> tuple[Reading, int]:
    """What both sides have in common, and where the coded picture ends."""
    digest = hashlib.sha256(
        repr(
            (found.wide, found.high, found.rows_down, found.bits, found.coding, found.channels)
        ).encode()
    )
    read = runs if found.coding in (1, 2) else rows
    end, seen = read(view, found, digest, strict=finished)
    if found.bits <= 8:
        digest.update(_palette(view, found, seen, finished=finished))
    profile = bytes(view[slice(*found.profile)]) if found.profile else b""
    shown = (
        ("resolution", " ".join(map(str, found.dots))),
        ("colour space", f"{found.space.hex()} {found.intent}"),
        ("profile", icc.rendering(profile) if profile else ""),
    )
    without = partial(blanked, view, found, strict=finished)
    return Reading((), digest.hexdigest(), shown=shown, blanked=without), end


def _palette(view: memoryview, found: Head, seen: Bytes, *, finished: bool) -> bytes:
    """The colours that pixels name, (256, 3) with zeros for the others."""
    raw = np.frombuffer(view[slice(*found.palette)], np.uint8).reshape(-1, found.entry)
    if seen[len(raw) :].any():
        malformed("BMP pixel beyond the palette")
    named = seen[: len(raw)].astype(np.bool_)
    idle = raw[~named].any() and not is_ramp(raw)
    if finished and (idle or raw[:, 3:].any()):
        malformed("BMP palette with colours that no pixel shows")
    table = np.zeros((256, 3), np.uint8)
    table[: len(raw)][named] = raw[named, :3]
    return table.tobytes()
