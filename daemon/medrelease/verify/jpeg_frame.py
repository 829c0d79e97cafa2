"""The picture of a JPEG stream in canonical form: frame, and per scan the tables in force.

How tables are grouped into segments, which of them no scan uses, and every segment that is not
picture leave no trace in the digest; everything that a decoder works with does. ITU-T T.81 B.2.
"""

import hashlib
from dataclasses import dataclass, field

from medrelease.verify import jpeg_walk as walk
from medrelease.verify.jpeg_scan import prove_restarts
from medrelease.verify.refusal import malformed, unsupported

_HUFFMAN = (0xC0, 0xC1, 0xC2)


@dataclass(frozen=True, slots=True)
class Component:
    """One colour component: identifier, sampling factors, quantisation table."""

    name: int
    across: int
    down: int
    table: int


@dataclass(slots=True)
class Frame:
    """What was read so far of one JPEG stream. Feed it every segment in order."""

    quantisation: dict[int, bytes] = field(default_factory=dict)
    huffman: dict[int, bytes] = field(default_factory=dict)
    unused: set[tuple[str, int]] = field(default_factory=set)
    restart: int = 0
    mode: int = 0
    width: int = 0
    height: int = 0
    components: dict[int, Component] = field(default_factory=dict)
    scans: int = 0
    spare: int = 0

    def feed(self, view: memoryview, segment: walk.Segment, digest: "hashlib._Hash") -> None:
        """Take one segment in. Raises Refusal for what is not Huffman-coded, or contradictory."""
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
            digest.update(bytes([marker]) + payload)
        elif marker == walk.SOS:
            self._scan(segment, digest)
            digest.update(view[segment.end : segment.scan_end])
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
        self.mode = marker
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

    def _scan(self, segment: walk.Segment, digest: "hashlib._Hash") -> None:
        """Take a scan header in, with the tables that it uses."""
        head = segment.payload
        if not self.mode or len(head) < 4 or len(head) != 4 + 2 * head[0] or not head[0]:
            malformed("JPEG scan header")
        first, last, refine = head[-3], head[-2], head[-1] >> 4
        digest.update(head + self.restart.to_bytes(2, "big"))
        names = head[1:-3:2]
        for name, tables in zip(names, head[2:-3:2], strict=True):
            if name not in self.components:
                malformed("JPEG scan of an unknown component")
            digest.update(self._take("quantisation", self.components[name].table))
            if first == 0 and not refine:
                digest.update(self._take("huffman", tables >> 4))
            if last > 0:
                digest.update(self._take("huffman", 16 | (tables & 15)))
        self.scans += 1
        prove_restarts(list(segment.restarts), self.restart, self._units(names))

    def _take(self, kind: str, slot: int) -> bytes:
        """Return the table in force in a slot, which a scan uses now."""
        store = self.quantisation if kind == "quantisation" else self.huffman
        if slot not in store:
            malformed("JPEG scan without its tables")
        self.unused.discard((kind, slot))
        return store[slot]

    def _units(self, names: bytes) -> int:
        """Return the number of MCUs of a scan (T.81 A.2)."""
        widest = max(c.across for c in self.components.values())
        tallest = max(c.down for c in self.components.values())
        if len(names) > 1:
            return -(-self.width // (8 * widest)) * -(-self.height // (8 * tallest))
        one = self.components[names[0]]
        across = -(-self.width * one.across // widest)
        down = -(-self.height * one.down // tallest)
        return -(-across // 8) * -(-down // 8)


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
