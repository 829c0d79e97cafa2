"""The marker segments of a JPEG stream, in order (ITU-T T.81 annex B.1)."""

from collections.abc import Iterator
from dataclasses import dataclass

from medrelease.terms.words import Reason
from medrelease.verify.jpeg_entropy import scan_end
from medrelease.verify.refusal import Refusal, incomplete, malformed

SOI, EOI, SOS, DQT, DHT, DRI, DNL, COM, DAC = 0xD8, 0xD9, 0xDA, 0xDB, 0xC4, 0xDD, 0xDC, 0xFE, 0xCC
FRAMES = frozenset(range(0xC0, 0xD0)) - {DHT, 0xC8, DAC}
APPS = range(0xE0, 0xF0)
_MOST_FILL = 1 << 16
_MOST_SEGMENTS = 50_000


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: `payload` is after the length field; a scan lies in [end, scan_end)."""

    marker: int
    payload: bytes
    start: int
    end: int
    scan_end: int = 0


def segments(view: memoryview, *, strict: bool) -> Iterator[Segment]:
    """Yield every segment from SOI to EOI, both included.

    `strict` refuses fill bytes and stray bytes between segments; a source's are skipped.
    Raises Refusal(incomplete) where the stream ends before EOI, Refusal(malformed) otherwise.
    """
    if bytes(view[:2]) != b"\xff\xd8":
        malformed("JPEG without a start of image")
    yield Segment(SOI, b"", 0, 2)
    at = 2
    for _ in range(_MOST_SEGMENTS):
        at = _marker_at(view, at, strict)
        code = view[at + 1]
        if code == EOI:
            yield Segment(EOI, b"", at, at + 2)
            return
        if code in (SOI, 1) or 0xD0 <= code <= 0xD7:
            malformed("JPEG marker out of place")
        segment = _segment(view, at, code)
        yield segment
        at = segment.scan_end or segment.end
    raise Refusal(Reason.LIMITS_EXCEEDED, "JPEG with too many segments")


def _marker_at(view: memoryview, start: int, strict: bool) -> int:
    """Return the offset of the last FF before the next marker code."""
    clear = strict or (start < len(view) and view[start] == 0xFF)
    at = start if clear else scan_end(view, start)
    while at + 1 < len(view) and view[at] == view[at + 1] == 0xFF and at - start < _MOST_FILL:
        at += 1
    if at + 1 >= len(view):
        incomplete("JPEG without an end of image")
    if view[at] != 0xFF or view[at + 1] in (0, 0xFF) or (strict and at != start):
        malformed("JPEG bytes between segments")
    return at


def _segment(view: memoryview, at: int, code: int) -> Segment:
    """Read the segment whose marker is at `at`."""
    if at + 4 > len(view):
        incomplete("JPEG segment cut")
    size = int.from_bytes(view[at + 2 : at + 4], "big")
    end = at + 2 + size
    if size < 2:
        malformed("JPEG segment length")
    if end > len(view):
        incomplete("JPEG segment cut")
    payload = bytes(view[at + 4 : end])
    if code != SOS:
        return Segment(code, payload, at, end)
    return Segment(code, payload, at, end, scan_end(view, end))
