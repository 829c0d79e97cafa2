"""A TIFF or BigTIFF file written from scratch: header, then for each page its pieces, the values
that do not fit into entries, and the directory; nothing between them but padding to even offsets.
"""

from collections.abc import Sequence
from fractions import Fraction
from struct import calcsize, pack

from medrelease.sanitise.target import Target
from medrelease.sanitise.tiff_directory import Layout

_DESCRIPTION, _ASCII = 270, 2
_SHORT, _LONG, _RATIONAL, _UNDEFINED, _LONG8 = 3, 4, 5, 7, 16
_SHORT_TAGS = frozenset({258, 259, 262, 266, 274, 277, 284, 296, 317, 320, 332, 338, 339, 530, 531})


class Writer:
    """Appends directories to a target and links each to the one before.

    `description` stands in the first directory, where it is not empty.
    """

    def __init__(self, target: Target, layout: Layout, description: bytes = b"") -> None:
        self._description = description
        self._target = target
        self._layout = layout
        order = b"II" if layout.order == "<" else b"MM"
        form = "HHHQ" if layout.big else "HI"
        numbers = (43, 8, 0, 0) if layout.big else (42, 0)
        target.write(order + pack(layout.order + form, *numbers))
        self._link = target.tell() - calcsize(layout.order + layout.word)

    def add_directory(self, values: dict[int, Sequence[int] | Sequence[Fraction] | bytes]) -> None:
        """Write one directory of the given tags, and what does not fit into its entries."""
        order, word = self._layout.order, self._layout.word
        if self._description:
            values = {**values, _DESCRIPTION: self._description}
            self._description = b""
        room = calcsize(order + word)
        entries = []
        for tag in sorted(values):
            kind, count, data = self._encode(tag, values[tag])
            if len(data) > room:
                data = pack(order + word, self._append(data))
            entries.append(pack(f"{order}HH{word}", tag, kind, count) + data.ljust(room, b"\0"))
        counter = "Q" if self._layout.big else "H"
        table = pack(order + counter, len(entries)) + b"".join(entries)
        start = self._append(table + bytes(room))
        self._target.pwrite(pack(order + word, start), self._link)
        self._link = start + len(table)

    def _append(self, data: bytes) -> int:
        """Write `data` at an even offset; returns that offset."""
        self._target.write(bytes(self._target.tell() & 1))
        start = self._target.tell()
        self._target.write(data)
        return start

    def _encode(
        self, tag: int, values: Sequence[int] | Sequence[Fraction] | bytes
    ) -> tuple[int, int, bytes]:
        """Type, count and bytes of a tag's value."""
        order, count = self._layout.order, len(values)
        if isinstance(values, bytes):
            return (_ASCII if tag == _DESCRIPTION else _UNDEFINED), count, values
        if isinstance(values[0], Fraction):
            flat = [part for value in values for part in value.as_integer_ratio()]
            return _RATIONAL, count, pack(f"{order}{2 * count}I", *flat)
        if tag in _SHORT_TAGS:
            return _SHORT, count, pack(f"{order}{count}H", *values)
        kind, code = (_LONG8, "Q") if max(values) > 0xFFFFFFFF else (_LONG, "I")
        return kind, count, pack(f"{order}{count}{code}", *values)
