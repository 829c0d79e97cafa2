"""ICC profiles: what of them renders colour, what of them is text, and when one is clean.

Source: ICC.1:2022 sections 7 and 9 (and ICC.1:2001-04 for version 2). A finished profile holds
rendering tags, at most a neutral description and copyright, and no byte that no tag uses.
"""

import hashlib
import struct
from collections.abc import Mapping

from medrelease.verify import icc_elements
from medrelease.verify.exif import cover
from medrelease.verify.refusal import malformed
from medrelease.verify.runs import decode, printable

_MATRIX = (b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC", b"kTRC", b"wtpt", b"chad")
_TABLES = (b"A2B0", b"A2B1", b"A2B2", b"B2A0", b"B2A1", b"B2A2")
_FLOATS = (b"D2B0", b"D2B1", b"D2B2", b"D2B3", b"B2D0", b"B2D1", b"B2D2", b"B2D3")
RENDERING = frozenset((*_MATRIX, *_TABLES, *_FLOATS))
"""The tags that decide what a colour looks like: both sides must agree on each."""

_MEASURED = frozenset((b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC"))
_ALIEN = {b"RGB ": frozenset((b"kTRC",)), b"GRAY": _MEASURED}
"""By a picture's space (bytes 16 to 19 of its header) the tags that are of another space."""

_FURTHER = frozenset((b"bkpt", b"lumi", b"gamt", b"pre0", b"pre1", b"pre2", b"cicp"))
_TEXTS = frozenset((b"desc", b"cprt"))
_SIGNATURES = (4, 48, 52, 80)  # preferred CMM, device maker and model, creator
_D50 = bytes.fromhex("0000f6d6000100000000d32d")
_NEUTRAL_DATES = (bytes(12), bytes.fromhex("07d000010001000000000000"))


def tags(profile: bytes) -> dict[bytes, tuple[int, int]] | None:
    """Return {signature: (offset, size)} of a profile, or None where its table is broken."""
    if len(profile) < 132 or profile[36:40] != b"acsp":
        return None
    number = struct.unpack_from(">I", profile, 128)[0]
    if number > 200 or 132 + 12 * number > len(profile):
        return None
    found = {}
    for at in range(132, 132 + 12 * number, 12):
        name, offset, size = struct.unpack_from(">4sII", profile, at)
        if offset + size > len(profile):
            return None
        found[name] = (offset, size)
    return found


def rendering(profile: bytes) -> str:
    """Return a SHA-256 over what renders: class, spaces, intent and each rendering tag.

    The empty string stands for a profile that no viewer could use.
    """
    table = tags(profile)
    if table is None:
        return ""
    intent = struct.unpack_from(">I", profile, 64)[0]
    # an intent that is none of the four is read as the first, perceptual, by every viewer
    digest = hashlib.sha256(profile[12:24] + bytes([intent if intent < 4 else 0]))
    for name in sorted(RENDERING & table.keys() - _alien(profile)):
        offset, size = table[name]
        element = profile[offset : offset + size]
        extent = icc_elements.extent(element)
        digest.update(name + element[: extent or size])
    return digest.hexdigest()


def _alien(profile: bytes) -> frozenset[bytes]:
    """Return the tags of a profile that say nothing of pictures in its space."""
    return _ALIEN.get(profile[16:20], _MEASURED | {b"kTRC"})


def texts(profile: bytes) -> list[str]:
    """Return a source profile's header signatures, and the runs outside its rendering tags."""
    table = tags(profile)
    if table is None:
        return printable(profile)
    rest = bytearray(profile)
    rest[: 132 + 12 * len(table)] = bytes(132 + 12 * len(table))
    for name in table.keys() & (RENDERING | _FURTHER) - _alien(profile):
        offset, size = table[name]
        rest[offset : offset + size] = bytes(size)
    return [*(decode(profile[at : at + 4]) for at in _SIGNATURES), *printable(bytes(rest))]


def prove_clean(profile: bytes) -> list[str]:
    """Refuse a finished profile that holds anything but rendering; return its text fields.

    Raises Refusal(malformed) naming the kind of structure that is not allowed.
    """
    table = tags(profile)
    if table is None or struct.unpack_from(">I", profile)[0] != len(profile):
        malformed("colour profile with a broken table")
    number = struct.unpack_from(">I", profile, 128)[0]
    if number != len(table) or table.keys() - (RENDERING | _FURTHER | _TEXTS) | (
        table.keys() & _alien(profile)
    ):
        malformed("colour profile tag that is not allowed")
    _prove_header(profile)
    spans = sorted(set(table.values()))
    used = [(0, 132 + 12 * number), *((offset, offset + size) for offset, size in spans)]
    end, _ = cover(used)
    gaps = zip(used, [*used[1:], (len(profile), 0)], strict=True)
    if end > len(profile) or any(_dirty(profile[one[1] : two[0]]) for one, two in gaps):
        malformed("colour profile with bytes that no tag uses")
    return _prove_elements(profile, table)


def _dirty(gap: bytes) -> bool:
    """Return whether bytes between two tags are more than zero padding to four bytes."""
    return len(gap) > 3 or any(gap)


def _prove_header(profile: bytes) -> None:
    """Refuse a header that names a maker, a program, a machine or an hour of making."""
    cleared = (profile[4:8], profile[40:44], profile[48:56], profile[80:84], profile[100:128])
    if any(any(part) for part in cleared) or profile[24:36] not in _NEUTRAL_DATES:
        malformed("colour profile header that is not neutral")
    if profile[84:100] not in (bytes(16), _identity(profile)):
        malformed("colour profile header that is not neutral")
    if profile[68:80] != _D50 or profile[10:12] != b"\0\0" or profile[64:67] != bytes(3):
        malformed("colour profile header out of range")
    if profile[44:47] != bytes(3) or profile[56:63] != bytes(7):
        malformed("colour profile header out of range")


def _identity(profile: bytes) -> bytes:
    """Return the profile identity of ICC.1 7.2.18: MD5 with three fields zeroed."""
    plain = bytearray(profile)
    plain[44:48], plain[64:68], plain[84:100] = bytes(4), bytes(4), bytes(16)
    return hashlib.md5(plain, usedforsecurity=False).digest()


def _prove_elements(profile: bytes, table: Mapping[bytes, tuple[int, int]]) -> list[str]:
    """Refuse a tag whose data is not wholly accounted for; return the neutral texts."""
    found = []
    for name, (offset, size) in table.items():
        element = profile[offset : offset + size]
        if name in _TEXTS:
            found.append(icc_elements.neutral_text(element))
        elif icc_elements.extent(element) != size or element[4:8] != bytes(4):
            malformed("colour profile tag with data that is not accounted for")
        elif not icc_elements.plausible(element):
            malformed("colour profile tag with numbers that are none")
    return found
