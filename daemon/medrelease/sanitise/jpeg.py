"""JPEG by an allow-list: header segments rebuilt, the coded scans carried over as they are.

Written are SOI, the rebuilt application segments, only those tables that a scan reads, the frame
header, the scans and EOI (ITU-T T.81 B.2.1). What the allow-list does not reach is a surplus
inside the coded data of a scan after its last block where there are no restart markers, and
symbols of a Huffman table that the scan never uses: to see them the scan must be decoded.
"""

from collections import Counter
from dataclasses import dataclass
from struct import pack

from medrelease.sanitise.jpeg_display import Appearance, drop
from medrelease.sanitise.jpeg_frame import Frame, Scan, read_frame, read_scan
from medrelease.sanitise.jpeg_segments import (
    APP0,
    COM,
    DHT,
    DQT,
    DRI,
    EOI,
    FRAMES,
    SOS,
    Segment,
    restarts,
    segments,
)
from medrelease.sanitise.jpeg_tables import Tables
from medrelease.sanitise.options import Options
from medrelease.sanitise.refusal import incomplete, malformed
from medrelease.sanitise.source import Source
from medrelease.sanitise.target import Target
from medrelease.terms.flow import Sanitised
from medrelease.terms.words import Format


def clean(source: Source, target: Target, options: Options) -> Sanitised:
    """Write the JPEG picture of `source` to `target`, and nothing else that is in the file."""
    del options  # nothing about a photograph depends on the route
    actions: Counter[str] = Counter()
    written = write_stream(source.view, target, Tables(), actions)
    actions["trailer-bytes"] += source.size - written.end
    return Sanitised(Format.JPEG, dict(+actions))


@dataclass(frozen=True, slots=True)
class Written:
    """One stream that was written: where its source ended, and its size in pixels."""

    end: int
    width: int
    height: int


def write_stream(
    view: memoryview,
    target: Target,
    tables: Tables,
    actions: Counter[str],
    *,
    embedded: bool = False,
) -> Written:
    """Write one clean JPEG stream; `end` of the answer is the offset behind its EOI.

    `tables` may hold tables that were defined outside of the stream (TIFF's JPEGTables). Of an
    `embedded` stream only the colour transform is kept: the file around it says the rest.
    Raises a refusal: incomplete, malformed, format-not-supported or limits-exceeded.
    """
    stream = _Stream(target, tables, actions, embedded)
    for segment in segments(view):
        actions["stray-bytes"] += segment.stray
        if segment.marker == EOI:
            frame = stream.finish()
            return Written(segment.end, frame.width, frame.height)
        stream.take(segment)
    raise incomplete("the JPEG stream")


class _Stream:
    """One stream being rewritten: what has been declared so far, and what stands written."""

    def __init__(
        self, target: Target, tables: Tables, actions: Counter[str], embedded: bool
    ) -> None:
        self._embedded = embedded
        self._target = target
        self._tables = tables
        self._actions = actions
        self._appearance = Appearance()
        self._frame: Frame | None = None
        self._frame_segment = b""
        self._interval = 0
        self._written_interval = 0
        self._started = False

    def take(self, segment: Segment) -> None:
        """Take in one segment; a start of scan writes all that it needs, and itself."""
        marker, payload = segment.marker, segment.payload
        if marker in (DQT, DHT):
            self._tables.define(marker, bytes(payload), self._actions)
        elif marker == DRI:
            self._define_interval(bytes(payload))
        elif marker in FRAMES:
            self._take_frame(marker, bytes(payload))
        elif marker == SOS:
            self._write_scan(bytes(payload), segment.coded)
        elif (APP0 <= marker <= APP0 + 15 or marker == COM) and not self._started:
            self._appearance.take(marker, payload, self._actions)
        else:
            drop(marker, payload, self._actions)

    def finish(self) -> Frame:
        """Write the end of image, where the picture was delivered whole."""
        if self._frame is None or not self._started:
            raise malformed("The JPEG stream holds no picture.")
        self._frame.check_complete()
        self._tables.count_unused(self._actions)
        self._target.write(bytes((0xFF, EOI)))
        return self._frame

    def _define_interval(self, payload: bytes) -> None:
        if len(payload) != 2:
            raise malformed("A JPEG restart interval has a wrong length.")
        self._interval = int.from_bytes(payload, "big")

    def _take_frame(self, marker: int, payload: bytes) -> None:
        if self._frame is not None:
            raise malformed("The JPEG stream declares two pictures.")
        self._frame = read_frame(marker, payload)
        self._frame_segment = pack(">BBH", 0xFF, marker, 2 + len(payload)) + payload

    def _write_scan(self, payload: bytes, coded: memoryview) -> None:
        if self._frame is None:
            raise malformed("A JPEG scan comes before the frame header.")
        scan = read_scan(self._frame, payload)
        self._frame.deliver(scan)
        coded = self._cut_surplus(coded, self._frame.units(scan.components))
        self._frame.check_length(scan, len(coded))
        self._write_head(self._frame, scan)
        self._target.write(pack(">BBH", 0xFF, SOS, 2 + len(payload)) + payload)
        self._target.write(coded)

    def _write_head(self, frame: Frame, scan: Scan) -> None:
        """Write what must stand before a scan, and before the first all that is of the frame."""
        if not self._started:
            self._started = True
            slots = [component.table for component in frame.components.values()]
            shown = self._appearance
            head = shown.transform() if self._embedded else shown.segments(self._actions)
            self._target.write(b"\xff\xd8" + head)
            self._target.write(self._tables.quantisation(slots) + self._frame_segment)
        self._target.write(self._tables.huffman(scan.tables))
        if self._interval != self._written_interval:
            self._written_interval = self._interval
            self._target.write(pack(">BBHH", 0xFF, DRI, 4, self._interval))

    def _cut_surplus(self, coded: memoryview, units: int) -> memoryview:
        """The coded data up to its last declared MCU, as far as restart markers tell."""
        offsets = restarts(coded)
        expected = (units - 1) // self._interval if self._interval else 0
        if len(offsets) < expected:
            raise incomplete("the coded picture")
        if not self._interval and offsets:
            raise malformed("A JPEG scan has restart markers that were not announced.")
        if len(offsets) > expected:
            self._actions["surplus-bytes"] += len(coded) - offsets[expected]
            return coded[: offsets[expected]]
        return coded
