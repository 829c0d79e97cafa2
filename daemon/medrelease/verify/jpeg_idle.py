"""What the tables of a JPEG file say that no block of its picture needs, which must be nothing.

In a table that is none of ITU-T T.81 Annex K's every code must be used, and the step of a
coefficient that is zero in every block must be the one before it. On the source's side such steps
do not count.
"""

import hashlib
from functools import cache

from medrelease.terms.flow import Mask
from medrelease.verify.jpeg_frame import Frame, Scan
from medrelease.verify.jpeg_values import Passes, cells
from medrelease.verify.refusal import malformed

_KNOWN_CODES = (
    "13f90e3c9dc476c66f24347f6ad29cea93262e99faed279970c2f74e0557f445",
    "2f66814c875b53173f057d784a16a34d0d1f9aa91cdfa7143c41be02c9c7b005",
    "602f734c8c12c1d9d049a18fd91d9ef3d3d8c402665f90db3d97721fc49e4804",
    "a6283a08f5d97906b66adcc812e32396ea83059e55dd4cc91934cf447559aeb6",
)
"""SHA-256 of Tables K.3 to K.6, lengths and symbols."""

_LUMINANCE = bytes.fromhex(
    "100b0c0e0c0a100e0d0e1211101318281a181616183123251d283a333d3c3933"
    "383740485c4e404457453738506d51575f626768673e4d71797064785c656763"
)
_CHROMINANCE = bytes.fromhex("1112121815182f1a1a2f63423842" + "63" * 50)
"""Tables K.1 and K.2 in the order of Figure 5."""


class Picture:
    """A coded picture as it compares, with the steps that its coefficients are multiplied by.

    Of a finished file `needed` says by component which of its coefficients some block has.
    """

    __slots__ = ("_coded", "_needed", "_steps")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, coded: object, frame: Frame, needed: dict[int, int] | None = None) -> None:
        self._coded = coded
        self._steps = [_steps(frame, name) for name in frame.components]
        self._needed = [needed.get(name, -1) for name in frame.components] if needed else []

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Picture) or self._coded != other._coded:
            return False
        needed = other._needed or self._needed or [-1] * len(self._steps)
        return all(
            _plain(mine, bits) == _plain(theirs, bits)
            for mine, theirs, bits in zip(self._steps, other._steps, needed, strict=True)
        )


def _steps(frame: Frame, name: int) -> list[int]:
    """Return the 64 steps of a component."""
    table = frame.quantisation[frame.components[name].table]
    width = 2 if table[0] >> 4 else 1
    steps = [int.from_bytes(table[at : at + width], "big") for at in range(1, len(table), width)]
    if 0 in steps:
        malformed("JPEG quantisation step of zero")
    return steps


def _plain(steps: list[int], needed: int) -> list[int]:
    """Return steps with those of coefficients that no block has made the one before."""
    plain = list(steps)
    for place in range(1, 64):
        if not needed >> place & 1:
            plain[place] = plain[place - 1]
    return plain


def prove_plain(view: memoryview, frame: Frame) -> dict[int, int]:
    """Refuse a finished file whose tables say more than its picture needs.

    Returns which coefficients the components need whose tables are not the standard's.
    Raises Refusal(malformed | incomplete | decoder-missing).
    """
    needed = _needed(view, frame, (), strict=True)
    for name, bits in needed.items():
        if _steps(frame, name) != _plain(_steps(frame, name), bits):
            malformed("JPEG quantisation step of a coefficient that no block has")
    return needed


def plain_steps(view: memoryview, frame: Frame, masks: tuple[Mask, ...]) -> str:
    """Return the steps of each component as a clean file has them, outside of the masks."""
    needed = _needed(view, frame, masks, strict=False)
    return repr([_plain(_steps(frame, name), needed.get(name, -1)) for name in frame.components])


def _needed(
    view: memoryview, frame: Frame, masks: tuple[Mask, ...], *, strict: bool
) -> dict[int, int]:
    """Return the coefficients that some block has of the components of each table, where that is
    none of the standard's; with `strict` refuse codes without a use.
    """
    met = _met(view, frame, masks, strict=strict)
    shared: dict[int, int] = {}
    for name, bits in met.items():
        slot = frame.components[name].table
        shared[slot] = shared.get(slot, 1) | bits
    return {name: shared[frame.components[name].table] for name in met}


def _met(
    view: memoryview, frame: Frame, masks: tuple[Mask, ...], *, strict: bool
) -> dict[int, int]:
    """Return the coefficients that some block of a component has."""
    watched = {name for name in frame.components if not _known_steps(frame, name)}
    passes = Passes(view, frame, cells(frame, masks))
    for scan in frame.scans:
        if not frame.progressive and not (watched or (strict and _odd_tables(scan))):
            continue
        symbols = passes.spread(scan, watched, _odd_tables(scan) if strict else frozenset())
        for table, met in symbols.items():
            if strict and any(not met[symbol] for symbol in table[16:]):
                malformed("JPEG code that no block uses")
    return {name: -1 if _is_coarse(frame, name) else passes.met(name) for name in watched}


def _is_coarse(frame: Frame, name: int) -> bool:
    """Return whether scans leave bits of a component untold: then decoders smooth it by steps."""
    lowest = dict.fromkeys(range(1, 64), 1)
    for scan in frame.scans:
        if name in scan.names:
            lowest.update(dict.fromkeys(range(max(1, scan.first), scan.last + 1), scan.shift))
    return frame.progressive and any(lowest.values())


def _odd_tables(scan: Scan) -> frozenset[bytes]:
    """Return the tables that a scan reads and that are none of the standard's."""
    every = {table for pair in scan.tables for table in pair if table}
    return frozenset(
        table for table in every if hashlib.sha256(table).hexdigest() not in _KNOWN_CODES
    )


def _known_steps(frame: Frame, name: int) -> bool:
    table = frame.quantisation[frame.components[name].table]
    return table[0] < 16 and bytes(table[1:]) in _scaled()


@cache
def _scaled() -> frozenset[bytes]:
    """Return the tables that libjpeg makes of the standard's at its hundred qualities."""
    factors = [5000 // quality if quality < 50 else 200 - 2 * quality for quality in range(1, 101)]
    return frozenset(
        bytes(min(255, max(1, (step * factor + 50) // 100)) for step in table)
        for table in (_LUMINANCE, _CHROMINANCE)
        for factor in factors
    )
