"""Crockford's base 32: the alphabet of subject codes and release ids.

Source: Douglas Crockford, Base 32 (crockford.com/base32.html). I, L, O and U are left out so
that a code survives being read aloud or written by hand.
"""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

_VALUES = {symbol: value for value, symbol in enumerate(ALPHABET)}
_HEARD = _VALUES | {"O": 0, "I": 1, "L": 1}


def encode(number: int, length: int) -> str:
    """Write a non-negative number in `length` symbols, most significant first.

    Raises ValueError when it does not fit.
    """
    if number < 0 or number >> (5 * length):
        raise ValueError(f"the number does not fit in {length} symbols")
    return "".join(ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(length)))


def values(text: str) -> list[int] | None:
    """The value of each symbol, 0 to 31; None where a character is not of the alphabet."""
    found = [_VALUES.get(symbol) for symbol in text]
    known = [value for value in found if value is not None]
    return known if len(known) == len(found) else None


def heard(text: str) -> str | None:
    """What a person meant: capitals, with O read as 0 and I and L as 1; None if not base 32."""
    meant = [_HEARD.get(symbol) for symbol in text.upper()]
    known = [ALPHABET[value] for value in meant if value is not None]
    return "".join(known) if len(known) == len(meant) else None
