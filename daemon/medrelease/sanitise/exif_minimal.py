"""The smallest Exif block that says how a picture is shown: orientation and resolution.

Reads them out of a full Exif block (a TIFF structure, CIPA DC-008 4.5) and writes a block that
carries nothing else. An Exif block that cannot be read says nothing, as to every viewer.
"""

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from struct import pack, unpack_from

_ORIENTATION, _X_RESOLUTION, _Y_RESOLUTION, _UNIT, _GPS = 274, 282, 283, 296, 34853
_SHORT, _LONG, _RATIONAL = 3, 4, 5
_INCH = 2


@dataclass(frozen=True, slots=True)
class Resolution:
    """Pixels per unit, across and down; `unit` is 2 for the inch, 3 for the centimetre."""

    x: Fraction
    y: Fraction
    unit: int


@dataclass(frozen=True, slots=True)
class Display:
    """How a picture is shown: `orientation` is 1 to 8 as in Exif, 1 where nothing is said."""

    orientation: int = 1
    resolution: Resolution | None = None


def plain_resolution(numerator: int, denominator: int) -> Fraction | None:
    """A resolution in lowest terms with a 16-bit denominator, so that its bytes carry no text.

    None where the value is not positive or passes 65535.
    """
    if not denominator:
        return None
    value = Fraction(numerator, denominator).limit_denominator(0xFFFF)
    return value if 0 < value <= 0xFFFF else None


def read_display(block: bytes, actions: Counter[str]) -> Display:
    """Orientation and resolution of a TIFF block; counts `gps` and `thumbnail` in `actions`."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    if order is None or len(block) < 8:
        return Display()
    (start,) = unpack_from(f"{order}I", block, 4)
    if start + 2 > len(block):
        return Display()
    (count,) = unpack_from(f"{order}H", block, start)
    end = start + 2 + 12 * count
    if end > len(block):
        return Display()
    entries: dict[int, int] = {}
    for place in range(start + 2, end, 12):
        entries.setdefault(unpack_from(f"{order}H", block, place)[0], place)
    actions["gps"] += _GPS in entries
    if end + 4 <= len(block):
        actions["thumbnail"] += unpack_from(f"{order}I", block, end)[0] != 0
    orientation = _short(block, order, entries.get(_ORIENTATION))
    return Display(orientation if 1 <= orientation <= 8 else 1, _resolution(block, order, entries))


def _resolution(block: bytes, order: str, entries: dict[int, int]) -> Resolution | None:
    x = _rational(block, order, entries.get(_X_RESOLUTION))
    y = _rational(block, order, entries.get(_Y_RESOLUTION))
    unit = _short(block, order, entries.get(_UNIT)) or _INCH
    return Resolution(x, y, unit) if x and y and unit in (2, 3) else None


def _short(block: bytes, order: str, place: int | None) -> int:
    """The value of a SHORT entry of one value, 0 where there is none."""
    if place is None or unpack_from(f"{order}HI", block, place + 2) != (_SHORT, 1):
        return 0
    return int(unpack_from(f"{order}H", block, place + 8)[0])


def _rational(block: bytes, order: str, place: int | None) -> Fraction | None:
    if place is None or unpack_from(f"{order}HI", block, place + 2) != (_RATIONAL, 1):
        return None
    (offset,) = unpack_from(f"{order}I", block, place + 8)
    if offset + 8 > len(block):
        return None
    return plain_resolution(*unpack_from(f"{order}II", block, offset))


def write_display(display: Display, *, upright: bool = False) -> bytes:
    """A big-endian TIFF block of one directory with the given tags, b"" where there are none.

    With `upright` it says so where nothing else is to be said.
    """
    entries, tail = [], b""
    if display.orientation != 1 or (upright and not display.resolution):
        entries.append(pack(">HHIHH", _ORIENTATION, _SHORT, 1, display.orientation, 0))
    if display.resolution:
        behind = 8 + 2 + 12 * (len(entries) + 3) + 4
        x, y = display.resolution.x, display.resolution.y
        entries.append(pack(">HHII", _X_RESOLUTION, _RATIONAL, 1, behind))
        entries.append(pack(">HHII", _Y_RESOLUTION, _RATIONAL, 1, behind + 8))
        entries.append(pack(">HHIHH", _UNIT, _SHORT, 1, display.resolution.unit, 0))
        tail = pack(">4I", x.numerator, x.denominator, y.numerator, y.denominator)
    if not entries:
        return b""
    head = pack(">4sIH", b"MM\0*", 8, len(entries))
    return head + b"".join(entries) + bytes(4) + tail
