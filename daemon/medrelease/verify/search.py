"""Search of many patterns in big bytes: one table look-up for four bytes, exact where it hits.

Any six bytes hold a whole pair of bytes that begins at a multiple of four. Only these pairs are
looked up, in a table of all the pairs that a pattern's first five bytes can give there; the few
that are in it are looked at closely. Nothing is passed over, and the cost grows with the bytes and
hardly with the number of patterns. ASCII letters are compared without case.
"""

import binascii
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from medrelease.verify.mapped import forget

_BLOCK = 1 << 21
_SHORTEST = 6
_STRIDE = 4
_FOLD = bytes(code + 32 if 65 <= code <= 90 else code for code in range(256))
_RAISE = bytes(code - 32 if 97 <= code <= 122 else code for code in range(256))

_BASED = re.compile(rb"[A-Za-z0-9+/_-](?:[\r\n]{0,2}[A-Za-z0-9+/_-]){7,}")
"""Text that may be six bytes or more in base64."""

_ONE_ALPHABET = bytes.maketrans(b"-_", b"+/")

_Table = NDArray[np.bool_]


class Patterns:
    """Patterns of six bytes or more, ready to be searched for.

    Each maps to the number of the needle that it is a form of.
    """

    def __init__(self, patterns: Iterable[tuple[bytes, int]]) -> None:
        self._heads: dict[bytes, list[tuple[bytes, int]]] = {}
        heads = self._heads
        for pattern, needle in patterns:
            if len(pattern) >= _SHORTEST:
                low = pattern.translate(_FOLD)
                heads.setdefault(low[:_SHORTEST], []).append((low, needle))
        lengths = (len(low) for found in heads.values() for low, _ in found)
        self._longest = max(lengths, default=_SHORTEST)
        self._pairs = _pair_tables(b"".join(self._heads))
        self._sampled = np.logical_or.reduce(self._pairs[:_STRIDE])

    def hits(self, view: memoryview | bytes) -> Iterator[tuple[int, int, int]]:
        """Yield (start, end, needle) of every occurrence, offsets in bytes."""
        whole = memoryview(view)
        for at in range(0, len(whole), _BLOCK):
            block = whole[at : at + _BLOCK + self._longest]
            for start in self._candidates(block).tolist():
                if start >= _BLOCK:
                    break
                low = bytes(block[start : start + self._longest]).translate(_FOLD)
                for pattern, needle in self._heads.get(low[:_SHORTEST], ()):
                    if low.startswith(pattern):
                        yield at + start, at + start + len(pattern), needle
            forget(block)

    def _candidates(self, block: memoryview) -> NDArray[np.intp]:
        """Return the offsets, ascending, at which the first three pairs are a pattern's."""
        pairs = np.frombuffer(block, dtype="<u2", count=len(block) // 2)[:: _STRIDE // 2]
        sampled = np.flatnonzero(self._sampled.take(pairs))
        if not len(sampled):
            return sampled
        octets = np.frombuffer(block, dtype=np.uint8)
        found = []
        for offset in range(_STRIDE):
            start = sampled[self._pairs[offset][pairs[sampled]]] * _STRIDE - offset
            start = start[(start >= 0) & (start + _SHORTEST <= len(block))]
            for place in (0, 2, 4):
                first, second = octets[start + place], octets[start + place + 1]
                start = start[self._pairs[place][first | second.astype(np.uint16) << 8]]
            found.append(start)
        return np.sort(np.concatenate(found))


def _pair_tables(heads: bytes) -> _Table:
    """For each offset from 0 to 4 the pairs that stand there in a head, in any case of letters.

    `heads` are six bytes each, in lower case; a pair is a number with its first byte lowest.
    """
    cases = [
        np.frombuffer(text, dtype=np.uint8).reshape(-1, _SHORTEST).astype(np.intp)
        for text in (heads, heads.translate(_RAISE))
    ]
    tables = np.zeros((_SHORTEST - 1, 1 << 16), dtype=np.bool_)
    places = np.arange(_SHORTEST - 1) << 16
    for first in cases:
        for second in cases:
            pairs = places + first[:, :-1] + (second[:, 1:] << 8)
            tables.reshape(-1)[pairs.reshape(-1)] = True
    return tables


@lru_cache(maxsize=1 << 13)
def forms(text: str) -> frozenset[bytes]:
    """Return the byte forms of a text: UTF-8, Latin-1, UTF-16 of both orders.

    Of UTF-16 one form stands for both orders where each letter's second byte is zero: what lies
    between the first letter and the last is the same. Remembered, since the files of a session
    share most of their texts.
    """
    plain = {text.encode("utf-8", "replace")}
    if all(ord(letter) < 256 for letter in text):
        plain.add(text.encode("latin-1"))
        wide = {text.encode("utf-16-le")[:-1]}
    else:
        wide = {text.encode(name, "replace") for name in ("utf-16-le", "utf-16-be")}
    return frozenset(form for form in plain | wide if len(form) >= _SHORTEST)


def unbased(raw: bytes) -> bytes:
    """Return what stands in base64 in these bytes, in any alignment, with NULs between.

    Both alphabets of RFC 4648 and line breaks as of RFC 2045 are understood. Where other letters
    touch a coded text its groups of four may begin at any of four places: each is read.
    """
    found = []
    for run in _BASED.findall(raw):
        text = run.translate(_ONE_ALPHABET, b"\r\n")
        for start in range(4):
            rest = text[start:]
            found.append(binascii.a2b_base64(rest + b"A" * (-len(rest) % 4)))
    return b"\0".join(found)
