"""The few binary attributes beside the pixel data that belong to an image: tables and profile."""

from collections import Counter

from medrelease.sanitise.dicom.elements import Element
from medrelease.sanitise.icc import rebuild_profile

_DESCRIPTORS = {
    0x00281201: 0x00281101,
    0x00281202: 0x00281102,
    0x00281203: 0x00281103,
    0x00283006: 0x00283002,
}
"""Lookup table data (PS3.3 C.7.6.3.1.6, C.11.1) and the attribute that says how long it is."""

_SEGMENTED = frozenset({0x00281221, 0x00281222, 0x00281223})
_ICC_PROFILE = 0x00282000


def binary(tag: int, raw: bytes, around: list[Element], counts: Counter[str]) -> bytes | None:
    """A binary value that the image needs, without excess; None for any other.

    `around` are the elements of the same item.
    """
    if tag == _ICC_PROFILE:
        return rebuild_profile(raw, counts) if raw else b""
    if tag in _SEGMENTED:
        return raw if _segments_fit(raw) else None
    descriptor = _DESCRIPTORS.get(tag)
    found = next((e for e in around if e.tag == descriptor), None)
    if found is None or len(found.value) != 6:
        return None
    entries = int.from_bytes(found.value[:2], "big" if found.big else "little") or 65536
    counts["lut-excess"] += len(raw) > 2 * entries
    return raw[: 2 * entries]


def _segments_fit(raw: bytes) -> bool:
    """Whether segmented palette data is made of whole segments (PS3.3 C.7.9.2)."""
    words = [int.from_bytes(raw[at : at + 2], "little") for at in range(0, len(raw), 2)]
    at = 0
    while at + 1 < len(words):
        if words[at] == 0:
            at += 2 + words[at + 1]
        elif words[at] == 1:
            at += 3
        elif words[at] == 2:
            at += 4
        else:
            return False
    return at == len(words) and len(raw) % 2 == 0
