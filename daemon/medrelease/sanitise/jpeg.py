"""JPEG by an allow-list: header segments rebuilt, the coded scans carried over as they are.

Written are SOI, the rebuilt application segments, only those tables that a scan reads, the frame
header, the scans and EOI (ITU-T T.81 B.2.1). Each scan is walked to its last block; one that holds
anything else, or a rectangle that is to be blanked, is coded anew with the same coefficients.
"""

from collections import Counter
from dataclasses import dataclass
from struct import pack
from typing import Protocol

from medrelease.sanitise.jpeg_display import Appearance, drop
from medrelease.sanitise.jpeg_frame import Frame, read_frame, read_scan
from medrelease.sanitise.jpeg_masks import blanking
from medrelease.sanitise.jpeg_scan import Coefficients
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
    segments,
)
from medrelease.sanitise.jpeg_standard import are_standard_steps, plain_steps
from medrelease.sanitise.jpeg_tables import Tables
from medrelease.sanitise.options import Options
from medrelease.sanitise.refusal import malformed, unsupported
from medrelease.sanitise.source import Source
from medrelease.sanitise.target import Target
from medrelease.terms.flow import Mask, Sanitised
from medrelease.terms.words import Format


class Sink(Protocol):
    """Where a stream is written to: a `Target`, or memory."""

    def write(self, data: bytes | memoryview, /) -> object:
        """Append `data`."""


def clean(source: Source, target: Target, options: Options) -> Sanitised:
    """Write the JPEG picture of `source` to `target`, and nothing else that is in the file."""
    actions: Counter[str] = Counter()
    written = write_stream(source.view, target, Tables(), actions, masks=options.masks)
    for offset, table in written.steps:
        target.pwrite(table, offset)
        actions["idle-steps"] += 1
    actions["trailer-bytes"] += source.size - written.end
    return Sanitised(Format.JPEG, dict(+actions))


@dataclass(frozen=True, slots=True)
class Written:
    """One stream that was written: where its source ended, and its size in pixels.

    `steps` are quantisation tables, each with its place in what was written, that are to stand
    there in the end: only the last scan tells which coefficients are zero everywhere.
    """

    end: int
    width: int
    height: int
    steps: tuple[tuple[int, bytes], ...] = ()


def write_stream(
    view: memoryview,
    target: Sink,
    tables: Tables,
    actions: Counter[str],
    *,
    embedded: bool = False,
    bare: bool = False,
    masks: tuple[Mask, ...] = (),
    chroma: bool | None = None,
) -> Written:
    """Write one clean JPEG stream; `end` of the answer is the offset behind its EOI.

    `tables` may hold tables that were defined outside of the stream (TIFF's JPEGTables). Of an
    `embedded` stream only the colour transform is kept: the file around it says the rest; of a
    `bare` one not even that. `masks`
    are blanked; `chroma` says whether the second and third component are chroma, where the file
    around knows better than the stream.
    Raises a refusal: incomplete, malformed, format-not-supported, limits-exceeded,
    mask-not-possible.
    """
    stream = _Stream(view, target, tables, actions, _Wish(embedded or bare, bare, masks, chroma))
    walk = segments(view)
    segment = next(walk)
    while segment.marker != EOI:
        actions["stray-bytes"] += segment.stray
        segment = walk.send(stream.take(segment))
    actions["stray-bytes"] += segment.stray
    frame = stream.finish()
    return Written(segment.end, frame.width, frame.height, stream.plain_steps())


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is asked of the stream: `write_stream` says what each means."""

    embedded: bool
    bare: bool
    masks: tuple[Mask, ...]
    chroma: bool | None


class _Stream:
    """One stream being rewritten: what has been declared so far, and what stands written."""

    def __init__(
        self, view: memoryview, target: Sink, tables: Tables, actions: Counter[str], wish: _Wish
    ) -> None:
        self._view = view
        self._wish = wish
        self._target = target
        self._tables = tables
        self._actions = actions
        self._appearance = Appearance()
        self._frame: Frame | None = None
        self._coefficients: Coefficients | None = None
        self._interval = 0
        self._written_interval = 0
        self._steps: dict[int, tuple[int, bytes]] = {}

    def take(self, segment: Segment) -> int | None:
        """Take in one segment; a start of scan writes all that it needs, and itself.

        Returns where the coded data of a scan ended.
        """
        marker, payload = segment.marker, segment.payload
        if marker == SOS:
            return self._write_scan(bytes(payload), segment.end)
        if marker in (DQT, DHT):
            self._tables.define(marker, bytes(payload), self._actions)
        elif marker == DRI:
            self._define_interval(bytes(payload))
        elif marker in FRAMES:
            self._take_frame(marker, bytes(payload))
        elif (APP0 <= marker <= APP0 + 15 or marker == COM) and self._coefficients is None:
            self._appearance.take(marker, payload, self._actions)
        else:
            drop(marker, payload, self._actions)
        return None

    def finish(self) -> Frame:
        """Write the end of image, where the picture was delivered whole."""
        if self._frame is None or self._coefficients is None:
            raise malformed("The JPEG stream holds no picture.")
        self._frame.check_complete()
        self._tables.count_unused(self._actions)
        self._target.write(bytes((0xFF, EOI)))
        return self._frame

    def plain_steps(self) -> tuple[tuple[int, bytes], ...]:
        """The written quantisation tables in which a coefficient that is always zero has a step."""
        found = []
        for slot, (offset, table) in self._steps.items():
            met = 1
            for name, component in self._frame.components.items() if self._frame else ():
                if component.table == slot and self._coefficients:
                    met |= self._coefficients.met(name)
            if (plain := plain_steps(table, met)) != table:
                found.append((offset, plain))
        return tuple(found)

    def _define_interval(self, payload: bytes) -> None:
        if len(payload) != 2:
            raise malformed("A JPEG restart interval has a wrong length.")
        self._interval = int.from_bytes(payload, "big")

    def _take_frame(self, marker: int, payload: bytes) -> None:
        if self._frame is not None:
            raise malformed("The JPEG stream declares two pictures.")
        self._frame = read_frame(marker, payload)
        if self._frame.precision != 8 and not self._wish.embedded:
            raise unsupported("JPEG with 12 bits a sample is not supported.")

    def _write_scan(self, payload: bytes, start: int) -> int:
        """Write one scan, coded data and all; returns where that ended in the source."""
        if self._frame is None:
            raise malformed("A JPEG scan comes before the frame header.")
        frame = self._frame
        scan = read_scan(frame, payload)
        frame.deliver(scan)
        if self._coefficients is None:
            self._coefficients = self._begin(frame)
        # An interval that the scan does not reach the end of says nothing.
        interval = self._interval if self._interval < frame.units(scan.components) else 0
        codes = self._tables.codes(scan.tables, frame.precision)
        coded = self._coefficients.passed(scan, start, interval, codes)
        self._target.write(self._tables.huffman(scan.tables, coded.tables))
        if interval != self._written_interval:
            self._written_interval = interval
            self._target.write(pack(">BBHH", 0xFF, DRI, 4, interval))
        header = scan.header(frame.names())
        self._actions["scans-recoded"] += header[-3:] != payload[-3:]
        self._target.write(pack(">BBH", 0xFF, SOS, 2 + len(header)) + header)
        self._target.write(coded.data)
        return coded.stop

    def _begin(self, frame: Frame) -> Coefficients:
        """Write all that stands before the first scan and is of the frame."""
        slots = {name: component.table for name, component in frame.components.items()}
        shown = self._appearance
        head = b"" if self._wish.embedded else shown.segments(self._actions)
        self._target.write(b"\xff\xd8" + head)
        self._target.write(
            shown.transform() if self._wish.embedded and not self._wish.bare else b""
        )
        written = self._tables.quantisation(list(slots.values()))
        at = 2 + len(head)
        for slot, segment in written.items():
            if not self._wish.embedded and not are_standard_steps(segment[4:]):
                self._steps[slot] = (at + 4, segment[4:])
            at += len(segment)
        self._target.write(b"".join(written.values()))
        names = frame.names()
        self._actions["component-name"] += any(old != new for old, new in names.items())
        header = frame.header(names)
        self._target.write(pack(">BBH", 0xFF, frame.marker, 2 + len(header)) + header)
        steps = {name: self._tables.step(slot) for name, slot in slots.items()}
        chroma = self._wish.chroma
        if chroma is None:
            chroma = shown.chroma(tuple(frame.components))
        wanted = blanking(frame, self._wish.masks, steps, chroma=chroma)
        watched = frozenset(name for name, slot in slots.items() if slot in self._steps)
        strict = not self._wish.embedded
        return Coefficients(self._view, frame, wanted, self._actions, watched=watched, tight=strict)
