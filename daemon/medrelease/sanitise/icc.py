"""ICC profiles rebuilt from the tags that render (ICC.1:2022); every text is replaced.

What is written: a header of its rendering fields, one fixed description and copyright, and the
curves, matrices and lookup tables, each to its exact length. Everything else in a profile
(device names, dates, maker, measurement targets, private tags, slack between tags) is left out.
"""

from collections import Counter
from struct import pack, unpack_from

from medrelease.sanitise.icc_tags import GREY_TAGS, RGB_TAGS, TAG_TYPES, rebuild_value
from medrelease.sanitise.refusal import malformed, too_large

MAX_PROFILE = 16 << 20
"""Largest ICC profile in bytes that is rebuilt; CMYK lookup tables stay under 4 MiB."""

_MAX_TAGS = 100
_TEXT = b"ICC profile"
_CLASSES = frozenset({b"scnr", b"mntr", b"prtr", b"spac", b"abst"})
_SPACES = frozenset({b"RGB ", b"GRAY", b"CMYK", b"Lab ", b"XYZ ", b"YCbr"})
_ONE_SPACE = GREY_TAGS | RGB_TAGS
_IDLE_TAGS = {b"RGB ": GREY_TAGS, b"GRAY": RGB_TAGS}
"""By the space of the picture: the tags that render pictures of another one only (clause 8)."""

_TEXT_TYPES = frozenset({b"desc", b"text", b"mluc", b"dict"})
_DATE = pack(">6H", 2000, 1, 1, 0, 0, 0)
_D50 = pack(">3I", 0xF6D6, 0x10000, 0xD32D)


def rebuild_profile(profile: bytes, actions: Counter[str]) -> bytes:
    """`profile` with nothing but what renders; counts `icc-text` and `icc-tag` in `actions`.

    Raises a `malformed` refusal where a rendering tag contradicts itself.
    """
    if len(profile) > MAX_PROFILE:
        raise too_large("The colour profile is larger than 16 MiB.")
    if len(profile) < 132 or profile[36:40] != b"acsp":
        raise malformed("The colour profile has no valid header.")
    values = {b"desc": _description(profile[8]), b"cprt": _copyright(profile[8])}
    idle = _IDLE_TAGS.get(profile[16:20], _ONE_SPACE)
    for signature, value in _tags(profile):
        if signature in TAG_TYPES.keys() - idle and value[:4] in TAG_TYPES[signature]:
            values[signature] = rebuild_value(value)
        else:
            actions["icc-text" if value[:4] in _TEXT_TYPES else "icc-tag"] += 1
    return _assemble(_header(profile), values)


def _tags(profile: bytes) -> list[tuple[bytes, bytes]]:
    """Signature and value of each tag in the tag table (7.3), the first of each name."""
    (count,) = unpack_from(">I", profile, 128)
    if count > _MAX_TAGS or 132 + 12 * count > len(profile):
        raise malformed("The colour profile's tag table is cut.")
    tags: dict[bytes, bytes] = {}
    for index in range(count):
        signature, offset, size = unpack_from(">4sII", profile, 132 + 12 * index)
        if offset + size > len(profile) or size < 8:
            raise malformed("A tag of the colour profile points outside of it.")
        tags.setdefault(signature, profile[offset : offset + size])
    return list(tags.items())


def _header(profile: bytes) -> bytes:
    """The 128 bytes of 7.2 from the fields that render; size is set when assembled."""
    device, space, pcs = profile[12:16], profile[16:20], profile[20:24]
    if device not in _CLASSES or space not in _SPACES or pcs not in (b"XYZ ", b"Lab "):
        raise malformed("The colour profile is of a class or space that no image uses.")
    (intent,) = unpack_from(">I", profile, 64)
    if profile[8] not in (2, 4, 5):
        raise malformed("The colour profile is of an unknown version.")
    return b"".join(
        (
            bytes(8),
            bytes((profile[8], profile[9] & 0xF0, 0, 0)),
            device + space + pcs + _DATE + b"acsp",
            bytes(4 + 4 + 4 + 4 + 8),
            pack(">I", intent if intent <= 3 else 0),
            _D50,
            bytes(4 + 16 + 28),
        )
    )


def _description(version: int) -> bytes:
    if version >= 4:
        return _multi_localized()
    ascii_part = pack(">4sII", b"desc", 0, len(_TEXT) + 1) + _TEXT + b"\0"
    return ascii_part + bytes(4 + 4 + 2 + 1 + 67)


def _copyright(version: int) -> bytes:
    return _multi_localized() if version >= 4 else b"text" + bytes(4) + _TEXT + b"\0"


def _multi_localized() -> bytes:
    """A multiLocalizedUnicodeType (10.15) with one record, en-US."""
    text = _TEXT.decode("ascii").encode("utf-16-be")
    return pack(">4sIII4sII", b"mluc", 0, 1, 12, b"enUS", len(text), 28) + text


def _assemble(header: bytes, values: dict[bytes, bytes]) -> bytes:
    """Header, tag table and values on four-byte boundaries; equal values are shared."""
    offset = 132 + 12 * len(values)
    table, body, places = bytearray(), bytearray(), dict[bytes, int]()
    for signature, value in values.items():
        if value not in places:
            places[value] = offset + len(body)
            body += value + bytes(-len(value) % 4)
        table += pack(">4sII", signature, places[value], len(value))
    size = offset + len(body)
    return b"".join((pack(">I", size), header[4:], pack(">I", len(values)), table, body))
