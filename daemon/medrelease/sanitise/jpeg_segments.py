"""A JPEG stream cut into its marker segments and scans (ITU-T T.81 annex B), without a copy.

What lies between two segments and belongs to none (fill bytes, stray bytes, lone markers) is
counted, never carried on.
"""

import re
from collections.abc import Generator
from dataclasses import dataclass

from medrelease.sanitise.refusal import incomplete, malformed, unsupported
from medrelease.sanitise.source import take

SOI, EOI, SOS, DQT, DHT, DRI, COM, APP0 = 0xD8, 0xD9, 0xDA, 0xDB, 0xC4, 0xDD, 0xFE, 0xE0
FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_OTHER_FRAMES = frozenset(range(0xC3, 0xD0)) - {DHT}
_LONE = frozenset({0x01, *range(0xD0, 0xD8)})
_MARKER = re.compile(rb"\xff[^\x00\xff]")

MAX_SEGMENTS = 20_000
"""Segments in one stream: an ICC profile or extended XMP takes some hundreds at most."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One marker segment; `payload` is what follows its two length bytes.

    `stray` counts the bytes skipped before the marker, `end` is the offset behind the segment: of
    a start of scan, where its coded data begins.
    """

    marker: int
    payload: memoryview
    stray: int
    end: int


def segments(view: memoryview) -> Generator[Segment, int | None, None]:
    """Every segment from SOI (not yielded) to EOI (yielded).

    Whoever takes a start of scan sends the offset at which its coded data ended. Raises a refusal:
    incomplete, malformed, or format-not-supported for coding processes other than baseline,
    extended and progressive Huffman.
    """
    if bytes(view[:2]) != b"\xff\xd8":
        raise malformed("The JPEG stream has no start of image.")
    at = 2
    for _ in range(MAX_SEGMENTS):
        found = _MARKER.search(view, at)
        if found is None:
            raise incomplete("the JPEG stream")
        segment = _segment(view, found.end(), found.start() - at)
        told = yield segment
        if segment.marker == EOI:
            return
        at = told or segment.end
    raise malformed("The JPEG stream has too many segments.")


def _segment(view: memoryview, at: int, stray: int) -> Segment:
    """The segment whose marker code stands just before `at`."""
    marker = view[at - 1]
    if marker == EOI or marker in _LONE:
        return Segment(marker, view[:0], stray, at)
    if marker == SOI:
        raise malformed("The JPEG stream starts twice.")
    if marker in _OTHER_FRAMES or (0xDC <= marker <= 0xDF and marker != DRI):
        raise unsupported("JPEG with lossless, hierarchical or arithmetic coding is not supported.")
    if marker < 0xC0 or 0xF0 <= marker <= 0xFD:
        raise unsupported("The JPEG stream has segments that its standard reserves.")
    length = int.from_bytes(take(view, at, 2, "a JPEG segment"), "big")
    if length < 2:
        raise malformed("A JPEG segment is shorter than its own length field.")
    payload = take(view, at + 2, length - 2, "a JPEG segment")
    return Segment(marker, payload, stray, at + length)
