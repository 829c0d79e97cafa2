"""The PNG image header and the geometry that follows from it: passes, rows, bytes."""

from dataclasses import dataclass
from struct import unpack

from medrelease.sanitise.refusal import malformed, too_large

MAX_PIXELS = 1 << 29
"""Largest PNG in pixels."""

MAX_RASTER = 1 << 31
"""Largest inflated picture in bytes (2 GiB); it is never held whole."""

_DEPTHS = {
    0: (1, 2, 4, 8, 16),
    2: (8, 16),
    3: (1, 2, 4, 8),
    4: (8, 16),
    6: (8, 16),
}
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_ADAM7 = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass of a picture: `columns` pixels in each of `rows` rows of `stride` data bytes.

    `first` and `step` are where in the picture its pixels stand, across and down.
    """

    columns: int
    rows: int
    stride: int
    first: tuple[int, int] = (0, 0)
    step: tuple[int, int] = (1, 1)


@dataclass(frozen=True, slots=True)
class Header:
    """IHDR (11.2.1): size in pixels, bits a sample, colour type, whether Adam7-interlaced."""

    width: int
    height: int
    depth: int
    colour: int
    interlaced: bool

    @property
    def channels(self) -> int:
        """Samples a pixel."""
        return _CHANNELS[self.colour]

    @property
    def step(self) -> int:
        """Bytes between a byte and the one that filters take as its left neighbour (9.2)."""
        return max(1, self.channels * self.depth // 8)

    @property
    def raster_bytes(self) -> int:
        """Bytes of the inflated picture, filter bytes included."""
        return sum(one.rows * (1 + one.stride) for one in self.passes())

    def passes(self) -> list[Pass]:
        """The passes that hold at least one pixel (8.2)."""
        if not self.interlaced:
            return [self._pass(0, 0, 1, 1)]
        every = [self._pass(*places) for places in _ADAM7]
        return [one for one in every if one.columns > 0 and one.rows > 0]

    def _pass(self, x: int, y: int, across: int, down: int) -> Pass:
        columns, rows = -(-(self.width - x) // across), -(-(self.height - y) // down)
        stride = -(-columns * self.channels * self.depth // 8)
        return Pass(columns, rows, stride, (x, y), (across, down))


def read_header(data: bytes) -> Header:
    """The header in the data of an IHDR chunk. Raises malformed and limits-exceeded refusals."""
    if len(data) != 13:
        raise malformed("The PNG header has a wrong length.")
    width, height, depth, colour, method, filtering, interlace = unpack(">IIBBBBB", data)
    if depth not in _DEPTHS.get(colour, ()) or method or filtering or interlace > 1:
        raise malformed("The PNG header has values that the standard does not know.")
    if not width or not height:
        raise malformed("The PNG header declares no picture.")
    header = Header(width, height, depth, colour, bool(interlace))
    if width * height > MAX_PIXELS or header.raster_bytes > MAX_RASTER:
        raise too_large("The PNG picture is larger than 536 megapixels or 2 GiB.")
    return header
