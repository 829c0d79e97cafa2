"""The coded data of a scan: walked to its last block, coded anew where anything else is in it.

What is not a block's (bytes between and behind the intervals, bits that fill a byte, zeros told in
a longer way, blocks beyond the picture) leaves a scan by coding the same coefficients anew, and so
do the blocks that are to be blanked. The walk itself is done in C (`entropy/`), which sees the
coded bytes and nothing else of a file.
"""

from collections import Counter
from dataclasses import dataclass, field
from struct import pack

import numpy as np
from numpy.typing import NDArray

from medrelease.sanitise.jpeg_frame import Component, Frame, Scan
from medrelease.sanitise.jpeg_standard import is_standard_code
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
    """What the scans of one frame have told so far, as far as later scans depend on it.

    `watched` are the components whose coefficients count, `tight` says that codes count: those of
    a table that is none of the standard's must all be used.
    """

    def __init__(
        self,
        view: memoryview,
        frame: Frame,
        blanking: Blanking,
        actions: Counter[str],
        *,
        watched: frozenset[int] = frozenset(),
        tight: bool = False,
    ) -> None:
        self._view = view
        self._actions = actions
        self._frame = frame
        self._blanking = blanking
        self._watched, self._tight = watched, tight
        self._nonzero: dict[int, bytearray] = {}
        self._met: Counter[int] = Counter()

    def passed(self, scan: Scan, start: int, interval: int, tables: list[bytes]) -> Coded:
        """The scan whose coded data begins at `start`; `tables` are those of `scan.tables`.

        Raises a refusal: incomplete, malformed, decoder-missing.
        """
        if not HAS_ENTROPY:
            raise Refusal(Reason.DECODER_MISSING, "The module that reads JPEG scans is missing.")
        view, numbers = self._view, self._numbers(scan, interval)
        tight = self._bits(tables) if self._tight else 0
        masked = self._blanking.masked
        planes = self._planes(scan)
        before = [bytes(plane) for plane in planes] if planes else None
        if masked is None:
            walked, symbols = _entropy.walk(view, start, numbers, tables, planes, None, 0)
            _, stop, _, odd = _told(walked)
            if not odd and not self._frame.progressive:
                symbols = self._spread(scan, (view, start), numbers, tables, tight)
            if not odd and _used(tables, symbols, tight):
                return Coded(view[start:stop], stop, {})
        again = [bytearray(plane) for plane in before] if before else None
        walked, data, made = _entropy.recode(view, start, numbers, tables, again, masked, tight)
        _, stop, surplus, _ = _told(walked)
        if data is None:
            raise malformed("A JPEG scan contradicts itself.")
        if planes and again:
            for plane, passed in zip(planes, again, strict=True):
                plane[:] = passed
        if not self._frame.progressive:
            self._spread(scan, (memoryview(data), 0), numbers, made, 0)
        self._actions["surplus-bytes"] += surplus
        self._actions["scans-recoded"] += 1
        changed = zip(scan.tables, tables, made, strict=True)
        return Coded(data, stop, {slot: new for slot, old, new in changed if new != old})

    def met(self, name: int) -> int:
        """Which coefficients of a component are anywhere not zero, a bit each in zigzag order.

        All are where a progressive picture leaves some of them coarse: decoders then smooth its
        blocks, and take the steps of those that are zero for it.
        """
        precise = self._frame.precise
        if self._frame.progressive and any(precise.get((name, at), 1) for at in range(1, 64)):
            return -1
        found = self._met[name] | 1
        if name in self._nonzero:
            columns, rows = self._frame.blocks(self._frame.components[name])
            plane = np.frombuffer(self._nonzero[name], np.uint64).reshape(rows, columns)
            kept = plane[~self._blanked(name, rows, columns)]
            found |= int(np.bitwise_or.reduce(kept, axis=None)) if kept.size else 0
        return found

    def _blanked(self, name: int, rows: int, columns: int) -> NDArray[np.bool_]:
        """Which blocks of a component are blanked, shape (rows, columns)."""
        if self._blanking.masked is None:
            return np.zeros((rows, columns), np.bool_)
        across, down = self._frame.mcus
        one = self._frame.components[name]
        cells = np.frombuffer(self._blanking.masked, np.bool_).reshape(down, across)
        return cells.repeat(one.down, axis=0).repeat(one.across, axis=1)[:rows, :columns]

    def _spread(
        self,
        scan: Scan,
        coded: tuple[memoryview, int],
        numbers: bytes,
        tables: list[bytes],
        tight: int,
    ) -> list[bytes]:
        """Note which coefficients a sequential scan sets; returns which symbols it uses."""
        places = enumerate(component.name for component in scan.components)
        idle = sum(1 << 16 + place for place, name in places if name not in self._watched)
        if not tight and idle == (1 << len(scan.components)) - 1 << 16:
            return []
        told, met, symbols = _entropy.spread(*coded, numbers, tables, None, None, tight | idle)
        if told:
            raise malformed("The coded data of a JPEG scan contradicts itself.")
        for component, found in zip(scan.components, met, strict=False):
            self._met[component.name] |= found
        return symbols

    @staticmethod
    def _bits(tables: list[bytes]) -> int:
        """A bit for each table that is none of the standard's."""
        return sum(1 << place for place, one in enumerate(tables) if not is_standard_code(one))

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
        """The scan as the row of numbers that `entropy/task.h` describes."""
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


def _used(tables: list[bytes], symbols: list[bytes], tight: int) -> bool:
    """Whether every symbol of the tables that have a bit in `tight` was read."""
    return all(
        symbols[place][symbol]
        for place, table in enumerate(tables)
        if tight >> place & 1
        for symbol in table[16:]
    )


def _told(walked: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """What a walk says, where it reached the end of the scan."""
    if walked[0] == _INCOMPLETE:
        raise incomplete("the coded picture")
    if walked[0] == _MALFORMED:
        raise malformed("The coded data of a JPEG scan contradicts itself.")
    return walked
