"""The picture of a PNG file: inflated within bounds, looked at band by band, deflated anew.

The coded stream is kept as it is wherever it holds the declared rows and nothing else. What only
shows after inflating: rows beyond the picture, colour under zero alpha, palette entries that no
pixel names, and set bits in the padding of a row.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from medrelease.sanitise.inflate import Inflater
from medrelease.sanitise.png_filter import Rows, refilter, unfilter
from medrelease.sanitise.png_header import Header, Pass
from medrelease.sanitise.refusal import incomplete, malformed

_BAND = 1 << 23


@dataclass(slots=True)
class Findings:
    """What a look at the rows found. `used` counts palette indices, shape (256,)."""

    coded_bytes: int = 0
    surplus: bool = False
    hidden_colour: bool = False
    padding: bool = False
    used: Rows = field(default_factory=lambda: np.zeros(256, np.uint8))

    @property
    def needs_recoding(self) -> bool:
        """Whether the coded stream holds more than the picture."""
        return self.surplus or self.hidden_colour or self.padding


def inspect(header: Header, pieces: list[memoryview]) -> Findings:
    """Inflate the whole picture once. Raises incomplete and malformed refusals."""
    inflater, found = Inflater(pieces), Findings()
    looks_inside = header.colour in (3, 4, 6) or header.depth < 8
    for band in _bands(header, inflater, plain=looks_inside):
        if not looks_inside:
            continue
        found.hidden_colour |= bool((_hidden(header, band.rows) & (band.rows != 0)).any())
        found.padding |= bool((band.rows[:, -1] & _padding(header, band.one)).any())
        if header.colour == 3:
            found.used[_indices(header, band)] = 1
    found.surplus = not inflater.ends()
    found.coded_bytes = inflater.consumed
    return found


def recode(header: Header, pieces: list[memoryview]) -> Iterator[bytes]:
    """The zlib stream of the same picture without what `inspect` finds, in pieces."""
    engine = zlib.compressobj(6)
    plain = header.colour == 3 or header.depth < 8
    for band in _bands(header, Inflater(pieces), plain=True):
        rows = np.where(_hidden(header, band.rows), 0, band.rows).astype(np.uint8)
        rows[:, -1] &= ~_padding(header, band.one)
        above = rows[0] * 0 if band.above is None else _cleaned(header, band)
        yield engine.compress(refilter(rows, above, header.step, plain=plain))
    yield engine.flush()


@dataclass(frozen=True, slots=True)
class _Band:
    """Unfiltered rows of one pass; `above` is the row before them, None at the pass's start."""

    one: Pass
    above: Rows | None
    rows: Rows


def _bands(header: Header, inflater: Inflater, *, plain: bool) -> Iterator[_Band]:
    """The picture in bands of at most 8 MiB, unfiltered where `plain`."""
    for one in header.passes():
        above, left = None, one.rows
        while left:
            count = min(left, max(1, _BAND // (1 + one.stride)))
            data = inflater.read(count * (1 + one.stride))
            if len(data) < count * (1 + one.stride):
                raise incomplete("the coded picture")
            coded = np.frombuffer(data, np.uint8).reshape(count, 1 + one.stride)
            rows = coded[:, 1:]
            if plain:
                before = np.zeros(one.stride, np.uint8) if above is None else above
                rows = unfilter(coded[:, 0], rows, before, header.step)
            elif int(coded[:, 0].max()) > 4:
                raise malformed("The PNG picture uses a filter that the standard does not know.")
            yield _Band(one, above, rows)
            above, left = rows[-1], left - count


def _cleaned(header: Header, band: _Band) -> Rows:
    """The row above a band as it was written: without what is hidden in it."""
    above = np.zeros((1, band.one.stride), np.uint8) if band.above is None else band.above[None]
    row: Rows = np.where(_hidden(header, above), 0, above)[0].astype(np.uint8)
    return row


def _hidden(header: Header, rows: Rows) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Which bytes of plain rows belong to pixels of zero alpha; shape as `rows`."""
    if header.colour not in (4, 6):
        return np.zeros(rows.shape, np.bool_)
    pixels = rows.reshape(len(rows), -1, header.step)
    alpha = pixels[:, :, -header.depth // 8 :]
    clear = ~alpha.any(axis=2, keepdims=True)
    return np.broadcast_to(clear, pixels.shape).reshape(rows.shape)


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
