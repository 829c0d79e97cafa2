"""HEVC items (ISO/IEC 14496-15 section 8): the picture's slices and the sets that they use.

Kept are the slices of the base layer and, in the item's configuration, one chain of VPS, SPS and
PPS for them. Dropped are messages (SEI), delimiters, filler, reserved units and further layers.
The configuration record is written from the SPS, so that none of its fields can carry anything.
"""

from collections import Counter
from dataclasses import dataclass
from struct import pack

from medrelease.sanitise.heif.bits import Bits
from medrelease.sanitise.heif.boxes import Fields
from medrelease.sanitise.heif.coded import Coded
from medrelease.sanitise.heif.hevc_sets import Sps, plain, read_pps, read_sps, read_vps
from medrelease.sanitise.refusal import incomplete, malformed

_VPS, _SPS, _PPS = 32, 33, 34
_SLICES = range(16, 22)
"""The types of slices of a picture that can be decoded by itself."""
MAX_CROP = 64
"""Rows or columns that a conformance window may hide at a side: less than one coding block."""


@dataclass(slots=True)
class _Sets:
    """Parameter sets by number, each with its bytes."""

    vps: dict[int, bytes]
    sps: dict[int, tuple[Sps, bytes]]
    pps: dict[int, tuple[int, bytes]]


def clean_hevc(configuration: memoryview, data: memoryview, actions: Counter[str]) -> Coded:
    """The picture of an `hvc1` item. Raises refusals."""
    fields = Fields(configuration)
    if fields.number(1) != 1:
        raise malformed("The HEIC picture's configuration is of an unknown version.")
    fields.raw(20)
    length_size = (fields.number(1) & 3) + 1
    sets = _read_sets(fields, actions)
    pieces: list[bytes | memoryview] = []
    used: set[int] = set()
    for unit in _units(data, length_size):
        kind, base_layer = unit[0] >> 1 & 63, not (unit[0] & 1 or unit[1] & 0xF8)
        if kind in _SLICES and base_layer:
            used.add(_slice_set(unit, first=not pieces))
            kept = unit[: _without_zero_words(unit)]
            pieces += [pack(">I", len(kept)), kept]
            actions["surplus-bytes"] += len(unit) - len(kept)
        elif kind in (_VPS, _SPS, _PPS) and base_layer:
            raise malformed("The HEIC picture changes its headers inside its data.")
        else:
            actions["coded-message"] += 1
    if not pieces:
        raise malformed("A HEIC item holds no picture.")
    return _coded(sets, used, pieces)


def _units(data: memoryview, length_size: int) -> list[memoryview]:
    """The NAL units of a length-prefixed stream."""
    found, at = [], 0
    while at < len(data):
        size = int.from_bytes(data[at : at + length_size])
        at += length_size
        if at + size > len(data):
            raise incomplete("a HEIC item")
        if size < 3:
            raise malformed("A unit of the HEIC picture is empty.")
        found.append(data[at : at + size])
        at += size
    return found


def _read_sets(fields: Fields, actions: Counter[str]) -> _Sets:
    """The parameter sets of a configuration record (8.3.3.1.2)."""
    sets = _Sets({}, {}, {})
    for _ in range(fields.number(1)):
        kind = fields.number(1) & 63
        for _ in range(fields.number(2)):
            raw = fields.raw(fields.number(2))
            if len(raw) < 3 or raw[0] >> 1 & 63 != kind:
                raise malformed("The HEIC picture's configuration contradicts itself.")
            payload = plain(memoryview(raw))
            if kind not in (_VPS, _SPS, _PPS) or raw[0] & 1 or raw[1] & 0xF8:
                actions["coded-message"] += 1
            elif kind == _VPS:
                sets.vps[read_vps(payload)] = raw
            elif kind == _SPS:
                sps = read_sps(payload)
                sets.sps[sps.number] = (sps, raw)
            else:
                number, parent = read_pps(payload)
                sets.pps[number] = (parent, raw)
    return sets


def _slice_set(unit: memoryview, *, first: bool) -> int:
    """The PPS that a slice uses (7.3.6.1); the first of an item, and no other, begins a picture."""
    bits = Bits(bytes(unit[2:12]))
    if bits.flag() is not first:
        raise malformed("A HEIC item holds more than one picture.")
    bits.take(1)
    return bits.golomb()


def _without_zero_words(unit: memoryview) -> int:
    """The length of a slice without the zero words that may follow it (7.3.2.9)."""
    end = len(unit)
    while end > 5 and bytes(unit[end - 3 : end]) == b"\0\0\3":
        end -= 3
    return end


def _coded(sets: _Sets, used: set[int], pieces: list[bytes | memoryview]) -> Coded:
    """Put the slices together with the one chain of sets that they use."""
    if len(used - sets.pps.keys()) or len({sets.pps[number][0] for number in used}) != 1:
        raise malformed("A HEIC picture does not say how it is coded.")
    parent = sets.pps[min(used)][0]
    if parent not in sets.sps or sets.sps[parent][0].vps not in sets.vps:
        raise malformed("A HEIC picture does not say how it is coded.")
    sps, raw_sps = sets.sps[parent]
    if max(sps.window) >= MAX_CROP:
        raise malformed("A HEIC picture hides more of itself than its edge.")
    left, right, top, bottom = sps.window
    size = (sps.size[0] - left - right, sps.size[1] - top - bottom)
    arrays = ([sets.vps[sps.vps]], [raw_sps], [sets.pps[number][1] for number in sorted(used)])
    body = b"".join(
        pack(">BH", 0x80 | kind, len(units))
        + b"".join(pack(">H", len(unit)) + unit for unit in units)
        for kind, units in zip((_VPS, _SPS, _PPS), arrays, strict=True)
    )
    return Coded(pieces, _record(sps) + body, size)


def _record(sps: Sps) -> bytes:
    """The fixed fields of a configuration record, all of them from the SPS."""
    luma, chroma = sps.depths
    rates = sps.layers << 3 | sps.nested << 2 | 3
    depths = (0xFC | sps.chroma, 0xF8 | luma, 0xF8 | chroma)
    return bytes((1,)) + sps.profile + pack(">HBBBBHBB", 0xF000, 0xFC, *depths, 0, rates, 3)
