"""Search of many patterns in big bytes: three table look-ups a byte, exact only where all agree.

The cost grows with the bytes and hardly with the number of patterns, so that a photograph's whole
metadata is searched for at once. ASCII letters are compared without case.
"""

import base64
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

_BLOCK = 1 << 21
_SHORTEST = 6
_FOLD = bytes(code + 32 if 65 <= code <= 90 else code for code in range(256))


class Patterns:
    """Patterns of six bytes or more, ready to be searched for.

    Each maps to the number of the needle that it is a form of.
    """

    def __init__(self, patterns: Iterable[tuple[bytes, int]]) -> None:
        self._heads: dict[bytes, list[tuple[bytes, int]]] = {}
        self._tables = [np.zeros(1 << 16, dtype=np.bool_) for _ in range(3)]
        self._longest = _SHORTEST
        for pattern, needle in patterns:
            if len(pattern) < _SHORTEST:
                continue
            low = pattern.translate(_FOLD)
            self._heads.setdefault(low[:_SHORTEST], []).append((low, needle))
            self._longest = max(self._longest, len(low))
            for index, table in enumerate(self._tables):
                table[int.from_bytes(low[2 * index : 2 * index + 2], "little")] = True

    def hits(self, view: memoryview | bytes) -> Iterator[tuple[int, int, int]]:
        """Yield (start, end, needle) of every occurrence, offsets in bytes."""
        whole = memoryview(view)
        for at in range(0, len(whole), _BLOCK):
            low = bytes(whole[at : at + _BLOCK + self._longest]).translate(_FOLD)
            for start in self._candidates(low).tolist():
                if start >= _BLOCK:
                    continue
                for pattern, needle in self._heads.get(low[start : start + _SHORTEST], ()):
                    if low.startswith(pattern, start):
                        yield at + start, at + start + len(pattern), needle

    def _candidates(self, low: bytes) -> NDArray[np.intp]:
        """Return the offsets at which the first three pairs of bytes are a pattern's."""
        found = [np.zeros(0, dtype=np.intp)]
        for phase in (0, 1):
            usable = (len(low) - phase) // 2
            if usable < 3:
                continue
            pairs = np.frombuffer(low, dtype="<u2", count=usable, offset=phase)
            first = np.flatnonzero(self._tables[0][pairs[:-2]])
            first = first[self._tables[1][pairs[first + 1]]]
            first = first[self._tables[2][pairs[first + 2]]]
            found.append(first * 2 + phase)
        return np.concatenate(found)


def forms(text: str) -> set[bytes]:
    """Return the byte forms of a text: UTF-8, Latin-1, UTF-16 of both orders, base64 of each case.

    Of base64 the characters are taken that do not depend on the neighbours, in all three
    alignments (RFC 4648 section 4).
    """
    plain = {text.encode("utf-8", "replace")}
    if all(ord(letter) < 256 for letter in text):
        plain.add(text.encode("latin-1"))
    wide = {text.encode(name, "replace") for name in ("utf-16-le", "utf-16-be")}
    cases = {text, text.lower(), text.upper(), text.title()}
    coded = {core for case in cases for core in base64_cores(case.encode("utf-8", "replace"))}
    return {form for form in plain | wide if len(form) >= _SHORTEST} | coded


def base64_cores(raw: bytes) -> set[bytes]:
    """Return what is sure to stand in base64 text that has these bytes in it."""
    cores = set()
    for lead, skip in ((0, 0), (1, 2), (2, 3)):
        whole = (len(raw) + lead) * 8 // 6
        cores.add(base64.b64encode(bytes(lead) + raw)[skip:whole])
    return cores
