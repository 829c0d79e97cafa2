"""Item properties in canonical form: what decides how a HEIF picture is decoded and shown.

Sources: ISO/IEC 23008-12 section 6.5, ISO/IEC 14496-12 section 12.1. `canonical` gives the bytes
that a clean property has; a finished one must be those bytes.
"""

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

from medrelease.verify.heif_boxes import Box, Cursor
from medrelease.verify.refusal import malformed

ALPHA = (b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", b"urn:mpeg:hevc:2015:auxid:1")
REQUIRED = (b"irot", b"imir", b"clap", b"hvcC", b"av1C")
_MOST_HIDDEN = 64
"""What an aperture may hide at a side; what is more than an edge must be shown to say nothing."""


def canonical(view: memoryview, box: Box, size: tuple[int, int]) -> bytes | None:
    """Return the clean content of a property, None where a clean file has no such property.

    A colour profile is left to its own reader: its content comes back as it stands.
    """
    cursor = Cursor(view, box.start, box.end)
    if box.name == b"colr":
        return _colour(view, box, cursor)
    if box.name == b"clap":
        return _aperture(cursor, size)
    if box.name in _FULL:
        cursor.version(0)
        value = _FULL[box.name](cursor)
        return bytes(4) + value if value else None
    return _BARE[box.name](cursor) if box.name in _BARE else None


def listed(
    view: memoryview, boxes: Iterable[Box], size: tuple[int, int]
) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and clean content of what counts among an item's properties, in their order.

    Turns and crops follow one another; of every other kind the first one counts.
    """
    seen: list[tuple[bytes, bytes]] = []
    for box in boxes:
        value = canonical(view, box, size)
        kind = (box.name, value[:4] if value and box.name == b"colr" else b"")
        if value is None or (kind in seen and box.name not in (b"irot", b"imir", b"clap")):
            continue
        seen.append(kind)
        yield box.name, value


def _depths(cursor: Cursor) -> bytes:
    number = min(cursor.whole(1), 4)
    depths = cursor.take(number)
    return bytes((number,)) + depths if set(depths) <= {8, 10, 12, 16} else b""


def _light(cursor: Cursor) -> bytes | None:
    """Return the light levels, which no display passes beyond 10,000 candelas."""
    levels = cursor.take(4)
    brightest = max(int.from_bytes(levels[:2], "big"), int.from_bytes(levels[2:], "big"))
    return levels if brightest <= 10_000 else None


def _mastering(cursor: Cursor) -> bytes | None:
    """Return a mastering display that is one of those there are."""
    colours, most, least = cursor.take(16), cursor.whole(4), cursor.whole(4)
    candelas, rest = divmod(most, 10_000)
    if colours not in _DISPLAYS or rest or candelas > 10_000 or least > 9_999:
        return None
    return colours + most.to_bytes(4, "big") + least.to_bytes(4, "big")


def _alpha(cursor: Cursor) -> bytes:
    name = cursor.string()
    return name + b"\0" if name in ALPHA else b""


def _pixel_ratio(cursor: Cursor) -> bytes:
    across, down = cursor.whole(4), cursor.whole(4)
    if not down:
        malformed("HEIF pixel ratio without a denominator")
    return _pair(Fraction(across, down))


_DISPLAYS = tuple(
    b"".join(value.to_bytes(2, "big") for value in (*colours, 15635, 16450))
    for colours in (
        (8500, 39850, 6550, 2300, 35400, 14600),
        (13250, 34500, 7500, 3000, 34000, 16000),
        (15000, 30000, 7500, 3000, 32000, 16500),
    )
)
"""BT.2020, P3 and BT.709 as `mdcv` has them, under the white point D65."""

_Reader = Callable[[Cursor], bytes | None]
_FULL: dict[bytes, _Reader] = {
    b"ispe": lambda cursor: cursor.take(8),
    b"pixi": _depths,
    b"auxC": _alpha,
}
_BARE: dict[bytes, _Reader] = {
    b"irot": lambda cursor: bytes((cursor.whole(1) % 4,)),
    b"imir": lambda cursor: bytes((cursor.whole(1) % 2,)),
    b"pasp": _pixel_ratio,
    b"clli": _light,
    b"mdcv": _mastering,
}


def _colour(view: memoryview, box: Box, cursor: Cursor) -> bytes | None:
    """Return code points with their flag, or a profile with its one kind."""
    kind = cursor.take(4)
    if kind == b"nclx":
        points = cursor.take(6)
        if any(points[::2]):
            malformed("HEIF colour out of range")
        return kind + points + bytes((cursor.whole(1) & 0x80,))
    if kind in (b"prof", b"rICC"):
        return b"prof" + bytes(view[cursor.at : box.end])
    return None


def _pair(value: Fraction) -> bytes:
    """Return a fraction in lowest terms of 32 bits each. Raises Refusal(malformed)."""
    if value.denominator > 0xFFFF or abs(value) >= 1 << 16:
        malformed("HEIF fraction out of range")
    top = value.numerator % (1 << 32)
    return top.to_bytes(4, "big") + value.denominator.to_bytes(4, "big")


def _aperture(cursor: Cursor, size: tuple[int, int]) -> bytes:
    """Return a clean aperture, which may hide an edge and no more."""
    shown: list[Fraction] = []
    moved: list[Fraction] = []
    found = b""
    for part in range(4):
        top, bottom = cursor.whole(4), cursor.whole(4)
        if not bottom:
            malformed("HEIF aperture without a denominator")
        if part >= 2 and top >= 1 << 31:
            top -= 1 << 32
        value = Fraction(top, bottom)
        (shown if part < 2 else moved).append(value)
        found += _pair(value)
    for whole, kept, shift in zip(size, shown, moved, strict=True):
        if not 0 < kept <= whole or (whole - kept) / 2 + abs(shift) >= _MOST_HIDDEN:
            malformed("HEIF aperture that hides more than an edge")
    return found
