"""Release ids: ULIDs, which sort by the time of the claim and tell nothing else.

48 bits of milliseconds since the epoch and 80 random bits, in 26 symbols of Crockford's
base 32 (github.com/ulid/spec).
"""

import re
import secrets

from medrelease.identifiers import base32

_SHAPE = re.compile(rf"[0-7][{base32.ALPHABET}]{{25}}")


def new(now_ms: int) -> str:
    """A fresh release id for a moment in milliseconds since the epoch (0 to 2**48 - 1).

    Raises ValueError for a moment that 48 bits cannot hold.
    """
    if now_ms >> 48:
        raise ValueError("the moment does not fit in 48 bits")
    return base32.encode(now_ms << 80 | secrets.randbits(80), 26)


def time_ms(ulid: str) -> int:
    """The moment in milliseconds since the epoch. Raises ValueError if it is no release id."""
    if not is_release_id(ulid):
        raise ValueError("not a release id")
    moment = 0
    for value in base32.values(ulid[:10]) or ():
        moment = moment << 5 | value
    return moment


def is_release_id(text: str) -> bool:
    """Whether a text has the one form in which this program writes a release id."""
    return _SHAPE.fullmatch(text) is not None
