"""HEVC parameter sets, read to their last bit: VPS, SPS and PPS (ISO/IEC 23008-2 section 7.3.2).

A set with extension data, buffering parameters or anything behind its stop bit is refused: there
a picture needs nothing, and bytes can hide.
"""

from dataclasses import dataclass

from medrelease.sanitise.heif.bits import Bits
from medrelease.sanitise.refusal import malformed, unsupported


@dataclass(frozen=True, slots=True)
class Sps:
    """What of a sequence parameter set the container repeats; sizes in luma samples.

    `profile` is the 12 bytes of general profile, tier and level; `window` what the conformance
    window cuts left, right, top and bottom.
    """

    number: int
    vps: int
    profile: bytes
    layers: int
    nested: bool
    chroma: int
    depths: tuple[int, int]
    size: tuple[int, int]
    window: tuple[int, int, int, int]


def plain(nal: memoryview) -> bytes:
    """A NAL unit's payload without its header and emulation prevention (7.3.1.1)."""
    return bytes(nal[2:]).replace(b"\0\0\3", b"\0\0")


def _extended() -> Exception:
    return unsupported("The HEIC picture has coding extensions that are not known.")


def _profile(bits: Bits, layers: int) -> bytes:
    """7.3.3 profile_tier_level; the 12 general bytes."""
    general = bits.take(96).to_bytes(12)
    flags = [(bits.flag(), bits.flag()) for _ in range(layers - 1)]
    if layers > 1:
        bits.take(2 * (9 - layers))
    for profile, level in flags:
        bits.take(88 * profile + 8 * level)
    return general


def _ordering(bits: Bits, layers: int) -> None:
    bits.skip_golomb(3 * (layers if bits.flag() else 1))


def _timing(bits: Bits) -> None:
    """num_units_in_tick, time_scale and the rest of a timing structure."""
    bits.take(64)
    if bits.flag():
        bits.golomb()


def read_vps(data: bytes) -> int:
    """The number of a video parameter set (7.3.2.1)."""
    bits = Bits(data)
    number = bits.take(4)
    bits.take(2 + 6)
    layers = bits.take(3) + 1
    bits.take(1)
    if bits.take(16) != 0xFFFF:
        raise malformed("A header of the HEIC picture contradicts its standard.")
    _profile(bits, layers)
    _ordering(bits, layers)
    highest, sets = bits.take(6), bits.golomb()
    if sets > 1023:
        raise malformed("A header of the HEIC picture contradicts its standard.")
    bits.take(sets * (highest + 1))
    if bits.flag():
        _timing(bits)
        if bits.golomb():
            raise _extended()
    if bits.flag():
        raise _extended()
    bits.end()
    return number


def read_sps(data: bytes) -> Sps:
    """A sequence parameter set (7.3.2.2)."""
    bits = Bits(data)
    vps, layers, nested = bits.take(4), bits.take(3) + 1, bits.flag()
    profile = _profile(bits, layers)
    number, chroma = bits.golomb(), bits.golomb()
    if chroma > 3 or (chroma == 3 and bits.flag()):
        raise _extended()
    size = bits.golomb(), bits.golomb()
    cut = [bits.golomb() for _ in range(4)] if bits.flag() else [0] * 4
    across, down = (1 + (chroma in (1, 2)), 1 + (chroma == 1))
    depths = bits.golomb(), bits.golomb()
    order = bits.golomb() + 4
    _ordering(bits, layers)
    bits.skip_golomb(6)
    if bits.flag() and bits.flag():
        _scaling(bits)
    bits.take(2)
    if bits.flag():
        bits.take(8)
        bits.skip_golomb(2)
        bits.take(1)
    _reference_sets(bits)
    if bits.flag():
        _bounded(bits, 32, order + 1)
    bits.take(2)
    if bits.flag():
        _usability(bits)
    kinds = bits.take(8) if bits.flag() else 0
    if kinds & 0x7F:
        raise _extended()
    bits.take(9 if kinds else 0)
    bits.end()
    left, right, top, bottom = cut
    window = (left * across, right * across, top * down, bottom * down)
    return Sps(number, vps, profile, layers, nested, chroma, depths, size, window)


def _bounded(bits: Bits, most: int, width: int) -> None:
    """A list of at most `most` entries of `width` bits."""
    count = bits.golomb()
    if count > most:
        raise malformed("A header of the HEIC picture contradicts its standard.")
    bits.take(count * width)


def _scaling(bits: Bits) -> None:
    """7.3.4 scaling_list_data."""
    for size in range(4):
        for _ in range(0, 6, 3 if size == 3 else 1):
            if not bits.flag():
                bits.golomb()
            else:
                bits.skip_golomb((size > 1) + min(64, 1 << (4 + 2 * size)))


def _reference_sets(bits: Bits) -> None:
    """7.3.7 st_ref_pic_set, as often as it says: a still picture uses none of them."""
    count, entries = bits.golomb(), 0
    if count > 64:
        raise malformed("A header of the HEIC picture contradicts its standard.")
    for index in range(count):
        if index and bits.flag():
            bits.take(1)
            bits.golomb()
            kept = 0
            for _ in range(entries + 1):
                kept += bits.flag() or bits.flag()
            entries = kept
        else:
            entries = bits.golomb() + bits.golomb()
            if entries > 32:
                raise malformed("A header of the HEIC picture contradicts its standard.")
            for _ in range(entries):
                bits.golomb()
                bits.take(1)


def _usability(bits: Bits) -> None:
    """Annex E.2.1 vui_parameters."""
    if bits.flag() and bits.take(8) == 255:
        bits.take(32)
    if bits.flag():
        bits.take(1)
    if bits.flag():
        bits.take(4)
        if bits.flag():
            bits.take(24)
    if bits.flag():
        bits.skip_golomb(2)
    bits.take(3)
    if bits.flag():
        bits.skip_golomb(4)
    if bits.flag():
        _timing(bits)
        if bits.flag():
            raise _extended()
    if bits.flag():
        bits.take(3)
        bits.skip_golomb(5)


def read_pps(data: bytes) -> tuple[int, int]:
    """The numbers of a picture parameter set and of its sequence's (7.3.2.3)."""
    bits = Bits(data)
    numbers = bits.golomb(), bits.golomb()
    bits.take(7)
    bits.skip_golomb(3)
    bits.take(1)
    skips = bits.flag()
    if bits.flag():
        bits.golomb()
    bits.skip_golomb(2)
    bits.take(4)
    tiles = bits.flag()
    bits.take(1)
    if tiles:
        _tiles(bits)
    bits.take(1)
    if bits.flag():
        bits.take(1)
        if not bits.flag():
            bits.skip_golomb(2)
    if bits.flag():
        _scaling(bits)
    bits.take(1)
    bits.golomb()
    if bits.flag():
        raise _extended()
    kinds = bits.take(8) if bits.flag() else 0
    if kinds & 0x7F:
        raise _extended()
    if kinds:
        _range(bits, skips)
    bits.end()
    return numbers


def _tiles(bits: Bits) -> None:
    across, down = bits.golomb(), bits.golomb()
    if across > 1024 or down > 1024:
        raise malformed("A header of the HEIC picture contradicts its standard.")
    if not bits.flag():
        bits.skip_golomb(across + down)
    bits.take(1)


def _range(bits: Bits, skips: bool) -> None:
    """7.3.2.3.2 pps_range_extension."""
    if skips:
        bits.golomb()
    bits.take(1)
    if bits.flag():
        bits.golomb()
        bits.skip_golomb(2 * (min(bits.golomb(), 8) + 1))
    bits.skip_golomb(2)
