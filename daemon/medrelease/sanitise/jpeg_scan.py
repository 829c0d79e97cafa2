"""The coded data of a scan: walked to its last block, coded anew where anything else is in it.

What is not a block's (bytes between and behind the intervals, bits that fill a byte, zeros told in
a longer way, blocks beyond the picture) leaves a scan by coding the same coefficients anew, and so
do the blocks that are to be blanked. The walk itself is done in C (`entropy/`), which sees the
coded bytes and nothing else of a file.
"""

from collections import Counter
from dataclasses import dataclass, field
from struct import pack

from medrelease.sanitise.jpeg_frame import Component, Frame, Scan
from medrelease.sanitise.refusal import Refusal, incomplete, malformed
from medrelease.terms.words import Reason

try:
    from medrelease.sanitise import _entropy
except ImportError:  # the module was not built: nothing coded this way can be released
    HAS_ENTROPY = False
else:
    HAS_ENTROPY = True

_INCOMPLETE, _MALFORMED = 1, 2


@dataclass(frozen=True, slots=True)
class Coded:
    """A clean scan: its coded data, where it ended in the source (the offset of the marker behind
    it), and by slot the Huffman tables (payload behind class and slot) that it is to be read with
    in place of those of the source.
    """

    data: memoryview | bytes
    stop: int
    tables: dict[int, bytes]


@dataclass(slots=True)
class Blanking:
    """Which MCUs are to be blanked: a byte each in rows, and the DC coefficient that each
    component is blanked with. Nothing is where `masked` is None."""

    masked: bytes | None = None
    levels: dict[int, int] = field(default_factory=dict)


class Coefficients:
    """What the scans of one frame have told so far, as far as later scans depend on it."""

    def __init__(
        self, view: memoryview, frame: Frame, blanking: Blanking, actions: Counter[str]
    ) -> None:
        self._view = view
        self._actions = actions
        self._frame = frame
        self._blanking = blanking
        self._nonzero: dict[int, bytearray] = {}

    def passed(self, scan: Scan, start: int, interval: int, tables: list[bytes]) -> Coded:
        """The scan whose coded data begins at `start`; `tables` are those of `scan.tables`.

        Raises a refusal: incomplete, malformed, decoder-missing.
        """
        if not HAS_ENTROPY:
            raise Refusal(Reason.DECODER_MISSING, "The module that reads JPEG scans is missing.")
        view, numbers = self._view, self._numbers(scan, interval)
        masked = self._blanking.masked
        planes = self._planes(scan)
        before = [bytes(plane) for plane in planes] if planes else None
        if masked is None:
            _, stop, _, odd = _told(_entropy.walk(view, start, numbers, tables, planes, None))
            if not odd:
                return Coded(view[start:stop], stop, {})
        again = [bytearray(plane) for plane in before] if before else None
        walked, data, made = _entropy.recode(view, start, numbers, tables, again, masked)
        _, stop, surplus, _ = _told(walked)
        if data is None:
            raise malformed("A JPEG scan contradicts itself.")
        if planes and again:
            for plane, passed in zip(planes, again, strict=True):
                plane[:] = passed
        self._actions["surplus-bytes"] += surplus
        self._actions["scans-recoded"] += 1
        changed = zip(scan.tables, tables, made, strict=True)
        return Coded(data, stop, {slot: new for slot, old, new in changed if new != old})

    def _planes(self, scan: Scan) -> list[bytearray] | None:
        """Of the components of a progressive scan of AC coefficients, which are not zero."""
        if not scan.first:
            return None
        return [self._plane(component) for component in scan.components]

    def _plane(self, component: Component) -> bytearray:
        if component.name not in self._nonzero:
            columns, rows = self._frame.blocks(component)
            self._nonzero[component.name] = bytearray(8 * columns * rows)
        return self._nonzero[component.name]

    def _numbers(self, scan: Scan, interval: int) -> bytes:
        """The scan as the row of numbers that `entropy/module.c` describes."""
        frame = self._frame
        numbers = [int(frame.progressive), len(scan.components), *frame.shape(scan.components)]
        numbers += [scan.first, scan.last, scan.refines, scan.low, interval, *frame.mcus]
        slots = {slot: place for place, slot in enumerate(scan.tables)}
        for component, selectors in zip(scan.components, scan.selectors, strict=True):
            dc = slots.get(selectors >> 4, -1) if scan.reads_dc else -1
            ac = slots.get(0x10 | selectors & 15, -1) if scan.last else -1
            level = self._blanking.levels.get(component.name, 0)
            numbers += [component.across, component.down, *frame.blocks(component), dc, ac, level]
        return pack(f"{len(numbers)}i", *numbers)


def _told(walked: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """What a walk says, where it reached the end of the scan."""
    if walked[0] == _INCOMPLETE:
        raise incomplete("the coded picture")
    if walked[0] == _MALFORMED:
        raise malformed("The coded data of a JPEG scan contradicts itself.")
    return walked
