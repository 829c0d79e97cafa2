"""The picture of a JPEG stream in canonical form: frame, and per scan the tables in force.

How tables are grouped into segments, which of them no scan uses, how components are called, and
every segment that is not picture leave no trace in the digest; everything that a decoder works
with does. ITU-T T.81 B.2.
"""

import hashlib
from dataclasses import dataclass, field

from medrelease.verify import jpeg_walk as walk
from medrelease.verify.refusal import malformed, unsupported

_HUFFMAN = (0xC0, 0xC1, 0xC2)
_PROGRESSIVE = 0xC2
_NAMES = frozenset(
    bytes(names)
    for names in (*([1], [0], [1, 2, 3], [0, 1, 2], [1, 2, 3, 4], [0, 1, 2, 3]), b"RGB", b"CMYK")
)


@dataclass(frozen=True, slots=True)
class Component:
    """One colour component: identifier, sampling factors, quantisation table."""

    name: int
    across: int
    down: int
    table: int


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan: `tables` are the payloads of its DC and AC code by component, empty where it reads
    none; its coded bytes lie in [start, stop); `interval` counts in MCUs, 0 for one that never
    comes to an end.
    """

    names: bytes
    tables: tuple[tuple[bytes, bytes], ...]
    first: int
    last: int
    before: int
    shift: int
    interval: int
    start: int
    stop: int

    def shape(self, frame: "Frame") -> bytes:
        """Return what the header says of the coefficients, components by their place."""
        places = [list(frame.components).index(name) for name in self.names]
        return bytes((len(places), *places, self.first, self.last, self.before, self.shift))


@dataclass(slots=True)
class Frame:
    """What was read so far of one JPEG stream. Feed it every segment in order.

    With `apart` the quantisation leaves no trace in the digest: who compares does it besides.
    `spare` counts tables that were replaced before a scan used them, `loose` what a clean stream
    would say in another way: names of components, selectors and intervals that mean nothing.
    `selecting` counts sequential scans whose header selects coefficients, as it may not.
    """

    apart: bool = False
    quantisation: dict[int, bytes] = field(default_factory=dict)
    huffman: dict[int, bytes] = field(default_factory=dict)
    unused: set[tuple[str, int]] = field(default_factory=set)
    restart: int = 0
    mode: int = 0
    precision: int = 0
    width: int = 0
    height: int = 0
    components: dict[int, Component] = field(default_factory=dict)
    scans: list[Scan] = field(default_factory=list)
    spare: int = 0
    loose: int = 0
    selecting: int = 0

    @property
    def progressive(self) -> bool:
        """Return whether its scans are progressive."""
        return self.mode == _PROGRESSIVE

    def mcu(self) -> tuple[int, int]:
        """Return width and height of an MCU of all components, in pixels (T.81 A.2)."""
        if len(self.components) == 1:
            return 8, 8
        return (
            8 * max(c.across for c in self.components.values()),
            8 * max(c.down for c in self.components.values()),
        )

    def mcus(self) -> tuple[int, int]:
        """Return how many of these it takes across and down."""
        wide, high = self.mcu()
        return -(-self.width // wide), -(-self.height // high)

    def blocks(self, name: int) -> tuple[int, int]:
        """Return the blocks of a component across and down that hold samples of the picture."""
        if len(self.components) == 1:
            return self.mcus()
        one, (wide, high) = self.components[name], self.mcu()
        across = -(-self.width * one.across * 8 // wide)
        down = -(-self.height * one.down * 8 // high)
        return -(-across // 8), -(-down // 8)

    def units(self, names: bytes) -> tuple[int, int]:
        """Return the MCUs of a scan of these components, across and down."""
        return self.mcus() if len(names) > 1 else self.blocks(names[0])

    def shape(self) -> bytes:
        """Return mode, size, sampling and quantisation: all that makes coefficients a picture."""
        said = bytes((self.mode, self.precision, len(self.components)))
        said += self.width.to_bytes(2, "big") + self.height.to_bytes(2, "big")
        single = len(self.components) == 1
        for one in self.components.values():
            said += b"\x11" if single else bytes((one.across << 4 | one.down,))
            said += b"" if self.apart else self.quantisation[one.table][1:]
        return said

    def feed(self, segment: walk.Segment, digest: "hashlib._Hash") -> None:
        """Take one segment in; the digest is given all of the picture but the coded bytes.

        Raises Refusal for what is not Huffman-coded, or contradictory.
        """
        marker, payload = segment.marker, segment.payload
        if marker == walk.DQT:
            self._tables("quantisation", payload)
        elif marker == walk.DHT:
            self._tables("huffman", payload)
        elif marker == walk.DRI:
            if len(payload) != 2:
                malformed("JPEG restart interval")
            self.restart = int.from_bytes(payload, "big")
        elif marker in walk.FRAMES:
            self._frame(marker, payload)
        elif marker == walk.SOS:
            self._scan(segment, digest)
        elif marker in (walk.DAC, walk.DNL) or marker in (0xDE, 0xDF):
            unsupported("JPEG with arithmetic coding, late height or hierarchy")

    def _tables(self, kind: str, payload: bytes) -> None:
        """Take the tables of one DQT or DHT segment in."""
        at = 0
        store = self.quantisation if kind == "quantisation" else self.huffman
        while at < len(payload):
            size = _table_size(kind, payload, at)
            if at + size > len(payload):
                malformed("JPEG table cut")
            head, body = payload[at], payload[at + 1 : at + size]
            slot = head & 15 if kind == "quantisation" else head
            self.spare += (kind, slot) in self.unused
            store[slot] = payload[at : at + 1] + body
            self.unused.add((kind, slot))
            at += size

    def _frame(self, marker: int, payload: bytes) -> None:
        """Take the frame header in."""
        if marker not in _HUFFMAN:
            unsupported("JPEG process other than baseline, extended or progressive")
        if self.mode or len(payload) < 6 or len(payload) != 6 + 3 * payload[5]:
            malformed("JPEG frame header")
        self.mode, self.precision = marker, payload[0]
        self.height = int.from_bytes(payload[1:3], "big")
        self.width = int.from_bytes(payload[3:5], "big")
        for at in range(6, len(payload), 3):
            name, factors, table = payload[at : at + 3]
            self.components[name] = Component(name, factors >> 4, factors & 15, table)
        valid = all(1 <= c.across <= 4 and 1 <= c.down <= 4 for c in self.components.values())
        if not self.width or not self.height or not valid:
            malformed("JPEG frame of no size")
        if len(self.components) != payload[5] or not self.components:
            malformed("JPEG frame components")
        self.loose += bytes(self.components) not in _NAMES

    def _scan(self, segment: walk.Segment, digest: "hashlib._Hash") -> None:
        """Take a scan header in, with the tables that it uses."""
        head = segment.payload
        if not self.mode or len(head) < 4 or len(head) != 4 + 2 * head[0] or not head[0]:
            malformed("JPEG scan header")
        first, last, before, shift = self._band(head)
        names = head[1:-3:2]
        if len(set(names)) != len(names) or not set(names) <= set(self.components):
            malformed("JPEG scan of an unknown component")
        tables = []
        for name, selectors in zip(names, head[2:-3:2], strict=True):
            self._take("quantisation", self.components[name].table)
            reads = (first == 0 and not before, last > 0)
            dc = self._take("huffman", selectors >> 4) if reads[0] else b""
            ac = self._take("huffman", 16 | (selectors & 15)) if reads[1] else b""
            self.loose += bool(selectors & ((0 if reads[0] else 0xF0) | (0 if reads[1] else 15)))
            self._prove_symbols(dc[17:], ac[17:])
            tables.append((dc[1:], ac[1:]))
        across, down = self.units(names)
        interval = self.restart if self.restart < across * down else 0
        self.loose += interval != self.restart
        scan = Scan(
            *(names, tuple(tables), first, last, before, shift),
            *(interval, segment.end, segment.scan_end),
        )
        self.scans.append(scan)
        digest.update(self.shape() + scan.shape(self) + interval.to_bytes(2, "big"))
        for pair in tables:
            digest.update(b"".join(pair))

    def _band(self, head: bytes) -> tuple[int, int, int, int]:
        """Return the coefficients and bits that a scan tells: Ss, Se, Ah, Al (B.2.3).

        A sequential scan tells all, which decoders take for granted whatever its header says.
        Refuses a selection that a progressive frame does not have (G.1.1.1).
        """
        first, last, before, shift = head[-3], head[-2], head[-1] >> 4, head[-1] & 15
        if not self.progressive:
            self.selecting += (first, last, before, shift) != (0, 63, 0, 0)
            return 0, 63, 0, 0
        if (last if not first else last < first or last > 63 or head[0] > 1) or shift > 13:
            malformed("progressive JPEG scan that selects no coefficients")
        return first, last, before, shift

    def _prove_symbols(self, dc: bytes, ac: bytes) -> None:
        """Refuse symbols that are there twice, or that no such sample has (F.1.2.1, F.1.2.2)."""
        most = self.precision + 3
        if len(set(dc)) != len(dc) or len(set(ac)) != len(ac):
            malformed("JPEG table with a symbol twice")
        if max(dc, default=0) > most or any(symbol & 15 >= most for symbol in ac):
            malformed("JPEG table with symbols of no picture")

    def _take(self, kind: str, slot: int) -> bytes:
        """Return the table in force in a slot, which a scan uses now."""
        store = self.quantisation if kind == "quantisation" else self.huffman
        if slot not in store:
            malformed("JPEG scan without its tables")
        self.unused.discard((kind, slot))
        return store[slot]


def _table_size(kind: str, payload: bytes, at: int) -> int:
    """Return the bytes of the table at `at`, its head included."""
    head = payload[at]
    if kind == "quantisation":
        if head >> 4 > 1 or head & 15 > 3:
            malformed("JPEG quantisation table head")
        return 129 if head >> 4 else 65
    if head >> 4 > 1 or head & 15 > 3 or at + 17 > len(payload):
        malformed("JPEG Huffman table head")
    return 17 + sum(payload[at + 1 : at + 17])
