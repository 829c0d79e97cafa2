"""The slices of an HEVC still picture end with their last symbol, and so do their substreams.

Source: ISO/IEC 23008-2 sections 7.3.6, 7.3.8 and 9.3. The headers are read here; the symbols behind
them are walked in C, which says where the last of them ends.
"""

import re
from collections.abc import Sequence
from itertools import accumulate

from medrelease.terms.words import Reason
from medrelease.verify import _slices
from medrelease.verify import hevc_headers as headers
from medrelease.verify.bit_string import BitString
from medrelease.verify.hevc_headers import Blocks
from medrelease.verify.hevc_pictures import Picture, signed
from medrelease.verify.refusal import Refusal, malformed, unsupported

_PREVENTION = re.compile(rb"\x00\x00(\x03)")
_IDR = (19, 20)
_INTRA = 2
_MOST_PIXELS = 1 << 28
_MOST_SUBSTREAMS = 1 << 16
_HEAD = 1 << 8
_BEHIND, _CONTRADICTS = 2, 3
_OLD, _ALIGNED = 1 << 4, 1

_Slice = tuple[int, int, int, int, int, int, bytes, tuple[int, ...]]


def prove(blocks: Blocks, picture: Picture, units: Sequence[bytes]) -> None:
    """Refuse a picture with bytes in its slices that no symbol reads, or with blocks missing.

    `units` are its slice segments, whole. Raises Refusal(malformed | format-not-supported |
    limits-exceeded).
    """
    width, height = blocks.size
    if width * height > _MOST_PIXELS:
        raise Refusal(Reason.LIMITS_EXCEEDED, "HEIC picture of too many pixels")
    if blocks.extension & (_OLD | _ALIGNED):
        unsupported("HEVC picture of extended precision")
    slices: list[_Slice] = []
    for unit in units:
        slices.append(_slice(blocks, picture, unit, slices[-1] if slices else None))
    columns, rows = _edges(blocks, picture)
    try:
        found = _slices.walk(_coding(blocks, picture), columns, rows, slices)
    except ValueError:
        malformed("HEVC picture of a coding that its standard does not know")
    if found == _BEHIND:
        malformed("HEIC picture with bytes behind the last symbol of a slice")
    if found:
        malformed("HEIC picture whose slices contradict themselves")


def _coding(blocks: Blocks, picture: Picture) -> tuple[int, ...]:
    """Return what decides on the symbols, in the order of `Coding` in slices.h."""
    least, most = blocks.blocks
    pcm, least_pcm, most_pcm, luma_pcm, chroma_pcm = blocks.pcm
    group = most - (picture.group or 0)
    return (
        *(*blocks.size, blocks.chroma, least, most, *blocks.transforms, blocks.depth),
        *(pcm, least_pcm, most_pcm, luma_pcm, chroma_pcm, *blocks.bits),
        *(picture.hides_signs, picture.skips, picture.most_skipped),
        *(int(picture.group is not None), group, most - picture.chroma_group),
        *(picture.chroma_list or 0, picture.bypasses, picture.synchronised),
        *(blocks.extension >> 7 & 1, blocks.extension >> 6 & 1, blocks.extension >> 1 & 1),
        picture.cross,
    )


def _edges(blocks: Blocks, picture: Picture) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return where the columns and rows of tiles begin, and the end, in blocks (6.5.1)."""
    found = []
    for pixels, count, told in zip(
        blocks.size, picture.tiles, (picture.columns, picture.rows), strict=True
    ):
        whole = -(-pixels >> blocks.blocks[1])
        if told is None:
            found.append(tuple(index * whole // count for index in range(count + 1)))
        else:
            found.append((*accumulate(told, initial=0), whole))
    return found[0], found[1]


def _slice(blocks: Blocks, picture: Picture, unit: bytes, before: _Slice | None) -> _Slice:
    """Read the header of a slice segment (7.3.6.1); a dependent one takes over the one before."""
    plain, kind = headers.payload(unit), unit[0] >> 1 & 63
    across, down = (-(-pixels >> blocks.blocks[1]) for pixels in blocks.size)
    divided = picture.synchronised or picture.tiles != (1, 1)
    bits = BitString(plain[: _HEAD + 5 * down * picture.tiles[0] * divided])
    first = bits.u(1)
    bits.u(1)
    bits.ue()
    dependent = address = 0
    if not first:
        dependent = bits.u(1) if picture.dependent else 0
        address = bits.u((across * down - 1).bit_length())
    if not dependent:
        told = _told(bits, blocks, picture, kind)
    elif before is None:
        malformed("HEIC picture whose slices contradict themselves")
    else:
        told = before[2:6]
    sizes = _sizes(bits) if divided else []
    start = bits.prove_stopped()
    return (address, dependent, *told, plain[start:], _starts(unit, start, sizes))


def _told(b: BitString, blocks: Blocks, picture: Picture, kind: int) -> tuple[int, int, int, int]:
    """Read what an independent segment says; return QP, offsets of luma and chroma, chroma QP."""
    b.u(picture.extra)
    if b.ue() != _INTRA:
        unsupported("HEIC picture that is not coded by itself")
    b.u(picture.output)
    if kind not in _IDR:
        _references(b, blocks)
    luma = b.u(1) if blocks.offsets else 0
    chroma = b.u(1) if blocks.offsets and blocks.chroma else 0
    qp = picture.qp + signed(b)
    if picture.chroma_offsets:
        b.several(2)
    moved = b.u(1) if picture.chroma_list is not None else 0
    unfiltered = picture.unfiltered
    if picture.overrides and b.u(1):
        unfiltered = b.u(1)
        b.several(0 if unfiltered else 2)
    if picture.across and (luma or chroma or not unfiltered):
        b.u(1)
    return qp, luma, chroma, moved


def _references(b: BitString, blocks: Blocks) -> None:
    """Pass over the pictures that one which is none of the first kind may name."""
    b.u(blocks.order)
    if not b.u(1):
        known = blocks.references
        if known and b.u(1):
            back = b.ue() + 1
            if back > len(known):
                malformed("HEVC header out of range")
            b.u(1)
            b.ue()
            for _ in range(known[-back] + 1):
                b.u(0 if b.u(1) else 1)
        else:
            headers.reference_set(b, None)
    elif len(blocks.references) > 1:
        b.u((len(blocks.references) - 1).bit_length())
    present, count = blocks.distant
    if present and sum(b.several(2 if count else 1)):
        unsupported("HEIC picture that refers to another")
    b.u(blocks.temporal)


def _sizes(b: BitString) -> list[int]:
    """Return the bytes of each substream but the last."""
    count = b.ue()
    if not count:
        return []
    width = b.ue() + 1
    if count > _MOST_SUBSTREAMS or width > 32:
        malformed("HEVC header out of range")
    return [b.u(width) + 1 for _ in range(count)]


def _starts(unit: bytes, start: int, sizes: list[int]) -> tuple[int, ...]:
    """Return where substreams begin in the data of a slice, without emulation prevention.

    Their sizes count the bytes of the unit as it stands, from the slice's data on.
    """
    prevented = [found.start(1) for found in _PREVENTION.finditer(unit, 2)]
    skipped = 0
    while skipped < len(prevented) and prevented[skipped] - 2 - skipped < start:
        skipped += 1
    found = []
    for place in accumulate(sizes, initial=2 + start + skipped):
        while skipped < len(prevented) and prevented[skipped] < place:
            skipped += 1
        found.append(place - 2 - skipped - start)
    return tuple(found[1:])
