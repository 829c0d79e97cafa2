"""HEVC still pictures in canonical form: the sets that the slices use, and the slices.

Source: ISO/IEC 14496-15 section 8 (configuration, length-prefixed units), ISO/IEC 23008-2 section
7.3. In a finished file there is nothing else: no message, delimiter, filler or further layer.
"""

import hashlib
from dataclasses import dataclass, field

from medrelease.verify import hevc_headers as headers
from medrelease.verify import hevc_pictures, hevc_slices
from medrelease.verify.bit_string import BitString
from medrelease.verify.heif_boxes import Cursor
from medrelease.verify.hevc_pictures import Picture
from medrelease.verify.refusal import incomplete, malformed, unsupported
from medrelease.verify.runs import printable

_MOST_HIDDEN = 64
_BASE = range(16, 22)
"""The types of slices of a picture that can be decoded by itself."""


@dataclass(slots=True)
class _Sets:
    """The parameter sets of one configuration, by number; and every one that is not needed."""

    video: dict[int, bytes] = field(default_factory=dict)
    sequences: dict[int, tuple[headers.Sequence, bytes]] = field(default_factory=dict)
    pictures: dict[int, tuple[Picture, bytes]] = field(default_factory=dict)


def read(
    record: bytes, data: memoryview, digest: "hashlib._Hash", *, strict: bool
) -> tuple[tuple[int, int], list[str]]:
    """Feed one item's picture to a digest; return its size in pixels, and texts beside it."""
    texts: list[str] = []
    sets = _sets(record, texts, strict)
    used, kinds = set[int](), set[int]()
    slices: list[bytes] = []
    for unit in _units(data, 4 if strict else (record[21] & 3) + 1):
        kind, layer = unit[0] >> 1 & 63, (unit[0] & 1) << 5 | unit[1] >> 3
        if layer or kind not in _BASE:
            if strict:
                malformed("HEIC picture with a unit that is not allowed")
            texts += printable(bytes(unit[2:]))
            continue
        used.add(_picture_set(bytes(unit[:12]), not slices))
        kinds.add(kind)
        end = _end(unit)
        if strict and end != len(unit):
            malformed("HEIC picture with bytes behind a slice")
        digest.update(end.to_bytes(8, "big"))
        digest.update(unit[:end])
        slices.append(bytes(unit[:end]))
    if len(kinds) != 1:
        malformed("HEIC item without a picture, or with more than one")
    sequence = _chain(sets, used, record if strict else None, digest)
    if strict:
        if len(used) != 1:
            unsupported("HEIC picture of several headers")
        hevc_slices.prove(sequence.coding, sets.pictures[used.pop()][0], slices)
    return sequence.shown, texts


def _units(data: memoryview, lead: int) -> list[memoryview]:
    """Cut length-prefixed units apart."""
    found, at = [], 0
    while at < len(data):
        end = at + lead + int.from_bytes(data[at : at + lead], "big")
        if end > len(data):
            incomplete("HEIC picture cut")
        if end < at + lead + 3:
            malformed("HEIC picture with an empty unit")
        found.append(data[at + lead : end])
        at = end
    return found


def _sets(record: bytes, texts: list[str], strict: bool) -> _Sets:
    """Read the parameter sets of a configuration record."""
    cursor, sets = Cursor(memoryview(record), 0, len(record)), _Sets()
    if cursor.whole(1) != 1:
        malformed("HEIC configuration of an unknown version")
    cursor.take(21)
    for _ in range(cursor.whole(1)):
        kind = cursor.whole(1) & 63
        for _ in range(cursor.whole(2)):
            unit = cursor.take(cursor.whole(2))
            if len(unit) < 3 or unit[0] >> 1 & 63 != kind:
                malformed("HEIC configuration that contradicts itself")
            bits = BitString(headers.payload(unit))
            if unit[0] & 1 or unit[1] >> 3 or not headers.VPS <= kind <= headers.PPS:
                texts += printable(unit[2:])
            elif kind == headers.VPS:
                sets.video[headers.video(bits)] = unit
            elif kind == headers.SPS:
                found = headers.sequence(bits)
                sets.sequences[found.number] = (found, unit)
            else:
                picture = hevc_pictures.picture(bits)
                sets.pictures[picture.number] = (picture, unit)
    cursor.close(strict)
    return sets


def _picture_set(head: bytes, first: bool) -> int:
    """Return the number of the PPS that a slice names."""
    bits = BitString(head[2:])
    if bits.u(1) != first:
        malformed("HEIC item with more than one picture")
    bits.u(1)
    return bits.ue()


def _end(unit: memoryview) -> int:
    """Return where a slice ends before the zero words that an encoder may append."""
    end = len(unit)
    while end >= 6 and unit[end - 1] == 3 and not unit[end - 2] and not unit[end - 3]:
        end -= 3
    return end


def _chain(
    sets: _Sets, used: set[int], record: bytes | None, digest: "hashlib._Hash"
) -> headers.Sequence:
    """Feed the sets in use; a finished configuration must be made of them alone."""
    parents = {sets.pictures[number][0].parent for number in used & sets.pictures.keys()}
    if used - sets.pictures.keys() or len(parents) != 1 or parents - sets.sequences.keys():
        malformed("HEIC picture without its headers")
    sequence, raw = sets.sequences[parents.pop()]
    if sequence.parent not in sets.video:
        malformed("HEIC picture without its headers")
    if sequence.hidden >= _MOST_HIDDEN:
        malformed("HEIC picture that hides more than its edge")
    lists = [[sets.video[sequence.parent]], [raw]]
    lists.append([sets.pictures[number][1] for number in sorted(used)])
    body = b""
    for kind, units in zip((headers.VPS, headers.SPS, headers.PPS), lists, strict=True):
        body += bytes((0x80 | kind,)) + len(units).to_bytes(2, "big")
        body += b"".join(len(unit).to_bytes(2, "big") + unit for unit in units)
    if record is not None and record != sequence.record + body:
        malformed("HEIC configuration that does not follow from its headers")
    digest.update(body)
    return sequence
