"""The frames of encapsulated Pixel Data (PS3.5 A.4), found without copying any."""

from dataclasses import dataclass

from medrelease.pixels.faults import undecodable

_ITEM, _DELIMITER = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
_ENDS = (b"\xff\xd9", b"\xff\xd9\x00")
"""How a codestream of the JPEG family ends, also padded to an even length."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """One item of the sequence: where its head stands behind the first item, and its bytes."""

    offset: int
    data: memoryview


def frames(value: memoryview, count: int) -> list[list[memoryview]]:
    """The fragments of each of `count` frames. Raises CannotDecode where they cannot be told."""
    items = list(_items(value))
    if not items:
        raise undecodable("The pixel data has no items.")
    table, fragments = items[0].data, items[1:]
    if len(fragments) == count:
        return [[fragment.data] for fragment in fragments]
    if count == 1:
        return [[fragment.data for fragment in fragments]]
    found = _by_table(table, fragments) if len(table) == 4 * count else _by_ends(fragments)
    if len(found) != count:
        raise undecodable("The frames of the object cannot be told apart.")
    return found


def _items(value: memoryview) -> list[Fragment]:
    found: list[Fragment] = []
    at, first = 0, 0
    while bytes(value[at : at + 4]) == _ITEM:
        length = int.from_bytes(value[at + 4 : at + 8], "little")
        if at + 8 + length > len(value):
            raise undecodable("The pixel data ends inside a frame.")
        found.append(Fragment(at - first, value[at + 8 : at + 8 + length]))
        at += 8 + length
        if len(found) == 1:
            first = at
    if bytes(value[at : at + 4]) != _DELIMITER:
        raise undecodable("The pixel data has no end.")
    return found


def _by_table(table: memoryview, fragments: list[Fragment]) -> list[list[memoryview]]:
    starts = [int.from_bytes(table[at : at + 4], "little") for at in range(0, len(table), 4)]
    ends = [*starts[1:], 1 << 62]
    return [
        [fragment.data for fragment in fragments if start <= fragment.offset < end]
        for start, end in zip(starts, ends, strict=True)
    ]


def _by_ends(fragments: list[Fragment]) -> list[list[memoryview]]:
    found: list[list[memoryview]] = [[]]
    for fragment in fragments:
        found[-1].append(fragment.data)
        if bytes(fragment.data[-3:]).endswith(_ENDS):
            found.append([])
    return [frame for frame in found if frame]
