"""A JPEG stream of another file (DICOM, TIFF): rectangles blanked, hidden bytes removed."""

import io
from collections import Counter
from collections.abc import Iterable

from medrelease.sanitise.jpeg import write_stream
from medrelease.sanitise.jpeg_tables import Tables
from medrelease.terms.flow import Mask


def blanked(
    stream: memoryview,
    masks: Iterable[Mask],
    actions: Counter[str],
    *,
    tables: Tables | None = None,
    chroma: bool | None = None,
) -> bytes:
    """A clean copy of one JPEG stream (baseline, extended, progressive) with `masks` blanked.

    The masks are in pixels of this stream and grow to its MCUs, in which every coefficient but DC
    becomes zero; outside no coefficient changes. Application segments and comments are left out,
    but for the Adobe colour transform. `tables` may hold those that are defined outside of the
    stream; `chroma` says whether the second and third component are chroma, where the file around
    knows better than the stream. Raises a refusal: mask-not-possible for a mask outside of the
    picture, format-not-supported for another coding process, incomplete, malformed.
    """
    written = io.BytesIO()
    write_stream(
        stream,
        written,
        tables or Tables(),
        actions,
        embedded=True,
        masks=tuple(masks),
        chroma=chroma,
    )
    return written.getvalue()


def rebuilt(stream: memoryview, actions: Counter[str]) -> bytes:
    """A clean copy of a stream, its scans carried over where they hold nothing but the picture.

    For the same coding processes as `blanked`. Raises a refusal: incomplete, malformed.
    """
    found: Counter[str] = Counter()
    made = blanked(stream, (), found)
    for kind in ("scans-recoded", "unused-table"):
        actions[kind] += found[kind]
    return made
