"""The quantisation and Huffman tables of a JPEG stream: only what a scan reads is written.

Several tables may share a segment and slots may be redefined between scans (ITU-T T.81 B.2.4);
here each is kept apart and handed out just before the first scan that reads it.
"""

from collections import Counter
from collections.abc import Mapping
from struct import pack

from medrelease.sanitise.jpeg_segments import DHT, DQT
from medrelease.sanitise.refusal import malformed


class Tables:
    """The tables in force at a point of the stream, and those already written."""

    def __init__(self) -> None:
        self._defined: dict[tuple[int, int], bytes] = {}
        self._written: dict[tuple[int, int], bytes] = {}
        self._unread: set[tuple[int, int]] = set()
        self._read: set[tuple[int, int]] = set()
        self._latched: set[int] = set()

    def shared(self) -> "Tables":
        """A copy for one more stream in which every table so far counts as written already."""
        copy = Tables()
        copy._defined = dict(self._defined)
        copy._written = dict(self._defined)
        return copy

    def read_of(self, outer: "Tables") -> set[tuple[int, int]]:
        """The slots of `outer` whose tables the scans of this stream read."""
        return {slot for slot in self._read if self._written.get(slot) == outer._defined.get(slot)}

    def stream(self, slots: set[tuple[int, int]]) -> bytes:
        """An abbreviated stream (B.5) that defines the tables in `slots` and nothing else."""
        tables = bytearray(b"\xff\xd8")
        for marker, slot in sorted(slots):
            table = self._defined[marker, slot]
            tables += pack(">BBH", 0xFF, marker, 2 + len(table)) + table
        return bytes(tables + b"\xff\xd9")

    def define(self, marker: int, payload: bytes, actions: Counter[str]) -> None:
        """Take in the tables of one DQT or DHT segment."""
        at = 0
        while at < len(payload):
            length = _quantisation(payload, at) if marker == DQT else _huffman(payload, at)
            table = payload[at : at + length]
            slot = (marker, table[0] & 15 if marker == DQT else table[0])
            if marker == DQT and slot[1] in self._latched and self._defined[slot] != table:
                raise malformed("A JPEG quantisation table changes after its first use.")
            actions["unused-table"] += slot in self._unread
            self._defined[slot] = table
            self._unread.add(slot)
            at += length

    def quantisation(self, slots: list[int]) -> dict[int, bytes]:
        """The DQT segment of each slot of a frame's components; empty where it was written."""
        self._latched |= set(slots)
        return {slot: self._segments(DQT, [slot]) for slot in dict.fromkeys(slots)}

    def codes(self, slots: tuple[int, ...], precision: int) -> list[bytes]:
        """The Huffman tables that a scan reads: the payload behind class and slot of each.

        `precision` is that of the frame, in bits a sample.
        """
        tables = []
        for slot in slots:
            if (DHT, slot) not in self._defined:
                raise malformed("A JPEG scan uses a table that is not defined.")
            _check_codes(self._defined[DHT, slot], precision)
            tables.append(self._defined[DHT, slot][1:])
        return tables

    def step(self, slot: int) -> int:
        """The quantisation step of DC in the table of a slot."""
        table = self._defined.get((DQT, slot))
        if table is None:
            raise malformed("A JPEG scan uses a table that is not defined.")
        width = 2 if table[0] >> 4 else 1
        steps = [int.from_bytes(table[at : at + width]) for at in range(1, len(table), width)]
        if not all(steps):
            raise malformed("A JPEG quantisation table has a step of zero.")
        return steps[0]

    def huffman(self, slots: tuple[int, ...], anew: Mapping[int, bytes]) -> bytes:
        """The DHT segments that a scan needs and that do not stand written already.

        `anew` holds by slot the payload of tables that replace those of the source in it.
        """
        return self._segments(DHT, list(slots), anew)

    def count_unused(self, actions: Counter[str]) -> None:
        """Count the tables that no scan read."""
        actions["unused-table"] += len(self._unread)

    def _segments(
        self, marker: int, slots: list[int], anew: Mapping[int, bytes] | None = None
    ) -> bytes:
        written = bytearray()
        for slot in dict.fromkeys(slots):
            key = (marker, slot)
            if key not in self._defined:
                raise malformed("A JPEG scan uses a table that is not defined.")
            table = self._defined[key]
            if anew and slot in anew:
                table = table[:1] + anew[slot]
            self._unread.discard(key)
            self._read.add(key)
            if self._written.get(key) != table:
                self._written[key] = table
                written += pack(">BBH", 0xFF, marker, 2 + len(table)) + table
        return bytes(written)


def _quantisation(payload: bytes, at: int) -> int:
    """Length of the quantisation table at `at`, its head included."""
    precision, slot = payload[at] >> 4, payload[at] & 15
    length = 1 + 64 * (1 + precision)
    if precision > 1 or slot > 3 or at + length > len(payload):
        raise malformed("A JPEG quantisation table is cut.")
    return length


def _huffman(payload: bytes, at: int) -> int:
    """Length of the Huffman table at `at`, its head included."""
    counts = payload[at + 1 : at + 17]
    length = 17 + sum(counts)
    if payload[at] & 0xEC or len(counts) < 16 or at + length > len(payload):
        raise malformed("A JPEG Huffman table is cut.")
    return length


def _check_codes(table: bytes, precision: int) -> None:
    """Refuse a Huffman table whose symbols are none that coefficients of such samples have."""
    direct, counts, symbols = table[0] < 0x10, table[1:17], table[17:]
    space = sum(count << (15 - index) for index, count in enumerate(counts))
    if space > 1 << 16 or len(set(symbols)) != len(symbols):
        raise malformed("A JPEG Huffman table contradicts itself.")
    if any(symbol > precision + 3 if direct else symbol & 15 > precision + 2 for symbol in symbols):
        raise malformed("A JPEG Huffman table has symbols that no picture uses.")
