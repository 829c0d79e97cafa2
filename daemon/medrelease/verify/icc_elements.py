"""The data of one ICC tag: how many bytes its type accounts for, and the neutral texts.

Source: ICC.1:2022 section 10, ICC.1:2001-04 section 6.5 for textDescriptionType.
"""

import struct

from medrelease.verify.refusal import malformed

_NEUTRAL = frozenset(("", "ICC profile"))
_PARAMETERS = {0: 1, 1: 3, 2: 4, 3: 5, 4: 7}
_FIXED = {b"XYZ ": 20, b"sf32": 44, b"cicp": 12}


def extent(element: bytes) -> int:
    """Return the bytes that a rendering tag's type accounts for, 0 where it is not one."""
    kind = element[:4]
    if kind in _FIXED:
        return _FIXED[kind]
    reader = {b"curv": _curve, b"para": _parametric, b"mft1": _lut, b"mft2": _lut}.get(kind)
    if kind in (b"mAB ", b"mBA "):
        reader = _lut_ab
    try:
        return reader(element) if reader else 0
    except (struct.error, IndexError, KeyError, ValueError):
        return 0


def plausible(element: bytes) -> bool:
    """Return whether coordinates, matrices and parameters are numbers that a profile may have.

    As s15Fixed16Number they stay below 64, which no text does.
    """
    start = {b"XYZ ": 8, b"sf32": 8, b"para": 12}.get(element[:4])
    if start is None:
        return True
    whole = [
        int.from_bytes(element[at : at + 2], "big", signed=True)
        for at in range(start, len(element), 4)
    ]
    return all(-64 <= each < 64 for each in whole)


def _curve(element: bytes) -> int:
    """Return the length of a curveType."""
    return int(12 + 2 * struct.unpack_from(">I", element, 8)[0])


def _parametric(element: bytes) -> int:
    """Return the length of a parametricCurveType, 0 for an unknown function."""
    function, reserved = struct.unpack_from(">HH", element, 8)
    number = _PARAMETERS.get(function)
    return 12 + 4 * number if number and not reserved else 0


def _lut(element: bytes) -> int:
    """Return the length of a lut8Type or lut16Type."""
    inputs, outputs, grid, pad = element[8:12]
    if pad or not inputs or inputs > 15:
        return 0
    if element[:4] == b"mft1":
        return int(48 + 256 * inputs + grid**inputs * outputs + 256 * outputs)
    before, after = struct.unpack_from(">HH", element, 48)
    return int(52 + 2 * (before * inputs + grid**inputs * outputs + after * outputs))


def _lut_ab(element: bytes) -> int:
    """Return the length of a lutAToBType or lutBToAType, 0 where bytes are not accounted for."""
    inputs, outputs = element[8:10]
    offsets = struct.unpack_from(">5I", element, 12)
    if any(element[10:12]) or inputs > 15:
        return 0
    b_curves, matrix, m_curves, clut, a_curves = offsets
    a_side, b_side = (inputs, outputs) if element[:4] == b"mAB " else (outputs, inputs)
    spans = [(0, 32)]
    for start, number in ((b_curves, b_side), (m_curves, b_side), (a_curves, a_side)):
        if start:
            spans.append((start, _curves_end(element, start, number)))
    if matrix:
        spans.append((matrix, matrix + 48))
    if clut:
        spans.append((clut, _clut_end(element, clut, inputs, outputs)))
    return _covered(element, sorted(spans))


def _curves_end(element: bytes, start: int, number: int) -> int:
    """Return where a row of curves, each padded to four bytes, ends."""
    for index in range(number):
        one = element[start:]
        size = {b"curv": _curve, b"para": _parametric}[bytes(one[:4])](one)
        if not size or any(one[4:8]):
            raise IndexError
        start += size if index == number - 1 else (size + 3) & ~3
    return start


def _clut_end(element: bytes, start: int, inputs: int, outputs: int) -> int:
    """Return where a multi-dimensional table ends; its unused grid bytes must be zero."""
    points = 1
    for grid in element[start : start + inputs]:
        points *= grid
    precision = element[start + 16]
    unused = element[start + inputs : start + 16] + element[start + 17 : start + 20]
    if precision not in (1, 2) or any(unused):
        raise IndexError
    return start + 20 + points * outputs * precision


def _covered(element: bytes, spans: list[tuple[int, int]]) -> int:
    """Return the end of ordered spans where only zero padding lies between them, else 0."""
    end = 0
    for start, stop in spans:
        if start < end or start - end > 3 or any(element[end:start]):
            return 0
        end = stop
    padded = (end + 3) & ~3
    return padded if padded == len(element) and not any(element[end:]) else end


def neutral_text(element: bytes) -> str:
    """Return the text of a finished description or copyright, refused unless neutral.

    Raises Refusal(malformed). The types are textType, textDescriptionType and
    multiLocalizedUnicodeType with one record.
    """
    text = None if any(element[4:8]) else _text(element[:4], element[8:])
    if text not in _NEUTRAL:
        malformed("colour profile text that is not neutral")
    return text


def _text(kind: bytes, body: bytes) -> str | None:
    """Return the text of one of three types, None where bytes are not accounted for."""
    if kind == b"text":
        return body.removesuffix(b"\0").decode("latin-1")
    if kind == b"desc" and len(body) >= 4:
        size = struct.unpack_from(">I", body)[0]
        tail = body[4 + size :]
        return None if any(tail) or len(tail) > 81 else body[4 : 3 + size].decode("latin-1")
    if kind == b"mluc" and len(body) >= 20:
        number, record, language, size, start = struct.unpack_from(">II4sII", body)
        if (number, record, language, start, len(body)) == (1, 12, b"enUS", 28, 20 + size):
            return body[20:].decode("utf-16-be", "replace")
    return None
