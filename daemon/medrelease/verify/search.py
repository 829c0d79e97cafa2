"""Search of many patterns in big bytes, by the C module `_patterns` (`patterns/`).

Any six bytes hold three that begin at a multiple of four. Only these threes are looked up, in a
table of all that a pattern's first six bytes can give there; the few that are in it are looked at
closely. Nothing is passed over, and the cost grows with the bytes and hardly with the number of
patterns. ASCII letters are compared without case. Every file is held where the module is missing.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from medrelease.terms.words import Reason
from medrelease.verify.mapped import forget
from medrelease.verify.refusal import Refusal

try:
    from medrelease.verify import _patterns as native
except ImportError:
    HAS_PATTERNS = False
else:
    HAS_PATTERNS = True

_BLOCK = 1 << 21
_SHORTEST = 6


class Patterns:
    """Patterns of six bytes or more, ready to be searched for: the byte forms of each needle.

    Raises Refusal(decoder-missing) where the C module is missing.
    """

    __slots__ = ("_search",)

    def __init__(self, needles: Iterable[Iterable[bytes]]) -> None:
        require()
        self._search = native.Search(list(needles))

    def hits(self, view: memoryview | bytes, most: int) -> Iterator[tuple[int, int, int]]:
        """Yield (start, end, number of the needle) of at most `most` occurrences in each block.

        Offsets are in bytes. A block is of two million.
        """
        whole, search = memoryview(view), self._search
        for at in range(0, len(whole), _BLOCK):
            block = whole[at : at + _BLOCK + search.longest]
            for start, end, needle in search.run(block, _BLOCK, most):
                yield at + start, at + end, needle
            forget(block)


def require() -> None:
    """Refuse every file where the module is missing: Refusal(decoder-missing)."""
    if not HAS_PATTERNS:
        raise Refusal(Reason.DECODER_MISSING, "the module that searches for names is missing")


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


def unbased(raw: bytes | memoryview) -> bytes:
    """Return what stands in base64 in these bytes, in any alignment, each with a NUL behind it.

    Both alphabets of RFC 4648 and line breaks as of RFC 2045 are understood. Where other letters
    touch a coded text its groups of four may begin at any of four places: each is read.
    Raises Refusal(decoder-missing) where the C module is missing.
    """
    require()
    return native.unbased(raw)
