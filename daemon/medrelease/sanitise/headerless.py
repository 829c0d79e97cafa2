"""DICOM data sets without the preamble and prefix of PS3.10 section 7.1, told by their first bytes.

Older software wrote the data set alone, or the file meta information without its preamble. There
is no signature: two elements that follow one another as PS3.5 section 7.1 says must do.
"""

from typing import Literal

_LONG = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
_SHORT = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
_FIRST = frozenset({0x0002, 0x0008})
_HIGHEST = 0x0030
"""The first element of a file is one of the lowest of its group."""

_LONGEST = 1 << 12

_Head = tuple[int, int]


def looks_headerless(view: memoryview) -> bool:
    """Whether the bytes read as a data set, or file meta, that lacks the preamble before it."""
    return any(_starts(view, big=big, implicit=implicit) for big, implicit in _ENCODINGS)


_ENCODINGS = ((False, False), (True, False), (False, True))


def _starts(view: memoryview, *, big: bool, implicit: bool) -> bool:
    first = _head(view, 0, big, implicit)
    if first is None or first[0] >> 16 not in _FIRST or first[0] & 0xFFFF > _HIGHEST:
        return False
    second = _head(view, first[1], big, implicit)
    return second is not None and first[0] < second[0] < 0x00300000


def _head(view: memoryview, at: int, big: bool, implicit: bool) -> _Head | None:
    """Tag of the element at `at` and the offset behind it; None where none can be there."""
    if at + 12 > len(view):
        return None
    order: Literal["big", "little"] = "big" if big else "little"
    tag = int.from_bytes(view[at : at + 2], order) << 16
    tag |= int.from_bytes(view[at + 2 : at + 4], order)
    vr = bytes(view[at + 4 : at + 6])
    if implicit:
        length, start = int.from_bytes(view[at + 4 : at + 8], order), at + 8
    elif vr in _SHORT:
        length, start = int.from_bytes(view[at + 6 : at + 8], order), at + 8
    elif vr in _LONG and not any(view[at + 6 : at + 8]):
        length, start = int.from_bytes(view[at + 8 : at + 12], order), at + 12
    else:
        return None
    return (tag, start + length) if length <= _LONGEST else None
