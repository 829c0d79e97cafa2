"""Where the packets of a JPEG 2000 tile end, by the prover's own reading of Annex B.

Only headers are read: a packet says in which code-blocks it goes on and by how many bytes.
"""

from medrelease.verify.jp2_places import Grid, Order, Place, Style, places, sequence
from medrelease.verify.refusal import incomplete, malformed


class _Tree:
    """A tag tree over columns x rows leaves, its nodes as [bound, known] in levels."""

    def __init__(self, columns: int, rows: int) -> None:
        self._levels = []
        while True:
            self._levels.append((columns, [[0, 0] for _ in range(columns * rows)]))
            if columns * rows <= 1:
                break
            columns, rows = (columns + 1) // 2, (rows + 1) // 2

    def reaches(self, flags: "_Flags", column: int, row: int, limit: int) -> bool:
        """Read on until it is known whether a leaf is below `limit`; return that."""
        bound = 0
        for depth in range(len(self._levels) - 1, -1, -1):
            columns, nodes = self._levels[depth]
            node = nodes[(row >> depth) * columns + (column >> depth)]
            node[0] = max(node[0], bound)
            while not node[1] and node[0] < limit:
                node[1] = flags.take()
                node[0] += 1 - node[1]
            bound = node[0]
        return node[1] == 1 and node[0] < limit


class _Flags:
    """Header bits, one at a time, with the stuffing of B.10.1."""

    def __init__(self, data: memoryview, at: int) -> None:
        self.data, self.at, self.left, self.last = data, at, 0, 0

    def take(self) -> int:
        """Return the next bit."""
        if self.left == 0:
            if self.at == len(self.data):
                incomplete("JPEG 2000 packets cut")
            self.left = 8 - (self.last == 255)
            self.last = self.data[self.at]
            if self.left == 7 and self.last > 127:
                malformed("JPEG 2000 packet header without its stuffing")
            self.at += 1
        self.left -= 1
        return (self.last >> self.left) % 2

    def value(self, count: int) -> int:
        """Return the number that the next bits are."""
        total = 0
        while count:
            total = 2 * total + self.take()
            count -= 1
        return total

    def close(self) -> int:
        """Return where the header ends; the bits that fill its last byte are zero."""
        if self.last % (1 << self.left):
            malformed("JPEG 2000 packet header with bits that mean nothing")
        if self.last == 255:
            if bytes(self.data[self.at : self.at + 1]) != b"\0":
                malformed("JPEG 2000 packet header without its stuffing")
            self.at += 1
        return self.at


class _Area:
    """The code-blocks of one subband in one precinct: trees, and [Lblock, room, passes] of each."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.number = columns, columns * rows
        self.included, self.planes = _Tree(columns, rows), _Tree(columns, rows)
        self.state: dict[int, list[int]] = {}

    def bytes_in(self, flags: _Flags, layer: int, bits: int) -> int:
        """Return how many bytes a packet adds to the blocks of this area."""
        total = 0
        for number in range(self.number):
            row, column = divmod(number, self.columns)
            if number in self.state:
                if not flags.take():
                    continue
            elif self.included.reaches(flags, column, row, layer + 1):
                limit = 1
                while not self.planes.reaches(flags, column, row, limit):
                    limit += 1
                    if limit > 80:
                        malformed("JPEG 2000 code-block with too many planes")
                self.state[number] = [3, 0, 0]
            else:
                continue
            total += _block_bytes(flags, self.state[number], bits)
        return total


def _block_bytes(flags: _Flags, state: list[int], bits: int) -> int:
    """Return the bytes of a block's new segments (B.10.6 and B.10.7)."""
    passes = _pass_count(flags)
    while flags.take():
        state[0] += 1
        if state[0] > 40:
            malformed("JPEG 2000 length of too many bits")
    total = 0
    while passes > 0:
        if state[2] == state[1]:
            state[1], state[2] = _room(state[1], bits), 0
        now = min(passes, state[1] - state[2])
        total += flags.value(state[0] + now.bit_length() - 1)
        state[2] += now
        passes -= now
    return total


def _pass_count(flags: _Flags) -> int:
    """Return how many coding passes a packet adds (Table B.4): a prefix code of growing width."""
    count = 1
    for width, most in ((1, 1), (1, 1), (2, 3), (5, 31)):
        value = flags.value(width)
        if value < most:
            return count + value
        count += most
    return count + flags.value(7)


def _room(before: int, bits: int) -> int:
    """Return how many passes the next codeword segment holds."""
    if bits & 4:
        return 1
    if not bits & 1:
        return 1 << 30
    return {0: 10, 10: 2, 2: 1, 1: 2}[before]


class _Walk:
    """A tile's data, where the next packet begins, how many came, and the blocks' states."""

    def __init__(self, data: memoryview, styles: tuple[Style, ...], *, marked: bool) -> None:
        self.data, self.styles, self.marked = data, styles, marked
        self.at = self.number = 0
        self._areas: dict[tuple[int, int, int], list[_Area]] = {}

    def step(self, place: Place, layer: int) -> None:
        """Go on to where a packet ends."""
        data = self.data
        if bytes(data[self.at : self.at + 4]) == b"\xff\x91\0\4":
            if bytes(data[self.at + 4 : self.at + 6]) != (self.number % 65536).to_bytes(2, "big"):
                malformed("JPEG 2000 packet numbered out of order")
            self.at += 6
        flags = _Flags(data, self.at)
        size = self._body(flags, place, layer) if flags.take() else 0
        self.at = flags.close()
        if self.marked:
            if bytes(data[self.at : self.at + 2]) != b"\xff\x92":
                malformed("JPEG 2000 packet header without its end")
            self.at += 2
        self.at += size
        if self.at > len(data):
            incomplete("JPEG 2000 packets cut")
        self.number += 1

    def _body(self, flags: _Flags, place: Place, layer: int) -> int:
        """Return how many bytes a packet adds to the code-blocks of its precinct."""
        areas = self._areas.setdefault(place[:3], [])
        if not areas:
            areas += [_Area(*size) for size in place.areas]
        bits = self.styles[place.component].bits
        return sum(area.bytes_in(flags, layer, bits) for area in areas)


def end_of_packets(
    data: memoryview,
    grid: Grid,
    tile: int,
    *,
    styles: tuple[Style, ...],
    orders: tuple[Order, ...],
    marked: bool,
) -> int:
    """Return the length of the packets of a tile; `marked`: headers close with EPH.

    Raises Refusal(incomplete | malformed | limits-exceeded).
    """
    found = [
        place
        for component, style in enumerate(styles)
        for resolution in range(style.levels + 1)
        for place in places(grid, grid.box(tile), component, style, resolution)
    ]
    walk = _Walk(data, styles, marked=marked)
    gone: set[tuple[tuple[int, int, int], int]] = set()
    for order in orders:
        for place, layer in sequence(found, order):
            if (place[:3], layer) not in gone:
                walk.step(place, layer)
            gone.add((place[:3], layer))
    return walk.at
