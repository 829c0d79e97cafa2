"""A frame of lossless JPEG (ITU-T T.81 annex H) as it compares: its samples and nothing else.

A scan is given to the digest in its clean form, up to the last sample; a finished one must be that
form. Tables that no scan reads leave no trace, and are refused in a finished frame.
"""

from typing import Protocol

from medrelease.verify import jpeg_entropy as entropy
from medrelease.verify.refusal import incomplete, malformed, unsupported


class _Digest(Protocol):
    def update(self, data: bytes | memoryview, /) -> None: ...


class Lossless:
    """What the segments of a frame have said so far; `head` is the payload of its frame header."""

    def __init__(self, head: bytes) -> None:
        if len(head) < 9 or len(head) != 6 + 3 * head[5]:
            malformed("lossless JPEG frame header")
        self._samples = int.from_bytes(head[1:3], "big") * int.from_bytes(head[3:5], "big")
        self._names = list(head[6::3])
        if not self._samples or any(factors != 0x11 for factors in head[7::3]):
            unsupported("lossless JPEG of no size or with subsampled colour")

    def scan(
        self,
        coded: tuple[memoryview, int, int],
        head: bytes,
        tables: "Tables",
        digest: _Digest,
        *,
        strict: bool,
    ) -> int:
        """Add a scan whose header is `head`; return where it ends. `coded` are the frame, where
        the data begins, and the restart interval.

        Raises Refusal(malformed | incomplete | decoder-missing).
        """
        if len(head) < 6 or len(head) != 4 + 2 * head[0] or not set(head[1:-3:2]) <= {*self._names}:
            malformed("lossless JPEG scan header")
        codes = tuple(tables.used(told >> 4) for told in head[2:-3:2])
        places = [self._names.index(name) for name in head[1:-3:2]]
        if strict and any(told & 15 for told in head[2:-3:2]):
            malformed("lossless JPEG scan with a selector of no use")
        frame, start, interval = coded
        step = interval if 0 < interval < self._samples else self._samples
        entropy.require()
        verdict, stop, clean = entropy.native.lossless(frame, start, self._samples, step, codes)
        if verdict == entropy.CUT:
            incomplete("lossless JPEG scan that ends before its picture does")
        if verdict:
            malformed("lossless JPEG scan that contradicts itself")
        if strict and clean != frame[start:stop]:
            malformed("bytes or bits that belong to no sample in a lossless JPEG scan")
        digest.update(repr((places, head[-3:], step, codes)).encode())
        digest.update(clean)
        return stop


class Tables:
    """The Huffman tables of a frame by slot, and whether each was used."""

    def __init__(self) -> None:
        self._defined: dict[int, bytes] = {}
        self._idle: set[int] = set()
        self.spare = 0

    def define(self, payload: bytes) -> None:
        """Take the tables of a DHT segment in. Raises Refusal(malformed)."""
        at = 0
        while at < len(payload):
            size = 17 + sum(payload[at + 1 : at + 17])
            if at + size > len(payload) or payload[at] & 0xEC:
                malformed("JPEG table cut")
            self.spare += payload[at] in self._idle
            self._defined[payload[at]] = payload[at + 1 : at + size]
            self._idle.add(payload[at])
            at += size

    def used(self, slot: int) -> bytes:
        """Return the table of a slot, which a scan reads now. Raises Refusal(malformed)."""
        if slot not in self._defined:
            malformed("JPEG scan without its tables")
        self._idle.discard(slot)
        return self._defined[slot]

    @property
    def idle(self) -> bool:
        """Whether a table is there that no scan read."""
        return bool(self._idle or self.spare)
