"""Item properties by an allow-list, each written anew from its values.

Sources: ISO/IEC 23008-12 section 6.5, ISO/IEC 14496-12 section 12.1.5 (colr), the AV1 image file
format. A property that is not on the list is dropped, or, where a reader must understand it,
keeps the file from being cleaned.
"""

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from struct import pack

from medrelease.sanitise.heif.boxes import Fields, box, full_box
from medrelease.sanitise.heif.items import Property
from medrelease.sanitise.icc import rebuild_profile
from medrelease.sanitise.refusal import malformed, unsupported

ALPHA = (
    b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
    b"urn:mpeg:hevc:2015:auxid:1",
)
"""The auxiliary pictures that are shown: all others (depth, gain map, mattes) are not."""

ESSENTIAL = frozenset({b"irot", b"imir", b"clap", b"hvcC", b"av1C"})
_MAX_EDGE = 16
_MAX_FILLING = 64
"""Rows or columns that may be cut off in front of a picture, and behind it, where encoders fill up
a picture that is smaller than their blocks. The prover looks at what such a filling shows."""

_CODED = frozenset({b"hvcC", b"av1C"})
_TURNS = frozenset({b"irot", b"imir", b"clap"})
"""Properties that are applied one after the other; of any other kind the first counts."""

_DEPTHS = frozenset({8, 10, 12, 16})
_BRIGHTEST = 10_000
"""Candelas a square metre, the most that SMPTE ST 2084 can say."""

_MASTERINGS = frozenset(
    {
        (15000, 30000, 7500, 3000, 32000, 16500, 15635, 16450),  # BT.709
        (13250, 34500, 7500, 3000, 34000, 16000, 15635, 16450),  # Display P3
        (8500, 39850, 6550, 2300, 35400, 14600, 15635, 16450),  # BT.2020
    }
)
"""Green, blue, red and white of displays in units of 0.00002 (ISO/IEC 14496-12 12.1.7)."""


def auxiliary_type(listed: list[Property]) -> bytes:
    """What an auxiliary picture is, the empty string where it does not say."""
    for one in listed:
        if one.name == b"auxC":
            fields = Fields(one.data)
            fields.full(range(1))
            return fields.text()
    return b""


def size_of(listed: list[Property]) -> tuple[int, int]:
    """Width and height in pixels that an item declares. Raises malformed where it does not."""
    for one in listed:
        if one.name == b"ispe":
            fields = Fields(one.data)
            fields.full(range(1))
            return fields.number(4), fields.number(4)
    raise malformed("A HEIF picture does not declare its size.")


def rebuild(
    listed: list[Property], configuration: tuple[bytes, bytes] | None, actions: Counter[str]
) -> list[tuple[bytes, bytes]]:
    """(name, whole box) of an item's properties, in order; `configuration` replaces its own."""
    kept: list[tuple[bytes, bytes]] = []
    seen: set[bytes] = set()
    for one in listed:
        if one.name in _CODED:
            if configuration and one.name == configuration[0]:
                kept.append((one.name, box(*configuration)))
            continue
        written = _written(one, size_of(listed), actions)
        kind = one.name + written[8:12] * (one.name == b"colr")
        if written and kind in seen and one.name not in _TURNS:
            actions["property"] += 1
        elif written:
            seen.add(kind)
            kept.append((one.name, written))
        elif one.essential:
            raise unsupported("The HEIF picture needs properties that are not known.")
        else:
            actions["property"] += 1
    return kept


def _written(one: Property, size: tuple[int, int], actions: Counter[str]) -> bytes:
    """One property's box, empty where it is dropped."""
    fields = Fields(one.data)
    if one.name == b"colr":
        return _colour(fields, actions)
    if one.name == b"clap":
        return box(b"clap", _aperture(fields, size))
    return _PLAIN[one.name](fields) if one.name in _PLAIN else b""


def _size(fields: Fields) -> bytes:
    fields.full(range(1))
    return full_box(b"ispe", 0, 0, fields.raw(8))


def _depths(fields: Fields) -> bytes:
    fields.full(range(1))
    depths = fields.raw(min(fields.number(1), 4))
    if not _DEPTHS.issuperset(depths):
        return b""
    return full_box(b"pixi", 0, 0, bytes((len(depths),)), depths)


def _pixel_ratio(fields: Fields) -> bytes:
    ratio = _ratio(fields.number(4), fields.number(4))
    return box(b"pasp", pack(">II", *ratio.as_integer_ratio()))


def _auxiliary(fields: Fields) -> bytes:
    fields.full(range(1))
    name = fields.text()
    return full_box(b"auxC", 0, 0, name + b"\0") if name in ALPHA else b""


def _light(fields: Fields) -> bytes:
    """`clli`: the brightest pixel and frame; nothing where no display could show them."""
    levels = (fields.number(2), fields.number(2))
    return box(b"clli", pack(">HH", *levels)) if max(levels) <= _BRIGHTEST else b""


def _mastering(fields: Fields) -> bytes:
    """`mdcv`: a display of a known kind, its brightest in whole candelas, its darkest below one."""
    colours = tuple(fields.number(2) for _ in range(8))
    most, least = fields.number(4), fields.number(4)
    if colours not in _MASTERINGS or most % 10_000 or most > 10_000 * _BRIGHTEST or least >= 10_000:
        return b""
    return box(b"mdcv", pack(">8HII", *colours, most, least))


_PLAIN: dict[bytes, Callable[[Fields], bytes]] = {
    b"ispe": _size,
    b"pixi": _depths,
    b"pasp": _pixel_ratio,
    b"auxC": _auxiliary,
    b"irot": lambda fields: box(b"irot", bytes((fields.number(1) & 3,))),
    b"imir": lambda fields: box(b"imir", bytes((fields.number(1) & 1,))),
    b"clli": _light,
    b"mdcv": _mastering,
}


def _ratio(top: int, bottom: int) -> Fraction:
    """A fraction whose terms are too small to carry anything. Raises malformed."""
    if not bottom or max(Fraction(top, bottom).denominator, abs(top) // abs(bottom)) > 0xFFFF:
        raise malformed("A HEIF property has a fraction out of its range.")
    return Fraction(top, bottom)


def _aperture(fields: Fields, size: tuple[int, int]) -> bytes:
    """`clap` (14496-12 12.1.4) in lowest terms. Raises where it hides more than an edge."""
    numbers = [fields.number(4) for _ in range(8)]
    signed = [n - (1 << 32) if n >> 31 and at in (4, 6) else n for at, n in enumerate(numbers)]
    ratios = [_ratio(*signed[at : at + 2]) for at in range(0, 8, 2)]
    for whole, shown, shift in zip(size, ratios[:2], ratios[2:], strict=True):
        before = (whole - shown) / 2 + shift
        behind = whole - shown - before
        if not 0 < shown <= whole or before >= _MAX_EDGE or behind >= _MAX_FILLING:
            raise unsupported("The HEIF picture is cropped, and the part cut off is still in it.")
    return b"".join(
        pack(">iI", *ratio.as_integer_ratio()) if at > 1 else pack(">II", *ratio.as_integer_ratio())
        for at, ratio in enumerate(ratios)
    )


def _colour(fields: Fields, actions: Counter[str]) -> bytes:
    """`colr`: code points within their tables, or a profile rebuilt from its rendering tags."""
    kind = fields.raw(4)
    if kind == b"nclx":
        primaries, transfer, matrix = (fields.number(2) for _ in range(3))
        if max(primaries, transfer, matrix) > 0xFF:
            raise malformed("The HEIF picture's colour is of an unknown kind.")
        full = fields.number(1) & 0x80
        return box(b"colr", kind, pack(">HHHB", primaries, transfer, matrix, full))
    if kind in (b"prof", b"rICC"):
        return box(b"colr", b"prof", rebuild_profile(bytes(fields.rest()), actions))
    return b""
