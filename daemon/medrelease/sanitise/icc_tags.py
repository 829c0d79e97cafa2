"""The rendering tags of an ICC profile and their value types, each rebuilt to its exact length.

Sections named are those of ICC.1:2022. A value's reserved bytes are zeroed, its slack cut.
"""

from math import prod
from struct import pack, unpack_from

from medrelease.sanitise.refusal import malformed

_CURVES = frozenset({b"curv", b"para"})
_XYZ = frozenset({b"XYZ "})
_TO_PCS = frozenset({b"mft1", b"mft2", b"mAB "})
_FROM_PCS = frozenset({b"mft1", b"mft2", b"mBA "})

TAG_TYPES: dict[bytes, frozenset[bytes]] = {
    **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC", b"kTRC"), _CURVES),
    **dict.fromkeys((b"rXYZ", b"gXYZ", b"bXYZ", b"wtpt", b"bkpt"), _XYZ),
    **dict.fromkeys((b"A2B0", b"A2B1", b"A2B2"), _TO_PCS),
    **dict.fromkeys((b"B2A0", b"B2A1", b"B2A2", b"gamt"), _FROM_PCS),
    b"chad": frozenset({b"sf32"}),
    b"cicp": frozenset({b"cicp"}),
}
"""The tags that render (clause 9), and the value types each may have."""

GREY_TAGS = frozenset({b"kTRC"})
RGB_TAGS = frozenset({b"rTRC", b"gTRC", b"bTRC", b"rXYZ", b"gXYZ", b"bXYZ"})

_PARAMETERS = (1, 3, 4, 5, 7)
_LARGEST = 64 << 16
"""No coordinate, matrix or parameter of a curve reaches 64 (s15Fixed16Number, 4.6)."""
_FIXED = {b"XYZ ": 20, b"sf32": 44, b"cicp": 12}


def rebuild_value(value: bytes) -> bytes:
    """One tag's value, cut to what its type says. Raises a `malformed` refusal."""
    kind = value[:4]
    if kind in _FIXED:
        if kind != b"cicp":
            _prove_numbers(value[8 : _FIXED[kind]])
        return _exactly(value, 0, _FIXED[kind])
    if kind in _CURVES:
        return _curve(value, 0)
    if kind in (b"mft1", b"mft2"):
        return _table(value)
    return _pipeline(value)


def _exactly(value: bytes, start: int, length: int) -> bytes:
    """`length` bytes of a value from `start`, its type kept and its reserved word zeroed."""
    return value[start : start + 4] + bytes(4) + _cut(value, start + 8, length - 8)


def _prove_numbers(numbers: bytes) -> None:
    """Refuse what is no number of a profile. Raises a `malformed` refusal."""
    count = len(numbers) // 4
    if any(abs(number) >= _LARGEST for number in unpack_from(f">{count}i", numbers)):
        raise malformed("A rendering tag of the colour profile is out of range.")


def _cut(value: bytes, start: int, length: int) -> bytes:
    if start < 0 or start + length > len(value):
        raise malformed("A rendering tag of the colour profile is cut.")
    return value[start : start + length]


def _curve(value: bytes, start: int) -> bytes:
    """A curveType (10.6) or parametricCurveType (10.18) that begins at `start`."""
    kind, head = value[start : start + 4], _cut(value, start + 8, 4)
    if kind == b"curv":
        (entries,) = unpack_from(">I", head)
        return _exactly(value, start, 12 + 2 * entries)
    (function,) = unpack_from(">H", head)
    if kind != b"para" or function >= len(_PARAMETERS):
        raise malformed("The colour profile has a curve of an unknown type.")
    parameters = _cut(value, start + 12, 4 * _PARAMETERS[function])
    _prove_numbers(parameters)
    return pack(">4sIHH", kind, 0, function, 0) + parameters


def _table(value: bytes) -> bytes:
    """A lut8Type (10.11) or lut16Type (10.10)."""
    inputs, outputs, grid = _channels(_cut(value, 8, 3))
    matrix = _cut(value, 12, 36)
    points = grid**inputs * outputs
    if value[:4] == b"mft1":
        head, length = b"", 256 * inputs + points + 256 * outputs
    else:
        head = _cut(value, 48, 4)
        entering, leaving = unpack_from(">HH", head)
        length = 2 * (entering * inputs + points + leaving * outputs)
    shape = bytes((inputs, outputs, grid, 0))
    return value[:4] + bytes(4) + shape + matrix + head + _cut(value, 48 + len(head), length)


def _channels(shape: bytes) -> tuple[int, int, int]:
    inputs, outputs, grid = shape
    if not (1 <= inputs <= 4 and 1 <= outputs <= 4):
        raise malformed("The colour profile has a table of an unknown shape.")
    return inputs, outputs, grid


def _pipeline(value: bytes) -> bytes:
    """A lutAToBType (10.12) or lutBToAType (10.13): its elements in their order, packed."""
    inputs, outputs, _ = _channels(_cut(value, 8, 2) + b"\0")
    places = unpack_from(">5I", _cut(value, 12, 20))
    ahead, behind = (outputs, inputs) if value[:4] == b"mAB " else (inputs, outputs)
    elements = (
        _curves(value, places[0], ahead),
        _cut(value, places[1], 48) if places[1] else b"",
        _curves(value, places[2], ahead),
        _grid(value, places[3], inputs, outputs) if places[3] else b"",
        _curves(value, places[4], behind),
    )
    offsets, body = [0] * 5, bytearray()
    for _, index in sorted((place, index) for index, place in enumerate(places) if place):
        offsets[index] = 32 + len(body)
        body += elements[index]
    return pack(">4sIBBH5I", value[:4], 0, inputs, outputs, 0, *offsets) + body


def _curves(value: bytes, start: int, count: int) -> bytes:
    """`count` curves one after the other, each on a four-byte boundary; none at offset 0."""
    curves = bytearray()
    if not start:
        return b""
    for _ in range(count):
        curve = _curve(value, start)
        padded = curve + bytes(-len(curve) % 4)
        curves += padded
        start += len(padded)
    return bytes(curves)


def _grid(value: bytes, start: int, inputs: int, outputs: int) -> bytes:
    """The multi-dimensional lookup table of 10.12.4 with its unused dimensions zeroed."""
    head = _cut(value, start, 20)
    precision = head[16]
    if precision not in (1, 2):
        raise malformed("The colour profile has a table of an unknown precision.")
    length = prod(head[:inputs]) * outputs * precision
    data = _cut(value, start + 20, length)
    shape = head[:inputs] + bytes(16 - inputs) + bytes((precision, 0, 0, 0))
    return shape + data + bytes(-length % 4)
