"""The picture of a PNG file: inflated within bounds, looked at band by band, deflated anew.

The coded stream is kept as it is wherever it holds the declared rows and nothing else. What only
shows after inflating: rows beyond the picture, colour under zero alpha, palette entries that no
pixel names, and set bits in the padding of a row.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

from medrelease.sanitise.blanking import Box, fill, spread
from medrelease.sanitise.inflate import Inflater
from medrelease.sanitise.png_filter import Rows, refilter, unfilter
from medrelease.sanitise.png_header import Header, Pass
from medrelease.sanitise.refusal import incomplete, malformed

Flags = NDArray[np.bool_]

_BAND = 1 << 21


@dataclass(slots=True)
class Findings:
    """What a look at the rows found. `used` counts palette indices, shape (256,)."""

    coded_bytes: int = 0
    surplus: bool = False
    hidden_colour: bool = False
    padding: bool = False
    blanked: bool = False
    used: Rows = field(default_factory=lambda: np.zeros(256, np.uint8))

    @property
    def needs_recoding(self) -> bool:
        """Whether the coded stream holds more than the picture that is to be written."""
        return self.surplus or self.hidden_colour or self.padding or self.blanked


@dataclass(frozen=True, slots=True)
class Blank:
    """What is to be blanked: boxes of the picture, and one pixel as bits to fill them with."""

    boxes: tuple[Box, ...]
    pixel: Rows

    def fill(self, band: "_Band") -> None:
        """Fill what of the boxes lies in a band, in place."""
        one = band.one
        fill(
            band.rows,
            band.first,
            [spread(box, one.first, one.step) for box in self.boxes],
            self.pixel,
        )


def inspect(header: Header, pieces: list[memoryview], blank: Blank | None = None) -> Findings:
    """Inflate the whole picture once. Raises incomplete and malformed refusals."""
    inflater, found = Inflater(pieces), Findings(blanked=blank is not None)
    looks_inside = header.colour in (3, 4, 6) or header.depth < 8
    for band in _bands(header, inflater, plain=looks_inside):
        if not looks_inside:
            continue
        if header.colour in (4, 6) and not found.hidden_colour:
            found.hidden_colour = bool((_without_hidden(header, band.rows) != band.rows).any())
        found.padding |= bool((band.rows[:, -1] & _padding(header, band.one)).any())
        if header.colour == 3:
            found.used[_indices(header, _clean(header, band, blank))] = 1
    found.surplus = not inflater.ends()
    found.coded_bytes = inflater.consumed
    return found


def recode(header: Header, pieces: list[memoryview], blank: Blank | None = None) -> Iterator[bytes]:
    """The zlib stream of the picture as it is to be written, in pieces.

    Rows that change are filtered anew, and so is the row behind each; all others stay as coded.
    """
    engine = isal_zlib.compressobj(2)  # a tenth of the time of zlib's 4, and no more bytes
    plain = header.colour == 3 or header.depth < 8
    above, stale = np.zeros(0, np.uint8), False
    for band in _bands(header, Inflater(pieces), plain=True):
        if not band.first:
            above, stale = np.zeros(band.one.stride, np.uint8), False
        clean = _clean(header, band, blank).rows
        changed = (clean != band.rows).any(axis=1)
        anew = changed | np.concatenate(([stale], changed[:-1]))
        coded = band.coded.copy()
        for start, stop in _stretches(anew):
            before = clean[start - 1] if start else above
            coded[start:stop] = refilter(clean[start:stop], before, header.step, plain=plain)
        yield engine.compress(coded.tobytes())
        above, stale = clean[-1], bool(changed[-1])
    yield engine.flush()


def _stretches(flags: Flags) -> list[tuple[int, int]]:
    """The [start, stop) of every stretch of rows that is flagged."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]


@dataclass(frozen=True, slots=True)
class _Band:
    """Rows of one pass from its row `first` on: as coded, with their filter bytes, and plain."""

    one: Pass
    first: int
    coded: Rows
    rows: Rows


def _bands(header: Header, inflater: Inflater, *, plain: bool) -> Iterator[_Band]:
    """The picture in bands of at most 2 MiB, unfiltered where `plain`."""
    for one in header.passes():
        above, first = np.zeros(one.stride, np.uint8), 0
        while first < one.rows:
            count = min(one.rows - first, max(1, _BAND // (1 + one.stride)))
            data = inflater.read(count * (1 + one.stride))
            if len(data) < count * (1 + one.stride):
                raise incomplete("the coded picture")
            coded = np.frombuffer(data, np.uint8).reshape(count, 1 + one.stride)
            rows = coded[:, 1:]
            if plain:
                rows = unfilter(coded, above, header.step)
            elif int(coded[:, 0].max()) > 4:
                raise malformed("The PNG picture uses a filter that the standard does not know.")
            yield _Band(one, first, coded, rows)
            above, first = rows[-1], first + count


def _clean(header: Header, band: _Band, blank: Blank | None) -> _Band:
    """A band without colour under zero alpha, padding and what is to be blanked."""
    clean = _Band(band.one, band.first, band.coded, _without_hidden(header, band.rows))
    if blank:
        blank.fill(clean)
    clean.rows[:, -1] &= ~_padding(header, band.one)
    return clean


def _without_hidden(header: Header, rows: Rows) -> Rows:
    """A copy of plain rows in which pixels of zero alpha are zero throughout."""
    if header.colour not in (4, 6):
        return rows.copy()
    # alpha is the last sample: the highest bits of a pixel that is read as one number
    pixels = rows.view(f"<u{header.step}")
    lowest = pixels.dtype.type(1 << 8 * header.step - header.depth)
    return np.where(pixels >= lowest, pixels, pixels.dtype.type(0)).view(np.uint8)


def _padding(header: Header, one: Pass) -> np.uint8:
    """The mask of the bits in a row's last byte that belong to no pixel (7.2)."""
    spare = one.stride * 8 - one.columns * header.channels * header.depth
    return np.uint8((1 << spare) - 1)


def _indices(header: Header, band: _Band) -> Rows:
    """The palette index of each pixel of a band, shape (rows, columns)."""
    if header.depth == 8:
        return band.rows
    shifts = np.arange(8 - header.depth, -1, -header.depth, dtype=np.uint8)
    spread = (band.rows[:, :, None] >> shifts) & np.uint8((1 << header.depth) - 1)
    indices: Rows = spread.reshape(len(band.rows), -1)[:, : band.one.columns]
    return indices
