"""The scans of a JPEG stream looked into: nothing but blocks in a finished one, and the same
coefficients in both.

The coded bytes are read in C (`entropy/`), code of this room alone. Source: ITU-T T.81 annexes A,
F and G.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection
from struct import pack

import numpy as np

from medrelease.terms.flow import Mask
from medrelease.verify import jpeg_entropy as entropy
from medrelease.verify.jpeg_frame import Frame, Scan
from medrelease.verify.masks import prove_within, rectangles
from medrelease.verify.refusal import incomplete, malformed

_REMARKS = {
    1: "bytes that belong to no block in a JPEG scan",
    2: "bits that belong to no block in a JPEG scan",
    4: "a picture in JPEG blocks outside of the picture",
    8: "a JPEG scan that is coded in a roundabout way",
    16: "what was to be blanked is not of one colour",
}


def prove_scans(view: memoryview, frame: Frame) -> None:
    """Refuse a finished stream whose scans hold anything but the blocks of the picture.

    Raises Refusal(malformed | incomplete | decoder-missing).
    """
    passes = Passes(view, frame)
    for scan in frame.scans:
        _strictly(passes.read(scan))


def values_digest(
    view: memoryview, frame: Frame, masks: tuple[Mask, ...] = (), *, strict: bool
) -> str:
    """Return a SHA-256 over all coefficients of a stream that lie outside of the masks.

    The masks grow to the MCUs that they touch. In a finished stream (`strict`) these must be
    constant, and the scans must hold nothing but blocks. Raises Refusal(malformed | incomplete |
    mask-not-possible | decoder-missing).
    """
    digest = hashlib.sha256(frame.shape())
    passes = Passes(view, frame, cells(frame, masks), digest.update)
    for scan in frame.scans:
        digest.update(scan.shape(frame))
        remarks = passes.read(scan)
        if strict:
            _strictly(remarks)
    return digest.hexdigest()


def _strictly(remarks: int) -> None:
    for bit, detail in _REMARKS.items():
        if remarks & bit:
            malformed(detail)


class Passes:
    """The scans of one stream read in order, each knowing what those before it found.

    `sink` is given the values outside of the masked cells, 16 bits each; without one the scans
    are only walked to their ends.
    """

    def __init__(
        self,
        view: memoryview,
        frame: Frame,
        masked: bytes | None = None,
        sink: Callable[[bytes], object] | None = None,
    ) -> None:
        entropy.require()
        self._view = view
        self._frame = frame
        self._masked = masked
        self._sink = sink
        self._seen: dict[int, bytearray] = {}
        self._met: Counter[int] = Counter()

    def read(self, scan: Scan) -> int:
        """Read one scan to its end; return what is to be remarked of it."""
        asked = self._asked(scan, _tables(scan))
        verdict, stop, remarks = entropy.native.prove(*asked, self._sink)
        if verdict == entropy.CUT:
            incomplete("JPEG scan that ends before its picture does")
        if verdict == entropy.CONTRADICTION or stop != scan.stop:
            malformed("JPEG scan that contradicts itself")
        return remarks

    def spread(
        self, scan: Scan, watched: Collection[int], odd: Collection[bytes]
    ) -> dict[bytes, bytes]:
        """Note which coefficients a scan has of `watched` components; return by table of `odd` for
        which symbols it was read, 256 flags each.
        """
        tables = _tables(scan)
        wanted = sum(1 << place for place, table in enumerate(tables) if table in odd)
        wanted |= sum(1 << 16 + at for at, name in enumerate(scan.names) if name in watched)
        verdict, found, symbols = entropy.native.spread(*self._asked(scan, tables), wanted)
        if verdict:
            malformed("JPEG scan that contradicts itself")
        for name, met in zip(scan.names, found, strict=False):
            self._met[name] |= met
        return {table: symbols[at] for at, table in enumerate(tables) if table in odd}

    def met(self, name: int) -> int:
        """Return which coefficients of a component are anywhere not zero, outside of the masks."""
        found = self._met[name] | 1
        if name in self._seen:
            across, down = self._frame.blocks(name)
            blocks = np.frombuffer(self._seen[name], np.uint64).reshape(down, across)
            if self._masked is not None:
                one, (wide, high) = self._frame.components[name], self._frame.mcus()
                shape = (1, 1) if len(self._frame.components) == 1 else (one.down, one.across)
                hidden = np.frombuffer(self._masked, np.bool_).reshape(high, wide)
                hidden = np.kron(hidden, np.ones(shape, np.bool_))[:down, :across]
                blocks = np.where(hidden, np.uint64(0), blocks)
            found |= int(np.bitwise_or.reduce(blocks, axis=None))
        return found

    def _asked(
        self, scan: Scan, tables: tuple[bytes, ...]
    ) -> tuple[memoryview, int, bytes, tuple[bytes, ...], tuple[bytearray, ...], bytes | None]:
        """Return what both walks of `entropy/module.c` are told of a scan."""
        planes = tuple(self._plane(name) for name in scan.names) if scan.first else ()
        return self._view, scan.start, self._numbers(scan, tables), tables, planes, self._masked

    def _plane(self, name: int) -> bytearray:
        """Return which coefficients of a component were met, 64 bits a block."""
        if name not in self._seen:
            across, down = self._frame.blocks(name)
            self._seen[name] = bytearray(8 * across * down)
        return self._seen[name]

    def _numbers(self, scan: Scan, tables: tuple[bytes, ...]) -> bytes:
        """Return the scan as the row of numbers that `entropy/module.c` describes."""
        frame, places = self._frame, {table: place for place, table in enumerate(tables)}
        numbers = [int(frame.progressive), len(scan.names), *frame.units(scan.names)]
        numbers += [scan.first, scan.last, scan.before, scan.shift, scan.interval, *frame.mcus()]
        for name, (dc, ac) in zip(scan.names, scan.tables, strict=True):
            one = frame.components[name]
            factors = (1, 1) if len(frame.components) == 1 else (one.across, one.down)
            numbers += [*factors, *frame.blocks(name), places.get(dc, -1), places.get(ac, -1)]
        return pack(f"{len(numbers)}i", *numbers)


def _tables(scan: Scan) -> tuple[bytes, ...]:
    """Return the tables that a scan reads, each once."""
    return tuple(dict.fromkeys(table for pair in scan.tables for table in pair if table))


def cells(frame: Frame, masks: tuple[Mask, ...]) -> bytes | None:
    """Return one byte an MCU of the frame, 1 where a mask touches it; None without masks."""
    if not masks:
        return None
    across, down = frame.mcus()
    wide, high = frame.mcu()
    prove_within(masks, [(frame.width, frame.height)])
    cells = np.zeros((down, across), dtype=np.uint8)
    for left, top, right, bottom in rectangles(masks, 0, frame.width, frame.height):
        cells[top // high : (bottom - 1) // high + 1, left // wide : (right - 1) // wide + 1] = 1
    return cells.tobytes()
